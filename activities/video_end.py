"""How a video's workflow ended, as the server says."""

from dataclasses import dataclass

from temporalio import exceptions
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError, TerminatedError
from temporalio.service import RPCError, RPCStatusCode

from mindreel.contracts.steps import VideoResult

_INTERNAL = "internal"


@dataclass(frozen=True)
class VideoEnd:
    """What the catalog should have been told."""

    status: str
    """completed, partial, expanded, failed or cancelled."""
    reasons: tuple[str, ...]
    error_class: str = ""
    result: VideoResult | None = None
    known: bool = True
    """False where the server knows no such run: it is long over, or another server's."""


async def end_of(client: Client, workflow_id: str) -> VideoEnd | None:
    """None while it is going on. Raises `RPCError`."""
    handle = client.get_workflow_handle(workflow_id, result_type=VideoResult)
    try:
        description = await handle.describe()
        if description.status == WorkflowExecutionStatus.RUNNING:
            return None
        result = await client.get_workflow_handle(
            workflow_id, run_id=description.run_id, result_type=VideoResult
        ).result(follow_runs=False)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        gone = "Its run is gone from the Temporal server; try it again."
        return VideoEnd("failed", (gone,), _INTERNAL, known=False)
    except WorkflowFailureError as failure:
        return _failed(failure.cause)
    return VideoEnd(result.outcome, result.reasons, result=result)


def _failed(cause: BaseException) -> VideoEnd:
    if isinstance(cause, exceptions.CancelledError):
        return VideoEnd("cancelled", ("It was cancelled.",))
    if isinstance(cause, TerminatedError):
        return VideoEnd("cancelled", (f"It was terminated: {cause.message or 'no reason was given'}.",))
    if isinstance(cause, exceptions.TimeoutError):
        return VideoEnd("failed", ("It took longer than its time limit.",), "timeout")
    error_class = cause.type if isinstance(cause, ApplicationError) else None
    return VideoEnd("failed", (str(cause),), error_class or _INTERNAL)
