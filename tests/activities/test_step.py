"""Finished work is found by its inputs and reused; everything else is done again."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.exceptions import CancelledError as TemporalCancelledError
from temporalio.testing import ActivityEnvironment

from activities import reporter
from activities.catalog_row import begin_row
from activities.step import Run, Step, Steps
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.media import Span
from mindreel.contracts.steps import StepReport
from mindreel.contracts.video import VideoRequest
from mindreel.errors import CancelledError, NotAVideoError, TransientError
from mindreel.store.local_artifacts import LocalArtifactStore


@dataclass(frozen=True)
class Written:
    step: StepReport
    text: ArtifactRef


WRITE = Step(name="write", stage="analyze", kind=Written)


class Writer:
    """A step's body that counts how often it did the work."""

    def __init__(self, text: str = "hello", *, degraded: bool = False) -> None:
        self.text = text
        self.degraded = degraded
        self.times = 0

    def __call__(self, run: Run) -> Written:
        self.times += 1
        run.remark("It was written.", degraded=self.degraded)
        text = run.keep("text.txt", self.text, "text/plain")
        return Written(step=run.report(), text=text)


def perform(
    steps: Steps,
    request: VideoRequest,
    body: Writer,
    *,
    step: Step[Written] = WRITE,
    inputs: tuple[object, ...] = ("a",),
) -> Written:
    return ActivityEnvironment().run(lambda: steps.perform(step, request, inputs, body))


def test_the_same_inputs_are_worked_on_once(steps: Steps, request_of_a_video: VideoRequest) -> None:
    body = Writer()
    first = perform(steps, request_of_a_video, body)
    second = perform(steps, request_of_a_video, body)
    assert body.times == 1
    assert not first.step.reused
    assert second.step.reused
    assert second.text == first.text
    assert second.step.seconds == first.step.seconds


def test_what_was_said_of_a_result_is_said_again_when_it_is_reused(
    steps: Steps, request_of_a_video: VideoRequest
) -> None:
    perform(steps, request_of_a_video, Writer())
    again = perform(steps, request_of_a_video, Writer())
    assert [remark.text for remark in again.step.remarks] == ["It was written."]


def test_a_degraded_result_is_tried_again(steps: Steps, request_of_a_video: VideoRequest) -> None:
    body = Writer(degraded=True)
    perform(steps, request_of_a_video, body)
    perform(steps, request_of_a_video, body)
    assert body.times == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": ("b",)},
        {"inputs": ("a", Span(0.0, 1.0))},
        {"step": replace(WRITE, version=2)},
        {"step": replace(WRITE, name="write-better")},
    ],
)
def test_other_inputs_or_other_code_do_the_work_again(
    steps: Steps, request_of_a_video: VideoRequest, changed: dict[str, object]
) -> None:
    body = Writer()
    perform(steps, request_of_a_video, body)
    perform(steps, request_of_a_video, body, **changed)  # type: ignore[arg-type] # each names one parameter
    assert body.times == 2


def test_force_does_the_work_again_but_once_only(steps: Steps, request_of_a_video: VideoRequest) -> None:
    """A retry within the forced run, and every later run without force, reuse what it made."""
    forced = replace(request_of_a_video, force="token")
    perform(steps, request_of_a_video, Writer("old"))
    body = Writer("new")
    perform(steps, forced, body)
    perform(steps, forced, body)
    later = perform(steps, request_of_a_video, body)
    assert body.times == 1
    assert steps.store.read_bytes(later.text.key) == b"new"


