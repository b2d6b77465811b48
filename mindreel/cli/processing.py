"""Runs requests to their end and answers for each: what `run` and `retry` share."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.service import RPCError

from mindreel.cli.answer import Answer, answer_of
from mindreel.cli.interrupts import Interrupts
from mindreel.cli.meter import View
from mindreel.cli.runs import Run, cancel, result_of, start_or_join
from mindreel.cli.screen import Screen
from mindreel.cli.session import Session
from mindreel.cli.trouble import sentence_of
from mindreel.cli.watch import RunWatcher
from mindreel.contracts.steps import StepReport, VideoResult
from mindreel.contracts.video import VideoRequest
from mindreel.errors import MindreelError

_LOOK_EVERY_S = 0.5
_NOBODY_AFTER_LOOKS = 5
_NOBODY = "No worker has taken this up yet; `doctor` says whether one is there."
_STUCK = "Its workflow fails on the worker again and again; the worker's log says why."


@dataclass
class Item:
    """One source on its way; it has a request, or an answer from the start."""

    source: str
    request: VideoRequest | None = None
    answer: Answer | None = None
    run: Run | None = None
    view: View | None = None
    """The last one seen."""
    stages: tuple[StepReport, ...] = ()
    """What had been done by then."""

    @property
    def video_id(self) -> str | None:
        """None where the source names no video."""
        return self.request.video.id if self.request else None

    def fail(self, reason: str, outcome: str = "failed") -> None:
        """Answer with one sentence."""
        self.answer = Answer(self.video_id, self.source, outcome, (reason,), stages=self.stages)


class Processing:
    """Several items at once, each shown on `screen`."""

    def __init__(self, session: Session, screen: Screen) -> None:
        self._session, self._screen = session, screen

    async def start_all(self, items: Sequence[Item]) -> None:
        """Start or join each, and return: `--detach`."""
        await asyncio.gather(*(_answered(item, self._begin(n, item, wait=False)) for n, item in _open(items)))
        for _, item in _open(items):
            item.answer = Answer(item.video_id, item.source, "running")

    async def finish_all(
        self, items: Sequence[Item], interrupts: Interrupts, on_answer: Callable[[Item], None]
    ) -> bool:
        """Run each to its end; False when Ctrl-C came first. `on_answer` hears of each, in their order."""
        tasks = {
            id(item): asyncio.create_task(_answered(item, self._finish(n, item))) for n, item in _open(items)
        }
        telling = asyncio.create_task(_tell_in_order(items, tasks, on_answer))
        pressed = asyncio.create_task(interrupts.first.wait())
        await asyncio.wait((telling, pressed), return_when=asyncio.FIRST_COMPLETED)
        finished = telling.done()
        for task in (pressed, *([] if finished else [telling, *tasks.values()])):
            task.cancel()
        await asyncio.gather(pressed, *tasks.values(), return_exceptions=True)
        if finished:
            await telling
        return finished

    async def cancel_all(self, items: Sequence[Item]) -> None:
        """Stop what is still running, and wait until it has stopped."""
        await asyncio.gather(*(_answered(item, self._cancel(item)) for _, item in _open(items)))

    async def _begin(self, number: int, item: Item, *, wait: bool) -> Run:
        def waiting() -> None:
            self._screen.say(number, "It is being processed with other options; this waits for that run.")

        assert item.request is not None  # noqa: S101 - an item without one was answered from the start
        while True:
            try:
                run = await start_or_join(self._session.client, item.request, wait=wait, on_wait=waiting)
            except RPCError as error:
                await self._session.recover(error)
                continue
            item.run = run
            if run.joined:
                self._screen.say(number, "It is being processed already; this joins that run.")
            return run

    async def _finish(self, number: int, item: Item) -> None:
        run = await self._begin(number, item, wait=True)
        watcher = RunWatcher(run.workflow_id, run.run_id)
        await self._follow(number, item, watcher)
        result = await self._result(run)
        if isinstance(result, VideoResult):
            item.answer = answer_of(result, source=item.source)
        else:
            item.fail(result, "cancelled" if watcher.progress.outcome == "cancelled" else "failed")

    async def _follow(self, number: int, item: Item, watcher: RunWatcher) -> None:
        warnings = _Warnings()
        while True:
            try:
                item.view = await watcher.look(self._session.client)
            except RPCError as error:
                await self._session.recover(error)
                continue
            item.stages = watcher.stage_reports()
            self._session.well()
            self._session.check_workers()
            self._screen.show(number, item.view)
            for sentence in warnings.of(watcher):
                self._screen.say(number, sentence)
            if watcher.ended:
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _result(self, run: Run) -> VideoResult | str:
        while True:
            try:
                return await result_of(self._session.client, run)
            except RPCError as error:
                await self._session.recover(error)

    async def _cancel(self, item: Item) -> None:
        if item.run is None:
            item.fail("It was cancelled before it was started.", "cancelled")
        elif await cancel(self._session.client, item.run):
            item.fail("It was cancelled.", "cancelled")
        else:
            item.fail("It was asked to stop, and has not stopped within a minute.")


class _Warnings:
    """Each said once."""

    def __init__(self) -> None:
        self._looks = 0
        self._said: set[str] = set()

    def of(self, watcher: RunWatcher) -> list[str]:
        self._looks += 1
        found = {
            _NOBODY: not watcher.answered and self._looks >= _NOBODY_AFTER_LOOKS,
            _STUCK: watcher.stuck,
        }
        new = [sentence for sentence, holds in found.items() if holds and sentence not in self._said]
        self._said.update(new)
        return new


def _open(items: Sequence[Item]) -> list[tuple[int, Item]]:
    return [(number, item) for number, item in enumerate(items) if item.answer is None]


async def _answered(item: Item, work: Coroutine[Any, Any, object]) -> None:
    """Do the work of one item; what goes wrong is its answer, and no other item's business."""
    try:
        await work
    except MindreelError as error:
        item.fail(str(error))
    except RPCError as error:
        item.fail(sentence_of(error))


async def _tell_in_order(
    items: Sequence[Item], tasks: dict[int, "asyncio.Task[None]"], on_answer: Callable[[Item], None]
) -> None:
    for item in items:
        if id(item) in tasks:
            await tasks[id(item)]
        on_answer(item)
