"""A proxy on loopback in front of a Supabase project that breaks by plan what passes.

    with FaultProxy(stack.url) as proxy:
        project = Project(SupabaseAccess(proxy.url, stack.service_key))
        proxy.follow(each_kind_once(Fault.RESET_AFTER))

It forwards as streams, and leads addresses of uploads back to itself.
"""

import contextlib
import http.server
import random
import re
import select
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from types import TracebackType
from typing import Self

import httpx

_BLOCK = 64 * 1024
_PAGE = b"<!doctype html><html><title>Log in</title><body>Please log in to this network.</body></html>"
_HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host"}
_SHAPES = (
    (re.compile(r"(/storage/v1/upload/resumable/).+"), r"\1*"),
    (
        re.compile(r"(/storage/v1/object/(?:(?:list|info|public|sign|authenticated|list-v2)/)?[^/]+/).+"),
        r"\1*",
    ),
    (re.compile(r"(/storage/v1/bucket/)[^/]+"), r"\1*"),
)


class Fault(Enum):
    """What happens to one call."""

    RESET_BEFORE = "the connection is reset and nothing was forwarded"
    RESET_DURING = "half of the request is forwarded, then both connections are reset"
    RESET_AFTER = "the work is done and its answer lost"
    STALL = "the work is done and no byte comes back until the client gives up"
    SLOW = "the answer comes in small pieces"
    CUT = "the answer ends half way"
    ERROR = 500
    UNAVAILABLE = 503
    TOO_MANY = 429
    CONFLICT = 409
    GARBAGE = "the page of a network that wants a login, as success"


RETRY_AFTER_S = 7
"""What 429 and 503 ask to wait; no client of ours waits itself."""
_ASK_TO_WAIT = (Fault.UNAVAILABLE, Fault.TOO_MANY)


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    shape: str
    """The path with * for what differs from object to object."""
    number: int
    """Of all requests since the plan began, from 1."""
    count: int
    """Of this kind since the plan began, from 1."""
    fault: Fault | None = None

    @property
    def kind(self) -> str:
        """Method and shape."""
        return f"{self.method} {self.shape}"


Plan = Callable[[Call], Fault | None]


def no_faults(_call: Call) -> Fault | None:
    return None


def each_kind_once(fault: Fault) -> Plan:
    """The first call of every kind fails."""
    return lambda call: fault if call.count == 1 else None


def at(number: int, fault: Fault) -> Plan:
    """The call of this number fails."""
    return lambda call: fault if call.number == number else None


def share(part: float, seed: int, faults: Iterable[Fault] = tuple(Fault)) -> Plan:
    """So large a part of all calls fails, in all these ways; the same seed fails the same calls."""
    ways = list(faults)

    def plan(call: Call) -> Fault | None:
        dice = random.Random(f"{seed} {call.kind} {call.count}")  # noqa: S311 - no secret hangs on it
        return dice.choice(ways) if dice.random() < part else None

    return plan