def test_a_store_that_takes_its_time_is_not_taken_for_a_dead_worker(
    steps: Steps, request_of_a_video: VideoRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Far(LocalArtifactStore):
        def read_bytes(self, key: str) -> bytes | None:
            self.wait()
            return super().read_bytes(key)

        def put_bytes(self, key: str, data: bytes, media_type: str) -> ArtifactRef:
            self.wait()
            return super().put_bytes(key, data, media_type)

        def wait(self) -> None:
            before = len(beats)
            time.sleep(0.4)
            during.append(len(beats) - before)

    beats: list[object] = []
    during: list[int] = []
    monkeypatch.setattr(reporter, "_PULSE_EVERY_S", 0.05)
    environment = ActivityEnvironment()
    environment.on_heartbeat = beats.append
    far = replace(steps, store=Far(steps.store._root))  # type: ignore[attr-defined]
    environment.run(lambda: far.perform(WRITE, request_of_a_video, ("a",), Writer()))
    assert len(during) == 3  # a look for the result, an artifact, the result
    assert min(during) >= 2


def test_a_lost_artifact_is_made_again(
    steps: Steps, request_of_a_video: VideoRequest, tmp_path: Path
) -> None:
    body = Writer()
    (tmp_path / "artifacts" / perform(steps, request_of_a_video, body).text.key).unlink()
    perform(steps, request_of_a_video, body)
    assert body.times == 2


def test_a_step_that_fails_leaves_no_result_and_no_folder(
    steps: Steps, request_of_a_video: VideoRequest, tmp_path: Path
) -> None:
    def fail(run: Run) -> Written:
        (run.folder / "half.mp4").write_bytes(b"half")
        raise NotAVideoError("talk.mp4 is text.")

    with pytest.raises(ApplicationError, match="is text") as caught:
        ActivityEnvironment().run(lambda: steps.perform(WRITE, request_of_a_video, ("a",), fail))
    assert caught.value.non_retryable
    assert caught.value.type == "not_media"
    assert not list((tmp_path / "tmp").rglob("half.mp4"))
    body = Writer()
    perform(steps, request_of_a_video, body)
    assert body.times == 1


def test_a_resumable_step_finds_what_its_last_attempt_left(
    steps: Steps, request_of_a_video: VideoRequest, tmp_path: Path
) -> None:
    resumable = replace(WRITE, resumable=True)

    def fail(run: Run) -> Written:
        (run.folder / "media.mp4.part").write_bytes(b"half")
        raise TransientError("The line broke.", retry_after_s=7.0)

    found: list[str] = []

    def resume(run: Run) -> Written:
        found.extend(path.name for path in run.folder.iterdir())
        return Writer()(run)

    with pytest.raises(ApplicationError) as caught:
        ActivityEnvironment().run(lambda: steps.perform(resumable, request_of_a_video, ("a",), fail))
    assert not caught.value.non_retryable
    assert caught.value.next_retry_delay is not None
    assert caught.value.next_retry_delay.total_seconds() == 7.0
    ActivityEnvironment().run(lambda: steps.perform(resumable, request_of_a_video, ("a",), resume))
    assert "media.mp4.part" in found
    assert not list((tmp_path / "tmp").rglob("media.mp4.part"))


@pytest.mark.parametrize(
    "reason", ["cancel_requested", "worker_shutdown", "timed_out", "not_found", "paused"]
)
def test_a_download_keeps_its_part_unless_somebody_cancelled_it(
    steps: Steps, request_of_a_video: VideoRequest, tmp_path: Path, reason: str
) -> None:
    """Nobody asked for the end of it when a worker is drained or a laptop slept: the next attempt goes on."""
    environment = ActivityEnvironment()
    asked = reason == "cancel_requested"
    environment.cancel(cancellation_details=ActivityCancellationDetails(**{reason: True}))

    def stop(run: Run) -> Written:
        (run.folder / "media.mp4.part").write_bytes(b"half")
        assert run.reporter.wait_cancelled(5.0)
        raise CancelledError("The download was cancelled.")

    step = replace(WRITE, resumable=True)
    with pytest.raises(TemporalCancelledError if asked else ApplicationError) as caught:
        environment.run(lambda: steps.perform(step, request_of_a_video, ("a",), stop))
    assert bool(list((tmp_path / "tmp").rglob("media.mp4.part"))) is not asked
    if isinstance(caught.value, ApplicationError):
        assert (caught.value.type, caught.value.non_retryable) == ("busy", False)


def test_a_result_of_another_version_is_made_again(steps: Steps, request_of_a_video: VideoRequest) -> None:
    """Contracts grow; a person should not have to know that --force helps."""
    body = Writer()
    key = perform(steps, request_of_a_video, body).text.key.replace("text.txt", "result.json")
    steps.store.put_bytes(key, b'{"force": "", "result": {"step": 1}}', "application/json")
    perform(steps, request_of_a_video, body)
    assert body.times == 2


def test_a_full_disk_is_one_sentence_and_not_retried(steps: Steps, request_of_a_video: VideoRequest) -> None:
    def fill(_run: Run) -> Written:
        raise OSError(28, "No space left on device")

    with pytest.raises(ApplicationError, match="The disk is full") as caught:
        ActivityEnvironment().run(lambda: steps.perform(WRITE, request_of_a_video, ("a",), fill))
    assert caught.value.non_retryable


def test_the_catalog_follows_and_never_goes_back(steps: Steps, request_of_a_video: VideoRequest) -> None:
    seen: list[float] = []

    def body(run: Run) -> Written:
        for fraction in (0.5, 0.2, 1.0):
            run.reporter.progress(fraction)
            row = steps.catalog.get(request_of_a_video.video.id)
            assert row is not None
            seen.append(row.percent)
        return Writer()(run)

    ActivityEnvironment().run(lambda: steps.perform(WRITE, request_of_a_video, ("a",), body))
    assert seen == sorted(seen)


def test_a_step_of_an_earlier_run_does_not_move_the_next_one(
    steps: Steps, request_of_a_video: VideoRequest
) -> None:
    """Its worker slept, and the server gave its work to another long ago."""
    earlier, later = ActivityEnvironment(), ActivityEnvironment()
    later.info = replace(later.info, workflow_run_id="later")
    earlier.run(begin_row, steps.catalog, request_of_a_video)
    later.run(begin_row, steps.catalog, request_of_a_video)
    before = steps.catalog.get(request_of_a_video.video.id)
    earlier.run(lambda: steps.perform(WRITE, request_of_a_video, ("a",), Writer()))
    assert steps.catalog.get(request_of_a_video.video.id) == before
    later.run(lambda: steps.perform(WRITE, request_of_a_video, ("a",), Writer()))
    row = steps.catalog.get(request_of_a_video.video.id)
    assert row is not None
    assert row.stage == "analyze"


@pytest.mark.parametrize("patience_s", [0.0, 60.0])
def test_after_the_last_attempt_a_part_file_is_kept_only_for_the_next_visit_of_the_site(
    steps: Steps, request_of_a_video: VideoRequest, tmp_path: Path, patience_s: float
) -> None:
    request = replace(request_of_a_video, patience_s=patience_s)
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=6, retry_policy=RetryPolicy(maximum_attempts=6))

    def fail(run: Run) -> Written:
        (run.folder / "media.mp4.part").write_bytes(b"half")
        raise TransientError("The line broke.")

    step = replace(WRITE, resumable=True)
    with pytest.raises(ApplicationError):
        environment.run(lambda: steps.perform(step, request, ("a",), fail))
    assert bool(list((tmp_path / "tmp").rglob("media.mp4.part"))) is bool(patience_s)
