"""What the Temporal server refuses, and how workflows end without a result, as sentences."""

from temporalio import exceptions
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError, TerminatedError
from temporalio.service import RPCError, RPCStatusCode

from workflows import failures

PASSING = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.ABORTED,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.UNKNOWN,
)
"""What a server says while it restarts or is overloaded; asking again may help."""

_SENTENCES = {
    RPCStatusCode.UNAVAILABLE: "The Temporal server does not answer; `doctor` says what is running.",
    RPCStatusCode.DEADLINE_EXCEEDED: "The Temporal server did not answer in time; try again.",
    RPCStatusCode.UNAUTHENTICATED: "The Temporal server wants another key; check TEMPORAL_API_KEY.",
    RPCStatusCode.PERMISSION_DENIED: "The Temporal server denies this; check TEMPORAL_API_KEY and "
    "TEMPORAL_NAMESPACE.",
}


def sentence_of(error: RPCError) -> str:
    """One sentence on what to do."""
    known = _SENTENCES.get(error.status)
    return known or f"The Temporal server refused: {error.message} ({error.status.name.lower()})."


def ending_of(failure: WorkflowFailureError) -> str:
    """Why a workflow has no result."""
    cause = failure.cause
    if isinstance(cause, CancelledError):
        return "It was cancelled."
    if isinstance(cause, TerminatedError):
        return f"It was terminated: {cause.message or 'no reason was given'}."
    if isinstance(cause, exceptions.TimeoutError):
        return "It took longer than its time limit."
    return failures.sentence_of(cause)
