"""What a run made, as the report page wants it."""

from dataclasses import replace

from activities.library_files import LibraryFile
from activities.reading import read
from mindreel.contracts.analysis import Analysis, MindmapNode
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.inputs import ResultInput
from mindreel.contracts.steps import ClipCut
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo
from mindreel.errors import SetupError
from mindreel.report.page import ReportClip, ReportInput
from mindreel.store.protocols import ArtifactStore


def report_input(
    store: ArtifactStore, given: ResultInput, files: dict[str, LibraryFile], outcome: str
) -> ReportInput:
    """Read what the page shows; parts that are missing are empty, and the remarks say why."""
    outputs = given.outputs
    if outputs.resolved is None or outputs.downloaded is None:
        raise SetupError("Nothing was downloaded, so there is nothing to publish.")
    transcript = _transcript(store, given)
    return ReportInput(
        video_id=given.request.video.id,
        source=given.request.source,
        info=replace(read(store, outputs.resolved.info, SourceInfo), title=outputs.downloaded.title),
        media=outputs.downloaded.probe,
        transcript=transcript,
        analysis=_analysis(store, given, transcript),
        mindmap=read(store, outputs.mindmap.tree, MindmapNode) if outputs.mindmap else None,
        clips=tuple(_clip(given, clip, files) for clip in outputs.clips),
        files={name: file.path for name, file in files.items()} | {"manifest": "manifest.json"},
        outcome=outcome,
        reasons=tuple(remark.text for remark in given.remarks if remark.degraded),
        notes=tuple(remark.text for remark in given.remarks if not remark.degraded),
        produced=_produced(given, transcript),
    )


def _transcript(store: ArtifactStore, given: ResultInput) -> Transcript:
    done, downloaded = given.outputs.transcribed, given.outputs.downloaded
    if done is not None:
        return read(store, done.transcript, Transcript)
    duration_s = downloaded.probe.duration_s if downloaded else 0.0
    return Transcript(language="und", language_probability=0.0, duration_s=duration_s, model="", segments=())


def _analysis(store: ArtifactStore, given: ResultInput, transcript: Transcript) -> Analysis:
    ref: ArtifactRef | None = given.outputs.analyzed.analysis if given.outputs.analyzed else None
    if ref is not None:
        return read(store, ref, Analysis)
    return Analysis(language=transcript.language, analyzer="")


def _clip(given: ResultInput, clip: ClipCut, files: dict[str, LibraryFile]) -> ReportClip:
    return ReportClip(
        plan=clip.plan,
        path=files[f"clip_{clip.plan.index:02d}"].path,
        captions=given.request.options.captions,
        method=clip.cut.method,
    )


def _produced(given: ResultInput, transcript: Transcript) -> tuple[tuple[str, str], ...]:
    worked_s = sum(stage.seconds for stage in given.stages)
    return (
        ("Source", given.request.source),
        ("Speech recognition", transcript.model or "none"),
        ("Work", f"{worked_s:.0f} s in {len(given.stages)} steps"),
    )
