"""The main job on the sample, against the truth it was made from."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jiwer
import pytest

from tests.support.command import ROOT, TALK, Finished, Mindreel

TRUTH = json.loads((ROOT / "samples" / "talk.json").read_text())
HEAVY = {"download", "audio", "thumbnail", "transcribe", "analyze", "mindmap", "index", "clips", "quality"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first(mindreel: Mindreel) -> Finished:
    return mindreel("run", TALK, "--json")


@pytest.fixture(scope="module")
def library(first: Finished) -> Path:
    assert first.code == 0, first.err
    return Path(first.result["library"])


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_sample_is_completed(first: Finished) -> None:
    assert first.code == 0, first.err
    assert set(first.result) == {"id", "source", "outcome", "reasons", "library", "artifacts", "stages"}
    assert first.result["outcome"] == "completed"
    assert first.result["reasons"] == []
    assert {stage["name"] for stage in first.result["stages"]} >= HEAVY
    assert set(first.result["stages"][0]) == {"name", "seconds", "attempts", "reused"}


def test_every_promised_file_is_there_and_is_what_the_manifest_says(library: Path) -> None:
    manifest = read(library / "manifest.json")
    paths = {entry["path"] for entry in manifest["artifacts"]}
    expected = {"video.mp4", "audio.m4a", "thumbnail.jpg", "analysis.json", "mindmap.json", "mindmap.md"}
    expected |= {f"transcript.{suffix}" for suffix in ("json", "srt", "vtt", "txt")}
    assert expected <= paths
    for entry in manifest["artifacts"]:
        content = (library / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert len(content) == entry["size_bytes"]
        assert set(entry["made_from"]) <= paths


def test_the_transcript_says_what_was_said(library: Path) -> None:
    heard = (library / "transcript.txt").read_text()
    assert jiwer.wer(normalised(TRUTH["text"]), normalised(heard)) <= 0.10


def test_the_chapters_are_the_parts_of_the_talk(library: Path) -> None:
    found = [chapter["start_s"] for chapter in read(library / "analysis.json")["chapters"]]
    true = [chapter["start_s"] for chapter in TRUTH["chapters"]]
    assert len(found) == len(true)
    assert all(abs(start - meant) <= 15.0 for start, meant in zip(found, true, strict=True))


def test_clips_begin_and_end_with_whole_sentences(library: Path) -> None:
    sidecars = [read(path) for path in sorted((library / "clips").glob("*.json"))]
    assert 1 <= len(sidecars) <= 5
    for sidecar in sidecars:
        plan = sidecar["plan"]
        assert 15.0 <= plan["end_s"] - plan["start_s"] <= 90.0
        for sentence in TRUTH["sentences"]:
            assert not cuts_through(plan["start_s"], sentence), sentence["text"]
            assert not cuts_through(plan["end_s"], sentence), sentence["text"]


def cuts_through(second: float, sentence: dict[str, Any]) -> bool:
    """True when the cut lies within a sentence, a tenth of a second's tolerance left aside."""
    return bool(sentence["start_s"] + 0.1 < second < sentence["end_s"] - 0.1)


def normalised(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", re.sub(r"[-\s]+", " ", text.lower())).strip()


def test_a_second_run_reuses_every_heavy_stage(mindreel: Mindreel, first: Finished) -> None:
    second = mindreel("run", TALK, "--json")
    assert second.code == 0, second.err
    assert second.result["artifacts"] == first.result["artifacts"]
    reused = {stage["name"] for stage in second.result["stages"] if stage["reused"]}
    assert reused >= HEAVY


def test_a_changed_option_redoes_only_what_depends_on_it(mindreel: Mindreel, first: Finished) -> None:
    assert first.code == 0
    vertical = mindreel("run", TALK, "--json", "--vertical", "--captions", "--clips", "1")
    assert vertical.code == 0, vertical.err
    redone = {stage["name"] for stage in vertical.result["stages"] if not stage["reused"]}
    assert redone == {"clips", "quality", "publish"}


def test_search_finds_the_sentence_and_the_second(mindreel: Mindreel, first: Finished) -> None:
    assert first.code == 0
    sentence = max(TRUTH["sentences"], key=lambda each: len(each["text"]))
    found = mindreel("search", sentence["text"], "--json")
    assert found.code == 0, found.err
    best = found.results[0]
    assert best["id"] == first.result["id"]
    assert sentence["start_s"] - 10 <= best["start_s"] <= sentence["end_s"]


def test_the_result_can_be_had_again_by_the_beginning_of_its_id(mindreel: Mindreel, first: Finished) -> None:
    again = mindreel("result", first.result["id"][:12])
    assert again.code == 0, again.err
    assert again.result["library"] == first.result["library"]
