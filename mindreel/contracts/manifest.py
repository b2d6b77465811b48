from dataclasses import dataclass

from mindreel.contracts.steps import StepReport
from mindreel.contracts.video import Options


@dataclass(frozen=True)
class ManifestEntry:
    """One file of a published video and where it comes from."""

    path: str
    """Inside the library folder, with `/`."""
    sha256: str
    size_bytes: int
    media_type: str
    made_by: str
    """The step's name and fingerprint, e.g. `clip-0123456789abcdef`."""
    made_from: tuple[str, ...]
    """Paths of the files it was made from; empty for the first."""
    seconds: float
    """Time the step took when it did the work."""
    key: str = ""
    """Of the artifact in the store."""


@dataclass(frozen=True)
class Manifest:
    """`manifest.json`: everything that was published for one video."""

    id: str
    source: str
    title: str
    outcome: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    options: Options
    stages: tuple[StepReport, ...]
    artifacts: tuple[ManifestEntry, ...]
    software: dict[str, str]
    """Versions of what made it."""
