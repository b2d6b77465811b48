"""What a workflow uses to fetch from a site: it stands in line at the site's gate, and tells how it went."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.site import SiteActivities
    from mindreel.contracts.batch import NORMAL_PRIORITY
    from mindreel.contracts.sites import Admission, Departure, KnockInput, Visitor
    from mindreel.contracts.video import VideoRequest
    from workflows import policies
    from workflows.failures import class_of, is_of_the_worker, retry_after_of, sentence_of
    from workflows.ids import CPU_QUEUE, site_workflow_id

T = TypeVar("T")

_KNOCK_AGAIN = timedelta(hours=1)
"""A gate may have been terminated, and its line with it."""
_OWN_FAULT = {"network": 1, "unknown_host": 1, "rate_limit": 20, "bot_check": 20}
"""After so many refusals between which others went well, it is this visit that is refused, not everybody."""
_UNKNOWN_HOST_PATIENCE_S = 3600.0
"""A mistyped address is waited for no longer; an hour off the network costs nothing."""
_OWN_DEATHS = 3
"""After so many visits that a worker did not live to finish, it may be this one that kills it."""
_NOT_THE_SITE = ("internal", "setup", "busy", "store", "timeout", "cancelled")
"""Error classes of a visit that say nothing about the site; after any other the site has answered."""


class SitePass:
    """A workflow's way through the gates; visits of one site follow one another, of several go in parallel.

    The workflow hands every signal `admitted` to it, and does not continue as new during a visit. `paused`
    says whether the workflow is to stand still: it leaves the line then, and stands in it again afterwards.
    `waiting` is told the site while the workflow stands in its line, and the empty string after that.
    """

    def __init__(
        self,
        *,
        paused: Callable[[], bool] = lambda: False,
        waiting: Callable[[str], None] = lambda _site: None,
    ) -> None:
        self.paused = paused
        self.waiting = waiting
        self.admissions: dict[int, Admission] = {}
        self._turn = 0
        self._visits: dict[str, _Visit] = {}
        self._one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def admitted(self, admission: Admission) -> None:
        """The gate's answer."""
        self.admissions[admission.turn] = admission

    async def visit(
        self,
        site: str,
        work: Callable[[], Awaitable[T]],
        *,
        patience_s: float,
        priority: int = NORMAL_PRIORITY,
        tenant: str = "",
        request: VideoRequest | None = None,
    ) -> T:
        """The result of `work`, done when the gate lets us in; after a refusal it is done again, later.

        `patience_s` is how long a site that refuses everybody is waited for; 0: the refusal is the outcome.
        With a `request` whose video is here already nobody stands in line. Raises what `work` raises, and
        `ApplicationError` of the refusal's class when the gate turns us away.
        """
        visitor = Visitor(workflow.info().workflow_id, 0, priority, tenant, patience_s)
        async with self._one_by_one[site]:
            visit = self._visits[site] = _Visit(self, site, visitor, request)
            return await visit.result(work)

    async def answered(self, site: str) -> None:
        """`work` calls it when the site has answered and more is to be fetched: others may wait for that."""
        await self._visits[site].answered()

    def next_turn(self) -> int:
        """Milliseconds of the clock, so that it grows over the runs of a workflow."""
        self._turn = max(self._turn + 1, int(workflow.time() * 1000))
        return self._turn


