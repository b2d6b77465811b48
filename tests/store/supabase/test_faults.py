"""Whatever happens to any call on its way: calling again leaves what one undisturbed call would have left."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.errors import BusyError, MindreelError, StoreError
from mindreel.store.supabase import uploads
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.catalog import SupabaseCatalog
from mindreel.store.supabase.project import Patience, Project
from tests.store.supabase.fault_cases import CASES, Case, Stores, World
from tests.support.fault_proxy import Fault, FaultProxy, at, no_faults
from tests.support.supabase.fixtures import Supabase

IMPATIENT = Patience(connect_s=5.0, reply_s=1.0, transfer_s=0.4)
FAULTS = [
    Fault.RESET_BEFORE,
    Fault.RESET_DURING,
    Fault.ERROR,
    Fault.UNAVAILABLE,
    Fault.TOO_MANY,
    Fault.CONFLICT,
    Fault.GARBAGE,
    Fault.CUT,
    Fault.RESET_AFTER,
    Fault.SLOW,
    Fault.STALL,
]
"""First those after which nothing was done, so that one world may meet several."""
OF_FUNCTIONS = [Fault.UNAVAILABLE, Fault.CONFLICT, Fault.RESET_AFTER]
"""A store cannot tell one fault of a database function from another (`test_project.py` proves it for each):
nothing was done, or it was done and not heard of."""
TIMELY = (Fault.SLOW, Fault.STALL)
"""They take time, so each case meets them once."""
_OF_THE_WORLD = ("edition", "page_sha256", "manifest_sha256")
"""Columns that stand for it."""
_TRIES = 5
_PUBLISHED = re.compile("(published/WORLD/)[0-9a-f]{16}")
_CHUNK = 64 * 1024
_MOMENTS = re.compile(r".*_at")
_NUMBERS = re.compile(r"id|run|attempt|.*_id|original|estimate_s")


@pytest.fixture(scope="module")
def line(supabase_stack: Supabase) -> Iterator[FaultProxy]:
    """What stands between the stores and the project."""
    with FaultProxy(supabase_stack.url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def broken(line: FaultProxy, supabase_stack: Supabase) -> Iterator[Project]:
    """The project as seen through it, by a client that gives up soon."""
    with Impatient(SupabaseAccess(line.url, supabase_stack.service_key), IMPATIENT) as project:
        yield project


@pytest.fixture(scope="module")
def whole(supabase_stack: Supabase) -> Iterator[Project]:
    """The project itself, empty."""
    if not supabase_stack.is_local:
        pytest.skip("compares rows and files in the database")
    supabase_stack.reset()
    with Project(SupabaseAccess(supabase_stack.url, supabase_stack.service_key)) as project:
        ensure_buckets(project)
        yield project


@pytest.fixture(scope="module")
def database(supabase_stack: Supabase) -> "Iterator[psycopg.Connection[Any]]":
    with supabase_stack.connect() as connection:
        yield connection


class Impatient(Project):
    """Gives no call more time than others: what takes long in these tests is a stalled line."""

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
        return super().call(function, reply_s=reply_s and IMPATIENT.reply_s, **arguments)


class Stage:
    """Makes worlds, and looks at what is in them."""

    def __init__(
        self, line: FaultProxy, broken: Project, whole: Project, database: "psycopg.Connection[Any]"
    ) -> None:
        self.line, self.broken, self.whole, self.database = line, broken, whole, database

    def world(self, case: Case, folder: Path, id_: str) -> World:
        """Prepared by an undisturbed line; from then on it meets faults."""
        self.line.follow(no_faults)
        folder.mkdir()
        world = World(id_, Stores(self.whole, folder), folder, {"database": self.database})
        case.prepare(world)
        world.stores = Stores(self.broken, folder)
        return world

    def state(self, world: World) -> list[str]:
        """All rows and files of the world, told without its name, moments and numbers of rows."""
        found = [*self._rows(world.id), *self._objects(world.id)]
        named = (each.replace(world.id, "WORLD") for each in found)
        return sorted(_PUBLISHED.sub(r"\1ATTEMPT", each) for each in named)

    def _rows(self, id_: str) -> Iterator[str]:
        tables = self.database.execute("""
            select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        """).fetchall()
        rows = [
            (table, row)
            for (table,) in tables
            for (row,) in self.database.execute(
                sql.SQL("select to_jsonb(t) from {} t where to_jsonb(t)::text like %s").format(
                    sql.Identifier("public", table)
                ),
                [f"%{id_}%"],
            ).fetchall()
        ]
        hidden = {row["edition"] for _, row in rows if row.get("shown") is False}  # never seen by anybody
        for table, row in rows:
            if row.get("edition") not in hidden or not hidden:
                yield f"{table} { ({name: _shown(name, row[name]) for name in sorted(row)}) }"

    def _objects(self, id_: str) -> Iterator[str]:
        objects = self.database.execute(
            """select bucket_id, name, metadata ->> 'size',
            case when name not like 'published/%%' then metadata ->> 'eTag' end
            from storage.objects where name like %s""",
            [f"%{id_}%"],
        ).fetchall()
        yield from (f"object {each}" for each in objects)


def _shown(name: str, value: object) -> object:
    if _MOMENTS.fullmatch(name):
        return value is not None
    is_number = _NUMBERS.fullmatch(name) and isinstance(value, int | float)
    return "any" if is_number or name in _OF_THE_WORLD else value


@pytest.fixture(scope="module")
def stage(
    line: FaultProxy, broken: Project, whole: Project, database: "psycopg.Connection[Any]"
) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "CHUNK", _CHUNK)
        yield Stage(line, broken, whole, database)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_call_may_be_repeated_whatever_happened_to_it(case: Case, stage: Stage, tmp_path: Path) -> None:
    named = re.sub(r"[ .]", "-", case.name.replace(",", ""))  # as videos are
    names = (f"w{number:03d}-{named}" for number in itertools.count())
    plain = stage.world(case, tmp_path / "plain", next(names))
    stage.line.follow(no_faults)
    answer, calls = case.act(plain), stage.line.calls
    told, state = _told(answer, plain), stage.state(plain)
    assert calls
    met: list[Fault] = []
    for number, call in enumerate(calls, start=1):
        left = OF_FUNCTIONS if "/rest/v1/rpc/" in call.shape else FAULTS
        left = [fault for fault in left if fault not in TIMELY or fault not in met]
        while left:
            name = next(names)
            world = stage.world(case, tmp_path / name, name)
            just_met, answer = _repeated(case, world, stage.line, number, left)
            met += just_met
            left = [fault for fault in left if fault not in just_met]
            assert just_met
            where = (
                f"after {[fault.name for fault in just_met]} at call {number} of {len(calls)}, {call.kind}"
            )
            assert stage.state(world) == state, where
            if case.same_answer:
                assert _told(answer, world) == told, where


def test_a_lease_whose_answer_was_lost_is_given_back(stage: Stage) -> None:
    broken, whole = SupabaseCatalog(stage.broken), SupabaseCatalog(stage.whole)
    stage.line.follow(at(1, Fault.RESET_AFTER))
    with pytest.raises(StoreError), broken.holding("leased"):
        pytest.fail("nobody was told of the lease")
    assert len(stage.line.calls) == 2
    with whole.holding("leased") as row:  # at once, and not after the five minutes of the lost one
        assert row is None


def _repeated(
    case: Case, world: World, line: FaultProxy, number: int, faults: list[Fault]
) -> tuple[list[Fault], Any]:
    """Those of the faults that the call met until it went well, one at each attempt, and what it said."""
    met: list[Fault] = []
    for _ in range(len(faults) + _TRIES):
        fault = next((each for each in faults if each not in met), None)
        line.follow(at(number, fault) if fault else no_faults)
        try:
            answer = case.act(world)
        except MindreelError as error:
            assert isinstance(error, BusyError), f"{error!r} after {fault}"  # noqa: PT017 - as often as it fails
        else:
            return [*met, *_just_met(line)], answer
        met += _just_met(line)
    pytest.fail(f"it never went well again: {met}")


def _just_met(line: FaultProxy) -> list[Fault]:
    return [call.fault for call in line.calls if call.fault]


def _told(answer: object, world: World) -> str:
    """Without the name of the world, and times."""
    text = repr(answer).replace(world.id, "WORLD").replace(str(world.folder), "FOLDER")
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00|(?<=seconds_left=)[\d.]+", "TIME", text)
