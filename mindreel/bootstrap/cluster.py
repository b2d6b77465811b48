"""The Temporal cluster that commands use: the embedded engine, or the one that TEMPORAL_ADDRESS names."""

import asyncio
import os
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError

from mindreel.bootstrap import build
from mindreel.bootstrap.client import connect
from mindreel.bootstrap.engine import background_command, has_open_workflows
from mindreel.bootstrap.search_attributes import register_search_attributes
from mindreel.engine import state
from mindreel.engine.background import ensure_running
from mindreel.engine.state import EngineState
from mindreel.errors import SetupError
from mindreel.settings import Settings

_STOP_S = 60.0
_STORE = "SUPABASE_URL"
"""Where it differs, settings of the store differ with it."""


@dataclass(frozen=True)
class Cluster:
    """A connected cluster."""

    client: Client
    address: str
    ui_url: str | None
    """Temporal's Web UI where we know it."""

    def run_url(self, workflow_id: str, run_id: str) -> str | None:
        """The Web UI's page of a run."""
        if self.ui_url is None:
            return None
        return f"{self.ui_url}/namespaces/{self.client.namespace}/workflows/{workflow_id}/{run_id}"


async def open_cluster(settings: Settings) -> Cluster:
    """Connect; without TEMPORAL_ADDRESS start what is missing first. Raises `SetupError`."""
    if settings.temporal_external:
        cluster = await _external()
        await register_search_attributes(cluster.client)
        return cluster
    _make_home(settings)
    await _stop_if_other(settings)
    engine = await asyncio.to_thread(ensure_running, settings.home, background_command(settings))
    return await _embedded(engine)


async def find_cluster(settings: Settings) -> Cluster | None:
    """Connect to what is running; start nothing. None where no embedded engine runs for this store."""
    if settings.temporal_external:
        return await _external()
    engine = build.engine_of(settings)
    return await _embedded(engine) if engine is not None else None


async def _embedded(engine: EngineState) -> Cluster:
    return Cluster(await connect(engine.address), engine.address, engine.ui_url)


async def _external() -> Cluster:
    client = await connect()
    return Cluster(client, client.service_client.config.target_host, os.environ.get("TEMPORAL_UI_URL"))


def _make_home(settings: Settings) -> None:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The data directory {settings.home} cannot be made ({error.strerror}); set MINDREEL_HOME to "
            "another folder."
        ) from error


async def _stop_if_other(settings: Settings) -> None:
    """An engine with other settings would refuse what this command allows, or allow what it refuses."""
    engine = state.running(settings.home)
    theirs = build.of_engine(settings.home, engine.pid) if engine is not None else None
    if engine is None or theirs is None:
        return
    mine = build.current(settings, background=True)
    names = build.other_settings(mine, theirs)
    if not names and mine.code == theirs.code:
        return
    if theirs.background and not await _busy(engine):
        await asyncio.to_thread(state.stop, settings.home, timeout_s=_STOP_S)
    elif names:
        raise SetupError(_busy_with_others(engine, theirs, names))


async def _busy(engine: EngineState) -> bool:
    try:
        return await has_open_workflows(await connect(engine.address))
    except (RPCError, SetupError):
        return True


def _busy_with_others(engine: EngineState, theirs: build.Build, names: list[str]) -> str:
    which = f"runs with another {_STORE if _STORE in names else ' and '.join(names)}"
    if theirs.background:
        at_work = f"The engine (process {engine.pid}) {which} and is at work"
        return f"{at_work}; try again when that is done, or interrupt it with `down`."
    return f"The engine of `up` (process {engine.pid}) {which}; stop it and start it with the new settings."
