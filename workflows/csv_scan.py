"""One look into an inbox."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.scan import ScanActivities, WakeActivity
    from mindreel.contracts.batch_steps import (
        BatchCall,
        FileTaken,
        InboxLook,
        LookInput,
        TakeFileInput,
        WakeInput,
    )
    from mindreel.contracts.inbox import InboxEntry
    from mindreel.contracts.scan import ScanInput, ScannedFile, ScanResult
    from workflows import policies
    from workflows.failures import class_of, sentence_of
    from workflows.ids import CPU_QUEUE, batch_workflow_id
    from workflows.together import together

SETTLE = timedelta(seconds=2)
"""A file that does not change for so long is taken to be whole."""
FILES_A_SCAN = 300
"""About six events each; those beyond wait for the next scan, which begins elsewhere in the inbox: hundreds
that cannot be read would else be all that is ever looked at."""


@workflow.defn
class CsvScan:
    """Takes new and changed files into the ledger, and sees to it that every open batch has its workflow.

    Every row is started once, none twice and none lost, whatever dies and when, because

    - a file is taken in one transaction of the ledger, by the hash of its content: a lost answer, a second
      scan at the same time or the next scan takes the same rows, and changes nothing;
    - which rows are left is what the ledger says, never what a workflow remembers: a batch whose workflow was
      terminated, or whose server lost it, is found open by the next scan and goes on where it was;
    - a batch has one workflow (its id is the batch's name), and a row stays pending in the ledger until its
      start has been recorded: it is offered again rather than lost;
    - a video has one workflow (its id is the video's): what is offered again, or stands in two files, finds
      it running or completed, and counts as started.
    """

    @workflow.run
    async def run(self, given: ScanInput) -> ScanResult:
        """Fails with one sentence where the inbox cannot be read; one file that fails harms no other."""
        try:
            look_at = LookInput(given.inbox, workflow.random().random())
            look, settled, unsettled = await self._settled(look_at)
        except ActivityError as error:
            raise _failure(error) from error
        now, later = settled[:FILES_A_SCAN], settled[FILES_A_SCAN:]
        taken = await together(self._take(given, entry) for entry in now)
        files = tuple(each.scanned for each in taken if each.scanned is not None)
        moving = [entry.name for entry, each in zip(now, taken, strict=True) if each.unsettled]
        await self._wake(look, files)
        left = (*unsettled, *moving, *(entry.name for entry in later))
        return ScanResult(look.inbox, tuple(sorted(files, key=_file)), tuple(sorted(left)))

    async def _settled(self, given: LookInput) -> tuple[InboxLook, list[InboxEntry], list[str]]:
        """The files that were the same at two looks, and the names of those that were not."""
        first = await self._look(given)
        if not first.entries:
            return first, [], []
        await workflow.sleep(SETTLE)
        second = await self._look(given)
        before = set(first.entries)  # each compared with each would take seconds with thousands
        settled = [entry for entry in second.entries if entry in before]
        return second, settled, [entry.name for entry in second.entries if entry not in before]

    async def _look(self, given: LookInput) -> InboxLook:
        return await workflow.execute_activity_method(
            ScanActivities.find_files, given, **policies.look_into_inbox()
        )

    async def _take(self, given: ScanInput, entry: InboxEntry) -> FileTaken:
        config: ActivityConfig = {**policies.look_into_inbox(), "summary": entry.name[:100]}
        try:
            return await workflow.execute_activity_method(
                ScanActivities.take_file, TakeFileInput(given.inbox, entry), **config
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return FileTaken(ScannedFile(entry.name, "", 0, 0, sentence_of(error)))

    async def _wake(self, look: InboxLook, files: tuple[ScannedFile, ...]) -> None:
        calls = {each.name: _call(each.name, each.file, changed=False) for each in look.open_batches}
        calls |= {each.batch: _call(each.batch, each.file, changed=True) for each in files if each.batch}
        if calls:
            given = WakeInput(tuple(calls.values()), CPU_QUEUE)
            try:
                await workflow.execute_activity_method(WakeActivity.wake_batches, given, **policies.quick())
            except ActivityError as error:
                raise _failure(error) from error


def _file(scanned: ScannedFile) -> str:
    return scanned.file


def _call(name: str, file: str, *, changed: bool) -> BatchCall:
    return BatchCall(name, file, batch_workflow_id(name), changed)


def _failure(error: ActivityError) -> BaseException:
    """One sentence, for the schedule's list of runs."""
    if is_cancelled_exception(error):
        return error
    return ApplicationError(sentence_of(error), type=class_of(error), non_retryable=True)
