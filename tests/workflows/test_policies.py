"""Where activities run and how long they may take: replay does not see it, so it has tests of its own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.workflow import ActivityConfig

from workflows import policies
from workflows.ids import CPU_QUEUE, GPU_QUEUE

HOUR = 3600.0


def test_speech_is_recognised_on_the_gpu_queue_and_everything_else_on_the_cpu_queue() -> None:
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
        policies.record_outcome(),
    )
    assert {config["task_queue"] for config in on_gpu} == {GPU_QUEUE}
    assert {config["task_queue"] for config in on_cpu} == {CPU_QUEUE}


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
