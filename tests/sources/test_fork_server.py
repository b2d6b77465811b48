import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from mindreel.contracts.video import Limits, SourceInfo
from mindreel.errors import CancelledError, SetupError, SourceNotFoundError, TransientError
from mindreel.sources import forked, process
from mindreel.sources.download import download
from mindreel.sources.forked import ForkServers
from mindreel.sources.forked_child import ForkedChild
from mindreel.sources.identity import identify
from mindreel.sources.messages import Job
from mindreel.sources.resolve import resolve
from mindreel.sources.started import Streams, environment
from tests.sources.conftest import Recorder
from tests.support.loopback_site import LoopbackSite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are forked on Linux only")

_RESOLVE_SCRIPT = """
import sys, threading
from pathlib import Path
from mindreel.contracts.progress import QuietReporter
from mindreel.contracts.video import Limits
from mindreel.sources.identity import identify
from mindreel.sources.resolve import resolve

limits = Limits(allow_private_hosts=True, min_free_bytes=0)
resolve(identify(sys.argv[1]), limits, scratch=Path(sys.argv[2]), reporter=QuietReporter())
print("resolved", flush=True)
threading.Event().wait()
"""
_OTHER_JOB = """
import sys
from mindreel.sources import child, fork_server

def main():
    import os, random, signal, threading
    exec(sys.stdin.buffer.readline().decode())

child.main = main
fork_server.main()
"""

_START_SLEEP = "import subprocess; print(subprocess.Popen(['sleep', '100']).pid, flush=True)"


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServers]:
    """Of this test alone."""
    own = ForkServers()
    monkeypatch.setattr(forked, "FORK_SERVERS", own)
    yield own
    own.close()


@dataclass
class Asked:
    """A child that runs what the test says in place of a job."""

    child: ForkedChild
    stdin: int
    stdout: int

    def said(self) -> str:
        """All its output; waits for its end."""
        with os.fdopen(self.stdout) as output:
            return output.read().strip()


@pytest.fixture
def ask(servers: ForkServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Asked]:
    """Fork a child that runs one line of Python; its standard error is its output."""
    (tmp_path / "other_job.py").write_text(_OTHER_JOB)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(forked, "_MODULE", "other_job")

    def fork(line: str) -> Asked:
        stdin, to_child = os.pipe()
        said, stdout = os.pipe()
        child = servers.fork(Streams(stdin, stdout, stdout), environment())
        os.close(stdin)
        os.close(stdout)
        assert child is not None
        os.write(to_child, f"{line}\n".encode())
        return Asked(child, to_child, said)

    return fork


def _resolve(url: str, limits: Limits, scratch: Path) -> SourceInfo:
    return resolve(identify(url), limits, scratch=scratch, reporter=Recorder())


def _pid(servers: ForkServers) -> int:
    assert servers._server is not None
    return servers._server._process.pid


def _children(pid: int) -> list[int]:
    """Ended ones that were not waited for included."""
    lists = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    return [int(child) for each in lists for child in each.split()]


def _count(folder: str) -> int:
    return len(list(Path(folder).iterdir()))


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_jobs_of_several_threads_are_done_by_one_server_that_keeps_nothing_of_them(
    site: LoopbackSite, limits: Limits, scratch: Path, servers: ForkServers, caplog: pytest.LogCaptureFixture
) -> None:
    def work(number: int) -> str:
        if number % 2:
            return _resolve(site.url("talk.mp4"), limits, scratch).title
        with pytest.raises(SourceNotFoundError):
            _resolve(site.url("gone.mp4"), limits, scratch)
        return "gone"

    assert work(1) == "talk"
    server = _pid(servers)
    open_before = _count(f"/proc/{server}/fd")
    ours_before = _count("/proc/self/fd")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == ["gone", "talk"] * 4
    assert _pid(servers) == server
    assert _children(server) == []
    while _count(f"/proc/{server}/fd") > open_before or _count("/proc/self/fd") > ours_before:
        time.sleep(0.01)  # closed a moment after the answer; the test's own timeout is the limit
    assert _count(f"/proc/{server}/task") == 1, "forking is safe in a process of one thread"
    assert not caplog.records


