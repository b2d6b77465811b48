"""What the workflow `Cleanup` takes and gives."""

from dataclasses import dataclass, field

TEMPORARY, EXPIRED, ORPHANS, HISTORIES = (
    "temporary",  # what crashed and failed attempts left
    "expired",  # artifacts of videos whose last run ended long ago
    "orphans",  # artifacts of videos that nobody knows
    "histories",  # closed runs of scans and clean-ups on the Temporal server
)
"""The kinds of what is removed."""


@dataclass(frozen=True)
class CleanupInput:
    """What is removed; the settings decide where nothing is given. 0 keeps it for ever."""

    artifacts_s: float | None = None
    """Of videos whose last run ended so long ago."""
    orphans_s: float | None = None
    """Temporary files and artifacts that belong to nothing, when they did not change for so long."""


@dataclass(frozen=True)
class CleanupOrder:
    """The argument of the activity: the input, and when it was asked for."""

    given: CleanupInput
    now_s: float
    """Seconds since 1970, UTC, by the workflow's clock."""


@dataclass(frozen=True)
class Cleaned:
    """What was removed of one kind."""

    count: int = 0
    """Folders, files and runs, a folder with all that is in it as one."""
    freed_bytes: int = 0
    """What really left the disk: a file that the library has too frees nothing. 0 where nobody
    knows: of histories."""


@dataclass(frozen=True)
class CleanupResult:
    """What a clean-up removed."""

    freed_bytes: int = 0
    kinds: dict[str, Cleaned] = field(default_factory=dict)
    """TEMPORARY, EXPIRED, ORPHANS and HISTORIES to what went, where anything did."""
    problems: tuple[str, ...] = ()
    """Sentences on what could not be removed; the next clean-up tries again."""
