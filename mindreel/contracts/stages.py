"""The stages a person sees, in order, and which share of the whole each usually is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One stage of the pipeline."""

    name: str
    share: float
    """Of the whole run's time, measured on the sample; all shares add up to 1."""


STAGES = (
    Stage("resolve", 0.02),
    Stage("download", 0.10),
    Stage("audio", 0.04),
    Stage("thumbnail", 0.02),
    Stage("transcribe", 0.45),
    Stage("index", 0.03),
    Stage("analyze", 0.10),
    Stage("mindmap", 0.01),
    Stage("clips", 0.18),
    Stage("quality", 0.03),
    Stage("publish", 0.02),
)

NAMES = tuple(stage.name for stage in STAGES)


def overall_percent(stage: str, fraction: float) -> float:
    """Percent of the whole run when `fraction` (0 to 1) of `stage` is done; raises ValueError on a typo."""
    place = NAMES.index(stage)
    before = sum(each.share for each in STAGES[:place])
    return 100 * (before + STAGES[place].share * min(1.0, max(0.0, fraction)))
