"""What each activity gives back: references and small facts, never content."""

from collections.abc import Iterable
from dataclasses import dataclass

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.media import MediaInfo, Span
from mindreel.contracts.video import VideoIdentity


@dataclass(frozen=True)
class Remark:
    """Something a person should know about a result."""

    stage: str
    text: str
    """One sentence."""
    degraded: bool = False
    """True when the result is less than what was asked for: the outcome is then `partial`."""


@dataclass(frozen=True)
class StepReport:
    """How a step went, or a stage of a run as a whole."""

    name: str
    seconds: float
    """Of a step: of the attempt that did the work, also when that was in an earlier run. Of a stage: from its
    beginning to its end in this run."""
    attempts: int
    reused: bool
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """After resolve."""

    step: StepReport
    video: VideoIdentity
    title: str
    duration_s: float | None
    info: ArtifactRef
    """JSON of `SourceInfo`."""
    entries: int = 1
    """How many videos the page holds; 0 for several of unknown number."""


@dataclass(frozen=True)
class Downloaded:
    """After download."""

    step: StepReport
    media: ArtifactRef
    probe: MediaInfo
    title: str
    """The site's title, or for a file the one in its metadata, or else its name."""


@dataclass(frozen=True)
class AudioExtracted:
    """After audio; both None where the video has no audio."""

    step: StepReport
    speech: ArtifactRef | None
    """16 kHz mono 16-bit WAV."""
    listen: ArtifactRef | None
    """m4a."""


@dataclass(frozen=True)
class ThumbnailMade:
    """After thumbnail; None for audio-only sources without a cover."""

    step: StepReport
    image: ArtifactRef | None


@dataclass(frozen=True)
class SpeechPlanned:
    """Where speech is, cut at silence, and in which language."""

    step: StepReport
    chunks: tuple[Span, ...]
    """Empty where nobody speaks."""
    language: str
    language_probability: float
    model: str
    """Name or path of the model every chunk is to use."""
    recogniser: str = ""
    """Model, number format and device, e.g. `faster-whisper base int8 cpu`; empty where nobody speaks."""


@dataclass(frozen=True)
class ChunkTranscribed:
    """After one chunk; JSON of its segments with times on the video's clock."""

    step: StepReport
    chunk: ArtifactRef


@dataclass(frozen=True)
class Transcribed:
    """After all chunks are joined."""

    step: StepReport
    transcript: ArtifactRef
    srt: ArtifactRef
    vtt: ArtifactRef
    text: ArtifactRef
    language: str
    words: int


@dataclass(frozen=True)
class Analyzed:
    """After analyze; JSON of `Analysis`."""

    step: StepReport
    analysis: ArtifactRef


@dataclass(frozen=True)
class MindmapMade:
    """After mindmap."""

    step: StepReport
    tree: ArtifactRef
    markdown: ArtifactRef


@dataclass(frozen=True)
class Indexed:
    """After index."""

    step: StepReport
    vectors: ArtifactRef
    """Rows of 384 little-endian float32, one a segment, L2-normalised."""
    sentences: int


@dataclass(frozen=True)
class ClipsPlanned:
    """Which clips will be cut."""

    step: StepReport
    plans: tuple[ClipPlan, ...]


@dataclass(frozen=True)
class ClipCut:
    """One finished clip."""

    step: StepReport
    plan: ClipPlan
    cut: CutReport
    clip: ArtifactRef
    sidecar: ArtifactRef
    """JSON of `Sidecar`: why it was chosen and how it was made."""


@dataclass(frozen=True)
class Checked:
    """After the quality gate; failed checks are degraded remarks of the step."""

    step: StepReport
    checks: int


@dataclass(frozen=True)
class Published:
    """After publish."""

    step: StepReport
    library: str
    """Absolute folder on the publishing machine."""
    artifacts: dict[str, str]
    """Readable name to path inside the folder."""


@dataclass(frozen=True)
class Recorded:
    """After the catalog's last word on a run."""

    notify: bool
    """Whether a webhook is to be told."""


@dataclass(frozen=True)
class VideoResult:
    """What a `VideoPipeline` returns."""

    id: str
    source: str
    outcome: str
    """completed or partial, or `expanded` for a page of several videos that are each taken on their own; a
    failed video fails its workflow, and the catalog says failed or cancelled."""
    reasons: tuple[str, ...]
    library: str
    artifacts: dict[str, str]
    stages: tuple[StepReport, ...]


def outcome_of(remarks: Iterable[Remark]) -> str:
    """Completed, or partial when anything is less than what was asked for."""
    return "partial" if any(remark.degraded for remark in remarks) else "completed"
