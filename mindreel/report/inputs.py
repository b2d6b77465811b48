"""What the page is made from."""

from dataclasses import dataclass

from mindreel.contracts.analysis import Analysis, MindmapNode
from mindreel.contracts.clips import ClipPlan
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo


@dataclass(frozen=True)
class ReportClip:
    """A finished clip as the page shows it."""

    plan: ClipPlan
    path: str
    """Relative to the page."""
    captions: bool
    """Captions are burned into the picture."""
    method: str
    """`smart`, `reencode` or `audio`, as in `CutReport`."""


@dataclass(frozen=True)
class ReportInput:
    """Everything the page shows."""

    video_id: str
    source: str
    """As the person typed it."""
    info: SourceInfo
    media: MediaInfo
    transcript: Transcript
    analysis: Analysis
    mindmap: MindmapNode | None
    clips: tuple[ReportClip, ...]
    files: dict[str, str]
    """Kind to path relative to the page: video, audio, thumbnail, srt, vtt, text, transcript, analysis,
    mindmap, manifest; another kind is listed under its own name."""
    outcome: str
    """completed or partial."""
    reasons: tuple[str, ...]
    """Why the outcome is not `completed`: one sentence each."""
    notes: tuple[str, ...]
    """What else a person should know: one sentence each."""
    produced: tuple[tuple[str, str], ...]
    """How it was made, e.g. `("Speech recognition", "faster-whisper base int8 cpu")`."""
