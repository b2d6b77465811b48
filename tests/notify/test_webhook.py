import base64
import logging
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import NoReturn

import pytest
from standardwebhooks import Webhook as Reference

from mindreel.contracts.retry_after import seconds_to_wait
from mindreel.errors import InputError, MindreelError, RateLimitedError, SourceForbiddenError, TransientError
from mindreel.notify.webhook import Webhook
from mindreel.sources.guard import Guard
from tests.support.webhook_receiver import WebhookReceiver

_KEY = bytes(range(32))
_SECRET = "whsec_" + base64.b64encode(_KEY).decode()
_BODY = b'{"type":"video.finished"}'


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


def _open() -> Guard:
    return Guard(allow_private_hosts=True)


def _refusal(receiver: WebhookReceiver, path: str = "/hook") -> MindreelError:
    with pytest.raises(MindreelError) as refused:
        Webhook(receiver.url(path), _KEY, _open).post("video_1", _BODY)
    return refused.value


def test_the_receiver_can_verify_what_came(receiver: WebhookReceiver) -> None:
    assert Webhook(receiver.url("/hook?team=a%20b"), _KEY, _open).post("video_1", _BODY) == 200
    (received,) = receiver.received
    assert received.path == "/hook?team=a%20b"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "video_1"
    assert Reference(_SECRET).verify(received.body, received.headers) == {"type": "video.finished"}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_success_whatever_the_body(receiver: WebhookReceiver, status: int) -> None:
    receiver.status = status
    receiver.content = b"" if status == 204 else b"<h1>error</h1>" * 1000
    assert Webhook(receiver.url(), _KEY, _open).post("video_1", _BODY) == status


def test_a_redirect_is_not_followed(receiver: WebhookReceiver) -> None:
    with WebhookReceiver() as other:
        receiver.status, receiver.headers = 307, {"Location": other.url("/elsewhere?token=s3cret-token")}
        refused = _refusal(receiver)
        assert not other.received
    assert isinstance(refused, InputError)
    assert "redirects to 127.0.0.1" in str(refused)
    assert "s3cret-token" not in str(refused)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 409, 425])
def test_a_receiver_in_trouble_is_told_later_when_it_likes(receiver: WebhookReceiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"Retry-After": "120"}
    refused = _refusal(receiver)
    assert isinstance(refused, TransientError)
    assert refused.retry_after_s == 120
    assert len(receiver.received) == 1


def test_too_many_notices_are_told_later(receiver: WebhookReceiver) -> None:
    receiver.status = 429
    refused = _refusal(receiver)
    assert isinstance(refused, RateLimitedError)
    assert refused.retry_after_s is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_receiver_that_does_not_want_it_is_not_asked_again(receiver: WebhookReceiver, status: int) -> None:
    receiver.status, receiver.content = status, b"no such\n  hook" + b"!" * 100_000
    refused = _refusal(receiver)
    assert isinstance(refused, InputError)
    assert f"HTTP {status} (no such hook!" in str(refused)
    assert len(str(refused)) < 400


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "169.254.169.254", "10.0.0.1", "0"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_private_address_is_refused_and_no_request_is_made(
    receiver: WebhookReceiver, scheme: str, host: str
) -> None:
    port = receiver.url().split(":")[2].removesuffix("/hook")
    webhook = Webhook(f"{scheme}://{host}:{port}/hook", _KEY, lambda: Guard(allow_private_hosts=False))
    with pytest.raises(SourceForbiddenError, match="MINDREEL_ALLOW_PRIVATE_HOSTS=1"):
        webhook.post("video_1", _BODY)
    assert not receiver.received


def test_https_goes_through_the_guard_and_certificates_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unavailable: Callable[[str], NoReturn]
) -> None:
    certificate = _certificate(tmp_path, unavailable)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with WebhookReceiver(tls) as secure:
        assert "CERTIFICATE_VERIFY_FAILED" in str(_refusal(secure))
        assert not secure.received
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert Webhook(secure.url(), _KEY, _open).post("video_1", _BODY) == 200
        assert Reference(_SECRET).verify(secure.received[0].body, secure.received[0].headers)


def _certificate(folder: Path, unavailable: Callable[[str], NoReturn]) -> Path:
    """Key and certificate for 127.0.0.1, signed by nobody else."""
    openssl = shutil.which("openssl")
    if openssl is None:
        unavailable("no openssl to make a certificate with")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    certificate.write_text(key.read_text() + certificate.read_text())
    return certificate


def test_a_receiver_that_is_down_or_unknown_is_told_later() -> None:
    with WebhookReceiver() as gone:
        url = gone.url()
    for address in (url, "http://receiver.invalid/hook", "https://receiver.invalid/hook"):
        with pytest.raises(TransientError, match="cannot be reached"):
            Webhook(address, _KEY, _open).post("video_1", _BODY)


def test_the_environment_s_proxy_cannot_lead_round_the_guard(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", receiver.url())
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(SourceForbiddenError):
        Webhook(receiver.url(), _KEY, lambda: Guard(allow_private_hosts=False)).post("video_1", _BODY)
    assert not receiver.received


def test_a_name_and_password_in_the_address_become_a_header(receiver: WebhookReceiver) -> None:
    address = receiver.url().replace("://", "://ada:p%40ss@")
    assert Webhook(address, _KEY, _open).post("video_1", _BODY) == 200
    expected = base64.b64encode(b"ada:p@ss").decode()
    assert receiver.received[0].headers["authorization"] == f"Basic {expected}"


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_neither_address_nor_key_is_ever_shown(
    receiver: WebhookReceiver, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG, "httpx2")
    caplog.set_level(logging.INFO)
    receiver.status = status
    receiver.content = b"Cannot POST /t0ken/x%20y?key=q5ecret, nor /t0ken/x y"
    webhook = Webhook(receiver.url("/t0ken/x%20y?key=q5ecret"), _KEY, _open)
    shown = repr(webhook)
    try:
        webhook.post("video_1", _BODY)
    except MindreelError as error:
        shown += str(error)
    shown += caplog.text
    for secret in ("t0ken", "q5ecret", _SECRET, repr(_KEY)):
        assert secret not in shown


@pytest.mark.parametrize(
    "url", ["http://", "ftp://example.org/x", "http://[::1", "https:///path", "http://[::1]/x"]
)
def test_an_address_that_makes_no_sense_is_refused_at_once(url: str) -> None:
    with pytest.raises(InputError, match="MINDREEL_WEBHOOK_URL"):
        Webhook(url, _KEY, _open)


def test_waits_are_read_as_seconds_or_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert seconds_to_wait(" 30 ") == 30
    assert 3500 < (seconds_to_wait(later) or 0) <= 3600
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    for nothing in (None, "", "soon", "-5", "\u0663"):
        assert seconds_to_wait(nothing) is None
