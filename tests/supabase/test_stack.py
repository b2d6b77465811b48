"""The local stack itself, as far as other tests rely on it."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import tomllib
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.keys import STORAGE_PUBLISHABLE, STORAGE_SECRET
from tests.support.supabase.processes import accepts
from tests.support.supabase.stack import Stack

_ROOT = Path(__file__).parents[2]
_MIB = 1024 * 1024
_HTTP = httpx.Client(timeout=60)


@pytest.fixture
def stack(supabase_stack: Supabase) -> Iterator[Stack]:
    """With an empty bucket "inbox" of at most 1 MiB for each object."""
    if not isinstance(supabase_stack, Stack):
        pytest.skip("is about the local stack")
    supabase_stack.reset()
    limits = {"id": "inbox", "name": "inbox", "public": False, "file_size_limit": _MIB}
    _call(supabase_stack, "POST", "/storage/v1/bucket", json=limits)
    _call(supabase_stack, "PUT", "/storage/v1/bucket/inbox", json=limits).raise_for_status()
    yield supabase_stack
    supabase_stack.reset()


def _call(
    stack: Stack, method: str, path: str, *, headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    return _HTTP.request(method, stack.url + path, headers=_as_owner(stack) | (headers or {}), **body)


def _as_owner(stack: Stack) -> dict[str, str]:
    return {"apikey": stack.service_key, "authorization": f"Bearer {stack.service_key}"}


def test_nothing_is_left_when_the_test_process_is_killed(tmp_path: Path) -> None:
    output = tmp_path / "exports"
    with output.open("w") as file:
        run = subprocess.Popen([sys.executable, "-m", "tests.support.supabase"], cwd=_ROOT, stdout=file)
    _wait_until(lambda: "SUPABASE_STACK_FOLDER" in output.read_text())
    told = dict(re.findall(r"export (\w+)='(.*)'", output.read_text()))
    folder = Path(told["SUPABASE_STACK_FOLDER"])
    storage = tomllib.loads((folder / "storage" / "supabase" / "config.toml").read_text())
    addresses = [told["SUPABASE_URL"], told["DATABASE_URL"]]
    ports = [storage["api"]["port"], *(urlsplit(address).port for address in addresses)]
    assert all(accepts(port) for port in ports)

    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    _wait_until(lambda: not folder.exists())
    assert not any(accepts(port) for port in ports)


def test_by_https_both_versions_of_http_are_offered(stack: Stack) -> None:
    host, _, port = stack.tls_url.removeprefix("https://").partition(":")
    for version in ("h2", "http/1.1"):
        context = ssl.create_default_context(cafile=stack.ca)
        context.set_alpn_protocols([version])
        with (
            socket.create_connection((host, int(port))) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            assert secure.selected_alpn_protocol() == version


@pytest.mark.parametrize("http2", [True, False])
def test_rest_and_storage_answer_by_https(stack: Stack, http2: bool) -> None:  # noqa: FBT001 - a parameter
    verify = ssl.create_default_context(cafile=stack.ca)
    with httpx.Client(base_url=stack.tls_url, http2=http2, verify=verify, headers=_as_owner(stack)) as client:
        assert client.get("/rest/v1/videos").json() == []
        body = os.urandom(_MIB // 2)
        upload = client.post("/storage/v1/object/inbox/x", content=body, headers={"content-type": "text/csv"})
        assert upload.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        assert client.get("/storage/v1/object/inbox/x").content == body


@pytest.mark.parametrize("path", ["/rest/v1/videos", "/storage/v1/object/inbox/x"])
def test_keys_of_the_new_style_are_as_good(stack: Stack, path: str) -> None:
    """Also, the storage server must not have opened the tables to everybody, which it tries to."""
    content_type = {"content-type": "text/csv"}
    _call(stack, "POST", "/storage/v1/object/inbox/x", content=b"1", headers=content_type).raise_for_status()
    assert httpx.get(stack.url + path, headers={"apikey": STORAGE_SECRET}).is_success
    assert httpx.get(stack.url + path, headers={"apikey": STORAGE_PUBLISHABLE}).is_client_error


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ({"range": "bytes=2-4"}, 206, b"234"),
        ({"range": "bytes=7-"}, 206, b"789"),
        ({"range": "bytes=-1"}, 206, b"9"),
        ({"range": "bytes=5-99"}, 206, b"56789"),
        ({"range": "bytes=10-"}, 416, b""),
        ({"range": "bytes=2-4", "if-range": '"of another object"'}, 200, b"0123456789"),
        ({}, 200, b"0123456789"),
    ],
)
def test_a_part_of_an_object_is_sent_as_rfc_9110_says(
    stack: Stack, asked: dict[str, str], status: int, body: bytes
) -> None:
    path = "/storage/v1/object/inbox/digits.csv"
    content_type = {"content-type": "text/csv"}
    _call(stack, "POST", path, content=b"0123456789", headers=content_type).raise_for_status()
    answer = _call(stack, "GET", path, headers=asked)
    assert (answer.status_code, answer.content) == (status, body)
    if status == httpx.codes.PARTIAL_CONTENT:
        assert answer.headers["content-range"].endswith("/10")


def _begin(stack: Stack, size: int, **headers: str) -> httpx.Response:
    metadata = {"bucketName": "inbox", "objectName": "folder/a b.csv", "contentType": "text/csv"}
    pairs = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in metadata.items())
    tus = {"tus-resumable": "1.0.0", "upload-length": str(size), "upload-metadata": pairs}
    return _call(stack, "POST", "/storage/v1/upload/resumable", headers=tus | headers)


def _continue(stack: Stack, address: str, offset: int, content: bytes) -> httpx.Response:
    tus = {"tus-resumable": "1.0.0", "upload-offset": str(offset)}
    path = address.removeprefix(stack.url)
    return _call(
        stack,
        "PATCH",
        path,
        content=content,
        headers=tus | {"content-type": "application/offset+octet-stream"},
    )


def test_a_resumable_upload_comes_in_parts_and_lies_in_its_bucket(stack: Stack) -> None:
    body = os.urandom(1000)
    begun = _begin(stack, len(body))
    address = begun.headers["location"]
    assert begun.status_code == httpx.codes.CREATED
    assert address.startswith(f"{stack.url}/storage/v1/upload/resumable/")
    assert _continue(stack, address, 0, body[:600]).headers["upload-offset"] == "600"
    assert _continue(stack, address, 500, body[500:]).status_code == httpx.codes.CONFLICT
    assert _continue(stack, address, 600, body[600:]).status_code == httpx.codes.NO_CONTENT

    assert _call(stack, "GET", "/storage/v1/object/inbox/folder/a%20b.csv").content == body
    with stack.connect() as connection:
        row = connection.execute("select name, metadata ->> 'mimetype' from storage.objects").fetchone()
    assert row == ("folder/a b.csv", "text/csv")
    path = address.removeprefix(stack.url)
    after = _call(stack, "HEAD", path, headers={"tus-resumable": "1.0.0"})
    assert after.headers["upload-offset"] == "1000"


def test_a_resumable_upload_replaces_an_object_only_when_asked_to(stack: Stack) -> None:
    _continue(stack, _begin(stack, 3).headers["location"], 0, b"one")
    assert _begin(stack, 3).status_code == httpx.codes.CONFLICT
    again = _begin(stack, 3, **{"x-upsert": "true"})
    _continue(stack, again.headers["location"], 0, b"two")
    assert _call(stack, "GET", "/storage/v1/object/inbox/folder/a%20b.csv").content == b"two"


def test_a_resumable_upload_over_the_limit_is_refused_before_the_first_byte(stack: Stack) -> None:
    assert _begin(stack, _MIB + 1).status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


def test_what_came_to_the_gateway_can_be_asked_for(stack: Stack) -> None:
    stack.reset()
    _call(stack, "GET", "/rest/v1/videos?limit=1")
    assert [(one["method"], one["path"], one["status"]) for one in stack.requests()] == [
        ("GET", "/rest/v1/videos?limit=1", 200)
    ]


def test_a_reset_leaves_no_row_and_no_object(stack: Stack) -> None:
    content_type = {"content-type": "text/csv"}
    _call(stack, "POST", "/storage/v1/object/inbox/x", content=b"1", headers=content_type).raise_for_status()
    with stack.connect() as connection:
        connection.execute(
            "create table public.of_a_test (id integer); insert into public.of_a_test values (1)"
        )
        try:
            stack.reset()
            assert connection.execute("select count(*) from public.of_a_test").fetchone() == (0,)
        finally:
            connection.execute("drop table public.of_a_test")
        assert connection.execute("select count(*) from storage.objects").fetchone() == (0,)
    assert _call(stack, "GET", "/storage/v1/object/inbox/x").is_client_error


def _wait_until(is_so: Callable[[], bool], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
