"""Which news of progress are worth a call."""

from concurrent.futures import ThreadPoolExecutor

from mindreel.contracts.stages import NAMES, overall_percent
from mindreel.store.supabase.pace import Pace

AN_HOUR_S = 3600.0


def test_a_stage_is_told_once_in_a_while_and_at_its_end() -> None:
    pace = Pace(AN_HOUR_S)
    assert pace.is_due("v", "download", 2.5)
    assert not pace.is_due("v", "download", 11.0)
    assert pace.is_due("v", "download", overall_percent("download", 1.0))
    assert not pace.is_due("v", "download", overall_percent("download", 1.0))


def test_every_stage_and_every_video_is_told_at_once() -> None:
    pace = Pace(AN_HOUR_S)
    assert all(pace.is_due(video_id, stage, 1.0) for video_id in "ab" for stage in (*NAMES, "dreaming"))
    assert not any(pace.is_due(video_id, stage, 1.0) for video_id in "ab" for stage in (*NAMES, "dreaming"))


def test_without_a_pause_everything_is_told() -> None:
    pace = Pace(0.0)
    assert all(pace.is_due("v", "audio", 1.0) for _ in range(10))


def test_another_run_of_the_video_is_told_at_once() -> None:
    pace = Pace(AN_HOUR_S)
    pace.is_due("v", "audio", 1.0)
    pace.is_due("w", "audio", 1.0)
    pace.forget("v")
    assert pace.is_due("v", "audio", 1.0)
    assert not pace.is_due("w", "audio", 1.0)


def test_an_end_that_did_not_arrive_is_told_again() -> None:
    pace = Pace(AN_HOUR_S)
    end = overall_percent("audio", 1.0)
    pace.is_due("v", "audio", end)
    pace.failed("v", "audio")
    assert not pace.is_due("v", "audio", 13.0)
    assert pace.is_due("v", "audio", end)


def test_threads_that_tell_the_same_cause_one_call() -> None:
    pace = Pace(AN_HOUR_S)
    with ThreadPoolExecutor(16) as pool:
        due = list(pool.map(lambda number: pace.is_due(f"v{number % 10}", "audio", 1.0), range(5000)))
    assert sum(due) == 10


def test_what_was_told_long_ago_is_not_remembered_for_ever() -> None:
    pace = Pace(0.0)
    for number in range(5000):
        pace.is_due(f"v{number}", "audio", 1.0)
    assert len(pace._sent) <= 1000
