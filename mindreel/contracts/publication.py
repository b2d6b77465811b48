from collections.abc import Mapping
from dataclasses import dataclass

from mindreel.contracts.analysis import Analysis, MindmapNode
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.manifest import Manifest
from mindreel.contracts.steps import ClipCut
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo


@dataclass(frozen=True)
class Publication:
    """Everything that is shown of one video. It stays within a process: payloads carry references."""

    video_id: str
    manifest: Manifest
    page: str
    """HTML; its links are relative to the folder."""
    files: Mapping[str, ArtifactRef]
    """Path inside the folder, with `/`, to the artifact that lies there."""
    info: SourceInfo
    """Its title is the one that is shown."""
    transcript: Transcript | None
    """None where there is no speech track."""
    analysis: Analysis | None
    mindmap: MindmapNode | None
    clips: tuple[ClipCut, ...]
