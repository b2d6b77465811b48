"""Where the work of batches runs: replay does not see it."""

from workflows import policies
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, INBOX_QUEUE


def test_rows_and_reports_never_wait_behind_media() -> None:
    quick = (policies.quick(), policies.tell_videos())
    assert {config["task_queue"] for config in quick} == {CONTROL_QUEUE}
    inbox = (policies.look_into_inbox(), policies.report_batch())
    assert {config["task_queue"] for config in inbox} == {INBOX_QUEUE}
    assert policies.expand_row(60.0)["task_queue"] == CPU_QUEUE


def test_what_may_take_long_is_watched_by_heartbeats() -> None:
    for config in (policies.look_into_inbox(), policies.report_batch(), policies.expand_row(60.0)):
        assert config["heartbeat_timeout"] == policies.HEARTBEAT
    assert policies.tell_videos()["heartbeat_timeout"]
