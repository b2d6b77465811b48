"""From a source to a published video; `_pipeline` reads as the picture in docs/architecture.md."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.outcome import OutcomeActivity
    from mindreel.contracts.inputs import OutcomeInput
    from mindreel.contracts.steps import VideoResult
    from mindreel.contracts.video import VideoRequest
    from workflows import policies
    from workflows.failures import class_of, sentence_of
    from workflows.finishing import finished
    from workflows.progress import PLATFORM_KEY, VIDEO_KEY, ProgressBoard, RunProgress
    from workflows.together import together
    from workflows.video_steps import VideoSteps


@workflow.defn
class VideoPipeline:
    """One run for one video: resolve, download, transcribe, analyze, derive, check, publish."""

    @workflow.init
    def __init__(self, request: VideoRequest) -> None:
        self._board = ProgressBoard()
        self._steps = VideoSteps(request, self._board)

    @workflow.query
    def progress(self) -> RunProgress:
        """How far each stage is."""
        return self._board.run

    @workflow.run
    async def run(self, request: VideoRequest) -> VideoResult:
        """Returns when the video is published; fails with one sentence when it cannot be."""
        workflow.upsert_search_attributes(
            [VIDEO_KEY.value_set(request.video.id), PLATFORM_KEY.value_set(request.video.platform)]
        )
        try:
            result = await self._pipeline(request)
        except (ActivityError, asyncio.CancelledError) as error:
            await self._record_failure(request, error)
            raise self._failure(error) from error
        await self._record(
            request, result.outcome, result.reasons, library=result.library, artifacts=result.artifacts
        )
        return result

    async def _pipeline(self, request: VideoRequest) -> VideoResult:
        step = self._steps
        await step.resolve()
        await step.download()
        await together([self._transcript(), step.optional("thumbnail", step.thumbnail())])
        if step.outputs.transcribed:
            await together([self._insight(), step.optional("index", step.index())])
        await step.quality()
        published = await step.publish()
        return VideoResult(
            id=request.video.id,
            source=request.source,
            outcome=self._board.outcome,
            reasons=self._board.reasons,
            library=published.library,
            artifacts=published.artifacts,
            stages=self._board.stage_reports(),
        )

    async def _transcript(self) -> None:
        await self._steps.audio()
        await self._steps.transcribe()

    async def _insight(self) -> None:
        step = self._steps
        await step.optional("analyze", step.analyze())
        if step.outputs.analyzed:
            await together([step.optional("mindmap", step.mindmap()), step.optional("clips", step.clips())])

    async def _record_failure(self, request: VideoRequest, error: BaseException) -> None:
        cancelled = is_cancelled_exception(error)
        status = "cancelled" if cancelled else "failed"
        reason = "It was cancelled." if cancelled else sentence_of(error)
        await self._record(request, status, (reason,))

    async def _record(
        self,
        request: VideoRequest,
        status: str,
        reasons: tuple[str, ...],
        *,
        library: str | None = None,
        artifacts: dict[str, str] | None = None,
    ) -> None:
        self._board.finish(status)
        given = OutcomeInput(request, status, reasons, library, artifacts, self._board.stage_reports())
        await finished(
            workflow.execute_activity_method(
                OutcomeActivity.record_outcome, given, **policies.record_outcome()
            )
        )

    def _failure(self, error: BaseException) -> BaseException:
        if is_cancelled_exception(error):
            return error
        return ApplicationError(sentence_of(error), type=class_of(error), non_retryable=True)
