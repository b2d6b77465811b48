"""One batch: its rows become videos, its report says what became of them."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.batch_report import BatchReportActivity
    from activities.batch_rows import BatchRowsActivities
    from activities.batch_videos import BatchVideosActivities
    from mindreel.contracts.batch import RowMark
    from mindreel.contracts.batch_steps import (
        CANCEL,
        PAUSE,
        RESUME,
        RETRY,
        BatchChanged,
        BatchLook,
        ChangeInput,
        ReportInput,
        RowPage,
        TakeRowsInput,
        TellInput,
    )
    from mindreel.contracts.notice import BATCH
    from mindreel.contracts.scan import BatchInput, BatchResult, RetryInput
    from workflows import policies
    from workflows.batch_board import BatchBoard, BatchProgress
    from workflows.batch_pace import BatchPace
    from workflows.batch_starts import BatchStarts
    from workflows.failures import class_of, sentence_of
    from workflows.notice import start_notice

PAGE = 100
MOST_OPEN = 10_000
"""Videos of a batch that have begun and not ended; a workflow that waits costs next to nothing."""
LONGEST_HISTORY = 1800
"""Events after which a run hands over; all the children it may still start keep it below 5,000."""
REPORT_PATIENCE = timedelta(minutes=10)
"""How long an ended batch waits for an inbox that cannot be written."""


@workflow.defn
class CsvBatch:
    """Starts a workflow for each row, writes the report until every row has ended, and ends.

    What is to be done is asked of the ledger each time, and nothing is remembered from one turn to the next
    but the marks that the ledger has not been told yet; so a new run may take over at any time. Why every row
    is started once, none twice and none lost: see `CsvScan`. Two more things hold here:

    - the last look at the ledger and the end of the workflow are one workflow task: a `wake` that comes
      between them makes the server refuse the end, one that comes after starts the workflow anew;
    - what a person asks for is answered while rows are being started, one after the other (a lock), so no
      video slips through between a pause and its being told.
    """

    @workflow.init
    def __init__(self, given: BatchInput) -> None:
        self._name = given.name
        self._news = given.news
        self._board = BatchBoard(given.name)
        self._starts = BatchStarts(given.name)
        self._pace = BatchPace()
        self._ledger = asyncio.Lock()
        self._marks: tuple[RowMark, ...] = ()
        self._written = ""
        self._seen = ""
        self._troubled_at: float | None = None
        self._woken = True
        self._due = True
        self._stopping = False

    @workflow.signal
    def wake(self) -> None:
        """The file has changed, or somebody asks to look at once."""
        self._woken = True

    @workflow.query
    def batch(self) -> BatchProgress:
        """How the batch stands."""
        return self._board.batch

    @workflow.update
    async def pause(self) -> str:
        """Start no more rows, and hold the videos under way before their next step; the new state."""
        return (await self._change(PAUSE)).state

    @workflow.update
    async def resume(self) -> str:
        """Go on after a pause; the new state."""
        return (await self._change(RESUME)).state

    @workflow.update
    async def cancel(self) -> str:
        """Withdraw waiting rows and cancel the videos that are under way; the new state."""
        return (await self._change(CANCEL)).state

    @workflow.update
    async def retry(self, given: RetryInput) -> int:
        """Start failed, cancelled and withdrawn rows again; how many."""
        return (await self._change(RETRY, given.classes)).rows

    @workflow.run
    async def run(self, _given: BatchInput) -> BatchResult:
        """Returns when every row has ended and the report says so.

        Cancelling the workflow does what the update `cancel` does, and then ends as cancelled.
        """
        self._board.begin()
        try:
            return await self._to_the_end()
        except ActivityError as error:
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise _failure(error) from error

    async def _to_the_end(self) -> BatchResult:
        """The work is a task of its own, so that a cancel does not tear it apart in the middle."""
        work = asyncio.create_task(self._work())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stopping = True
            await self._change(CANCEL)
            await work
            raise

    async def _work(self) -> BatchResult:
        while True:
            due, self._woken = self._due or self._woken, False
            if due:
                await self._start_rows()
            await self._continue_when_long()
            await self._reconcile()
            look = await self._report()
            if self._is_over(look) and await self._nobody_asks():
                result = await self._ended(look)
                if await self._nobody_asks():
                    return result
            await self._rest(look)

    async def _start_rows(self) -> None:
        """Start what the ledger gives, page by page; the marks of the last page go with the next question."""
        while True:
            async with self._ledger:
                page = await self._take()
                self._marks = tuple(await self._starts.videos(page.rows))
            if not page.rows:
                await self._starts.playlists(page.playlists)
                return

    async def _take(self) -> RowPage:
        given = TakeRowsInput(self._name, self._marks, min(PAGE, self._starts.room), MOST_OPEN)
        page = await workflow.execute_activity_method(
            BatchRowsActivities.take_rows, given, **policies.quick()
        )
        self._marks = ()
        self._news = self._news or page.going_on
        return page

    async def _reconcile(self) -> None:
        if self._pace.reconcile_now():
            await workflow.execute_activity_method(
                BatchVideosActivities.reconcile_videos, self._name, **policies.tell_videos()
            )

    async def _report(self) -> BatchLook:
        given = ReportInput(self._name, self._written, self._board.batch.report)
        look = await workflow.execute_activity_method(
            BatchReportActivity.report_batch, given, **policies.report_batch()
        )
        if look.view.updated_at != self._seen:
            self._seen = look.view.updated_at
            self._pace.moved()
        self._written, self._due = look.written, look.due
        self._board.show(look)
        return look

    def _is_over(self, look: BatchLook) -> bool:
        """Every row has ended, and the report says so, or cannot be written for too long."""
        if look.view.open or look.due or self._woken:
            return False
        if not look.trouble:
            self._troubled_at = None
            return True
        now = workflow.time()
        self._troubled_at = now if self._troubled_at is None else self._troubled_at
        return now - self._troubled_at >= REPORT_PATIENCE.total_seconds()

    async def _nobody_asks(self) -> bool:
        """When nobody waits for an answer any more: whether the batch may end without another look."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        return not self._woken

    async def _rest(self, look: BatchLook) -> None:
        """Until the next look, or until somebody wants something."""
        try:
            await workflow.wait_condition(lambda: self._woken, timeout=self._pace.rest_s(look.view))
        except TimeoutError:
            return
        self._pace.begin_anew()

    async def _continue_when_long(self) -> None:
        """A new run takes over, when nobody waits for an answer of this one."""
        info = workflow.info()
        long = info.get_current_history_length() >= LONGEST_HISTORY or info.is_continue_as_new_suggested()
        if long or self._starts.room <= 0:
            await workflow.wait_condition(lambda: self._stopping or workflow.all_handlers_finished())
            if not self._stopping:  # else this run is the one that has to end as cancelled
                workflow.continue_as_new(BatchInput(self._name, self._news))

    async def _change(self, change: str, classes: tuple[str, ...] = ()) -> BatchChanged:
        """What a person wants: first in the ledger, then with the videos under way."""
        try:
            async with self._ledger:
                given = ChangeInput(self._name, change, classes, self._marks)
                changed = await workflow.execute_activity_method(
                    BatchRowsActivities.change_batch, given, **policies.quick()
                )
                self._marks = ()
                self._news = self._news or changed.state != changed.before
                goes_on = changed.before == "paused" and changed.state == "running"
                await self._tell(RESUME if goes_on else change)  # a retry ends a pause too
        except ActivityError as error:
            raise _failure(error) from error
        self._woken = True
        return changed

    async def _tell(self, change: str) -> None:
        if change == RETRY:
            return
        if change == CANCEL:
            await self._starts.cancel_playlists()
        await workflow.execute_activity_method(
            BatchVideosActivities.tell_videos, TellInput(self._name, change), **policies.tell_videos()
        )

    async def _ended(self, look: BatchLook) -> BatchResult:
        self._board.finish(look.view.state)
        if look.notify and self._news:  # a look at a batch that had ended is told to nobody
            await start_notice(BATCH, self._name, report=look.report)
        return BatchResult(self._name, look.view.state, dict(look.view.counts), look.report, look.trouble)


def _failure(error: ActivityError) -> BaseException:
    """One sentence, for whoever asked and for the Web UI."""
    if is_cancelled_exception(error):
        return error
    return ApplicationError(sentence_of(error), type=class_of(error), non_retryable=True)
