"""Uploads: in one piece or in chunks, resumed wherever they broke off."""

import hashlib
import http.server
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.errors import CancelledError, LimitExceededError, SetupError, StoreError
from mindreel.store.protocols import no_tick
from mindreel.store.supabase import uploads
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.downloads import read_whole
from mindreel.store.supabase.objects import resumable_url
from mindreel.store.supabase.parcels import Parcel, parcel_of_bytes, parcel_of_file
from mindreel.store.supabase.places import object_name
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.uploads import Uploads
from tests.support.fault_proxy import Call, Fault, FaultProxy
from tests.support.supabase.fixtures import Supabase

_MIB = 1024**2
_KEY = "web-1/download-0123456789abcdef/media.mp4"
_CONTENT = bytes(range(256)) * 4096 * 14  # 14 MiB: two whole chunks and one of 2 MiB


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    path = tmp_path / "it's 视频 🎬.mp4"
    path.write_bytes(_CONTENT)
    return parcel_of_file(path, "videos", _KEY, "video/mp4", no_tick)


@pytest.fixture
def proxy(project: Project) -> Iterator[FaultProxy]:
    ensure_buckets(project)
    with FaultProxy(project.access.url) as proxy:
        yield proxy


@pytest.fixture
def sender(proxy: FaultProxy, project: Project, tmp_path: Path) -> Iterator[Uploads]:
    """Sends through the proxy."""
    with Project(SupabaseAccess(proxy.url, project.access.key)) as behind:
        yield Uploads(behind, tmp_path / "uploads")


def _stop_at(done_bytes: int) -> Any:
    def tick(done: int) -> None:
        if done >= done_bytes:
            raise CancelledError("It was cancelled.")

    return tick


def _arrived(project: Project) -> bool:
    return _is_there(project, _CONTENT)


def _name(content: bytes) -> str:
    return object_name(_KEY, hashlib.sha256(content).hexdigest())


def _is_there(project: Project, content: bytes) -> bool:
    return read_whole(project, "videos", _name(content)) == content


def _media_type(connection: Any, content: bytes) -> str:
    query = "select metadata ->> 'mimetype' from storage.objects where name = %s"
    (found,) = connection.execute(query, [_name(content)]).fetchone()
    return str(found)


def test_small_content_is_sent_in_one_piece_with_its_type(
    sender: Uploads, proxy: FaultProxy, project: Project, supabase_connection: Any
) -> None:
    ticks: list[int] = []
    sender.send(parcel_of_bytes(b"x" * 700_000, "videos", _KEY, "video/mp4"), ticks.append)
    assert list(proxy.kinds) == ["POST /storage/v1/object/videos/*"]
    assert _is_there(project, b"x" * 700_000)
    assert _media_type(supabase_connection, b"x" * 700_000) == "video/mp4"
    assert (ticks, ticks[-1]) == (sorted(ticks), 700_000)
    assert len(ticks) >= 3


def test_large_content_is_sent_in_chunks_of_6_mib_and_says_how_far_it_is_within_them(
    sender: Uploads, parcel: Parcel, supabase_stack: Supabase, project: Project, tmp_path: Path
) -> None:
    ticks: list[int] = []
    sender.send(parcel, ticks.append)
    assert _arrived(project)
    chunks = [each["content_length"] for each in supabase_stack.requests() if each["method"] == "PATCH"]
    assert chunks == [6 * _MIB, 6 * _MIB, 2 * _MIB]
    assert (ticks, ticks[-1]) == (sorted(ticks), 14 * _MIB)
    assert max(after - before for before, after in itertools.pairwise(ticks)) <= 256 * 1024
    assert list((tmp_path / "uploads").iterdir()) == []


def test_it_lies_beside_what_was_there_under_the_key(
    sender: Uploads, parcel: Parcel, project: Project, supabase_connection: Any
) -> None:
    sender.send(parcel_of_bytes(b"old", "videos", _KEY, "text/plain"), no_tick)
    sender.send(parcel, no_tick)
    sender.send(parcel_of_bytes(b"new", "videos", _KEY, "video/mp4"), no_tick)
    assert _arrived(project)
    assert _media_type(supabase_connection, _CONTENT) == "video/mp4"
    assert _is_there(project, b"old")
    assert _is_there(project, b"new")


