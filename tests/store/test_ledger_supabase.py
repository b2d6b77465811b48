"""What the ledger in Supabase promises beyond the contract: others between its calls, lost replies."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.errors import UniqueViolation

from mindreel.contracts.batch import STARTED, BatchFile, CsvFile, CsvRow, RowMark
from mindreel.errors import BusyError, StoreError
from mindreel.store.supabase.catalog import SupabaseCatalog
from mindreel.store.supabase.ledger import SupabaseLedger
from mindreel.store.supabase.project import Project
from tests.support.supabase.fixtures import Supabase

Row = Callable[..., CsvRow]


class _Between(Project):
    """A project where something happens just before judged rows are written by a function."""

    def __init__(self, project: Project, function: str, happens: Callable[[], object]) -> None:
        super().__init__(project.access)
        self._function, self._happens = function, happens

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
        if function == self._function and arguments["rows"] is not None:
            self._happens()
        return super().call(function, reply_s=reply_s, **arguments)


class _Forgetful(Project):
    """A project of which the reply to each new call is lost, after the database has done what was asked."""

    def __init__(self, project: Project) -> None:
        super().__init__(project.access)
        self._lost: set[str] = set()

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
        answer = super().call(function, reply_s=reply_s, **arguments)
        if repr((function, arguments)) not in self._lost:
            self._lost.add(repr((function, arguments)))
            raise StoreError("The connection was reset.")
        return answer


def _persistent(call: Callable[[], Any]) -> Any:
    """As Temporal: a failed activity comes again."""
    while True:
        try:
            return call()
        except StoreError:
            continue


def _file(state: int) -> BatchFile:
    return BatchFile("talks", "/inbox", "talks.csv", str(state), f"{state:064x}")


def test_what_has_changed_since_a_file_was_judged_is_judged_anew(project: Project, video_row: Row) -> None:
    ledger = SupabaseLedger(project)
    others = iter(["a", "b"])

    def happens() -> None:
        if other := next(others, None):
            ledger.register(
                BatchFile(other, "/inbox", f"{other}.csv", "1", other * 64), CsvFile((video_row(2, other),))
            )

    meddled = SupabaseLedger(_Between(project, "ledger_register", happens))
    view = meddled.register(_file(1), CsvFile(tuple(video_row(n, each) for n, each in enumerate("abc", 2))))
    assert view.counts == {"duplicate": 2, "waiting": 1}
    assert [row.original for row in ledger.rows("talks")] == ["row 2 of a", "row 2 of b", ""]


def test_what_has_changed_since_a_playlist_was_judged_is_judged_anew(
    project: Project, video_row: Row
) -> None:
    ledger = SupabaseLedger(project)
    ledger.register(_file(1), CsvFile((CsvRow(2, "https://example.org/list", collection=True),)))

    def happens() -> None:
        ledger.register(BatchFile("more", "/inbox", "more.csv", "1", "a" * 64), CsvFile((video_row(2, "a"),)))

    meddled = SupabaseLedger(_Between(project, "ledger_expand", happens))
    meddled.expand("talks", 2, [video_row(2, "a", item=1), video_row(2, "b", item=2)], "Two.")
    assert [row.outcome for row in ledger.rows("talks")] == ["expanded", "duplicate", "waiting"]


def test_runs_of_a_batch_may_go_on_while_its_changed_file_is_judged(project: Project, video_row: Row) -> None:
    """Else a large file whose videos are under way would have to be judged again and again."""
    ledger, catalog = SupabaseLedger(project), SupabaseCatalog(project)
    ledger.register(_file(1), CsvFile((video_row(2, "a"), video_row(3, "b"))))
    taken = ledger.take("talks", limit=9, most_open=9)
    ledger.mark("talks", [RowMark(each.row.number, 0, STARTED) for each in taken])
    begun: list[str] = []

    def happens() -> None:
        begun.append("a")
        catalog.begin("a", source="a", platform="generic", workflow_id="video-a", request_json="")

    meddled = SupabaseLedger(_Between(project, "ledger_register", happens))
    meddled.register(_file(2), CsvFile(tuple(video_row(n, each) for n, each in enumerate("abc", 2))))
    assert begun == ["a"]
    assert [row.outcome for row in ledger.rows("talks")] == ["running", "queued", "waiting"]


def test_a_file_whose_videos_never_stand_still_is_busy(
    project: Project, video_row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mindreel.store.supabase.ledger._PATIENCE_S", 0.05)
    ledger = SupabaseLedger(project)
    states = iter(range(1000))

    def happens() -> None:
        state = next(states)
        rows = (video_row(2, "a"),) if state % 2 == 0 else ()
        ledger.register(BatchFile("more", "/inbox", "more.csv", "1", f"{state:064x}"), CsvFile(rows))

    meddled = SupabaseLedger(_Between(project, "ledger_register", happens))
    with pytest.raises(BusyError, match="Others keep changing the videos"):
        meddled.register(_file(1), CsvFile((video_row(2, "a"),)))
    assert ledger.batch("talks") is None


def test_replies_that_are_lost_change_nothing(project: Project, video_row: Row) -> None:
    ledger = SupabaseLedger(_Forgetful(project))
    rows = [video_row(number, each) for number, each in enumerate("abcd", 2)]
    content = CsvFile((*rows, CsvRow(9, "https://example.org/list", collection=True)))
    view = _persistent(lambda: ledger.register(_file(1), content))
    assert (view.counts, len(_persistent(ledger.batches))) == ({"waiting": 5}, 1)
    taken = _persistent(lambda: ledger.take("talks", limit=2, most_open=9))
    assert [each.row.video.id for each in taken] == ["a", "b"]
    marks = [RowMark(each.row.number, 0, STARTED) for each in taken]
    _persistent(lambda: ledger.mark("talks", marks))
    items = [video_row(9, each, item=place) for place, each in enumerate("xya", 1)]
    _persistent(lambda: ledger.expand("talks", 9, items, "Three."))
    _persistent(lambda: ledger.set_state("talks", "cancelled"))
    _persistent(lambda: ledger.touch("talks", "later"))
    assert _persistent(lambda: ledger.release("talks")) == 0  # the reply that was lost said 4
    outcomes = [row.outcome for row in _persistent(lambda: ledger.rows("talks"))]
    assert outcomes == [
        *("queued", "queued", "waiting", "waiting"),
        *("expanded", "waiting", "waiting", "duplicate"),
    ]
    assert _persistent(lambda: ledger.seen("/inbox", "talks.csv")) == BatchFile(
        "talks", "/inbox", "talks.csv", "later", f"{1:064x}"
    )


def test_the_database_itself_lets_one_row_at_most_wait_for_a_video(
    project: Project, supabase_stack: Supabase, video_row: Row
) -> None:
    ledger = SupabaseLedger(project)
    ledger.register(_file(1), CsvFile((video_row(2, "a"), video_row(3, "a"))))
    with supabase_stack.connect() as connection, pytest.raises(UniqueViolation, match="csv_rows_waiting_key"):
        connection.execute("update public.csv_rows set state = 'pending'")
