"""The filtering forward proxy through which every download goes.

Checking the address a person typed is not enough: pages redirect and point to videos, playlists and images
on other hosts. So each connection is resolved here, refused unless it leads to the open internet, and made
to the very address that was checked (a second look-up could answer differently). A proxy that the network
prescribes is gone through, not round.
"""

import http.server
import select
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from mindreel.sources.addresses import Address, is_public, lookup
from mindreel.sources.upstream import Upstream, open_tunnel

_CONNECT_TIMEOUT_S = 15.0
_STOP_POLL_S = 0.02
"""How long the end of a `with` block may have to wait, once for every video that is asked about."""
_BLOCK_BYTES = 256 * 1024
_MAX_HEAD_BYTES = 256 * 1024
UNKNOWN_NAME = "its name is not known"
"""The reason in `Guard.unreachable` where the host does not exist, as far as this machine can say."""
_HOP_BY_HOP = frozenset(  # RFC 9110, section 7.6.1
    {"connection", "proxy-connection", "keep-alive", "proxy-authorization", "te", "upgrade", "expect"}
)


class RefusedAddressError(Exception):
    """The host leads into a private network."""


class Guard:
    """An HTTP proxy on loopback for the length of a `with` block.

    It remembers what it turned away, so that a failure can be told by its true cause.
    """

    def __init__(self, *, allow_private_hosts: bool, upstream: Upstream | None = None) -> None:
        self._allow_private_hosts = allow_private_hosts
        self._upstream = upstream or Upstream()
        self.refused: list[str] = []
        """Hosts that lead into a private network."""
        self.unreachable: dict[str, str] = {}
        """Hosts that could not be found or connected to, and why."""
        self._server = _ProxyServer(("127.0.0.1", 0), _ProxyHandler)
        self._server.guard = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_STOP_POLL_S,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The proxy's address, for `HTTP_PROXY` and its like."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to `host`; raises `RefusedAddressError` or `OSError`, and remembers both."""
        try:
            connection = self._open(host, port)
        except OSError as error:
            self.unreachable[host] = _reason(error)
            raise
        self.unreachable.pop(host, None)
        return connection

    def _open(self, host: str, port: int) -> socket.socket:
        proxy = self._upstream.proxy_for(host, port)
        if proxy is None:
            return _first_open(self._allowed(host, port), port)
        # The prescribed proxy gets the address that was checked: by name it would look it up again.
        target = host if self._allow_private_hosts else str(self._allowed(host, port)[0])
        return open_tunnel(proxy, target, port, _CONNECT_TIMEOUT_S)

    def _allowed(self, host: str, port: int) -> list[Address]:
        addresses = lookup(host, port)
        if self._allow_private_hosts:
            return addresses
        public = [address for address in addresses if is_public(address)]
        if not public:
            self.refused.append(host)
            raise RefusedAddressError(host)
        return public


def _first_open(addresses: list[Address], port: int) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), _CONNECT_TIMEOUT_S)
        except OSError as error:
            failure = error
    raise failure or OSError("the host has no address")


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "no name server answered" if error.errno == socket.EAI_AGAIN else UNKNOWN_NAME
    if isinstance(error, TimeoutError):
        return "it did not answer"
    return (error.strerror or str(error)).lower()


class _ProxyServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    guard: Guard

    def handle_error(self, request: object, client_address: object) -> None:
        """A side that went away mid-way is the other side's to notice; print nothing."""


class _ProxyHandler(http.server.BaseHTTPRequestHandler):
    """One request per connection: the answer always closes it, so no request can slip in behind."""

    protocol_version = "HTTP/1.1"
    server: _ProxyServer

    def do_CONNECT(self) -> None:
        """Tunnel (RFC 9110, section 9.3.6)."""
        target = urlsplit(f"//{self.path}")
        remote = self._connect(target.hostname, target.port or 443)
        if remote is None:
            return
        with remote:
            self.connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pump_both(self.connection, remote)

    def _forward(self) -> None:
        """A plain HTTP request in absolute form (RFC 9112, section 3.2.2)."""
        target = urlsplit(self.path)
        if target.scheme != "http":
            self._refuse(400, "Only http and https")
            return
        remote = self._connect(target.hostname, target.port or 80)
        if remote is None:
            return
        with remote:
            remote.sendall(self._origin_head(target.path or "/", target.query, target.netloc))
            remote.sendall(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            _relay_answer(remote, self.connection)

    do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = _forward  # noqa: N815 - the names http.server looks for

    def _origin_head(self, path: str, query: str, host: str) -> bytes:
        line = f"{self.command} {path}{f'?{query}' if query else ''} HTTP/1.1"
        kept = [f"{name}: {value}" for name, value in self.headers.items() if _travels(name)]
        lines = [line, *kept, f"Host: {host.rpartition('@')[2]}", "Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def _connect(self, host: str | None, port: int) -> socket.socket | None:
        """The checked connection; None once the client has been told why there is none."""
        self.close_connection = True
        try:
            return self.server.guard.connect(host or "", port)
        except RefusedAddressError:
            self._refuse(403, "Private address refused")
        except TimeoutError:
            self._refuse(504, "Host did not answer")
        except (OSError, UnicodeError):
            self._refuse(502, "Host unreachable")
        return None

    def _refuse(self, code: int, reason: str) -> None:
        self.send_response(code, reason)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Nothing: addresses may carry secrets."""


def _travels(name: str) -> bool:
    return name.lower() not in _HOP_BY_HOP and name.lower() != "host"


def _relay_answer(remote: socket.socket, client: socket.socket) -> None:
    """Pass the answer on with `Connection: close` in its head, byte for byte after that."""
    remote.settimeout(None)
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _MAX_HEAD_BYTES:
        block = remote.recv(_BLOCK_BYTES)
        if not block:
            break
        data += block
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        client.sendall(b"HTTP/1.1 502 Broken answer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    first, *lines = head.split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].strip().lower() not in _ANSWER_HOPS]
    client.sendall(b"\r\n".join([first, *kept, b"Connection: close"]) + separator + body)
    _pump_both(client, remote)


_ANSWER_HOPS = frozenset({b"connection", b"proxy-connection", b"keep-alive"})


def _pump_both(client: socket.socket, remote: socket.socket) -> None:
    """Copy bytes both ways until either side closes."""
    client.settimeout(None)
    remote.settimeout(None)
    other = {client: remote, remote: client}
    while True:
        ready, _, _ = select.select([client, remote], [], [])
        for source in ready:
            try:
                block = source.recv(_BLOCK_BYTES)
                if not block:
                    return
                other[source].sendall(block)
            except OSError:  # the other side is gone; its peer learns it by the closed connection
                return
