"""`batch show --watch`: one look after another until the batch has ended."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable

from rich.console import Console
from rich.live import Live

from mindreel.cli.batch_look import Look, Looker
from mindreel.cli.batch_screen import drawing, gate_sentence, line
from mindreel.cli.batches import is_over
from mindreel.cli.streams import err, out, plain

_EVERY_S = 1.0
_GATES_EVERY_S = 5.0


async def watch(looker: Looker, *, json_wanted: bool) -> Look:
    """Look until it has ended, showing what changes: JSON lines, a live display, or lines; the last look."""
    if json_wanted:
        return await _follow(looker, _print_json)
    if not out().is_terminal:
        return await _follow(looker, _Lines(err()).show)
    with Live(console=out(), transient=True, auto_refresh=False) as live:
        return await _follow(
            looker, lambda look: live.update(drawing(look.batch, look.problems, look.gates), refresh=True)
        )


async def _follow(looker: Looker, show: Callable[[Look], object]) -> Look:
    last: Look | None = None
    async for look in _looks(looker):
        if look != last:
            show(look)
            last = look
    assert last is not None  # noqa: S101 - there is a first look
    return last


async def _looks(looker: Looker) -> AsyncIterator[Look]:
    """Ends with the look that sees the end."""
    asked_s = float("-inf")
    while True:
        look = looker.look()
        if is_over(look.batch):
            yield look
            return
        if time.monotonic() - asked_s > _GATES_EVERY_S:
            look, asked_s = await looker.look_at_gates(), time.monotonic()
        yield look
        await asyncio.sleep(_EVERY_S)


class _Lines:
    """One line whenever something changed: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: list[str] = []

    def show(self, look: Look) -> None:
        told = [line(look.batch), *map(gate_sentence, look.gates), *([look.note] if look.note else [])]
        for sentence in told:
            if sentence not in self._said:
                self._console.print(plain(sentence))
        self._said = told


def _print_json(look: Look) -> None:
    sys.stdout.write(f"{json.dumps(look.as_dict(), ensure_ascii=False)}\n")
    sys.stdout.flush()
