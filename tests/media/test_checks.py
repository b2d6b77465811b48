"""The quality gate sees what is wrong."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.progress import QuietReporter
from mindreel.media.checks import check_clip, check_media
from mindreel.media.cut import cut_clip
from mindreel.media.probe import probe

Made = tuple[Path, MediaInfo, ClipPlan, CutReport]


@pytest.fixture(scope="module")
def made(plain: Path, plan: Callable[..., ClipPlan], tmp_path_factory: pytest.TempPathFactory) -> Made:
    wanted, info = plan(1.23, 6.5), probe(plain)
    clip, report = cut_clip(plain, info, wanted, tmp_path_factory.mktemp("made"), reporter=QuietReporter())
    return clip, info, wanted, report


def remade(made: Made, folder: Path, ffmpeg: Callable[..., None], *options: object) -> list[str]:
    """The problems of a clip that was spoiled by `options`."""
    clip, info, wanted, report = made
    ffmpeg("-i", clip, *options, folder / "spoiled.mp4")
    return check_clip(folder / "spoiled.mp4", info, wanted, report, vertical=False)


def test_a_good_clip_has_no_problems(made: Made) -> None:
    clip, info, wanted, report = made
    assert check_clip(clip, info, wanted, report, vertical=False) == []
    assert check_media(clip) == []


SPOILED: dict[str, tuple[tuple[object, ...], str]] = {
    "too short": (("-t", 4, "-c", "copy"), "it lasts"),
    "too quiet": (("-c:v", "copy", "-af", "volume=-9dB"), "its loudness is"),
    "too loud a peak": (("-c:v", "copy", "-af", "volume=14dB"), "its true peak is"),
    "sound too late": (("-c:v", "copy", "-af", "asetpts=PTS+0.3/TB"), " apart"),
    "no sound": (("-c", "copy", "-an"), "it has no sound"),
    "no picture": (("-c", "copy", "-vn"), "it has no picture"),
    "another size": (("-vf", "scale=160:90"), "its picture is 160x90"),
    "no faststart": (("-c", "copy"), "no faststart"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_clip_is_told(case: str, made: Made, tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    options, sentence = SPOILED[case]
    assert any(sentence in problem for problem in remade(made, tmp_path, ffmpeg, *options))


def test_a_cut_word_is_told(made: Made) -> None:
    clip, info, wanted, report = made
    late, early = replace(wanted, last_word_end_s=6.9), replace(wanted, first_word_start_s=1.0)
    assert "its last word ends" in check_clip(clip, info, late, report, vertical=False)[0]
    assert "its first word begins" in check_clip(clip, info, early, report, vertical=False)[0]


def test_a_clip_that_should_stand_upright_is_told(made: Made) -> None:
    clip, info, wanted, report = made
    assert "asked was 9:16" in check_clip(clip, info, wanted, report, vertical=True)[0]


def test_damage_in_the_middle_is_found(plain: Path, tmp_path: Path) -> None:
    data = bytearray(plain.read_bytes())
    for place in range(len(data) // 3, 2 * len(data) // 3, 997):
        data[place] ^= 0xFF
    (tmp_path / "damaged.mp4").write_bytes(data)
    assert "errors" in check_media(tmp_path / "damaged.mp4")[0]


def test_pictures_and_text_are_told_apart(tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=0.04", "-frames:v", 1, tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_text("no picture")
    assert check_media(tmp_path / "a.jpg") == []
    assert re.match("it (cannot be opened|does not decode)", check_media(tmp_path / "b.jpg")[0])