def test_a_child_has_a_session_signals_and_streams_of_its_own_and_no_more(
    ask: Callable[[str], Asked],
) -> None:
    waiting = ask("sys.stdin.buffer.read()")
    seen = "os.getsid(0) == os.getpid(), sorted(os.listdir('/proc/self/fd'))[:-1], threading.active_count()"
    assert ask(f"print({seen})").said() == "True ['0', '1', '2'] 1", "one descriptor more is that of listing"
    handlers = "import signal; print(*map(signal.getsignal, sorted(signal.valid_signals())))"
    fresh = subprocess.run([sys.executable, "-c", handlers], capture_output=True, text=True, check=True)
    assert ask(handlers).said() == fresh.stdout.strip()
    os.close(waiting.stdin)
    assert waiting.said() == ""


def test_children_draw_different_random_numbers(ask: Callable[[str], Asked]) -> None:
    assert len({ask("print(random.random())").said() for _ in range(3)}) == 3


def test_the_way_a_child_ended_is_known(ask: Callable[[str], Asked]) -> None:
    for line, code in (
        ("sys.exit(3)", 3),
        ("os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV),
        ("pass", 0),
    ):
        asked = ask(line)
        asked.said()
        assert asked.child.end() == asked.child.end() == code
    failing = ask("raise TypeError('unexpected page')")
    assert failing.said().endswith("TypeError: unexpected page")
    assert failing.child.end() == 1


def test_a_child_is_killed_with_what_it_started(ask: Callable[[str], Asked]) -> None:
    asked = ask(
        "import subprocess; print(subprocess.Popen(['sleep', '100']).pid, flush=True); signal.pause()"
    )
    with os.fdopen(asked.stdout) as output:
        started = int(output.readline())
        assert not _has_ended(started)
        assert asked.child.end() == -signal.SIGKILL
    while not _has_ended(started):  # the test's own timeout is the limit
        time.sleep(0.01)


def test_what_a_child_leaves_behind_is_killed_when_it_ends(ask: Callable[[str], Asked]) -> None:
    asked = ask(_START_SLEEP)
    started = int(asked.said())
    while not _has_ended(started):
        time.sleep(0.01)
    assert asked.child.end() == 0


def test_an_error_nobody_expected_is_told_with_its_last_words(limits: Limits, scratch: Path) -> None:
    job = Job("resolve", None, str(scratch), limits)  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="yt-dlp broke on this page"):
        process.run_child(job, Recorder(), watch=lambda: 0)


