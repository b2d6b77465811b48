"""Whether rows, files and workflows agree; changes nothing."""

from mindreel.cli.checks.check import OK, WARNING, Check
from mindreel.cli.differences import Comparison
from mindreel.cli.invocation import invocation
from mindreel.errors import MindreelError
from mindreel.settings import Settings

_NAME = "Agreement"
_SHOWN = 10


async def checks(settings: Settings) -> list[Check]:
    """A line a difference, the first few of many."""
    comparison = Comparison(settings)
    try:
        texts = [finding.text async for finding in comparison.findings()]
    except MindreelError as error:
        return [Check(_NAME, WARNING, f"not known: {error}")]
    notes = [Check(_NAME, OK, note) for note in comparison.notes]
    if not texts:
        return [
            *notes,
            Check(_NAME, OK, "rows and files agree" if notes else "rows, files and workflows agree"),
        ]
    found = [Check(_NAME, WARNING, text) for text in texts[:_SHOWN]]
    count = "1 difference" if len(texts) == 1 else f"{len(texts)} differences"
    hint = f"`{invocation()} doctor --repair` mends all that no person is needed for."
    return [*notes, *found, Check(_NAME, WARNING, count, hint)]
