"""From a source to a published video; `_pipeline` reads as the picture in docs/architecture.md."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.outcome import OutcomeActivity
    from mindreel.contracts.inputs import OutcomeInput
    from mindreel.contracts.notice import VIDEO
    from mindreel.contracts.sites import Admission, site_of_video
    from mindreel.contracts.steps import Recorded, VideoResult
    from mindreel.contracts.video import VideoRequest
    from workflows import policies
    from workflows.failures import class_of, sentence_of
    from workflows.finishing import finished
    from workflows.notice import start_notice
    from workflows.progress import PLATFORM_KEY, VIDEO_KEY, ProgressBoard, RunProgress
    from workflows.site_pass import SitePass
    from workflows.together import together
    from workflows.video_steps import VideoSteps


@workflow.defn
class VideoPipeline:
    """One run for one video: resolve, download, transcribe, analyze, derive, check, publish."""

    @workflow.init
    def __init__(self, request: VideoRequest) -> None:
        self._board = ProgressBoard()
        self._steps = VideoSteps(request, self._board)
        self._pass = SitePass(paused=lambda: self._board.run.paused, waiting=self._board.wait_for)

    @workflow.query
    def progress(self) -> RunProgress:
        """How far each stage is."""
        return self._board.run

    @workflow.signal
    def admitted(self, admission: Admission) -> None:
        """The gate of the video's site lets us in, or turns us away."""
        self._pass.admitted(admission)

    @workflow.signal
    def pause(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._board.pause(paused=True)

    @workflow.signal
    def resume(self) -> None:
        """Go on."""
        self._board.pause(paused=False)

    @workflow.run
    async def run(self, request: VideoRequest) -> VideoResult:
        """Returns when the video is published; fails with one sentence when it cannot be."""
        workflow.upsert_search_attributes(
            [VIDEO_KEY.value_set(request.video.id), PLATFORM_KEY.value_set(request.video.platform)]
        )
        try:
            result = await self._pipeline(request)
        except (FailureError, asyncio.CancelledError) as error:
            await self._record_failure(request, error)
            raise self._failure(error) from error
        library = result.library or None
        await self._record(
            request, result.outcome, result.reasons, library=library, artifacts=result.artifacts
        )
        return result

    async def _pipeline(self, request: VideoRequest) -> VideoResult:
        step = self._steps
        await self._fetch(request)
        if step.is_to_be_expanded:
            return self._expanded(request)
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

    async def _fetch(self, request: VideoRequest) -> None:
        """Resolve and download, within the gate of the site where there is one."""
        site = site_of_video(request.video)
        if site is None or not workflow.patched("site-gate"):
            await self._steps.hold()
            await self._steps.fetch()
            return
        await self._pass.visit(
            site,
            lambda: self._steps.fetch(answered=lambda: self._pass.answered(site)),
            patience_s=request.patience_s,
            priority=self._steps.priority_key,
            tenant=request.tenant,
            request=request,
        )

    def _expanded(self, request: VideoRequest) -> VideoResult:
        count = self._steps.entries
        several = f"{count} videos" if count else "several videos"
        reason = f"This is a page of {several}; each is taken on its own."
        stages = self._board.stage_reports()
        return VideoResult(request.video.id, request.source, "expanded", (reason,), "", {}, stages)

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
        error_class = "cancelled" if cancelled else class_of(error)
        await self._record(request, status, (reason,), error_class=error_class, stage=self._steps.stage)

    async def _record(
        self,
        request: VideoRequest,
        status: str,
        reasons: tuple[str, ...],
        *,
        library: str | None = None,
        artifacts: dict[str, str] | None = None,
        error_class: str = "",
        stage: str = "",
    ) -> None:
        self._board.finish(status, failure=reasons[0] if error_class else "")
        given = OutcomeInput(
            request, status, reasons, library, artifacts, self._board.stage_reports(), error_class, stage
        )
        await finished(self._recorded(given))

    async def _recorded(self, given: OutcomeInput) -> None:
        recorded: Recorded | None = await workflow.execute_activity_method(
            OutcomeActivity.record_outcome, given, **policies.record_outcome()
        )
        if recorded is not None and recorded.notify:
            await start_notice(VIDEO, given.request.video.id)

    def _failure(self, error: BaseException) -> BaseException:
        if is_cancelled_exception(error):
            return error
        return ApplicationError(sentence_of(error), type=class_of(error), non_retryable=True)
