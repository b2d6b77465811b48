"""A run through a network that resets, stalls, cuts and refuses: completed, nothing doubled, nothing lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import TALK, Mindreel
from tests.support.fault_proxy import Fault, FaultProxy, share
from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

SHARE = 0.03
"""Of all calls that fail: more than one in each step of a run, and every kind of fault some times."""
HEAVY = {"download", "audio", "thumbnail", "transcribe", "analyze", "mindmap", "index", "clips", "quality"}


@pytest.fixture
def project(supabase_stack: Supabase) -> Stack:
    if not isinstance(supabase_stack, Stack):
        pytest.skip("this test looks into the local project's database")
    supabase_stack.reset()
    return supabase_stack


@pytest.fixture
def proxy(project: Stack) -> Iterator[FaultProxy]:
    with FaultProxy(project.url, share(SHARE, seed=20261128)) as running:
        yield running


def test_a_run_through_a_bad_network_is_completed_and_leaves_what_a_good_one_would(
    project: Stack, proxy: FaultProxy, tmp_path: Path
) -> None:
    access = {"SUPABASE_URL": proxy.url, "SUPABASE_SERVICE_ROLE_KEY": project.service_key}
    mindreel = Mindreel(tmp_path / "home", access)
    try:
        done = mindreel("run", TALK, "--json", timeout_s=400)
    finally:
        mindreel("down")
    assert done.code == 0, done.err
    assert done.result["outcome"] == "completed", done.result["reasons"]
    assert len({call.fault for call in proxy.calls if call.fault}) >= len(Fault) // 2
    with_faults = state(project)
    recorded, there = {row[:2] for row in artifacts(project)}, set(objects(project))
    assert recorded <= there
    # What an attempt made that was done again is swept after a day: other contents of the same keys.
    assert {_key(each) for each in recorded} == {_key(each) for each in there}
    assert with_faults["jobs"] == with_faults["transcripts"] == with_faults["analyses"] == 1

    good = Mindreel(tmp_path / "another", access | {"SUPABASE_URL": project.url})
    try:
        again = good("run", TALK, "--json")
    finally:
        good("down")
    assert again.code == 0, again.err
    assert {stage["name"] for stage in again.result["stages"] if stage["reused"]} >= HEAVY
    assert state(project) == with_faults | {"jobs": 2}


TABLES = (
    "artifacts",
    "videos",
    "jobs",
    "transcripts",
    "segments",
    "analyses",
    "chapters",
    "clips",
    "mindmaps",
)


def state(project: Stack) -> dict[str, int]:
    """How many rows each table has."""
    with project.connect() as connection:
        return {
            table: connection.execute(f"select count(*) from {table}").fetchall()[0][0]  # noqa: S608 - ours
            for table in TABLES
        }


def artifacts(project: Stack) -> list[tuple[str, str, str]]:
    with project.connect() as connection:
        return connection.execute("select bucket, object, sha256 from artifacts order by 1, 2").fetchall()


def _key(each: tuple[str, str]) -> tuple[str, str]:
    return each[0], each[1].rpartition("/")[0]


def objects(project: Stack) -> list[tuple[str, str]]:
    query = "select bucket_id, name from storage.objects where name not like 'published/%' order by 1, 2"
    with project.connect() as connection:
        return connection.execute(query).fetchall()
