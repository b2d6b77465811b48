"""What goes wrong leaves an activity as one sentence, with the truth about whether trying again may help."""

import errno
from dataclasses import replace

import pytest
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, CancelledError
from temporalio.testing import ActivityEnvironment

from activities.edge import activity_edge
from mindreel import errors
from workflows.failures import retry_after_of


def out_of(error: BaseException, *, edges: int = 1, attempt: int = 1) -> BaseException:
    """What becomes of `error` at the edge."""

    def work() -> None:
        if edges > 1:
            with activity_edge("analyze", "file-1"):
                fail()
        else:
            fail()

    def fail() -> None:
        with activity_edge("analyze", "file-1"):
            raise error

    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - the test looks at what it is
        environment.run(work)
    return caught.value


def failure_out_of(error: BaseException, *, attempt: int = 1) -> ApplicationError:
    failure = out_of(error, attempt=attempt)
    assert isinstance(failure, ApplicationError)
    return failure


@pytest.mark.parametrize(
    ("error", "kind", "final"),
    [
        (errors.SourceNotFoundError("It is gone."), "not_found", True),
        (errors.BlockedError("The site wants a login."), "blocked", True),
        (errors.SetupError("No model."), "setup", True),
        (errors.TransientError("The line broke."), "network", False),
        (errors.BusyError("The catalog is held."), "busy", False),
        (errors.StoreError("The store does not answer."), "store", False),
        (errors.NotYetError("It premieres tomorrow."), "later", False),
    ],
)
def test_our_errors_keep_their_sentence_and_class(
    error: errors.MindreelError, kind: str, *, final: bool
) -> None:
    failure = failure_out_of(error)
    assert (failure.message, failure.type, failure.non_retryable) == (str(error), kind, final)


def test_a_site_that_names_a_time_is_asked_again_then() -> None:
    failure = failure_out_of(errors.TransientError("Too many requests.", retry_after_s=90.0))
    assert failure.next_retry_delay is not None
    assert failure.next_retry_delay.total_seconds() == 90.0
    assert retry_after_of(failure) == 90.0


def test_a_store_that_is_away_is_given_ever_more_time() -> None:
    away = errors.StoreError("The store does not answer.")
    first = failure_out_of(away)
    assert first.next_retry_delay is not None
    assert first.next_retry_delay.total_seconds() == 2.0
    eighth = failure_out_of(away, attempt=8)
    assert eighth.next_retry_delay is not None
    assert eighth.next_retry_delay.total_seconds() == 300.0


def test_the_gate_of_a_site_is_told_no_time_where_the_site_named_none() -> None:
    assert retry_after_of(failure_out_of(errors.TransientError("The line broke."))) is None


def test_a_foreseen_failure_is_no_longer_than_its_sentence() -> None:
    """The server cuts what is too long, and shows that it did in place of the sentence."""
    assert failure_out_of(errors.StoreError("The store does not answer.")).__cause__ is None
    assert failure_out_of(ValueError("broken")).__cause__ is not None


def test_only_what_nobody_foresaw_is_logged_with_a_traceback() -> None:
    not_found = failure_out_of(errors.SourceNotFoundError("It is gone."))
    surprises = [failure_out_of(ValueError("broken")), failure_out_of(OSError(errno.EMFILE, "refused"))]

    assert not_found.category is ApplicationErrorCategory.BENIGN  # which the SDK does not log
    assert [each.category for each in surprises] == [ApplicationErrorCategory.UNSPECIFIED] * 2


def test_a_cancel_is_temporal_s_cancel() -> None:
    assert isinstance(out_of(errors.CancelledError("It was cancelled.")), CancelledError)


@pytest.mark.parametrize(
    ("number", "final"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EMFILE, False)]
)
def test_a_full_disk_is_final_and_other_refusals_of_the_system_are_not(number: int, *, final: bool) -> None:
    failure = failure_out_of(OSError(number, "refused"))
    assert failure.non_retryable is final
    assert "analyze" in failure.message
    assert failure.type == ("setup" if final else "busy")  # never `network`: no site is to blame


def test_a_mistake_of_ours_is_a_sentence_that_says_where_to_look() -> None:
    failure = failure_out_of(ValueError("broken\n  into lines " + "and long " * 1000))
    assert failure.message.startswith(
        "Something went wrong inside mindreel during analyze (ValueError: broken into lines and long "
    )
    assert failure.message.endswith("); the details are in the worker's log.")
    assert len(failure.message) < 500
    assert failure.type == "internal"
    assert not failure.non_retryable
    assert isinstance(failure.__cause__, ValueError)


def test_an_edge_inside_an_edge_translates_once() -> None:
    failure = out_of(errors.SetupError("No model."), edges=2)
    assert isinstance(failure, ApplicationError)
    assert (failure.message, failure.type) == ("No model.", "setup")
