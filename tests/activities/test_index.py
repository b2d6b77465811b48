"""The index is written every time, and what goes wrong then is told like anything else."""

import time
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import reporter
from activities.index import IndexActivity
from activities.step import Steps
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import IndexInput
from mindreel.contracts.transcript import Segment, Transcript
from mindreel.contracts.video import VideoRequest
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.store.local_search import LocalSearchIndex

SEGMENTS = (
    Segment(0, 0.0, 2.0, "A queue keeps work that nobody has time for yet."),
    Segment(1, 2.0, 4.0, "Bread needs flour, water and a night of patience."),
)


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder()


def given(steps: Steps, request: VideoRequest, language: str = "en") -> IndexInput:
    transcript = Transcript(language, 1.0, 4.0, "base", SEGMENTS)
    ref = steps.store.put_bytes("v/t/transcript.json", to_json(transcript), "application/json")
    return IndexInput(request, "A talk", ref)


def test_a_lost_index_is_written_again_from_what_was_embedded(
    steps: Steps, request_of_a_video: VideoRequest, embedder: MiniLmEmbedder, tmp_path: Path
) -> None:
    search = LocalSearchIndex(tmp_path / "search.db")
    activity = IndexActivity(steps, embedder, search)
    what = given(steps, request_of_a_video)
    ActivityEnvironment().run(activity.index, what)
    for file in tmp_path.glob("search.db*"):
        file.unlink()
    assert ActivityEnvironment().run(activity.index, what).step.reused
    (hit, *_) = search.search("dough", embedder.embed(["How is dough made?"])[0].tolist())
    assert (hit.video_id, hit.segment_id) == (request_of_a_video.video.id, 1)


def test_a_search_that_takes_its_time_is_not_taken_for_a_dead_worker(
    steps: Steps,
    request_of_a_video: VideoRequest,
    embedder: MiniLmEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Far(LocalSearchIndex):
        def replace(self, *arguments: Any, **named: Any) -> None:
            before = len(beats)
            time.sleep(0.4)
            super().replace(*arguments, **named)
            during.append(len(beats) - before)

    beats: list[Any] = []
    during: list[int] = []
    monkeypatch.setattr(reporter, "_PULSE_EVERY_S", 0.05)
    environment = ActivityEnvironment()
    environment.on_heartbeat = beats.append
    activity = IndexActivity(steps, embedder, Far(tmp_path / "search.db"))
    environment.run(activity.index, given(steps, request_of_a_video))
    assert during[0] >= 2


def test_a_language_the_model_does_not_know_is_found_by_words_and_that_is_said(
    steps: Steps, request_of_a_video: VideoRequest, embedder: MiniLmEmbedder, tmp_path: Path
) -> None:
    search = LocalSearchIndex(tmp_path / "search.db")
    what = given(steps, request_of_a_video, language="sw")
    indexed = ActivityEnvironment().run(IndexActivity(steps, embedder, search).index, what)
    assert [remark.degraded for remark in indexed.step.remarks] == [False]
    assert [hit.segment_id for hit in search.search("flour", [])] == [1]


def test_an_index_that_cannot_be_written_is_one_sentence_and_not_tried_again(
    steps: Steps, request_of_a_video: VideoRequest, embedder: MiniLmEmbedder, tmp_path: Path
) -> None:
    (tmp_path / "search.db").write_text("This is no database, whatever its name says. " * 50)
    activity = IndexActivity(steps, embedder, LocalSearchIndex(tmp_path / "search.db"))
    with pytest.raises(ApplicationError, match=r"search\.db") as caught:
        ActivityEnvironment().run(activity.index, given(steps, request_of_a_video))
    assert caught.value.type == "setup"
    assert caught.value.non_retryable
