"""`doctor --repair`: what does not agree is told, and mended where no person is needed."""

import json
import sys
from dataclasses import dataclass

from mindreel.cli.answer import COMPLETED, FAILED
from mindreel.cli.differences import Comparison, Finding
from mindreel.cli.streams import err, out, plain
from mindreel.errors import MindreelError
from mindreel.settings import Settings


@dataclass(frozen=True)
class _Told:
    finding: Finding
    done: str
    """What was done; empty where it needs a person."""
    problem: str = ""
    """Why it could not be mended."""

    def as_dict(self) -> dict[str, str]:
        found = self.finding
        return {
            "kind": found.kind,
            "about": found.about,
            "text": found.text,
            "done": self.done,
            "problem": self.problem,
        }


async def repair(settings: Settings, *, json_wanted: bool) -> int:
    """Print a line a difference as it is dealt with; 1 where anything is left."""
    comparison, told = Comparison(settings), []
    async for finding in comparison.findings():
        told.append(await _mended(finding))
        if not json_wanted:
            _print(told[-1])
    left = [each for each in told if not each.done]
    if json_wanted:
        document = {
            "ok": not left,
            "differences": [each.as_dict() for each in told],
            "notes": comparison.notes,
        }
        sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n")
    else:
        _print_end(len(told), len(left), comparison.notes)
    return FAILED if left else COMPLETED


async def _mended(finding: Finding) -> _Told:
    if finding.mend is None:
        return _Told(finding, "")
    try:
        return _Told(finding, await finding.mend())
    except MindreelError as error:
        return _Told(finding, "", str(error))


def _print(told: _Told) -> None:
    mark = "[green]mended[/]" if told.done else "[yellow]left[/]  "
    said = " ".join(part for part in (told.finding.text, told.done or told.problem) if part)
    out().print(f"{mark}   {plain(said)}", soft_wrap=True)


def _print_end(count: int, left: int, notes: list[str]) -> None:
    for note in notes:
        err().print(plain(note), soft_wrap=True)
    if not count:
        err().print("Rows, files and workflows agree." if not notes else "Everything else agrees.")
    elif left:
        err().print(f"{count - left} mended, {left} left for you.")
    else:
        err().print(f"{count} mended, nothing is left.")
