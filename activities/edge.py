"""The edge between mindreel and Temporal: errors are translated here, once."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, CancelledError, FailureError

from mindreel import errors
from mindreel.telemetry import log, span, step_context

_LONGEST_WAIT_S = 6 * 3600.0
"""Sites have been seen to answer with a Retry-After of years."""
_STORE_PAUSE_S, _STORE_GROWTH, _LONGEST_STORE_PAUSE_S = 2.0, 2.5, 300.0
_LONGEST = 300
"""Characters of an unexpected error: some carry their whole input."""


@contextmanager
def activity_edge(stage: str, video_id: str) -> Iterator[None]:
    """Bind the log context of this attempt, and let only Temporal's errors out; edges may be nested."""
    with step_context(_ids(stage, video_id)):
        try:
            yield
        except FailureError:
            raise  # an inner edge has translated it
        except errors.CancelledError as cancelled:
            raise CancelledError(str(cancelled)) from cancelled
        except errors.MindreelError as error:
            # Its sentence says all; with a library's chain of causes the server cuts the failure.
            raise _application_error(error) from None
        except OSError as error:
            raise _application_error(_from_os(error, stage), foreseen=False) from error
        except Exception as error:
            raise _unexpected(error, stage) from error


@contextmanager
def activity_span(stage: str, video_id: str) -> Iterator[None]:
    """The span of this attempt's work."""
    with span(activity.info().activity_type, _ids(stage, video_id)):
        yield


def _ids(stage: str, video_id: str) -> dict[str, object]:
    info = activity.info()
    return {
        "workflow_id": info.workflow_id,
        "run_id": info.workflow_run_id,
        "video_id": video_id,
        "stage": stage,
        "attempt": info.attempt,
    }


def _application_error(error: errors.MindreelError, *, foreseen: bool = True) -> ApplicationError:
    """`foreseen` errors are logged by this one line, and not by the SDK with a traceback of forty."""
    category = ApplicationErrorCategory.BENIGN if foreseen else ApplicationErrorCategory.UNSPECIFIED
    log().warning("step failed", reason=str(error), error_class=error.error_class)
    retry_after = _retry_after_s(error)
    return ApplicationError(
        str(error),
        *((retry_after,) if retry_after else ()),  # for the site's gate
        type=error.error_class,
        non_retryable=not error.retryable,
        next_retry_delay=timedelta(seconds=min(retry_after, _LONGEST_WAIT_S)) if retry_after else None,
        category=category,
    )


def _retry_after_s(error: errors.MindreelError) -> float | None:
    """What the other side asked for; a store that says nothing is given ever more time.

    Steps are tried a few times only, because most of what fails in them fails again, and a store that is
    being restarted is away for minutes.
    """
    if isinstance(error, errors.StoreError) and error.retry_after_s is None:
        growth = _STORE_GROWTH ** (activity.info().attempt - 1)
        return float(min(_STORE_PAUSE_S * growth, _LONGEST_STORE_PAUSE_S))
    return error.retry_after_s if isinstance(error, errors.TransientError) else None


def _from_os(error: OSError, stage: str) -> errors.MindreelError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.SetupError(
            f"The disk is full ({stage}). Free some space and run it again; finished steps are kept."
        )
    return errors.BusyError(f"The operating system refused something during {stage}: {error}.")


def _unexpected(error: Exception, stage: str) -> ApplicationError:
    """A mistake of ours or of a library: its traceback is in the worker's log and in the Web UI."""
    text = " ".join(str(error).split())[:_LONGEST]
    log().error("step failed unexpectedly", reason=text, error_class=type(error).__name__)
    return ApplicationError(
        f"Something went wrong inside mindreel during {stage} ({type(error).__name__}: {text}); the details "
        "are in the worker's log.",
        type=errors.MindreelError.error_class,
    )
