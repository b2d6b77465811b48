"""What every ledger of CSV files offers; one contract test suite runs over all implementations."""

from collections.abc import Sequence
from typing import Protocol

from mindreel.contracts.batch import BatchFile, BatchView, CsvFile, CsvRow, PendingRow, RowMark, RowView


class BatchLedger(Protocol):
    """What every CSV file held and what became of its rows: remembered after Temporal's history is gone.

    It shares a database with the catalog: what became of a started row is what the catalog says of its video.
    An unknown batch has no rows; changing one raises `SetupError`. One row at most, in whichever file, is
    PENDING for a video, so none is started twice.
    """

    def seen(self, inbox: str, file: str) -> BatchFile | None:
        """The state of this file that was last registered, well or malformed; None for a new one."""

    def name_for(self, inbox: str, file: str) -> str:
        """The name of the batch of this file: the one it has, else the file's name without `.csv`.

        Where another file has a batch of that name, a few hex digits that stand for this one are added.
        """

    def touch(self, name: str, version: str) -> None:
        """The file's `version` has changed and its content has not."""

    def register(self, file: BatchFile, content: CsvFile) -> BatchView:
        """Take a state of a file, in one transaction; the same content twice changes nothing but the version.

        What was malformed and is read otherwise now, say because a limit was raised, is taken anew.
        A row whose video (or playlist) an earlier state of this file had keeps what became of it, however it
        moved, with the videos of its playlist. So failed ones are not started again, and options edited after
        the start are not applied, which `rows` says. Rows that are gone from the file are forgotten, whatever
        their videos do. Of the others those with a problem are REFUSED; those are DUPLICATE whose video
        stands in an earlier row that makes sense, waits or is under way for another batch, is running, or was
        completed or partial before; a page that was found to hold several videos before is STARTED, for them
        to be listed anew; the rest is PENDING, also what failed in another batch or by itself. Duplicates are
        judged anew with each state. A run that said nothing for an hour and is no other batch's is not
        believed to be running: starting it finds out.

        A malformed state changes the problem and the remarks only; the rows before it stand.
        The batch is `running` again, so that its report is written; only `paused` stays, and `cancelled`
        where nothing is pending. The view bears another name than `file` where that was taken meanwhile.
        """

    def take(self, name: str, *, limit: int, most_open: int) -> list[PendingRow]:
        """The next pending videos, by priority, then each tenant's in turn; none unless `running`.

        Their videos are `queued` in the catalog from now on; a running one goes on. The rows stay pending
        until `mark`, so a second call returns them again, before others; those whose video has begun since
        count as started instead. What somebody else has finished since it was registered is not returned.
        No more than `most_open` rows are ever begun and not ended.
        """

    def mark(self, name: str, marks: Sequence[RowMark]) -> None:
        """Record what became of taken rows; a row that is gone or not pending is left out.

        One that is REFUSED here, and not by its file, counts as failed: with the class of the mark it may be
        released. So does a page whose videos, found by its run, cannot be listed.
        """

    def collections(self, name: str, *, limit: int) -> list[CsvRow]:
        """Rows whose playlist is to be read; none unless the batch is `running`.

        Those are pending ones known by their address, and started ones whose video ended as `expanded`.
        """

    def expand(self, name: str, number: int, items: Sequence[CsvRow], message: str) -> None:
        """The videos of a row's playlist: rows of their own, judged as by `register`; the row is EXPANDED.

        Nothing happens where the row is gone, expanded already or withdrawn.
        """

    def release(self, name: str, *, classes: frozenset[str] = frozenset()) -> int:
        """Make failed, cancelled and withdrawn rows of these error classes pending again; how many.

        A class means its family too (`CLASS_FAMILIES`). An empty set means all classes but that of partial
        videos, which is `partial`; of a cancelled or withdrawn row it is `cancelled`. A row whose video
        another batch is about to start is left alone: it will tell how that went.
        The batch is `running` again where there are any, and its pace is measured from now on.
        """

    def set_state(self, name: str, state: str) -> None:
        """running, paused, cancelled (then pending rows are WITHDRAWN) or finished.

        Taken rows count as started when a batch is cancelled: their workflows may exist. `finished` is not
        taken on while a row has not ended.
        """

    def batch(self, name: str) -> BatchView | None:
        """One batch; fast also with 10,000 rows."""

    def batches(self) -> list[BatchView]:
        """All, newest first."""

    def rows(self, name: str) -> list[RowView]:
        """All rows in order of the file."""

    def open_videos(self, name: str, *, unchanged_s: float = 0.0, limit: int = 10_000) -> list[str]:
        """Ids of videos this batch took, and no other since, that are queued or running.

        Only those that did not change for so long.
        """
