"""A real server on loopback that remembers what is posted to it."""

import http.server
import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass
class WebhookReceiver:
    """Answers as its fields say until the `with` block ends; they may be changed in between."""

    tls: ssl.SSLContext | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    troubles: int | None = None
    """After so many answers it is well and answers 204."""
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "/hook") -> str:
        """The address of a path."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_address[1]}{path}"


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    receiver: WebhookReceiver

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that refuse the certificate are part of the tests; print nothing."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        receiver.received.append(Received(self.path, named, body))
        well = receiver.troubles is not None and len(receiver.received) > receiver.troubles
        self.send_response(204 if well else receiver.status)
        for name, value in () if well else receiver.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if well else receiver.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Tests print nothing."""
