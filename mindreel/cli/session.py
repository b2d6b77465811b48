"""A connection that outlives a restart of the server."""

import asyncio
import time

from temporalio.client import Client
from temporalio.service import RPCError

from mindreel.bootstrap.build import engine_of
from mindreel.bootstrap.cluster import Cluster, open_cluster
from mindreel.cli.trouble import PASSING
from mindreel.errors import SetupError
from mindreel.settings import Settings

_PAUSE_S = 0.5
_REOPEN_AFTER_S = 3.0
_PATIENCE_S = 120.0
_HOPELESS_RESTARTS = 6


class Session:
    """A cluster; `recover` brings it back when the server went away in the middle of something."""

    def __init__(self, settings: Settings, cluster: Cluster) -> None:
        self.cluster = cluster
        self._settings = settings
        self._mending = asyncio.Lock()
        self._lost_since: float | None = None

    @property
    def client(self) -> Client:
        """The client for the next call; it changes when the server comes back elsewhere."""
        return self.cluster.client

    def well(self) -> None:
        """A call succeeded."""
        self._lost_since = None

    def check_workers(self) -> None:
        """Raises `SetupError` when a worker of the embedded engine dies again and again: waiting is vain."""
        engine = None if self._settings.temporal_external else engine_of(self._settings)
        for child in engine.children if engine else ():
            if child.pid is None and child.restarts >= _HOPELESS_RESTARTS:
                raise SetupError(f"{child.trouble.rstrip('.')}. Mend it and run the command again.")

    async def recover(self, error: RPCError) -> None:
        """Wait a little before a call is tried again; an embedded engine that died is started again.

        Raises `error` when asking again is pointless, `SetupError` when the server stays away.
        """
        if error.status not in PASSING:
            raise error
        async with self._mending:
            now = time.monotonic()
            if self._lost_since is None:
                self._lost_since = now
            lost_s = now - self._lost_since
            if lost_s > _PATIENCE_S:
                raise SetupError(
                    f"The Temporal server at {self.cluster.address} has not answered for two minutes. The "
                    "work goes on by itself when it is back."
                ) from error
            if lost_s > _REOPEN_AFTER_S:
                await self._reopen()
        await asyncio.sleep(_PAUSE_S)

    async def _reopen(self) -> None:
        try:
            self.cluster = await open_cluster(self._settings)
        except (RPCError, SetupError):
            return  # still away; patience decides
