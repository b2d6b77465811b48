"""The one connection to a project of Supabase: its database functions, its Storage, its HTTP client."""

from typing import Any

import httpx
from supabase import Client, ClientOptions, create_client

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.store.supabase.faults import look_at, our_errors

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
"""Between two signs of life, not of a whole transfer."""
_CONNECTIONS = 64


class Project:
    """Safe from several threads. Retries nothing: that is Temporal's."""

    def __init__(self, access: SupabaseAccess) -> None:
        """Connects at the first call."""
        self.access = access
        self.http = httpx.Client(
            http2=False,  # under threads the library's shared HTTP/2 connection loses requests
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            event_hooks={"response": [look_at]},
            follow_redirects=True,
        )
        self._client = _client(access, self.http)

    def call(self, function: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON, which each caller knows
        """What a function of the database returns, as JSON values; each call is a transaction.

        Raises `SetupError` where it is refused, `TransientError` where trying again may help, and what the
        function itself raises (`mindreel.store.supabase.faults`).
        """
        with our_errors(f"the database function {function}"):
            return self._client.rpc(function, arguments).execute().data

    def bucket(self, name: str) -> Any:  # noqa: ANN401 - a proxy of the library
        """Storage's calls for a bucket; to be made inside `our_errors`."""
        return self._client.storage.from_(name)

    @property
    def storage(self) -> Any:  # noqa: ANN401 - the library's own client
        """Storage's calls for buckets as a whole; to be made inside `our_errors`."""
        return self._client.storage

    @property
    def headers(self) -> dict[str, str]:
        """For calls that supabase-py does not have."""
        return {"apikey": self.access.key, "authorization": f"Bearer {self.access.key}"}


def _client(access: SupabaseAccess, http: httpx.Client) -> Client:
    options = ClientOptions(
        httpx_client=http,
        postgrest_client_retry=False,
        auto_refresh_token=False,
        persist_session=False,
    )
    client = create_client(access.url, access.key, options)
    _ = client.postgrest, client.storage  # made at first use, which threads would race for
    return client
