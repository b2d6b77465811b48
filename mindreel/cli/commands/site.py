"""`site ACTION`: the gates of the sites that videos are fetched from."""

import argparse
import json
import re
import shlex
import sys
from collections.abc import Collection
from dataclasses import asdict

from rich.table import Table
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from mindreel.cli import wording
from mindreel.cli.clusters import running_cluster
from mindreel.cli.gates import gates
from mindreel.cli.invocation import invocation
from mindreel.cli.streams import err, out, plain
from mindreel.contracts.sites import GateInput, GateView
from mindreel.errors import InputError
from mindreel.settings import Settings
from mindreel.sources.platforms import PLATFORMS
from workflows.ids import CPU_QUEUE, site_workflow_id
from workflows.site_gate import SiteGate

_PLATFORMS = tuple(platform.name for platform in PLATFORMS)
_HOST = re.compile(r"(\S+\.\S+|localhost)(:[0-9]+)?|\[[0-9a-f:]+\](:[0-9]+)?")


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one of them; starts no server."""
    client = (await running_cluster(settings)).client
    if arguments.action == "list":
        _list(await gates(client), json_wanted=arguments.json)
    elif arguments.action == "resume":
        await _resume(client, arguments.site.lower())
    else:
        await _pause(client, settings, arguments.site.lower(), arguments.reason.strip())
    return 0


def _list(views: list[GateView], *, json_wanted: bool) -> None:
    if json_wanted:
        for view in views:
            sys.stdout.write(f"{json.dumps(asdict(view), ensure_ascii=False)}\n")
    elif views:
        out().print(_table(views))
    else:
        err().print("Nothing is held back: no site is being fetched from.")


def _table(views: list[GateView]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("site", "state", "opens", "fetching", "waiting", "why"):
        table.add_column(name, no_wrap=name in ("site", "state", "opens"), overflow="fold")
    for view in views:
        opens = wording.moment(view.opens_at)
        table.add_row(
            plain(view.site), view.state, opens, f"{view.inside}", f"{view.waiting}", plain(view.reason)
        )
    return table


async def _resume(client: Client, site: str) -> None:
    there = {view.site: view for view in await gates(client)}
    if site in there and there[site].state == "open":
        err().print(plain(f"Nothing is held back at {site}."))
        return
    try:
        await client.get_workflow_handle_for(SiteGate.run, site_workflow_id(site)).signal(SiteGate.resume)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise InputError(_unknown(site, there)) from error
    err().print(plain(f"{site} is fetched from again; `{invocation()} site list` says how it goes."))


async def _pause(client: Client, settings: Settings, site: str, reason: str) -> None:
    """A gate that is not there yet is made, so that nothing is fetched from the beginning."""
    there = {view.site: view for view in await gates(client)}
    if site not in there and site not in _PLATFORMS and not _HOST.fullmatch(site):
        raise InputError(
            f"{site} is no site: name one of {', '.join(_PLATFORMS)}, or the host of an address, such as "
            "example.org."
        )
    await client.start_workflow(
        SiteGate.run,
        GateInput(site, settings.sites),
        id=site_workflow_id(site),
        task_queue=CPU_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="pause",
        start_signal_args=[reason or "A person paused it"],
    )
    err().print(
        plain(f"Nothing more is fetched from {site} until `{invocation()} site resume {shlex.quote(site)}`.")
    )


def _unknown(site: str, there: Collection[str]) -> str:
    names = f"there is {', '.join(there)}" if there else "no site is being fetched from"
    return f"Nothing is held back at {site}: {names}."
