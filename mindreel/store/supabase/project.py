"""The one connection to a project of Supabase: its database functions, its Storage, its HTTP client."""

import re
import ssl
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import httpx

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.errors import InputError
from mindreel.store.supabase.faults import look_at, no_sense, of_response, our_errors


@dataclass(frozen=True)
class Patience:
    """Seconds between two signs of life, not of a whole call."""

    connect_s: float = 5.0
    reply_s: float = 10.0
    """Of a database function. A hosted project ends a statement after 8 s (`statement_timeout` of its role
    authenticator) where the function sets no other; and heartbeats are missed after 15."""
    transfer_s: float = 30.0
    """Of Storage, which may have a large file to lay down before it answers."""

    def timeout(self, reply_s: float) -> httpx.Timeout:
        """As httpx takes it."""
        return httpx.Timeout(reply_s, connect=self.connect_s)


_KEY = re.compile(r"[!-~]+")
"""Visible ASCII. Anything else would be refused on its way into a header, in a message that quotes it."""
_USUAL = Patience()
_IDLE_S = 20.0
"""Idle connections are closed after so long. What the gateway closes is noticed before it is used again;
what a router between forgets without a word (some do after four minutes) would cost a timeout."""
_IDLE = 64
"""Idle connections that are kept. Open ones are as many as there are threads: none waits for another's."""


class Project:
    """Safe from several threads. Retries nothing: that is Temporal's."""

    def __init__(self, access: SupabaseAccess, patience: Patience = _USUAL) -> None:
        """Connects at the first call. Raises `InputError` for a key that cannot be one."""
        if not _KEY.fullmatch(access.key):
            raise InputError(
                "SUPABASE_SERVICE_ROLE_KEY holds characters that no key has; copy it from the project's "
                "settings again."
            )
        self.access = access
        self._patience = patience
        trusted = _trusted()
        self.http = _client(trusted, patience.timeout(patience.transfer_s))
        self._database = _client(trusted, patience.timeout(patience.reply_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self.http.close()
        self._database.close()

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:  # noqa: ANN401 - JSON, which each caller knows
        """What a function of the database returns, as JSON values; each call is a transaction.

        `reply_s` is for functions that need longer than others, and set `statement_timeout` accordingly.
        Raises `SetupError` where it is refused, `StoreError` where trying again may help, and what the
        function itself raises (`mindreel.store.supabase.faults`).
        """
        what = f"the database function {function}"
        timeout = self._patience.timeout(reply_s or self._patience.reply_s)
        address = f"{self.access.url}/rest/v1/rpc/{function}"
        with our_errors(what):
            answer = self._database.post(address, json=arguments, headers=self.headers, timeout=timeout)
            if answer.is_error:
                raise of_response(what, answer)
        return _json(what, answer) if answer.content else None

    @cached_property
    def storage(self) -> Any:  # noqa: ANN401 - the library's own client
        """Storage's calls for buckets as a whole; to be made inside `our_errors`."""
        # Slow to load, and many commands ask the database only.
        from supabase import ClientOptions, create_client  # noqa: PLC0415

        options = ClientOptions(httpx_client=self.http, auto_refresh_token=False, persist_session=False)
        return create_client(self.access.url, self.access.key, options).storage

    def bucket(self, name: str) -> Any:  # noqa: ANN401 - a proxy of the library
        """Storage's calls for a bucket; to be made inside `our_errors`."""
        return self.storage.from_(name)

    @property
    def headers(self) -> dict[str, str]:
        """For calls that the library does not have, or has without timeouts and headers of their answers."""
        return {"apikey": self.access.key, "authorization": f"Bearer {self.access.key}"}


def _json(what: str, answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    try:
        return answer.json()
    except ValueError as error:
        raise no_sense(what) from error


def _trusted() -> ssl.SSLContext:
    """Of the authorities that everybody trusts, or those of SSL_CERT_FILE."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise InputError(
            "SSL_CERT_FILE names no file of certificates that can be read; it holds those of the authorities "
            f"to trust, as PEM ({error.strerror or error})."
        ) from error


def _client(trusted: ssl.SSLContext, timeout: httpx.Timeout) -> httpx.Client:
    return httpx.Client(
        verify=trusted,
        http2=False,  # under threads the library's shared HTTP/2 connection loses requests
        timeout=timeout,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=_IDLE, keepalive_expiry=_IDLE_S),
        event_hooks={"response": [look_at]},
        follow_redirects=False,  # httpx would send the key along to wherever it leads
    )
