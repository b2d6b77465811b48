"""A file of 300 MB goes up and comes down: in little memory, and whatever happens at 60 %."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.project import Project
from tests.support.supabase.fixtures import Supabase

_SIZE = 300_000_000
_STOP = int(_SIZE * 0.6)
_CHUNK = 6 * 1024**2
_KEY = "web-1/download-0123456789abcdef/media.mp4"
_PROGRAM = """
import sys, time
from pathlib import Path
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.buckets import SupabaseAccess
from mindreel.store.file_cache import FileCache
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.project import Project

url, key, home, way, name, stop, *ref = sys.argv[1:]
store = SupabaseArtifactStore(
    Project(SupabaseAccess(url, key)), FileCache(Path(home) / "cache", 10**9), Path(home) / "uploads"
)
def tick(done):
    if done >= int(stop):
        print("stopped", flush=True)
        time.sleep(600)
if way == "up":
    ref = store.put_file(name, Path(ref[0]), "video/mp4", tick=tick)
    print(ref.sha256, flush=True)
else:
    wanted = ArtifactRef(name, ref[0], int(ref[1]), "video/mp4")
    print(store.local_path(wanted, folder=Path(home), tick=tick), flush=True)
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")), flush=True)
"""
_NEVER = 10 * _SIZE


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_300_mb_survive_kills_at_60_percent_in_under_100_mb_of_memory(
    project: Project, supabase_stack: Supabase, start_python: Callable[..., Any], tmp_path: Path
) -> None:
    ensure_buckets(project)
    file = tmp_path / "media.mp4"
    block = os.urandom(1_000_000)
    with file.open("wb") as out:
        for number in range(_SIZE // len(block)):
            out.write(number.to_bytes(8, "big") + block[8:])

    def run(way: str, *rest: object, stop: int = _NEVER) -> tuple[str, int]:
        """The result and its peak of memory in MB; the child is killed where it stops."""
        access = (supabase_stack.url, supabase_stack.service_key)
        child = start_python(_PROGRAM, *access, tmp_path, way, _KEY, stop, *rest)
        first = child.stdout.readline().strip()
        if first == "stopped":
            child.kill()
            child.wait()
            return first, 0
        return first, int(child.stdout.readline()) // 1000

    def sent(method: str) -> list[dict[str, Any]]:
        return [each for each in supabase_stack.requests() if each["method"] == method]

    assert run("up", file, stop=_STOP) == ("stopped", 0)
    first = len(sent("PATCH"))
    sha256, megabytes = run("up", file)
    assert megabytes < 100
    again = sum(each["content_length"] for each in sent("PATCH")[first:])
    assert again <= _SIZE - _STOP + 2 * _CHUNK
    assert sum("/upload/resumable" in each["path"] for each in sent("POST")) == 1

    shutil.rmtree(tmp_path / "cache")
    assert run("down", sha256, _SIZE, stop=_STOP) == ("stopped", 0)
    found, megabytes = run("down", sha256, _SIZE)
    assert megabytes < 100
    begun, gone_on = (each["range"] for each in sent("GET") if _KEY in each["path"])
    assert begun is None
    assert _STOP <= int(gone_on.removeprefix("bytes=").removesuffix("-")) < _SIZE
    with Path(found).open("rb") as came:
        assert hashlib.file_digest(came, "sha256").hexdigest() == sha256