def test_the_server_and_its_children_end_with_the_process_that_started_them(
    site: LoopbackSite, scratch: Path
) -> None:
    command = [sys.executable, "-c", _RESOLVE_SCRIPT, site.url("talk.mp4"), str(scratch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"resolved\n"
        (server,) = _children(parent.pid)
        parent.kill()
    while not _has_ended(server):
        time.sleep(0.01)


class Meddler(Recorder):
    """Does something once, when bytes flow."""

    def __init__(self, meddle: Callable[[], None], *, cancels: bool = False) -> None:
        super().__init__()
        self._meddle = meddle
        self.cancel_at = 0.2 if cancels else 2.0
        self._done = threading.Event()

    def progress(self, fraction: float, note: str = "") -> None:
        if fraction and not self._done.is_set():
            self._done.set()
            self._meddle()
        super().progress(fraction, note)


def test_a_download_outlives_the_server_and_the_next_gets_a_new_one(  # noqa: PLR0917 - fixtures
    site: LoopbackSite,
    limits: Limits,
    scratch: Path,
    servers: ForkServers,
    talk_bytes: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    killed: list[int] = []

    def kill_server() -> None:
        killed.append(_pid(servers))
        os.kill(killed[0], signal.SIGKILL)

    site.slow_bytes_per_s = len(talk_bytes)
    path = download(
        identify(site.url("slow/talk.mp4")), SourceInfo("x"), scratch, limits, reporter=Meddler(kill_server)
    )
    assert path.read_bytes() == talk_bytes
    assert _resolve(site.url("talk.mp4"), limits, scratch).title == "talk"
    assert _pid(servers) not in killed
    assert [record.getMessage() for record in caplog.records] == [
        "The downloader's fork server ended (status -9: no message); a new one is started."
    ]


def test_what_is_cancelled_before_it_was_begun_is_never_begun(
    site: LoopbackSite, limits: Limits, scratch: Path, servers: ForkServers, caplog: pytest.LogCaptureFixture
) -> None:
    """The first job asks for a child while the server is still loading."""
    reporter = Recorder()
    reporter.fractions, reporter.cancel_at = [1.0], 0.0
    with pytest.raises(CancelledError):
        resolve(identify(site.url("talk.mp4")), limits, scratch=scratch, reporter=reporter)
    with pytest.raises(SourceNotFoundError):
        _resolve(site.url("gone.mp4"), limits, scratch)
    assert site.gets("talk.mp4") == 0
    assert _children(_pid(servers)) == []
    assert not caplog.records


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_a_child_is_ended_when_its_server_is_gone_or_stuck(
    fault: signal.Signals, site: LoopbackSite, limits: Limits, scratch: Path, servers: ForkServers
) -> None:
    child: list[int] = []

    def break_server() -> None:
        child.extend(_children(_pid(servers)))
        os.kill(_pid(servers), fault)

    reporter = Meddler(break_server, cancels=True)
    with pytest.raises(CancelledError):
        download(identify(site.url("slow/talk.mp4")), SourceInfo("x"), scratch, limits, reporter=reporter)
    (pid,) = child
    assert _has_ended(pid)
    os.kill(_pid(servers), signal.SIGCONT)


def test_without_a_server_children_are_started_from_nothing_and_that_is_said_once(  # noqa: PLR0917 - fixtures
    site: LoopbackSite,
    limits: Limits,
    scratch: Path,
    servers: ForkServers,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(forked, "_MODULE", "mindreel.sources.no_such_module")
    for _ in range(2):
        assert _resolve(site.url("talk.mp4"), limits, scratch).title == "talk"
    assert servers._server is None
    (record,) = caplog.records
    assert "fork server cannot be used" in record.getMessage()
    assert "No module named mindreel.sources.no_such_module" in record.getMessage()


def test_a_server_that_may_open_no_more_forks_nothing_and_the_job_is_done_all_the_same(
    site: LoopbackSite, limits: Limits, scratch: Path, servers: ForkServers, caplog: pytest.LogCaptureFixture
) -> None:
    _resolve(site.url("talk.mp4"), limits, scratch)
    resource.prlimit(_pid(servers), resource.RLIMIT_NOFILE, (5, 5))
    assert _resolve(site.url("talk.mp4"), limits, scratch).title == "talk"
    assert "it forked no child" in caplog.text


def test_what_is_set_in_the_environment_between_two_jobs_counts_for_the_second(
    site: LoopbackSite, limits: Limits, scratch: Path, servers: ForkServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolve(site.url("talk.mp4"), limits, scratch)
    first = _pid(servers)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(TransientError, match="could not be reached"):
        _resolve(site.url("talk.mp4"), limits, scratch)
    assert _pid(servers) != first


def test_a_new_yt_dlp_gets_a_new_server(
    site: LoopbackSite, limits: Limits, scratch: Path, servers: ForkServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of yt-dlp is in memory; the rest is read when a site needs it, and must be of the same version."""
    _resolve(site.url("talk.mp4"), limits, scratch)
    first = _pid(servers)
    _resolve(site.url("talk.mp4"), limits, scratch)
    assert _pid(servers) == first
    here = forked._installed()
    monkeypatch.setattr(forked, "_installed", lambda: (*here, 1))
    _resolve(site.url("talk.mp4"), limits, scratch)
    assert _pid(servers) != first
    while not _has_ended(first):
        time.sleep(0.01)
