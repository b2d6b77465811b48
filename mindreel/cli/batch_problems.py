"""What went wrong with the rows of a batch, by class, with what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mindreel.contracts.batch import RowView
from mindreel.report.advice import advice_on, class_of

_WRONG = ("failed", "refused", "partial", "cancelled")


@dataclass(frozen=True)
class Problem:
    """The rows of one class."""

    error_class: str
    title: str
    count: int
    advice: str
    example: RowView
    """The first of them."""
    retry: bool
    """True where trying again may help."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "class": self.error_class,
            "title": self.title,
            "count": self.count,
            "advice": self.advice,
            "retry": self.retry,
            "example": {"row": self.example.number, "url": self.example.url, "message": self.example.message},
        }


def problems_of(rows: Iterable[RowView]) -> list[Problem]:
    """The most frequent first."""
    groups: dict[str, list[RowView]] = {}
    for row in rows:
        if row.outcome in _WRONG:
            groups.setdefault(class_of(row), []).append(row)
    return sorted((_problem(name, group) for name, group in groups.items()), key=lambda each: -each.count)


def went_wrong(row: RowView) -> bool:
    """Failed or refused."""
    return row.outcome in ("failed", "refused")


def _problem(error_class: str, rows: list[RowView]) -> Problem:
    advice = advice_on(error_class)
    return Problem(error_class, advice.title, len(rows), advice.sentence, rows[0], advice.retry)
