"""The sentences of a report, the same whichever ledger found them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mindreel.contracts.video import Options

_UNWRITTEN = asdict(Options())
WITHDRAWN = "The batch was cancelled before its turn came."


@dataclass(frozen=True)
class Original:
    """The row that has the video of a duplicate."""

    number: int
    item: int
    batch: str = ""
    """Empty for the same batch."""
    withdrawn: bool = False

    @property
    def place(self) -> str:
        """`row 3`, `row 3, video 2` or `row 3 of talks`."""
        row = f"row {self.number}, video {self.item}" if self.item else f"row {self.number}"
        return f"{row} of {self.batch}" if self.batch else row


def duplicate(
    what: str, original: Original | None, *, status: str | None, ended_at: str | None, reasons: Sequence[str]
) -> str:
    """Where the same `what` (video or playlist) stands, and how it went where that is not in this report."""
    if original is None:
        return _by_itself(status, (ended_at or "")[:10], reasons)
    same = f"The same {what} as {original.place}."
    if not original.batch:
        return same
    if original.withdrawn:
        return f"{same} That batch was cancelled before its turn came."
    match status:
        case "failed":
            return joined(same, "It failed there.", *reasons)
        case "cancelled":
            return joined(same, "It was cancelled there.")
        case _:
            return same


def _by_itself(status: str | None, day: str, reasons: Sequence[str]) -> str:
    match status:
        case "completed":
            return f"It was finished on {day}; that result is used."
        case "partial":
            return joined(f"It was finished on {day}, though not completely; that result is used.", *reasons)
        case "failed":
            return joined("It was being processed already when the file was read, and failed.", *reasons)
        case "cancelled":
            return "It was being processed already when the file was read, and was cancelled."
        case "queued" | "running":
            return "It was being processed already when the file was read."
        case _:
            return "The row of another file that it stood in is gone; change this file to have it taken."


def other_options(asked: Mapping[str, Any], had: Mapping[str, Any]) -> str:
    """Empty where a run had all that a row asks for; `asked` and `had` are the fields of `Options`.

    What is as if nothing had been written in the row was not asked for.
    """
    differing = [
        _option(name, asked[name])
        for name, unwritten in _UNWRITTEN.items()  # in the order of the fields, which a database may not keep
        if name in asked and name in had and asked[name] not in (had[name], unwritten)
    ]
    if not differing:
        return ""
    return (
        f"The options of this row ({', '.join(differing)}) were not applied; "
        "to have them, run it by itself with them."
    )


def _option(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    return f"any {name}" if value is None else f"{name} {value}"


def joined(*sentences: str) -> str:
    """One after the other; empty ones are left out."""
    return " ".join(sentence for sentence in sentences if sentence)
