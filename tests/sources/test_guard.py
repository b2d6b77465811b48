import ipaddress
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mindreel.contracts.video import Limits
from mindreel.errors import MindreelError, SourceForbiddenError
from mindreel.sources import extraction, guard
from mindreel.sources.addresses import is_public
from mindreel.sources.failures import sort_failure
from mindreel.sources.guard import Guard
from mindreel.sources.messages import Job
from mindreel.sources.transfer import Transfer
from mindreel.sources.upstream import Upstream, take_upstream
from tests.support.loopback_site import LoopbackSite


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_addresses_of_the_open_internet_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
    ],
)
def test_addresses_of_private_networks_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.fixture
def strict() -> Iterator[Guard]:
    with Guard(allow_private_hosts=False) as running:
        yield running


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0", "[::1]", "[::ffff:127.0.0.1]", "127.1"]
)
def test_every_spelling_of_this_machine_is_refused(host: str, strict: Guard, site: LoopbackSite) -> None:
    assert _status(strict, f"http://{host}:{site.port}/talk.mp4") == 403
    assert len(strict.refused) == 1
    assert not site.requests


def test_tunnels_are_refused_as_well(strict: Guard) -> None:
    with socket.create_connection(("127.0.0.1", int(strict.url.rpartition(":")[2]))) as client:
        client.sendall(b"CONNECT 169.254.169.254:443 HTTP/1.1\r\nHost: 169.254.169.254:443\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 403")


