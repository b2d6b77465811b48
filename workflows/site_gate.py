"""The gate of one site: everybody who fetches from it passes here, and waits here while it refuses."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.site import SiteActivities
    from mindreel.contracts.sites import Admission, Departure, GateInput, GateView, SiteRules, Visitor
    from workflows import policies
    from workflows.gate_book import GateBook
    from workflows.gate_details import markdown
    from workflows.gate_state import MOST_EVENTS, pack, unpack
    from workflows.progress import SITE_KEY
    from workflows.together import together

_LINGER_S = 60.0
"""A gate that nobody needs stays so long, for those who come one after another."""


@workflow.defn
class SiteGate:
    """Lets visitors in, a few at a time; while the site refuses, one that tries now and then."""

    @workflow.init
    def __init__(self, given: GateInput) -> None:
        self._book = GateBook(given.site, given.rules, unpack(given.carried))
        self._news = False

    @workflow.signal
    def enter(self, visitor: Visitor, rules: SiteRules) -> None:
        """A visitor stands in line; `rules` are those of the settings now."""
        self._book.rules = rules
        self._book.enter(visitor, workflow.time())
        self._news = True

    @workflow.signal
    def leave(self, departure: Departure) -> None:
        """A visitor goes."""
        self._book.leave(departure, workflow.time())
        self._news = True

    @workflow.signal
    def answered(self, workflow_id: str, turn: int) -> None:
        """The visitor that tries was answered by the site, and is still busy there."""
        self._book.answered(workflow_id, turn)
        self._news = True

    @workflow.signal
    def pause(self, reason: str) -> None:
        """Let nobody in until a person says `resume`."""
        self._book.pause(reason)
        self._news = True

    @workflow.signal
    def resume(self) -> None:
        """Open at once: there are new cookies, or the pause is over."""
        self._book.resume()
        self._news = True

    @workflow.query
    def gate(self) -> GateView:
        """As it stands."""
        return self._book.view()

    @workflow.run
    async def run(self, given: GateInput) -> GateView:
        """Returns when nobody needs the gate any more."""
        workflow.upsert_search_attributes([SITE_KEY.value_set(given.site)])
        while True:
            self._news = False
            await self._serve()
            workflow.set_current_details(markdown(self._book.view()))
            if self._is_long():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(GateInput(given.site, self._book.rules, pack(self._book.state)))
            if await self._is_over():
                return self._book.view()

    async def _serve(self) -> None:
        old = self._book.to_look_after(workflow.time())
        for workflow_id in await self._closed(tuple(old)) if old else ():
            self._book.drop(workflow_id, old[workflow_id])
        answers = self._book.answers(workflow.time())
        await together(self._answer(workflow_id, admission) for workflow_id, admission in answers)

    async def _answer(self, workflow_id: str, admission: Admission) -> None:
        visitor = workflow.get_external_workflow_handle(workflow_id)
        try:
            await visitor.signal("admitted", admission)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            self._book.drop(workflow_id, admission.turn)
            self._news = True

    async def _closed(self, workflow_ids: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return await workflow.execute_activity_method(
                SiteActivities.closed_workflows, workflow_ids, **policies.closed_workflows()
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return ()  # nobody could say, so they are looked after again later

    async def _is_over(self) -> bool:
        """Wait until somebody comes or goes, or the time for something has come; True when nobody comes."""
        now, at = workflow.time(), self._book.wakes_at()
        unneeded = self._book.unneeded_from(now)
        if unneeded is not None:
            at = unneeded + _LINGER_S
        try:
            timeout = None if at is None else max(0.0, at - now)
            await workflow.wait_condition(lambda: self._news, timeout=timeout)
        except TimeoutError:
            return unneeded is not None
        return False

    def _is_long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() > MOST_EVENTS
