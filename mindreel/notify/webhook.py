"""One signed message to one address, through a proxy that refuses private networks.

Redirects are not followed, and nothing is tried twice: whoever calls decides on that. The address may carry a
token, so neither it nor the key is ever shown, not in a sentence and not in a log; sentences name the host.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from typing import Protocol

import httpx2

from mindreel.errors import InputError, MindreelError, SourceForbiddenError, TransientError
from mindreel.notify.answers import error_of
from mindreel.notify.signature import signed_headers

_TIMEOUT = httpx2.Timeout(connect=10.0, read=25.0, write=25.0, pool=5.0)
_MAX_ANSWER_BYTES = 2000


class GuardingProxy(Protocol):
    """An HTTP proxy that connects to allowed addresses only, and remembers why it did not."""

    @property
    def url(self) -> str:
        """Where it listens."""

    @property
    def refused(self) -> Sequence[str]:
        """Hosts that lead into a private network."""

    @property
    def unreachable(self) -> Mapping[str, str]:
        """Hosts that could not be connected to, and why."""


class Webhook:
    """Posts JSON to an address, signed with `key`. Thread-safe."""

    def __init__(
        self, url: str, key: bytes, open_proxy: Callable[[], AbstractContextManager[GuardingProxy]]
    ) -> None:
        """Raises `InputError` for an address that makes no sense."""
        try:
            self._url = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise InputError("MINDREEL_WEBHOOK_URL is no address of the web; check it.") from error
        if self._url.scheme not in ("http", "https") or not self._url.host:
            raise InputError("MINDREEL_WEBHOOK_URL must begin with https:// or http:// and name a host.")
        if ":" in self._url.host:  # httpcore asks a proxy for such a host without its brackets
            raise InputError("MINDREEL_WEBHOOK_URL names an IPv6 address; give the name of the host.")
        self._key = key
        self._open_proxy = open_proxy
        self._tls = httpx2.create_ssl_context()

    def __repr__(self) -> str:
        return f"Webhook({self._url.host!r})"

    def post(self, message_id: str, body: bytes) -> int:
        """Send `body`; the status of the answer, 200 to 299.

        Raises `InputError` where another try changes nothing (a redirect, 4xx, a private address), else
        `TransientError`, with the wait that the receiver asked for.
        """
        with self._open_proxy() as proxy:
            try:
                return self._post(self._request(message_id, body), proxy)
            except httpx2.TransportError as error:
                raise self._failure(error, proxy) from error

    def _request(self, message_id: str, body: bytes) -> httpx2.Request:
        headers = {
            **signed_headers(self._key, message_id, int(time.time()), body),
            "content-type": "application/json",
            "user-agent": "mindreel",
            "accept-encoding": "identity",
        }
        request = httpx2.Request(
            "POST", self._url, headers=headers, content=body, extensions={"timeout": _TIMEOUT.as_dict()}
        )
        if self._url.userinfo:
            auth = httpx2.BasicAuth(self._url.username, self._url.password)
            request = next(auth.sync_auth_flow(request))
        return request

    def _post(self, request: httpx2.Request, proxy: GuardingProxy) -> int:
        # A client would write the whole address into the log; a transport writes nothing and follows nothing.
        with (
            closing(httpx2.HTTPTransport(self._tls, trust_env=False, proxy=proxy.url)) as transport,
            closing(transport.handle_request(request)) as answer,
        ):
            if proxy.refused or proxy.unreachable:  # then the answer is the proxy's own
                raise self._unconnected(proxy)
            if answer.is_success:
                return answer.status_code
            said = self._without_address(_beginning(answer))
            raise error_of(self._url.host, answer.status_code, answer.headers, said)

    def _without_address(self, text: str) -> str:
        """Many servers repeat the path that they do not have, and a path may be a secret."""
        for part in (self._url.raw_path.decode(), self._url.path, self._url.query.decode()):
            if len(part) > 1:
                text = text.replace(part, "…")
        return text

    def _failure(self, error: httpx2.TransportError, proxy: GuardingProxy) -> MindreelError:
        if proxy.refused or proxy.unreachable:
            return self._unconnected(proxy)
        if isinstance(error, httpx2.TimeoutException):
            return TransientError(f"The webhook at {self._url.host} did not answer in time.")
        reason = str(error) or type(error).__name__
        return TransientError(f"The connection to the webhook at {self._url.host} failed ({reason}).")

    def _unconnected(self, proxy: GuardingProxy) -> MindreelError:
        host = self._url.host
        if proxy.refused:
            return SourceForbiddenError(
                f"The webhook's host {host} is in a private network; MINDREEL_ALLOW_PRIVATE_HOSTS=1 allows "
                "that."
            )
        reason = "; ".join(proxy.unreachable.values())
        return TransientError(f"The webhook's host {host} cannot be reached: {reason}.")


def _beginning(answer: httpx2.Response) -> str:
    """What the receiver says about it, as far as it fits into a sentence."""
    content = b""
    try:
        for block in answer.iter_raw():
            content += block
            if len(content) >= _MAX_ANSWER_BYTES:
                break
    except httpx2.TransportError:
        pass  # the status says enough
    return " ".join(content[:_MAX_ANSWER_BYTES].decode(errors="replace").split())