def test_a_public_name_with_a_private_address_is_refused(
    strict: Guard, site: LoopbackSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    _name(monkeypatch, "inside.example", ["127.0.0.1"])
    assert _status(strict, f"http://inside.example:{site.port}/talk.mp4") == 403
    assert strict.refused == ["inside.example"]


def test_the_address_that_was_checked_is_the_one_connected_to(
    site: LoopbackSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers differently the second time gains nothing."""
    asked = _name(monkeypatch, "rebinding.example", ["127.0.0.1"], ["127.0.0.9"])
    monkeypatch.setattr(guard, "is_public", lambda address: str(address) == "127.0.0.1")
    with Guard(allow_private_hosts=False) as running:
        assert _status(running, f"http://rebinding.example:{site.port}/talk.mp4") == 200
    assert asked == ["rebinding.example"]


def test_an_unknown_name_is_remembered_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    _name(monkeypatch, "nowhere.example")
    with Guard(allow_private_hosts=True) as running:
        assert _status(running, "http://nowhere.example/talk.mp4") == 502
    assert running.unreachable == {"nowhere.example": "its name is not known"}


def test_answers_pass_unchanged(site: LoopbackSite, talk_bytes: bytes) -> None:
    with Guard(allow_private_hosts=True) as running, _open(running, site.url("talk.mp4")) as answer:
        assert answer.read() == talk_bytes


def test_tunnels_carry_both_directions() -> None:
    with socket.create_server(("127.0.0.1", 0)) as echo, Guard(allow_private_hosts=True) as running:
        threading.Thread(target=_echo_once, args=(echo,), daemon=True).start()
        with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2]))) as client:
            client.sendall(f"CONNECT 127.0.0.1:{echo.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            client.sendall(b"ping")
            assert client.recv(1000) == b"ping"


def test_nothing_listens_after_the_end() -> None:
    with Guard(allow_private_hosts=True) as running:
        port = int(running.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_prescribed_proxy_is_gone_through(
    site: LoopbackSite, talk_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prescribed proxy is another guard here, in whose eyes nothing is private."""
    with Guard(allow_private_hosts=True) as prescribed:
        passed = _connections(prescribed, monkeypatch)
        environment = {"HTTP_PROXY": prescribed.url, "no_proxy": "localhost", "HOME": "/"}
        upstream = take_upstream(environment)
        assert environment == {"HOME": "/"}
        with Guard(allow_private_hosts=True, upstream=upstream) as running:
            with _open(running, site.url("talk.mp4")) as answer:
                assert answer.read() == talk_bytes
            assert passed == ["127.0.0.1"]
            assert _status(running, f"http://localhost:{site.port}/talk.mp4") == 200
            assert passed == ["127.0.0.1"]


def test_private_addresses_are_refused_before_a_prescribed_proxy_sees_them(
    site: LoopbackSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Guard(allow_private_hosts=True) as prescribed:
        passed = _connections(prescribed, monkeypatch)
        upstream = Upstream({"http": prescribed.url})
        with Guard(allow_private_hosts=False, upstream=upstream) as running:
            assert _status(running, site.url("talk.mp4")) == 403
    assert passed == []


def test_a_proxy_of_another_kind_is_named_as_the_reason(site: LoopbackSite) -> None:
    upstream = Upstream({"all": "socks5://127.0.0.1:1080"})
    with Guard(allow_private_hosts=True, upstream=upstream) as running:
        assert _status(running, site.url("talk.mp4")) == 502
    assert "speaks socks5" in running.unreachable["127.0.0.1"]


@pytest.mark.parametrize("hop", ["redirect", "page", "jsonld", "playlist", "segment", "ffmpeg"])
def test_private_addresses_are_refused_at_every_hop(
    hop: str, site: LoopbackSite, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site itself counts as public here, 127.0.0.2 (the same machine) as private."""
    monkeypatch.setattr(guard, "is_public", lambda address: address == ipaddress.ip_address("127.0.0.1"))
    inside = f"http://127.0.0.2:{site.port}"
    (site.directory / "segments.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{inside}/talk.mp4\n#EXT-X-ENDLIST\n"
    )
    (site.directory / "master.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000\n{inside}/segments.m3u8\n"
    )
    # Encryption that yt-dlp leaves to ffmpeg, which then opens the segments by itself.
    (site.directory / "ffmpeg.m3u8").write_text(
        (site.directory / "segments.m3u8")
        .read_text()
        .replace("#EXTINF", '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="some.key"\n#EXTINF')
    )
    (site.directory / "some.key").write_bytes(bytes(16))
    path = {
        "redirect": f"redirect?to={inside}/talk.mp4",
        "page": f"page/{inside}/talk.mp4",
        "playlist": "master.m3u8",
        "segment": "segments.m3u8",
        "ffmpeg": "ffmpeg.m3u8",
        "jsonld": f"jsonld/talk.mp4?media={inside}/talk.mp4",
    }[hop]
    with pytest.raises(SourceForbiddenError, match=r"127\.0\.0\.2, a private network address"):
        _download(site.url(path), scratch)
    assert site.gets("talk.mp4") == 0


@pytest.mark.parametrize("scheme", ["ftp", "file", "rtmp", "ws"])
def test_addresses_that_would_go_round_the_guard_are_refused(
    scheme: str, site: LoopbackSite, scratch: Path
) -> None:
    (site.directory / "odd.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{scheme}://127.0.0.1/etc/hosts\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(MindreelError, match=r"not http\(s\)"):
        _download(site.url("odd.m3u8"), scratch, allow_private_hosts=True)
    assert not [path for path in scratch.iterdir() if path.suffix != ".ytdl" and path.stat().st_size]


def _download(url: str, directory: Path, *, allow_private_hosts: bool = False) -> None:
    """What the child does, in this process, so that the test can say what counts as private."""
    limits = Limits(allow_private_hosts=allow_private_hosts, min_free_bytes=0)
    job = Job("download", url, str(directory), limits)
    with Guard(allow_private_hosts=allow_private_hosts) as running:
        try:
            extraction.download(job, running, lambda _: None, Transfer(limits, directory, lambda *_: None))
        except Exception as error:
            raise sort_failure(error, running, url) from error


def _open(running: Guard, url: str) -> Any:
    proxies = urllib.request.ProxyHandler({"http": running.url})
    return urllib.request.build_opener(proxies).open(url, timeout=10)


def _status(running: Guard, url: str) -> int:
    try:
        with _open(running, url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _name(monkeypatch: pytest.MonkeyPatch, name: str, *answers: list[str]) -> list[str]:
    """Let the resolver answer for `name`, the last answer for ever; the list of times it was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *args: Any, **more: Any) -> Any:
        if host != name:
            return real(host, port, *args, **more)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def _connections(running: Guard, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that `running` connects to from now on."""
    hosts: list[str] = []
    real = running.connect

    def connect(host: str, port: int) -> socket.socket:
        hosts.append(host)
        return real(host, port)

    monkeypatch.setattr(running, "connect", connect)
    return hosts


def _echo_once(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(connection.recv(100))
