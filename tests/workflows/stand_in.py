"""A video's workflow without the video: it takes part in a batch as the real one, and touches no media."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.outcome import OutcomeActivity
    from mindreel.contracts.inputs import OutcomeInput
    from mindreel.contracts.steps import VideoResult
    from mindreel.contracts.video import VideoRequest
    from workflows import policies
    from workflows.finishing import finished

HOLD = "hold"


@workflow.defn(name="VideoPipeline")
class StandIn:
    """Begins its row, becomes what the test says of its address, and records that with the real activity."""

    def __init__(self) -> None:
        self._told: list[str] = []

    @workflow.signal
    def pause(self) -> None:
        """As a batch says it."""
        self._told.append("pause")

    @workflow.signal
    def resume(self) -> None:
        """As a batch says it."""
        self._told.append("resume")

    @workflow.signal
    def end(self) -> None:
        """What a test says to a video that holds."""
        self._told.append("end")

    @workflow.query
    def told(self) -> list[str]:
        """All signals."""
        return self._told

    @workflow.run
    async def run(self, request: VideoRequest) -> VideoResult:
        """As the real one: a failure is recorded before it is raised."""
        try:
            fate = await workflow.execute_activity(
                "begin_video", request, start_to_close_timeout=timedelta(seconds=2), result_type=str
            )
            if fate == HOLD:
                await workflow.wait_condition(lambda: "end" in self._told)
                fate = "completed"
        except BaseException as error:
            if is_cancelled_exception(error):
                await self._record(OutcomeInput(request, "cancelled", ("It was cancelled.",)))
            raise
        if fate not in ("completed", "partial", "expanded"):
            sentence = f"Nothing is there ({fate})."
            await self._record(
                OutcomeInput(request, "failed", (sentence,), error_class=fate, stage="resolve")
            )
            raise ApplicationError(sentence, type=fate, non_retryable=True)
        await self._record(OutcomeInput(request, fate, ()))
        return VideoResult(request.video.id, request.source, fate, (), "", {}, ())

    async def _record(self, given: OutcomeInput) -> None:
        await finished(
            workflow.execute_activity_method(
                OutcomeActivity.record_outcome, given, **policies.record_outcome()
            )
        )
