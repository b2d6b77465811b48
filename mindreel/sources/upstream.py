"""The proxy that a network prescribes (`HTTPS_PROXY` and its like): the guard goes through it."""

import socket
from base64 import b64encode
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # missing in typeshed

_SCHEMES = ("http", "https", "all")
_TLS_PORT = 443
_MAX_ANSWER_BYTES = 65536


@dataclass(frozen=True)
class Upstream:
    """What the environment says about proxies, by scheme, with hosts excepted under `no`."""

    proxies: dict[str, str] = field(default_factory=dict, repr=False)

    def proxy_for(self, host: str, port: int) -> SplitResult | None:
        """The proxy for this host; None where it is reached directly."""
        url = self.proxies.get("https" if port == _TLS_PORT else "http") or self.proxies.get("all")
        if not url or proxy_bypass_environment(f"{host}:{port}", self.proxies):
            return None
        return urlsplit(url if "://" in url else f"http://{url}")


def take_upstream(environment: MutableMapping[str, str]) -> Upstream:
    """Read the proxies and remove them, so that no other part of the process goes round the guard."""
    proxies: dict[str, str] = {}
    for name in [*environment]:
        scheme = name.lower().removesuffix("_proxy")
        if name.lower().endswith("_proxy"):
            value = environment.pop(name)
            if value and scheme in (*_SCHEMES, "no"):
                proxies[scheme] = value
    return Upstream(proxies)


def open_tunnel(proxy: SplitResult, target: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to `target` through `proxy` (CONNECT, RFC 9110, section 9.3.6); raises `OSError`."""
    if proxy.scheme != "http":
        raise OSError(
            f"the proxy in the environment speaks {proxy.scheme}, only http:// proxies are supported"
        )
    connection = socket.create_connection((proxy.hostname or "", proxy.port or 80), timeout_s)
    try:
        where = f"[{target}]:{port}" if ":" in target else f"{target}:{port}"
        head = [f"CONNECT {where} HTTP/1.1", f"Host: {where}", *_authorization(proxy), "", ""]
        connection.sendall("\r\n".join(head).encode())
        _check_answer(connection)
    except OSError:
        connection.close()
        raise
    return connection


def _authorization(proxy: SplitResult) -> list[str]:
    if proxy.username is None:
        return []
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return [f"Proxy-Authorization: Basic {b64encode(user.encode()).decode()}"]


def _check_answer(connection: socket.socket) -> None:
    """Read exactly the answer's head: what follows it belongs to the tunnel."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n") and len(answer) < _MAX_ANSWER_BYTES:
        byte = connection.recv(1)
        if not byte:
            break
        answer += byte
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        shown = status[0].decode(errors="replace") if status else "nothing"
        raise OSError(f"the proxy in the environment answered {shown}")