class FaultProxy:
    """Forwards to the project at `target`, an origin, until the `with` block ends."""

    def __init__(self, target: str, plan: Plan = no_faults) -> None:
        self.target = target
        self.upstream = httpx.Client(timeout=None, limits=httpx.Limits(max_connections=None))  # noqa: S113 - a client gives up, not we
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.follow(plan)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.upstream.close()

    @property
    def url(self) -> str:
        """An origin, as SUPABASE_URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def follow(self, plan: Plan) -> None:
        """Another plan from now on; counting begins anew."""
        with self._lock:
            self._plan = plan
            self._calls: list[Call] = []
            self._counts: Counter[str] = Counter()

    @property
    def calls(self) -> list[Call]:
        """All since the plan began."""
        with self._lock:
            return list(self._calls)

    @property
    def kinds(self) -> Counter[str]:
        """How often each kind of call came."""
        return Counter(call.kind for call in self.calls)

    @property
    def faults(self) -> Counter[str]:
        """How many calls of each kind were broken."""
        return Counter(call.kind for call in self.calls if call.fault)

    def judge(self, method: str, path: str) -> Fault | None:
        """Count a call; what is to happen to it."""
        shape = path.partition("?")[0]
        for pattern, form in _SHAPES:
            shape = pattern.sub(form, shape)
        with self._lock:
            self._counts[f"{method} {shape}"] += 1
            call = Call(method, shape, len(self._calls) + 1, self._counts[f"{method} {shape}"])
            call = replace(call, fault=self._plan(call))
            self._calls.append(call)
            return call.fault


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    proxy: FaultProxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests; print nothing."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Tests print nothing."""

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(_BLOCK)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self._answer(self.server.proxy.judge(self.command, self.path))

    def _answer(self, fault: Fault | None) -> None:
        match fault:
            case Fault.RESET_BEFORE:
                self._reset()
            case Fault.RESET_DURING:
                if self._has_body:
                    with contextlib.suppress(_BrokenOffError):
                        self._forward(fault, self._half())
                self._reset()
            case Fault.GARBAGE:
                self._drain()
                self._send(200, _PAGE, "text/html")
            case Fault.ERROR | Fault.UNAVAILABLE | Fault.TOO_MANY | Fault.CONFLICT:
                self._drain()
                self._send(fault.value, b'{"message": "a fault of the test"}', "application/json", fault)
            case _:
                self._forward(fault, self._body())

    def _forward(self, fault: Fault | None, body: Iterator[bytes]) -> None:
        proxy = self.server.proxy
        headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP]
        request = proxy.upstream.build_request(
            self.command, proxy.target + self.path, headers=headers, content=body if self._has_body else None
        )
        answer = proxy.upstream.send(request, stream=True)
        try:
            self._pass_back(fault, answer)
        finally:
            answer.close()

    def _pass_back(self, fault: Fault | None, answer: httpx.Response) -> None:
        blocks = answer.iter_raw(_BLOCK)
        match fault:
            case Fault.RESET_AFTER | Fault.STALL:
                for _ in blocks:  # the work is done when the answer is out
                    pass
                if fault is Fault.STALL:
                    self._wait_for_the_end()
                self._reset()
            case Fault.CUT:
                content = b"".join(blocks)
                self._send_head(answer, length=max(len(content), 2))
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
            case Fault.SLOW:
                content = b"".join(blocks)
                self._send_head(answer, length=len(content))
                for start in range(0, len(content), len(content) // 8 + 1):
                    self.wfile.write(content[start : start + len(content) // 8 + 1])
                    self.server.proxy.closing.wait(0.02)
            case _:
                self._pass_whole(answer, blocks)

    def _pass_whole(self, answer: httpx.Response, blocks: Iterator[bytes]) -> None:
        length = answer.headers.get("content-length")
        has_none = self.command == "HEAD" or answer.status_code in (204, 304)
        if length is not None or has_none:
            self._send_head(answer, length=None if length is None else int(length))
            for block in blocks:
                self.wfile.write(block)
            return
        self._send_head(answer, length=None, chunked=True)
        for block in blocks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
        self.wfile.write(b"0\r\n\r\n")

    def _send_head(self, answer: httpx.Response, *, length: int | None, chunked: bool = False) -> None:
        proxy = self.server.proxy
        self.send_response_only(answer.status_code)
        for name, value in answer.headers.multi_items():
            if name == "location":
                self.send_header(name, value.replace(proxy.target, proxy.url))
            elif name not in _HOP_BY_HOP and name != "content-length":
                self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _send(self, status: int, content: bytes, media_type: str, fault: Fault | None = None) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        if fault in _ASK_TO_WAIT:
            self.send_header("Retry-After", str(RETRY_AFTER_S))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    @property
    def _has_body(self) -> bool:
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    def _body(self) -> Iterator[bytes]:
        """What the client sends, as it comes."""
        if "chunked" in self.headers.get("transfer-encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("content-length", 0))
        while left:
            block = self.rfile.read1(min(left, _BLOCK))
            if not block:
                raise _BrokenOffError
            left -= len(block)
            yield block

    def _half(self) -> Iterator[bytes]:
        """The first half of it, then the end of this connection."""
        wanted = int(self.headers.get("content-length", 0)) // 2
        for block in self._body():
            yield block[:wanted]
            wanted -= len(block)
            if wanted <= 0:
                break
        raise _BrokenOffError

    def _drain(self) -> None:
        for _ in self._body():
            pass

    def _wait_for_the_end(self) -> None:
        """Of the client's patience."""
        while not self.server.proxy.closing.is_set():
            if select.select([self.connection], [], [], 0.05)[0]:
                return

    def _reset(self) -> None:
        """RST instead of FIN: linger for no time."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())


class _BrokenOffError(Exception):
    """The request ends here."""
