"""What a run came to, in the one shape that `--json` prints."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mindreel.contracts.steps import StepReport, VideoResult

COMPLETED, FAILED, USAGE, PARTIAL, LEFT = 0, 1, 2, 3, 130
"""Exit codes."""

FAILURES = ("failed", "cancelled")
"""Outcomes without a result."""


@dataclass(frozen=True)
class Answer:
    """One source's outcome."""

    id: str | None
    """None where the source names no video."""
    source: str
    outcome: str
    """completed, partial, failed or cancelled; running where this process left before the end; expanded for
    a page whose videos a batch has taken one by one."""
    reasons: tuple[str, ...] = ()
    library: str | None = None
    artifacts: dict[str, str] = field(default_factory=dict)
    """Name to path inside `library`."""
    stages: tuple[StepReport, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The documented object: id, source, outcome, reasons, library, artifacts, stages."""
        return {
            "id": self.id,
            "source": self.source,
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "library": self.library,
            "artifacts": self.artifacts,
            "stages": [
                {
                    "name": stage.name,
                    "seconds": stage.seconds,
                    "attempts": stage.attempts,
                    "reused": stage.reused,
                }
                for stage in self.stages
            ],
        }

    def as_json(self) -> str:
        """One line."""
        return json.dumps(self.as_dict(), ensure_ascii=False)


def answer_of(result: VideoResult, *, source: str | None = None) -> Answer:
    """From what a workflow or the catalog says.

    `source` is what was typed now, where another way of naming the video had been typed before.
    """
    known = ("completed", "partial", "expanded", "cancelled")
    outcome = result.outcome if result.outcome in known else "failed"
    return Answer(
        id=result.id,
        source=source or result.source,
        outcome=outcome,
        reasons=result.reasons,
        library=result.library or None,
        artifacts=result.artifacts,
        stages=result.stages,
    )


def exit_code(outcomes: Iterable[str]) -> int:
    """0 only if all completed; a failure, and being cancelled, weighs more than a partial result."""
    found = set(outcomes)
    if found & set(FAILURES):
        return FAILED
    if "running" in found:
        return LEFT
    return PARTIAL if "partial" in found else COMPLETED
