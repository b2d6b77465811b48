"""The edge between mindreel and Temporal: errors are translated here, once."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError

from mindreel import errors
from mindreel.telemetry import span, step_context


@contextmanager
def activity_edge(stage: str, video_id: str) -> Iterator[None]:
    """Bind the log context and the span of this attempt, and let only Temporal's errors out."""
    info = activity.info()
    ids = {
        "workflow_id": info.workflow_id,
        "run_id": info.workflow_run_id,
        "video_id": video_id,
        "stage": stage,
        "attempt": info.attempt,
    }
    with step_context(ids), span(info.activity_type, ids):
        try:
            yield
        except errors.CancelledError as cancelled:
            raise CancelledError(str(cancelled)) from cancelled
        except errors.MindreelError as error:
            raise _application_error(error) from error
        except OSError as error:
            raise _application_error(_from_os(error, stage)) from error


def _application_error(error: errors.MindreelError) -> ApplicationError:
    retry_after = error.retry_after_s if isinstance(error, errors.TransientError) else None
    return ApplicationError(
        str(error),
        type=error.error_class,
        non_retryable=not error.retryable,
        next_retry_delay=timedelta(seconds=retry_after) if retry_after else None,
    )


def _from_os(error: OSError, stage: str) -> errors.MindreelError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.SetupError(
            f"The disk is full ({stage}). Free some space and run it again; finished steps are kept."
        )
    return errors.TransientError(f"The operating system refused something during {stage}: {error}.")
