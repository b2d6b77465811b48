"""Sixteen threads share one client of a project that speaks TLS and offers HTTP/2: nothing is lost.

The gateway ends each HTTP/2 connection after 200 requests, as those of hosted projects do after some; with
`http2=True` fifteen of the sixteen threads lose a request there.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.project import Project
from tests.store.supabase.fault_cases import Stores, World
from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.stack import Stack

THREADS, ROUNDS = 16, 6
AT_LEAST = 1500


@pytest.fixture
def stack(supabase_stack: Supabase) -> Stack:
    if not isinstance(supabase_stack, Stack):
        pytest.skip("asks the local gateway what it was sent")
    supabase_stack.reset()
    return supabase_stack


@pytest.fixture
def project(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("SSL_CERT_FILE", str(stack.ca))
    with Project(SupabaseAccess(stack.tls_url, stack.service_key)) as project:
        ensure_buckets(project)
        yield project


def hammer(project: Project, thread: int, folder: Path, together: threading.Barrier) -> None:
    """What several videos and batches do, each checked by what comes back."""
    folder.mkdir()
    stores = Stores(project, folder)
    together.wait(30)
    for number in range(ROUNDS):
        world = World(f"t{thread}-{number}", stores, folder)
        world.register()
        world.start()
        world.begin("a")
        for percent in (20.0, 40.0, 60.0):
            stores.catalog.advance(f"{world.id}a", stage="transcribe", percent=percent)
        world.index(f"Whales of {world.id} sing.")
        assert [hit.video_id for hit in stores.search.search(f"whales {world.id}", [])][:1] == [world.id]
        ref = world.put("talk.txt", world.id.encode())
        assert stores.artifacts.exists(ref)
        assert stores.artifacts.read_bytes(ref.key) == world.id.encode()
        world.finish("a")
        row = stores.catalog.get(f"{world.id}a")
        assert row is not None
        assert row.status == "completed"


def test_no_request_is_lost(project: Project, stack: Stack, tmp_path: Path) -> None:
    together = threading.Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        jobs = [
            pool.submit(hammer, project, thread, tmp_path / str(thread), together)
            for thread in range(THREADS)
        ]
    errors = [error for job in jobs if (error := job.exception())]
    assert not errors
    requests = stack.requests()
    assert len(requests) >= AT_LEAST
    assert {request["http"] for request in requests} == {"1.1"}
    assert {request["status"] for request in requests} <= {200, 204}
    worlds = {f"t{thread}-{number}" for thread in range(THREADS) for number in range(ROUNDS)}
    with stack.connect() as database:

        def kept(query: str) -> Counter[str]:
            return Counter(name for (name,) in database.execute(query.encode()).fetchall())

        once = Counter(worlds)
        assert kept("select left(id, -1) from public.videos where status = 'completed'") == once
        assert kept("select name from public.csv_files") == once
        assert kept("select video_id from public.segment_editions where shown") == once
        assert kept("select split_part(key, '/', 1) from public.artifacts") == once
        assert kept("select split_part(name, '/', 1) from storage.objects") == once
        assert kept("select left(video_id, -1) from public.jobs where status = 'completed'") == once
