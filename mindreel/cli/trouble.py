"""What the Temporal server refuses, as sentences."""

from temporalio.service import RPCError, RPCStatusCode

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