@pytest.mark.parametrize("content", [b"small", _CONTENT])
def test_it_replaces_what_was_damaged(sender: Uploads, project: Project, content: bytes) -> None:
    damaged = b"x" * len(content)
    project.bucket("videos").upload(_name(content), damaged, {"content-type": "video/mp4"})
    sender.send(parcel_of_bytes(content, "videos", _KEY, "video/mp4"), no_tick)
    assert _is_there(project, content)


def test_another_process_goes_on_where_the_first_ended(
    sender: Uploads, parcel: Parcel, supabase_stack: Supabase, project: Project, tmp_path: Path
) -> None:
    with pytest.raises(CancelledError):
        sender.send(parcel, _stop_at(9 * _MIB))
    before = len(supabase_stack.requests())
    Uploads(project, tmp_path / "elsewhere")  # another machine knows nothing of it
    notes = list((tmp_path / "uploads").iterdir())
    assert len(notes) == 1
    assert project.access.key not in notes[0].read_text()
    sender.send(parcel, no_tick)
    assert _arrived(project)
    # What the first was sending when it ended may be noted only now, as the call that nobody waited for.
    later = [each for each in supabase_stack.requests()[before:] if each["status"] is not None]
    assert [each["method"] for each in later][:2] == ["HEAD", "PATCH"]
    assert sum(each["content_length"] for each in later if each["method"] == "PATCH") <= 8 * _MIB
    assert "POST" not in [each["method"] for each in later]


def test_other_content_under_the_key_begins_anew(
    sender: Uploads, parcel: Parcel, project: Project, tmp_path: Path
) -> None:
    with pytest.raises(CancelledError):
        sender.send(parcel, _stop_at(9 * _MIB))
    (tmp_path / "other").write_bytes(_CONTENT[::-1])
    sender.send(parcel_of_file(tmp_path / "other", "videos", _KEY, "video/mp4", no_tick), no_tick)
    assert _is_there(project, _CONTENT[::-1])


@pytest.mark.parametrize("fault", [Fault.RESET_DURING, Fault.RESET_AFTER, Fault.CONFLICT])
def test_a_chunk_that_breaks_off_is_gone_on_with_in_the_same_call(
    sender: Uploads, proxy: FaultProxy, parcel: Parcel, project: Project, fault: Fault
) -> None:
    proxy.follow(lambda call: fault if call.method == "PATCH" and call.count == 2 else None)
    sender.send(parcel, no_tick)
    assert _arrived(project)
    assert proxy.kinds["POST /storage/v1/upload/resumable"] == 1


def test_a_line_that_lets_nothing_through_ends_the_attempt_and_the_next_goes_on(
    sender: Uploads, proxy: FaultProxy, parcel: Parcel, project: Project
) -> None:
    def broken(call: Call) -> Fault | None:
        return Fault.RESET_BEFORE if call.method == "PATCH" and call.count > 1 else None

    proxy.follow(broken)
    with pytest.raises(StoreError, match=r"the upload of web-1/.*/media\.mp4"):
        sender.send(parcel, no_tick)
    proxy.follow(lambda _: None)
    sender.send(parcel, no_tick)
    assert _arrived(project)
    assert proxy.kinds["PATCH /storage/v1/upload/resumable/*"] == 2


def test_what_a_server_asks_to_wait_is_told_and_not_waited_for(
    sender: Uploads, proxy: FaultProxy, parcel: Parcel
) -> None:
    proxy.follow(lambda call: Fault.UNAVAILABLE if call.method == "PATCH" else None)
    with pytest.raises(StoreError) as raised:
        sender.send(parcel, no_tick)
    assert raised.value.retry_after_s == 7
    assert proxy.kinds["PATCH /storage/v1/upload/resumable/*"] == 1


