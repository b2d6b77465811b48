from dataclasses import dataclass


@dataclass(frozen=True)
class ClipPlan:
    """One clip to cut: boundaries snapped to words and half the neighbouring silence."""

    index: int
    """From 1, in order of time."""
    name: str
    """ASCII file name without suffix, e.g. `01-why-queues-help`."""
    title: str
    start_s: float
    end_s: float
    score: float
    reason: str
    segment_ids: tuple[int, ...]
    first_word_start_s: float
    last_word_end_s: float


@dataclass(frozen=True)
class ClipSelection:
    """The plans, and the sentence that says why there are not more or none."""

    plans: tuple[ClipPlan, ...]
    reason: str = ""


@dataclass(frozen=True)
class CutReport:
    """How a clip was made."""

    method: str
    """`smart` (copied but for the edges), `reencode`, or `audio` (no picture)."""
    start_s: float
    """Where the first frame really lies in the source."""
    end_s: float
    """Where the last frame really ends in the source."""
    why: str
    """One sentence: why this method."""
    copied_share: float
    """0 to 1: the share of video frames copied untouched."""
    captioned: bool = False
    """True when the words were burned in."""
    remarks: tuple[str, ...] = ()
    """Sentences: what was asked for and could not be done (captions without a font)."""


@dataclass(frozen=True)
class Sidecar:
    """The JSON file beside a clip."""

    plan: ClipPlan
    cut: CutReport
    text: str
    """What is said in the clip."""
    captions: bool
    vertical: bool