class _Visit:
    """One visit, with all its turns."""

    def __init__(self, owner: SitePass, site: str, visitor: Visitor, request: VideoRequest | None) -> None:
        self._owner = owner
        self._site = site
        self._visitor = visitor
        self._request = request
        self._began = workflow.time()
        self._own_fault = self._deaths = 0
        self._is_trial = False

    async def result(self, work: Callable[[], Awaitable[T]]) -> T:
        """Of `work`."""
        while True:
            admission = await self._admission()
            if admission is None:
                return await work()
            self._is_trial, entered = admission.trial, workflow.time()
            try:
                result = await work()
            except (FailureError, asyncio.CancelledError) as error:
                again = self._comes_again(error, admission, entered)
                refused_again = again and _class_of(error) in _OWN_FAULT
                await self._leave(_departure(self._visitor, error, comes_again=refused_again))
                if not again:
                    raise
            else:
                await self._leave(_departure(self._visitor, None))
                return result

    async def answered(self) -> None:
        """Tell the gate, where it waits for nothing else."""
        if self._is_trial and workflow.patched("trial-answered"):
            self._is_trial = False
            await self._signal("answered", self._visitor.workflow_id, self._visitor.turn)

    async def _admission(self) -> Admission | None:
        """When we are let in; None where there is nothing to fetch."""
        admission = None
        while admission is None:
            if self._owner.paused():
                await workflow.wait_condition(lambda: not self._owner.paused())
            self._visitor = replace(self._visitor, turn=self._owner.next_turn())
            try:
                if not await self._knock():
                    return None
                admission = await self._answer()
            except (FailureError, asyncio.CancelledError) as error:  # the knock may have been heard
                self._owner.waiting("")
                await self._leave(_departure(self._visitor, error))
                raise
        if admission.refusal:
            raise ApplicationError(admission.sentence, type=admission.refusal, non_retryable=True)
        return admission

    async def _knock(self) -> bool:
        gate = site_workflow_id(self._site)
        given = KnockInput(self._site, gate, CPU_QUEUE, self._visitor, self._request)
        config: ActivityConfig = {**policies.knock(), "summary": self._site}
        knocked = await workflow.execute_activity_method(SiteActivities.knock, given, **config)
        return knocked.needed

    async def _answer(self) -> Admission | None:
        """The gate's; None when we are to stand still, and have left the line."""
        turn, owner = self._visitor.turn, self._owner
        owner.waiting(self._site)
        while not await _within_the_hour(lambda: turn in owner.admissions or owner.paused()):
            await self._knock()
        owner.waiting("")
        admission = owner.admissions.pop(turn, None)
        if owner.paused() and not (admission and admission.refusal):
            await self._leave(_departure(self._visitor, asyncio.CancelledError()))
            return None
        return admission

    def _comes_again(self, error: BaseException, admission: Admission, entered: float) -> bool:
        kind = _class_of(error)
        if not self._visitor.patience_s:
            return False
        if kind == "store":  # it is away for everybody, and says nothing about this visit
            return workflow.time() - self._began < self._visitor.patience_s
        if is_of_the_worker(error) and workflow.patched("again-after-worker"):
            self._deaths += 1
            return self._deaths < _OWN_DEATHS
        if kind not in _OWN_FAULT:
            return False
        self._own_fault += admission.well
        if self._own_fault >= _OWN_FAULT[kind]:
            return False
        now = workflow.time()
        refusing_s = admission.refusing_s and admission.refusing_s + now - entered
        waited_s = min(refusing_s, now - self._began)
        patience_s = self._visitor.patience_s
        return waited_s < (
            min(patience_s, _UNKNOWN_HOST_PATIENCE_S) if kind == "unknown_host" else patience_s
        )

    async def _leave(self, departure: Departure) -> None:
        """Tell the gate, also when the workflow is cancelled meanwhile."""
        telling = asyncio.create_task(self._signal("leave", departure))
        try:
            await asyncio.shield(telling)
        except asyncio.CancelledError:
            await telling
            raise

    async def _signal(self, name: str, *news: object) -> None:
        gate = workflow.get_external_workflow_handle(site_workflow_id(self._site))
        try:
            await gate.signal(name, args=news)
        except FailureError as gone:
            workflow.logger.info("The gate of %s is gone: %s", self._site, gone)


async def _within_the_hour(condition: Callable[[], bool]) -> bool:
    try:
        await workflow.wait_condition(condition, timeout=_KNOCK_AGAIN)
    except TimeoutError:
        return False
    return True


def _departure(visitor: Visitor, error: BaseException | None, *, comes_again: bool = False) -> Departure:
    if error is None:
        return Departure(visitor.workflow_id, visitor.turn)
    kind = _class_of(error)
    told = kind in _OWN_FAULT or kind in _NOT_THE_SITE
    return Departure(
        visitor.workflow_id,
        visitor.turn,
        refusal=kind if told else "",
        sentence=sentence_of(error) if told else "",
        retry_after_s=retry_after_of(error),
        comes_again=comes_again,
    )


def _class_of(error: BaseException) -> str:
    return "cancelled" if is_cancelled_exception(error) else class_of(error)
