"""The steps of `VideoPipeline`: which activity, with what, under which policy, and what is kept of it."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.analyze import AnalyzeActivity
    from activities.audio import AudioActivity
    from activities.clips import ClipActivities
    from activities.download import DownloadActivity
    from activities.index import IndexActivity
    from activities.merge import MergeActivity
    from activities.mindmap import MindmapActivity
    from activities.publish import PublishActivity
    from activities.quality import QualityActivity
    from activities.resolve import ResolveActivity
    from activities.step import HasReport
    from activities.thumbnail import ThumbnailActivity
    from activities.transcribe import TranscribeActivities
    from mindreel.contracts import inputs, steps
    from mindreel.contracts.artifacts import ArtifactRef
    from mindreel.contracts.batch import NORMAL_PRIORITY
    from mindreel.contracts.clips import ClipPlan
    from mindreel.contracts.media import Span
    from mindreel.contracts.video import VideoRequest
    from workflows import policies
    from workflows.failures import sentence_of
    from workflows.progress import ProgressBoard
    from workflows.together import together

Given = TypeVar("Given")
Made = TypeVar("Made")
Report = TypeVar("Report", bound=HasReport)


class VideoSteps:
    """One video's way through its steps; `outputs` holds what there is so far."""

    def __init__(self, request: VideoRequest, board: ProgressBoard) -> None:
        self.request = request
        self.board = board
        self.outputs = inputs.Outputs()
        self.stage = "resolve"
        """Where it failed, when it fails."""
        self._fetching = False

    @property
    def entries(self) -> int:
        """How many videos the page holds."""
        return _made(self.outputs.resolved).entries

    @property
    def is_to_be_expanded(self) -> bool:
        """True for a page of several videos that are each to be taken on their own."""
        return self.request.expand and self.entries != 1

    @property
    def priority_key(self) -> int:
        """1 comes first, 5 last."""
        return workflow.info().priority.priority_key or NORMAL_PRIORITY

    async def fetch(self, answered: Callable[[], Awaitable[None]] | None = None) -> None:
        """Resolve and download; what is done already stays done when this is called again.

        `answered` is called in between where the site was asked, and has answered.
        A pause does not come between the two: a run that stands still would keep others from the site.
        """
        self._fetching = True
        try:
            is_known = self.outputs.resolved is not None
            if not is_known:
                await self.resolve()
            if self.is_to_be_expanded:
                return
            if answered and not (is_known or _made(self.outputs.resolved).step.reused):
                await answered()
            await self.download()
        finally:
            self._fetching = False

    async def hold(self) -> None:
        """Stand still while the run is paused."""
        if self.board.run.paused and not self._fetching:
            await workflow.wait_condition(lambda: not self.board.run.paused)

    async def resolve(self) -> None:
        """Learn what the video is."""
        source = self.request.source
        done = await self._stage(
            "resolve",
            ResolveActivity.resolve,
            self.request,
            policies.resolve(self.request.patience_s),
            summary=source,
        )
        self.outputs = replace(self.outputs, resolved=done)
        self.board.run.title, self.board.run.duration_s = done.title, done.duration_s

    async def download(self) -> None:
        """Bring it here."""
        resolved = _made(self.outputs.resolved)
        given = inputs.DownloadInput(self.request, resolved.info)
        policy = policies.download(resolved.duration_s, self.request.patience_s)
        done = await self._stage("download", DownloadActivity.download, given, policy, summary=resolved.title)
        self.outputs = replace(self.outputs, downloaded=done)
        self.board.run.title, self.board.run.duration_s = done.title, done.probe.duration_s

    async def audio(self) -> None:
        """Take the sound out."""
        policy = policies.audio(self._duration_s)
        done = await self._stage("audio", AudioActivity.audio, self._media(), policy)
        self.outputs = replace(self.outputs, audio=done)

    async def thumbnail(self) -> None:
        """Pick a picture."""
        policy = policies.thumbnail(self._duration_s)
        done = await self._stage("thumbnail", ThumbnailActivity.thumbnail, self._media(), policy)
        self.outputs = replace(self.outputs, thumbnail=done)

    async def transcribe(self) -> None:
        """Plan chunks at silence, recognise each on its own, join them."""
        speech = _made(self.outputs.audio).speech
        if speech is None:
            self.board.end("transcribe", "skipped")
            return
        await self.hold()
        self.board.start("transcribe")
        plan = await self._part(
            "transcribe",
            TranscribeActivities.plan_speech,
            inputs.SpeechInput(self.request, speech),
            policies.plan_speech(self._duration_s),
        )
        self.board.start("transcribe", total=len(plan.chunks) + 2)
        chunks = await together(
            self._chunk(plan, speech, number, span) for number, span in enumerate(plan.chunks, start=1)
        )
        refs = tuple(chunk.chunk for chunk in chunks)
        done = await self._part(
            "transcribe",
            MergeActivity.merge_transcript,
            inputs.MergeInput(self.request, plan, refs, self._duration_s),
            policies.merge(self._duration_s),
        )
        self.board.end("transcribe")
        self.outputs = replace(self.outputs, speech=plan, transcribed=done)

    async def analyze(self) -> None:
        """Find what is worth knowing."""
        transcript = _made(self.outputs.transcribed).transcript
        given = inputs.AnalyzeInput(self.request, transcript, _made(self.outputs.resolved).info)
        policy = policies.analyze(self._duration_s)
        done = await self._stage("analyze", AnalyzeActivity.analyze, given, policy)
        self.outputs = replace(self.outputs, analyzed=done)

    async def mindmap(self) -> None:
        """Draw the tree."""
        policy = policies.derive(self._duration_s)
        done = await self._stage("mindmap", MindmapActivity.mindmap, self._insight(), policy)
        self.outputs = replace(self.outputs, mindmap=done)

    async def index(self) -> None:
        """Make it findable."""
        policy = policies.derive(self._duration_s)
        outputs = self.outputs
        transcript = _made(outputs.transcribed).transcript
        given = inputs.IndexInput(self.request, _made(outputs.downloaded).title, transcript)
        done = await self._stage("index", IndexActivity.index, given, policy)
        self.outputs = replace(self.outputs, indexed=done)

    async def clips(self) -> None:
        """Choose stretches and cut each on its own; one that fails does not take the others with it."""
        if self.request.options.clips == 0:
            self.board.end("clips", "skipped")
            return
        await self.hold()
        self.board.start("clips")
        policy = policies.derive(self._duration_s)
        planned = await self._part("clips", ClipActivities.plan_clips, self._insight(), policy)
        self.outputs = replace(self.outputs, clips_planned=planned)
        self.board.start("clips", total=len(planned.plans) + 1)
        cut = await together(self._clip(plan, len(planned.plans)) for plan in planned.plans)
        self.outputs = replace(self.outputs, clips=tuple(clip for clip in cut if clip is not None))
        self.board.end("clips")

    async def quality(self) -> None:
        """Check everything that will be published."""
        policy = policies.quality(self._duration_s)
        done = await self._stage("quality", QualityActivity.quality, self._result(), policy)
        self.outputs = replace(self.outputs, checked=done)

    async def publish(self) -> steps.Published:
        """Write the library folder."""
        policy = policies.publish(self._duration_s)
        return await self._stage("publish", PublishActivity.publish, self._result(), policy)

    async def optional(self, stage: str, work: Coroutine[Any, Any, None]) -> None:
        """A stage without which the rest is still worth having: its failure makes the outcome partial."""
        try:
            await work
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self._degraded(stage, f"The {stage} step failed: {sentence_of(error)}")
            self.board.end(stage, "failed")

    async def _chunk(
        self, plan: steps.SpeechPlanned, speech: ArtifactRef, number: int, span: Span
    ) -> steps.ChunkTranscribed:
        total = len(plan.chunks)
        given = inputs.ChunkInput(self.request, speech, span, number, total, plan.language, plan.model)
        summary = f"chunk {number} of {total}: {span.start_s:.0f} to {span.end_s:.0f} s"
        policy = policies.transcribe_chunk(span.duration_s)
        return await self._part(
            "transcribe", TranscribeActivities.transcribe_chunk, given, policy, summary=summary
        )

    async def _clip(self, plan: ClipPlan, total: int) -> steps.ClipCut | None:
        downloaded, transcript = _made(self.outputs.downloaded), _made(self.outputs.transcribed).transcript
        given = inputs.ClipInput(self.request, downloaded.media, downloaded.probe, transcript, plan, total)
        policy = policies.cut_clip(plan.end_s - plan.start_s, self._duration_s)
        try:
            return await self._part("clips", ClipActivities.cut_clip, given, policy, summary=plan.name)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self._degraded("clips", f"Clip {plan.name} was not cut: {sentence_of(error)}")
            return None

    async def _stage(
        self,
        stage: str,
        activity: Callable[[Any, Given], Report],
        given: Given,
        policy: ActivityConfig,
        *,
        summary: str = "",
    ) -> Report:
        """A stage of one activity."""
        await self.hold()
        self.board.start(stage)
        done = await self._part(stage, activity, given, policy, summary=summary)
        self.board.end(stage)
        return done

    async def _part(
        self,
        stage: str,
        activity: Callable[[Any, Given], Report],
        given: Given,
        policy: ActivityConfig,
        *,
        summary: str = "",
    ) -> Report:
        """One activity of a stage; `summary` is shown beside it in the Web UI."""
        config: ActivityConfig = {**policy, "summary": summary[:100], "priority": self._priority(stage)}
        try:
            done = await workflow.execute_activity_method(activity, given, **config)
        except ActivityError:
            self.stage = stage
            raise
        self.board.step(stage, done.step)
        return done

    def _priority(self, stage: str) -> Priority:
        """What is begun is finished before more is begun; the tenant is the workflow's."""
        begins = stage in ("resolve", "download")
        return Priority(priority_key=self.priority_key if begins else max(1, self.priority_key - 1))

    def _degraded(self, stage: str, sentence: str) -> None:
        self.board.remark(steps.Remark(stage, sentence, degraded=True))

    @property
    def _duration_s(self) -> float:
        return _made(self.outputs.downloaded).probe.duration_s

    def _media(self) -> inputs.MediaInput:
        downloaded = _made(self.outputs.downloaded)
        return inputs.MediaInput(self.request, downloaded.media, downloaded.probe)

    def _insight(self) -> inputs.InsightInput:
        outputs = self.outputs
        return inputs.InsightInput(
            self.request,
            _made(outputs.downloaded).title,
            _made(outputs.transcribed).transcript,
            _made(outputs.analyzed).analysis,
            self._duration_s,
        )

    def _result(self) -> inputs.ResultInput:
        remarks = tuple(self.board.run.remarks)
        return inputs.ResultInput(self.request, self.outputs, self.board.stage_reports(), remarks)


def _made(result: Made | None) -> Made:
    """A result that is there by now: the order of the pipeline sees to it."""
    if result is None:
        raise AssertionError("a step was taken before the one it needs")
    return result
