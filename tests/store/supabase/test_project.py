"""Each way in which a project fails ends in one of our errors, with a sentence that says what was wanted."""

import http.server
import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.errors import InputError, LimitExceededError, MindreelError, SetupError, StoreError
from mindreel.store.supabase.faults import HeldError, MissingError, of_response, our_errors
from mindreel.store.supabase.project import Patience, Project
from tests.support.fault_proxy import Fault, FaultProxy, at
from tests.support.supabase.fixtures import Supabase, supabase_stack
from tests.support.supabase.processes import free_port
from tests.support.supabase.stack import Stack
from workflows.policies import HEARTBEAT

__all__ = ["supabase_stack"]

KEY = "sb_secret_nobodyMayEverReadThis"
SHORT = Patience(connect_s=0.5, reply_s=0.3, transfer_s=0.3)
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Teller:
    """A server that gives the same answer to everything."""

    reply: Reply = (200, {"Content-Type": "application/json"}, b"{}")
    gathers: threading.Barrier | None = None
    """Nobody is answered before so many have asked."""
    hangs_up: bool = False
    """Closes each connection after its answer, without having said so."""
    asked: list[str] = field(default_factory=list)
    hung_up: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __enter__(self) -> Self:
        teller = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Tests print nothing."""

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                teller.asked.append(self.path)
                if teller.gathers:
                    teller.gathers.wait(30)
                status, headers, body = teller.reply
                self.send_response_only(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = teller.hangs_up

            do_GET = do_POST  # noqa: N815 - http.server's name

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def shutdown_request(self, request: Any) -> None:
                super().shutdown_request(request)
                teller.hung_up.release()

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def teller() -> Iterator[Teller]:
    with Teller() as teller:
        yield teller


def from_database(project: Project) -> Any:
    return project.call("book_of_hours", page=3)


def from_storage(project: Project) -> Any:
    with our_errors("the book"):
        return project.bucket("books").upload("hours.txt", b"content", {"upsert": "true"})


def from_buckets(project: Project) -> Any:
    with our_errors("the book"):
        return project.storage.create_bucket("books")


def from_stream(project: Project) -> bytes:
    url = f"{project.access.url}/storage/v1/object/books/hours.txt"
    with our_errors("the book"), project.http.stream("GET", url, headers=project.headers) as answer:
        if answer.is_error:
            answer.read()
            raise of_response("the book", answer)
        return answer.read()


CALLS = [from_database, from_storage, from_buckets, from_stream]
Made = Callable[[Project], Any]


def failure(call: Made, url: str, patience: Patience = SHORT, key: str = KEY) -> MindreelError:
    """What the call raises; it says what was wanted."""
    with Project(SupabaseAccess(url, key), patience) as project, pytest.raises(MindreelError) as raised:
        call(project)
    assert "book" in str(raised.value)
    return raised.value


def told(status: int, body: dict[str, Any], **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(body).encode()


def refused(status: int, message: str) -> Reply:
    """As Storage says it."""
    return told(status, {"statusCode": str(status), "error": "Error", "message": message})


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (401, SetupError, "SUPABASE_SERVICE_ROLE_KEY"),
        (403, SetupError, "SUPABASE_SERVICE_ROLE_KEY"),
        (402, SetupError, "over its quota"),
        (404, MissingError, "nothing there"),
        (409, StoreError, "409 told so"),
        (413, LimitExceededError, "larger than the bucket or the project allows"),
        (422, SetupError, "422 told so"),
        (423, StoreError, "423 told so"),
        (429, StoreError, "429 told so"),
        (500, StoreError, "500 told so"),
        (503, StoreError, "503 told so"),
        (520, StoreError, "520 told so"),
        (540, SetupError, "paused"),
    ],
)
def test_a_status_says_what_to_do(
    teller: Teller, call: Made, status: int, kind: type[MindreelError], sentence: str
) -> None:
    teller.reply = refused(status, "told so")
    error = failure(call, teller.url)
    assert type(error) is kind
    assert sentence in str(error)
    assert len(teller.asked) == 1, "tried again by itself"


@pytest.mark.parametrize("call", CALLS[1:])
@pytest.mark.parametrize(("status", "kind"), [(404, MissingError), (413, LimitExceededError)])
def test_storage_means_the_status_inside_its_answer(
    teller: Teller, call: Made, status: int, kind: type[MindreelError]
) -> None:
    teller.reply = (400, *refused(status, "told so")[1:])
    assert type(failure(call, teller.url)) is kind


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [429, 503])
def test_how_long_to_wait_arrives_as_a_number_or_a_date(teller: Teller, call: Made, status: int) -> None:
    teller.reply = told(status, {}, Retry_After="120")
    assert getattr(failure(call, teller.url), "retry_after_s", None) == 120
    soon = datetime.now(UTC) + timedelta(seconds=300)
    page = b"<html>Slow down</html>"
    teller.reply = (status, {"Retry-After": format_datetime(soon, usegmt=True)}, page)
    assert 200 < getattr(failure(call, teller.url), "retry_after_s", 0) <= 300
    teller.reply = told(status, {}, Retry_After="whenever")
    assert getattr(failure(call, teller.url), "retry_after_s", 0) is None


@pytest.mark.parametrize("call", CALLS)
def test_the_page_of_a_network_that_wants_a_login_is_no_answer(teller: Teller, call: Made) -> None:
    page = b"<!doctype html><html>Please log in.</html>"
    teller.reply = (200, {"Content-Type": "text/html; charset=utf-8"}, page)
    error = failure(call, teller.url)
    assert type(error) is StoreError
    assert "a proxy or a login page" in str(error)


def test_our_own_pages_are_answers(teller: Teller) -> None:
    teller.reply = (200, {"Content-Type": "text/html"}, b"<html>Our page.</html>")
    with Project(SupabaseAccess(teller.url, KEY)) as project:
        url = f"{teller.url}/storage/v1/object/reports/published/v/index.html"
        assert project.http.get(url, headers=project.headers).content == b"<html>Our page.</html>"


@pytest.mark.parametrize("call", CALLS[:3])
@pytest.mark.parametrize(
    "reply",
    [
        (200, {"Content-Type": "application/json"}, b"<html>Please log in.</html>"),
        (200, {"Content-Type": "application/json"}, b"\xff\xfe\xfd\x00"),
        (200, {"Content-Type": "application/json"}, b'{"half": '),
    ],
)
def test_an_answer_that_makes_no_sense_is_tried_again(teller: Teller, call: Made, reply: Reply) -> None:
    teller.reply = reply
    error = failure(call, teller.url)
    assert type(error) is StoreError
    assert "a proxy or a login page" in str(error)


@pytest.mark.parametrize("call", CALLS)
def test_pages_of_errors_are_not_quoted(teller: Teller, call: Made) -> None:
    teller.reply = (502, {"Content-Type": "text/html"}, b"<html><h1>Bad gateway</h1></html>")
    error = failure(call, teller.url)
    assert type(error) is StoreError
    assert "502" in str(error)
    assert "<" not in str(error)


@pytest.mark.parametrize("call", CALLS)
def test_the_key_does_not_follow_a_redirect(teller: Teller, call: Made) -> None:
    with Teller() as elsewhere:
        teller.reply = (308, {"Location": f"{elsewhere.url}/login?state=1"}, b"")
        error = failure(call, teller.url)
        assert not elsewhere.asked
    assert type(error) is SetupError
    assert f"redirect to {elsewhere.url}/login;" in str(error)


@pytest.mark.parametrize("call", CALLS)
def test_a_project_that_is_not_there_is_named(call: Made) -> None:
    error = failure(call, f"http://127.0.0.1:{free_port()}")
    assert type(error) is StoreError
    assert "Connection refused" in str(error)
    error = failure(call, "http://no-such-project.invalid")
    assert type(error) is StoreError
    assert "no host no-such-project.invalid" in str(error)


LOST = [Fault.RESET_BEFORE, Fault.RESET_DURING, Fault.RESET_AFTER, Fault.STALL, Fault.CUT]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", LOST)
def test_a_line_that_breaks_is_tried_again(teller: Teller, call: Made, fault: Fault) -> None:
    with FaultProxy(teller.url, at(1, fault)) as proxy:
        error = failure(call, proxy.url)
        assert len(proxy.calls) == 1, "tried again by itself"
    assert type(error) is StoreError
    assert f"{proxy.url.partition('//')[2]} did not answer" in str(error)


def test_slow_answers_are_waited_for(teller: Teller) -> None:
    with (
        FaultProxy(teller.url, at(1, Fault.SLOW)) as proxy,
        Project(SupabaseAccess(proxy.url, KEY)) as project,
    ):
        assert from_database(project) == {}


def test_a_stalled_call_ends_before_a_heartbeat_is_missed() -> None:
    usual = Patience()
    assert usual.connect_s + usual.reply_s <= HEARTBEAT.total_seconds()


def test_a_call_may_be_given_more_time_than_others(teller: Teller) -> None:
    with (
        FaultProxy(teller.url, at(1, Fault.SLOW)) as proxy,
        Project(SupabaseAccess(proxy.url, KEY), Patience(reply_s=0.001)) as project,
    ):
        assert project.call("book_of_hours", reply_s=20.0) == {}


def test_no_call_waits_for_the_connection_of_another(teller: Teller) -> None:
    many = 100
    teller.gathers = threading.Barrier(many)
    with Project(SupabaseAccess(teller.url, KEY)) as project, ThreadPoolExecutor(many) as pool:
        assert list(pool.map(lambda _: from_database(project), range(many))) == [{}] * many


def test_connections_that_were_closed_meanwhile_cost_nothing(teller: Teller) -> None:
    teller.hangs_up = True
    with Project(SupabaseAccess(teller.url, KEY)) as project:
        for _ in range(20):
            assert from_database(project) == {}
            assert teller.hung_up.acquire(timeout=10)


@pytest.mark.parametrize("call", CALLS)
def test_the_key_is_nowhere_to_be_read(teller: Teller, call: Made, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    replies = [refused(status, "told so") for status in (400, 401, 404, 409, 429, 500)]
    errors = []
    for teller.reply in replies:
        errors.append(failure(call, teller.url))
    with FaultProxy(teller.url) as proxy:
        for fault in LOST:
            proxy.follow(at(1, fault))
            errors.append(failure(call, proxy.url))
    for error in errors:
        assert KEY not in "".join(traceback.format_exception(error)) + repr(error)
    assert len(caplog.records) > len(errors), "nothing was logged, so this proves nothing"
    assert KEY not in caplog.text


@pytest.mark.parametrize("key", [f"{KEY}\nx", f"{KEY}…", f"{KEY} {KEY}", ""])
def test_what_cannot_be_a_key_is_refused_before_it_is_sent(key: str) -> None:
    with pytest.raises(InputError, match="SUPABASE_SERVICE_ROLE_KEY") as raised:
        Project(SupabaseAccess("http://127.0.0.1:1", key))
    assert KEY not in "".join(traceback.format_exception(raised.value))


def test_a_wrong_key_is_told_by_the_real_gateway(supabase_stack: Supabase) -> None:
    for key in ("nonsense", supabase_stack.anon_key):
        with (
            Project(SupabaseAccess(supabase_stack.url, key)) as project,
            pytest.raises(SetupError, match="SUPABASE_SERVICE_ROLE_KEY"),
        ):
            project.call("catalog_get", video_id="v")


def test_a_project_without_the_migrations_is_told_to_apply_them(supabase_stack: Supabase) -> None:
    error = failure(from_database, supabase_stack.url, Patience(), supabase_stack.service_key)
    assert type(error) is SetupError
    assert "apply supabase/migrations" in str(error)


@pytest.fixture(scope="module")
def raising(supabase_stack: Supabase) -> Iterator[Project]:
    """With functions in its database that fail as ours might."""
    if not supabase_stack.is_local:
        pytest.skip("makes functions of its own")
    grants = "from public; grant execute on function public."
    with supabase_stack.connect() as connection:
        connection.execute(
            f"""
            create function public.test_raise(code text) returns void language plpgsql as
                $$ begin raise exception using errcode = code, message = 'The sentence.'; end $$;
            revoke execute on function public.test_raise {grants}test_raise to service_role;
            create function public.test_sleep() returns void language sql set statement_timeout = '50ms' as
                $$ select pg_sleep(20) $$;
            revoke execute on function public.test_sleep {grants}test_sleep to service_role;
        """.encode()
        )
        with Project(SupabaseAccess(supabase_stack.url, supabase_stack.service_key)) as project:
            _wait_for(project, "test_sleep")
            yield project
        connection.execute("drop function public.test_raise, public.test_sleep")


def _wait_for(project: Project, function: str) -> None:
    """PostgREST reads its schema anew in a moment."""
    for _ in range(100):
        try:
            project.call(function)
        except SetupError:
            threading.Event().wait(0.05)
        except StoreError:
            return
    pytest.fail(f"{function} did not appear")


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        ("MRSET", SetupError, r"^The sentence\.$"),
        ("MRBSY", HeldError, r"^The sentence\.$"),
        ("MRINP", InputError, r"^The sentence\.$"),
        ("40P01", StoreError, r"occupied: the database function test_raise \(40P01"),
        ("23505", StoreError, "occupied"),
        ("55P03", StoreError, "occupied"),
        ("57P01", StoreError, "occupied"),
        ("53300", StoreError, "occupied"),
        ("08006", StoreError, "occupied"),
        ("XX000", StoreError, "occupied"),
        ("25006", SetupError, "disk may be full"),
        ("42501", SetupError, "SUPABASE_SERVICE_ROLE_KEY"),
        ("42P01", SetupError, "apply supabase/migrations"),
        ("22P02", SetupError, r"refuses the database function test_raise \(22P02 The sentence"),
        ("P0001", SetupError, "P0001 The sentence"),
    ],
)
def test_what_the_database_raises_is_told_by_its_code(
    raising: Project, code: str, kind: type[MindreelError], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence) as raised:
        raising.call("test_raise", code=code)
    assert type(raised.value) is kind


def test_the_database_ends_what_takes_longer_than_its_function_says(raising: Project) -> None:
    with pytest.raises(StoreError, match="57014"):
        raising.call("test_sleep")


def test_a_certificate_of_ones_own_is_named_in_ssl_cert_file(
    supabase_stack: Supabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(supabase_stack, Stack):
        pytest.skip("a hosted project has a certificate that everybody trusts")
    access = SupabaseAccess(supabase_stack.tls_url, supabase_stack.service_key)
    error = failure(from_database, access.url, Patience(), access.key)
    assert type(error) is SetupError
    assert "SSL_CERT_FILE" in str(error)
    monkeypatch.setenv("SSL_CERT_FILE", str(supabase_stack.ca))
    with Project(access) as project:
        assert project.call("catalog_get", video_id="v") is None


def test_a_file_of_certificates_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    for name in ("missing.pem", "none.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
        with pytest.raises(InputError, match="SSL_CERT_FILE names no file"):
            Project(SupabaseAccess("https://localhost", KEY))
