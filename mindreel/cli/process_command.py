"""From items to an exit code: starts what is missing, shows progress, prints answers, heeds Ctrl-C."""

import asyncio
import sys
from pathlib import PurePath

from mindreel.bootstrap.cluster import open_cluster
from mindreel.bootstrap.stores import check_project
from mindreel.cli.answer import COMPLETED, FAILED, FAILURES, LEFT, Answer, exit_code
from mindreel.cli.interrupts import Interrupts
from mindreel.cli.printer import Printer
from mindreel.cli.processing import Item, Processing
from mindreel.cli.screen import LineScreen, Screen, screen_for
from mindreel.cli.session import Session
from mindreel.cli.streams import err
from mindreel.errors import MindreelError
from mindreel.settings import Settings

_SECOND_PRESS_S = 3.0
"""How long after the first Ctrl-C a second one still cancels."""


async def process(items: list[Item], settings: Settings, *, json: bool, detach: bool) -> int:
    """Process `items` and return the exit code. Nothing is started when all are answered already."""
    printer = Printer(json=json)
    printer.complain(items)
    if all(item.answer for item in items):
        printer.tell_rest(items, None)
        return FAILED
    with Interrupts() as interrupts:
        try:
            await asyncio.to_thread(check_project, settings)
            session = await _open(settings, interrupts)
        except MindreelError as error:
            for item in items:
                if item.answer is None:
                    item.fail(str(error))
            printer.tell_rest(items, None)
            return FAILED
        if session is None:
            err().print("Nothing was started.")
            return LEFT
        if detach:
            return await _start(items, session, printer)
        return await _finish(items, session, interrupts, printer)


async def _open(settings: Settings, interrupts: Interrupts) -> Session | None:
    """Connect, starting the engine where needed; None when Ctrl-C came first."""
    opening = asyncio.create_task(open_cluster(settings))
    pressed = asyncio.create_task(interrupts.first.wait())
    with err().status("Starting server and workers"):
        await asyncio.wait((opening, pressed), return_when=asyncio.FIRST_COMPLETED)
    pressed.cancel()
    if not opening.done():
        opening.cancel()
        return None
    return Session(settings, await opening)


async def _start(items: list[Item], session: Session, printer: Printer) -> int:
    screen = LineScreen(err(), _labels(items))
    await Processing(session, screen).start_all(items)
    printer.tell_rest(items, session)
    failed = any(item.answer and item.answer.outcome in FAILURES for item in items)
    return FAILED if failed else COMPLETED


async def _finish(items: list[Item], session: Session, interrupts: Interrupts, printer: Printer) -> int:
    screen = _screen(items, json=printer.json)
    work = Processing(session, screen)
    with screen:
        finished = await work.finish_all(items, interrupts, printer.tell)
    if not finished:
        await _leave_or_cancel(work, items, interrupts)
    printer.tell_rest(items, session)
    return exit_code(item.answer.outcome for item in items if item.answer) if finished else LEFT


async def _leave_or_cancel(work: Processing, items: list[Item], interrupts: Interrupts) -> None:
    """After the first Ctrl-C the work goes on without us, unless a second one follows."""
    going_on = [item for item in items if item.answer is None and item.run is not None]
    err().print(_farewell(going_on))
    try:
        await asyncio.wait_for(interrupts.second.wait(), _SECOND_PRESS_S)
    except TimeoutError:
        for item in items:
            item.answer = item.answer or Answer(item.video_id, item.source, "running")
        return
    err().print("Cancelling…")
    await work.cancel_all(items)


def _farewell(going_on: list[Item]) -> str:
    if not going_on:
        return "Nothing had been started yet."
    return f"The work goes on in the background. Ctrl-C once more within {_SECOND_PRESS_S:g} s cancels it."


def _screen(items: list[Item], *, json: bool) -> Screen:
    # JSON on a terminal would be printed into the middle of a live display.
    if json and sys.stdout.isatty():
        return LineScreen(err(), _labels(items))
    return screen_for(err(), _labels(items))


def _labels(items: list[Item]) -> list[str]:
    return [PurePath(item.source).name or item.source for item in items]
