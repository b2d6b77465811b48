"""What each activity takes; `request` says which run it belongs to."""

from dataclasses import dataclass

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.clips import ClipPlan
from mindreel.contracts.media import MediaInfo, Span
from mindreel.contracts.steps import (
    Analyzed,
    AudioExtracted,
    Checked,
    ClipCut,
    ClipsPlanned,
    Downloaded,
    Indexed,
    MindmapMade,
    Remark,
    Resolved,
    SpeechPlanned,
    StepReport,
    ThumbnailMade,
    Transcribed,
)
from mindreel.contracts.video import VideoRequest


@dataclass(frozen=True)
class DownloadInput:
    """For download."""

    request: VideoRequest
    info: ArtifactRef


@dataclass(frozen=True)
class MediaInput:
    """For audio and thumbnail."""

    request: VideoRequest
    media: ArtifactRef
    probe: MediaInfo


@dataclass(frozen=True)
class SpeechInput:
    """For the plan of chunks."""

    request: VideoRequest
    speech: ArtifactRef


@dataclass(frozen=True)
class ChunkInput:
    """For one chunk."""

    request: VideoRequest
    speech: ArtifactRef
    span: Span
    number: int
    """From 1."""
    total: int
    language: str
    model: str


@dataclass(frozen=True)
class MergeInput:
    """For joining the chunks; they are in order of time."""

    request: VideoRequest
    plan: SpeechPlanned
    chunks: tuple[ArtifactRef, ...]
    duration_s: float


@dataclass(frozen=True)
class AnalyzeInput:
    """For analyze."""

    request: VideoRequest
    transcript: ArtifactRef
    info: ArtifactRef


@dataclass(frozen=True)
class IndexInput:
    """For search, which needs no analysis."""

    request: VideoRequest
    title: str
    transcript: ArtifactRef


@dataclass(frozen=True)
class InsightInput:
    """For what follows the analysis: mind map and the plan of clips."""

    request: VideoRequest
    title: str
    transcript: ArtifactRef
    analysis: ArtifactRef
    duration_s: float


@dataclass(frozen=True)
class ClipInput:
    """For one clip."""

    request: VideoRequest
    media: ArtifactRef
    probe: MediaInfo
    transcript: ArtifactRef
    plan: ClipPlan
    total: int


@dataclass(frozen=True)
class Outputs:
    """What a run has made so far; None where a step did not apply or failed (then a remark says so)."""

    resolved: Resolved | None = None
    downloaded: Downloaded | None = None
    audio: AudioExtracted | None = None
    thumbnail: ThumbnailMade | None = None
    speech: SpeechPlanned | None = None
    transcribed: Transcribed | None = None
    analyzed: Analyzed | None = None
    mindmap: MindmapMade | None = None
    indexed: Indexed | None = None
    clips_planned: ClipsPlanned | None = None
    clips: tuple[ClipCut, ...] = ()
    checked: Checked | None = None


@dataclass(frozen=True)
class ResultInput:
    """For the quality gate and publish."""

    request: VideoRequest
    outputs: Outputs
    stages: tuple[StepReport, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class OutcomeInput:
    """For the catalog's last word on a run."""

    request: VideoRequest
    status: str
    """completed, partial, expanded, failed or cancelled."""
    reasons: tuple[str, ...]
    library: str | None = None
    artifacts: dict[str, str] | None = None
    stages: tuple[StepReport, ...] = ()
    error_class: str = ""
    """Of a failed run, as in `mindreel.errors`."""
    stage: str = ""
    """Where a failed run failed."""
