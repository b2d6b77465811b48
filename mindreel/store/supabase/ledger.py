import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from mindreel.contracts.batch import (
    CLASS_FAMILIES,
    BatchFile,
    BatchView,
    CsvFile,
    CsvRow,
    PendingRow,
    RowMark,
    RowView,
)
from mindreel.errors import BusyError, SetupError
from mindreel.store.ledger_judgement import Judge, Known, Placed, judged, key_of
from mindreel.store.ledger_rows import batch_names, csv_row, placed_row, written
from mindreel.store.sqlite import storable
from mindreel.store.supabase.ledger_views import batch_view_of, row_views_of
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.text import stored, told
from mindreel.store.supabase.waiting import once_free

T = TypeVar("T")

_STATES = ("running", "paused", "cancelled", "finished")
_THIS_FILE = 0
"""The id of a file that has none yet, in judgements."""
_LONG_REPLY_S = 30.0
"""Of functions that move thousands of rows; those end by themselves after 25 s."""
_PATIENCE_S = 30.0
"""As long as the embedded store waits for a file that others hold."""
_MANY = 2**31 - 1
_LONGEST_KEY = 200


class SupabaseLedger:
    """The batches in a project's tables `csv_files` and `csv_rows`; safe from several threads and machines.

    See `mindreel.store.batch_ledger.BatchLedger`, and supabase/migrations for what the functions do. Rows are
    judged here, between a call that reads what they are judged by and one that writes them where that still
    stands; else they are judged anew. Every method raises `SetupError` where the project refuses it,
    `BusyError` where it is out of reach or others are in the way for too long. All may be repeated.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def seen(self, inbox: str, file: str) -> BatchFile | None:
        """The state of this file that was last taken."""
        found = self._call("ledger_seen", inbox=inbox, file=file)
        return None if found is None else BatchFile(**found)

    def name_for(self, inbox: str, file: str) -> str:
        """The name of the batch of this file."""
        return str(
            self._call("ledger_name_for", inbox=inbox, file=file, names=list(batch_names(inbox, file)))
        )

    def touch(self, name: str, version: str) -> None:
        """The file's version has changed. Raises `SetupError` for an unknown batch."""
        self._must_be_known(self._call("ledger_touch", batch=name, version=version), name)

    def register(self, file: BatchFile, content: CsvFile) -> BatchView:
        """Take a state of a file."""
        state: dict[str, object] = {
            "given": {
                **{name: value for name, value in asdict(file).items() if name != "name"},
                "problem": content.problem,
                "remarks": list(content.remarks),
            },
            "names": [file.name, *batch_names(file.inbox, file.file)],
        }
        found = self._long_call("ledger_register", **state, rows=None, print=None)
        return batch_view_of(
            found or _until_it_stands(lambda: self._register_judged(state, file, content), file.file)
        )

    def _register_judged(self, state: dict[str, object], file: BatchFile, content: CsvFile) -> Any:  # noqa: ANN401 - JSON
        """The batch; None where what was judged has changed meanwhile."""
        videos = sorted({row.video.id for row in content.rows if row.video is not None})
        basis = self._long_call("ledger_snapshot", inbox=file.inbox, file=file.file, videos=videos)
        before = [placed_row(found) for found in basis["rows"]]
        placed = judged(basis["batch"] or _THIS_FILE, content.rows, before, _known(basis["known"]))
        return self._long_call("ledger_register", **state, rows=_rows(placed), print=basis["print"])

    def take(self, name: str, *, limit: int, most_open: int) -> list[PendingRow]:
        """The next pending videos."""
        taken = once_free(
            lambda: self._call("ledger_take", batch=name, most=_page(limit), most_open=_page(most_open))
        )
        return [PendingRow(csv_row(found), again=found["again"]) for found in taken]

    def mark(self, name: str, marks: Sequence[RowMark]) -> None:
        """Record what became of taken rows."""
        self._call("ledger_mark", batch=name, marks=[asdict(mark) for mark in marks])

    def collections(self, name: str, *, limit: int) -> list[CsvRow]:
        """Rows whose playlist is to be read."""
        return [csv_row(found) for found in self._call("ledger_collections", batch=name, most=_page(limit))]

    def expand(self, name: str, number: int, items: Sequence[CsvRow], message: str) -> None:
        """The videos of a row's playlist."""
        _until_it_stands(lambda: self._expand_judged(name, number, items, message), name)

    def _expand_judged(self, name: str, number: int, items: Sequence[CsvRow], message: str) -> bool:
        """False where what was judged has changed meanwhile."""
        row = {"batch": name, "number": number, "keys": sorted({key_of(item) for item in items} - {""})}
        basis = self._call("ledger_playlist", **row)
        if basis is None:
            return True
        judge = Judge(basis["batch"], _known(basis["known"]), seen=set(basis["seen"]))
        rows = _rows([judge.place(item) for item in items])
        return bool(self._long_call("ledger_expand", **row, message=message, rows=rows, print=basis["print"]))

    def release(self, name: str, *, classes: frozenset[str] = frozenset()) -> int:
        """Make rows pending again. Raises `SetupError` for an unknown batch."""
        wanted = classes.union(*(CLASS_FAMILIES.get(each, ()) for each in classes))
        released = self._call("ledger_release", batch=name, classes=sorted(wanted))
        self._must_be_known(released is not None, name)
        return int(released)

    def set_state(self, name: str, state: str) -> None:
        """running, paused, cancelled or finished. Raises `SetupError` for an unknown batch."""
        if state not in _STATES:
            raise ValueError(f"{state} is no state of a batch")
        self._must_be_known(self._call("ledger_set_state", batch=name, state=state), name)

    def batch(self, name: str) -> BatchView | None:
        """One batch."""
        found = self._call("ledger_batch", batch=name)
        return None if found is None else batch_view_of(found)

    def batches(self) -> list[BatchView]:
        """All, newest first."""
        return [batch_view_of(found) for found in self._long_call("ledger_batches")]

    def rows(self, name: str) -> list[RowView]:
        """All rows in order of the file; none of an unknown batch."""
        found = self._long_call("ledger_rows", batch=name)
        return [] if found is None else row_views_of(found)

    def open_videos(self, name: str, *, unchanged_s: float = 0.0, limit: int = 10_000) -> list[str]:
        """Ids of videos this batch started that have not ended."""
        found = self._call("ledger_open_videos", batch=name, unchanged_s=unchanged_s, most=_page(limit))
        return [str(each) for each in found]

    def _call(self, function: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        return told(self._project.call(function, **stored(arguments)))

    def _long_call(self, function: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        return told(self._project.call(function, reply_s=_LONG_REPLY_S, **stored(arguments)))

    def _must_be_known(self, found: object, name: str) -> None:
        if not found:
            raise SetupError(f"The catalog of {self._project.access.url} knows no batch {storable(name)}.")


def _until_it_stands(attempt: Callable[[], T], what: str) -> T:
    """What `attempt` returns once nothing that it judged has changed under it."""
    deadline = time.monotonic() + _PATIENCE_S
    while not (done := attempt()):
        if time.monotonic() > deadline:
            raise BusyError(f"Others keep changing the videos that {storable(what)} names.")
    return done


def _known(found: Sequence[dict[str, Any]]) -> dict[str, Known]:
    return {
        each["id"]: Known(each["status"], each["stale"], each["batch"], each["waiting"]) for each in found
    }


def _rows(placed: Sequence[Placed]) -> list[dict[str, Any]]:
    rows = [written(each) for each in placed]
    return [{**row, "key": _indexable(row["key"])} for row in rows]


def _indexable(key: str) -> str:
    """Postgres takes 2.7 kB into an index, and an address may be longer; ids of videos never are."""
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _page(limit: int) -> int:
    return min(max(limit, 0), _MANY)
