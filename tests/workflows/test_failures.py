"""What a failure of an activity says, and about whom."""

import pytest
from temporalio import exceptions
from temporalio.exceptions import ActivityError, ApplicationError, RetryState, TimeoutType

from workflows.failures import is_of_the_worker


def after(cause: BaseException) -> ActivityError:
    error = ActivityError(
        "Activity task failed",
        scheduled_event_id=5,
        started_event_id=6,
        identity="worker",
        activity_type="download",
        activity_id="1",
        retry_state=RetryState.MAXIMUM_ATTEMPTS_REACHED,
    )
    error.__cause__ = cause
    return error


def timeout(kind: TimeoutType) -> exceptions.TimeoutError:
    return exceptions.TimeoutError("timed out", type=kind, last_heartbeat_details=[])


@pytest.mark.parametrize(
    ("cause", "of_the_worker"),
    [
        (timeout(TimeoutType.HEARTBEAT), True),
        (ApplicationError("The worker had to let go of download.", type="busy"), True),
        (ApplicationError("Supabase did not answer.", type="store"), True),
        (timeout(TimeoutType.START_TO_CLOSE), False),
        (ApplicationError("The line broke.", type="network"), False),
        (ApplicationError("No model.", type="setup"), False),
    ],
)
def test_a_worker_that_died_or_was_busy_says_nothing_about_the_work(
    cause: BaseException, *, of_the_worker: bool
) -> None:
    assert is_of_the_worker(after(cause)) is of_the_worker
