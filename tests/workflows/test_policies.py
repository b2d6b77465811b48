"""Where activities run and how long they may take: replay does not see it, so it has tests of its own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.workflow import ActivityConfig

from workflows import policies
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, GPU_QUEUE

HOUR = 3600.0


def test_speech_is_on_the_gpu_queue_quick_work_on_the_control_queue_the_rest_on_the_cpu_queue() -> None:
    on_gpu = (policies.plan_speech(HOUR), policies.transcribe_chunk(60.0))
    on_cpu = (
        policies.resolve(),
        policies.download(HOUR),
        policies.audio(HOUR),
        policies.thumbnail(HOUR),
        policies.merge(HOUR),
        policies.analyze(HOUR),
        policies.derive(HOUR),
        policies.cut_clip(60.0, HOUR),
        policies.quality(HOUR),
        policies.publish(HOUR),
    )
    on_control = (policies.record_outcome(), policies.knock(), policies.closed_workflows())
    assert {config["task_queue"] for config in on_gpu} == {GPU_QUEUE}
    assert {config["task_queue"] for config in on_cpu} == {CPU_QUEUE}
    assert {config["task_queue"] for config in on_control} == {CONTROL_QUEUE}


@pytest.mark.parametrize(
    "policy",
    [
        policies.audio,
        policies.thumbnail,
        policies.plan_speech,
        policies.analyze,
        policies.quality,
        policies.publish,
    ],
)
def test_a_longer_video_may_take_longer(policy: Callable[[float], ActivityConfig]) -> None:
    short, long = policy(60.0), policy(3 * HOUR)
    assert timedelta() < (short["start_to_close_timeout"] or timedelta())
    assert (short["start_to_close_timeout"] or timedelta()) < (long["start_to_close_timeout"] or timedelta())


def test_every_long_activity_is_watched_by_heartbeats() -> None:
    for config in (policies.download(HOUR), policies.transcribe_chunk(60.0), policies.cut_clip(60.0, HOUR)):
        assert config["heartbeat_timeout"] == policies.HEARTBEAT


def test_a_row_that_waits_at_a_gate_takes_its_refusals_there_and_a_single_run_tries_again_itself() -> None:
    for row, single in (
        (policies.resolve(60.0), policies.resolve()),
        (policies.download(HOUR, 60.0), policies.download(HOUR)),
    ):
        assert row["retry_policy"] is not None
        assert single["retry_policy"] is not None
        assert set(row["retry_policy"].non_retryable_error_types or ()) == {"rate_limit", "bot_check"}
        assert not single["retry_policy"].non_retryable_error_types
        assert row["retry_policy"].maximum_attempts < single["retry_policy"].maximum_attempts
        assert row["retry_policy"].maximum_attempts >= 5  # a worker that dies takes one each time