def test_a_bucket_that_takes_no_such_file_and_one_that_is_not_there_are_sentences(
    sender: Uploads, parcel: Parcel, project: Project
) -> None:
    nowhere = parcel_of_bytes(_CONTENT, "nowhere", _KEY, "video/mp4")
    for each in (nowhere, parcel_of_bytes(b"1", "nowhere", _KEY, "video/mp4")):
        with pytest.raises(SetupError, match="lacks the bucket for the upload of web-1"):
            sender.send(each, no_tick)
    project.storage.update_bucket("videos", {"public": False, "file_size_limit": 1000})
    try:
        for each in (parcel, parcel_of_bytes(b"x" * 2000, "videos", _KEY, "video/mp4")):
            with pytest.raises(LimitExceededError, match="larger than the bucket or the project allows"):
                sender.send(each, no_tick)
    finally:
        project.storage.update_bucket("videos", {"public": False, "file_size_limit": 10**9})


class ScriptedTus:
    """A TUS server that forgets, is busy and miscounts on demand; keeps what it got in memory."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        """What the next PATCHes are answered before anything is read; 0: taken."""
        self.received = b""
        self.created = 0
        self.heads = 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Nothing."""

            def do_POST(self) -> None:
                server.created += 1
                server.received = b""
                self._send(201, Location=f"http://attacker.example/files/{server.created}")

            def do_HEAD(self) -> None:
                server.heads += 1
                self._send(200, **{"Upload-Offset": str(len(server.received))})

            def do_PATCH(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answer = server.answers.pop(0) if server.answers else 0
                if not answer:
                    assert int(self.headers["upload-offset"]) == len(server.received)
                    server.received += body
                self._send(answer or 204, **{"Upload-Offset": str(len(server.received))})

            def _send(self, status: int, **headers: str) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"


@pytest.mark.parametrize(
    ("answers", "created"),
    [([0, 423, 423], 1), ([0, 404], 2), ([0, 410], 2), ([0, 409, 409], 1), ([423], 1)],
)
def test_busy_forgotten_and_miscounted_uploads_arrive(
    answers: list[int], created: int, parcel: Parcel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the key of the service role does not follow an address to another host."""
    monkeypatch.setattr(uploads, "_BUSY_PAUSE_S", 0.01)
    with ScriptedTus(answers) as server, Project(SupabaseAccess(server.url, "key")) as project:
        Uploads(project, tmp_path / "uploads").send(parcel, no_tick)
        assert server.received == _CONTENT
        assert server.created == created


@pytest.mark.parametrize("answer", [423, 409, 404])
def test_a_server_that_never_gets_on_ends_the_attempt(
    answer: int, parcel: Parcel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_BUSY_PAUSE_S", 0.0)
    with ScriptedTus([answer] * 100) as server, Project(SupabaseAccess(server.url, "key")) as project:
        with pytest.raises(StoreError, match="did not get on with the upload"):
            Uploads(project, tmp_path / "uploads").send(parcel, no_tick)
        assert len(server.answers) > 70


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://abc.supabase.co", "https://abc.storage.supabase.co/storage/v1/upload/resumable"),
        ("https://supabase.example.org", "https://supabase.example.org/storage/v1/upload/resumable"),
        ("http://127.0.0.1:54321", "http://127.0.0.1:54321/storage/v1/upload/resumable"),
    ],
)
def test_hosted_projects_take_chunks_at_a_host_of_its_own(url: str, address: str) -> None:
    with Project(SupabaseAccess(url, "key")) as project:
        assert resumable_url(project) == address


def test_a_cancelled_upload_holds_no_connection(sender: Uploads, parcel: Parcel) -> None:
    for _ in range(3):
        with pytest.raises(CancelledError):
            sender.send(parcel, _stop_at(_MIB))
    pool: Any = sender._project.http._transport
    assert isinstance(pool, httpx.HTTPTransport)
    assert not [each for each in pool._pool.connections if not each.is_idle()]
