"""Which artifact becomes which file of a video's library folder, and what it was made from."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.inputs import Outputs
from mindreel.contracts.manifest import ManifestEntry
from mindreel.contracts.steps import StepReport


@dataclass(frozen=True)
class LibraryFile:
    """One file to publish."""

    path: str
    ref: ArtifactRef
    step: StepReport
    made_from: tuple[str, ...] = ()
    """Names of other files, keys of the result of `library_files`."""


def library_files(outputs: Outputs) -> dict[str, LibraryFile]:
    """Name to file, in the order a person looks for them; only what there is."""
    return {
        **_media(outputs),
        **_transcript(outputs),
        **_insight(outputs),
        **_clips(outputs),
    }


def manifest_entries(files: dict[str, LibraryFile]) -> tuple[ManifestEntry, ...]:
    """The same files as the manifest tells them."""
    return tuple(
        ManifestEntry(
            path=file.path,
            sha256=file.ref.sha256,
            size_bytes=file.ref.size_bytes,
            media_type=file.ref.media_type,
            made_by=PurePosixPath(file.ref.key).parent.name,
            made_from=tuple(files[name].path for name in file.made_from if name in files),
            seconds=file.step.seconds,
            key=file.ref.key,
        )
        for file in files.values()
    )


def _media(outputs: Outputs) -> dict[str, LibraryFile]:
    files: dict[str, LibraryFile] = {}
    if outputs.downloaded:
        media, step = outputs.downloaded.media, outputs.downloaded.step
        stem = "video" if outputs.downloaded.probe.video else "source"
        files["video"] = LibraryFile(f"{stem}{PurePosixPath(media.key).suffix}", media, step)
    if outputs.audio and outputs.audio.listen:
        files["audio"] = LibraryFile("audio.m4a", outputs.audio.listen, outputs.audio.step, ("video",))
    if outputs.thumbnail and outputs.thumbnail.image:
        files["thumbnail"] = LibraryFile(
            "thumbnail.jpg", outputs.thumbnail.image, outputs.thumbnail.step, ("video",)
        )
    return files


def _transcript(outputs: Outputs) -> dict[str, LibraryFile]:
    done = outputs.transcribed
    if done is None:
        return {}
    return {
        "transcript": LibraryFile("transcript.json", done.transcript, done.step, ("audio",)),
        "srt": LibraryFile("transcript.srt", done.srt, done.step, ("audio",)),
        "vtt": LibraryFile("transcript.vtt", done.vtt, done.step, ("audio",)),
        "text": LibraryFile("transcript.txt", done.text, done.step, ("audio",)),
    }


def _insight(outputs: Outputs) -> dict[str, LibraryFile]:
    files: dict[str, LibraryFile] = {}
    if outputs.analyzed:
        step = outputs.analyzed.step
        files["analysis"] = LibraryFile("analysis.json", outputs.analyzed.analysis, step, ("transcript",))
    if outputs.mindmap:
        step = outputs.mindmap.step
        files["mindmap"] = LibraryFile("mindmap.json", outputs.mindmap.tree, step, ("analysis",))
        files["mindmap_markdown"] = LibraryFile("mindmap.md", outputs.mindmap.markdown, step, ("analysis",))
    return files


def _clips(outputs: Outputs) -> dict[str, LibraryFile]:
    files: dict[str, LibraryFile] = {}
    origins = ("video", "transcript", "analysis")
    for clip in outputs.clips:
        name = PurePosixPath(clip.clip.key).name
        files[f"clip_{clip.plan.index:02d}"] = LibraryFile(f"clips/{name}", clip.clip, clip.step, origins)
        files[f"clip_{clip.plan.index:02d}_info"] = LibraryFile(
            f"clips/{clip.plan.name}.json", clip.sidecar, clip.step, origins
        )
    return files
