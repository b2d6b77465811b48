from temporalio import exceptions
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, TimeoutType


def sentence_of(error: BaseException) -> str:
    """The one sentence a person should read of a failure."""
    cause = error.cause if isinstance(error, ActivityError) and error.cause else error
    if isinstance(cause, exceptions.TimeoutError):
        return _timeout(cause)
    if isinstance(cause, FailureError):
        return cause.message
    return f"{type(cause).__name__}: {cause}"


def class_of(error: BaseException) -> str:
    """The error class of `mindreel.errors`, `timeout`, or `internal`."""
    cause = error.cause if isinstance(error, ActivityError) and error.cause else error
    if isinstance(cause, exceptions.TimeoutError):
        return "timeout"
    return cause.type or "internal" if isinstance(cause, ApplicationError) else "internal"


def is_of_the_worker(error: BaseException) -> bool:
    """True where a worker died, hung, was drained, or found machine or store busy: the work may be well."""
    cause = error.cause if isinstance(error, ActivityError) and error.cause else error
    if isinstance(cause, exceptions.TimeoutError):
        return cause.type == TimeoutType.HEARTBEAT
    return isinstance(cause, ApplicationError) and cause.type in ("busy", "store")


def retry_after_of(error: BaseException) -> float | None:
    """Seconds after which a site asked to be tried again; None where it did not."""
    cause = error.cause if isinstance(error, ActivityError) and error.cause else error
    if isinstance(cause, ApplicationError) and cause.details and isinstance(cause.details[0], float | int):
        return float(cause.details[0])
    return None


def _timeout(cause: exceptions.TimeoutError) -> str:
    if cause.type == TimeoutType.HEARTBEAT:
        return "Its worker died or hung several times; see the worker's log."
    return "It took longer than is reasonable for a video of this length."
