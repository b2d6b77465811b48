"""`schedule ACTION`: when the inbox is looked at, and when is cleaned up."""

import argparse
import json
import sys
from dataclasses import replace

from rich.table import Table
from temporalio.client import Client

from mindreel.bootstrap.schedules import ensure_schedules, paces
from mindreel.cli import wording
from mindreel.cli.clusters import running_cluster
from mindreel.cli.invocation import invocation
from mindreel.cli.parsers.schedules import NAMES
from mindreel.cli.schedule_actions import steer
from mindreel.cli.schedule_view import IDS, ScheduleView, every, look, outcome_of_last
from mindreel.cli.streams import err, out, plain
from mindreel.settings import Settings
from schedules.apply import ensure
from schedules.pace import Pace
from schedules.standing import BUILDERS


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one of them; starts no server."""
    client = (await running_cluster(settings)).client
    if arguments.action == "ensure":
        await _ensure(arguments, settings, client)
    elif arguments.action == "list":
        await _list(client, json_wanted=arguments.json)
    else:
        err().print(plain(await steer(client, IDS[arguments.name], arguments)))
    return 0


async def _ensure(arguments: argparse.Namespace, settings: Settings, client: Client) -> None:
    if not hasattr(arguments, "interval") and not hasattr(arguments, "jitter"):
        done = await ensure_schedules(client, settings)
        names = [arguments.name] if arguments.name else NAMES
    else:
        names = [arguments.name or NAMES[0]]
        done = {IDS[names[0]]: await _ensure_pace(arguments, names[0], settings, client)}
    for name in names:
        view = await look(client, name, IDS[name])
        if view is not None:
            err().print(plain(f"{name}: {done[view.id]}; {every(view)}{_paused(view)}."))


async def _ensure_pace(arguments: argparse.Namespace, name: str, settings: Settings, client: Client) -> str:
    """The interval and jitter that were typed; what was not typed stays as it is."""
    there = await look(client, name, IDS[name])
    pace = paces(settings)[IDS[name]]
    back = getattr(arguments, "interval", 0.0) is None
    if there is not None and there.interval_s is not None and not back:
        pace = Pace(there.interval_s, there.jitter_s)
    if not back:
        interval_s = getattr(arguments, "interval", pace.interval_s)
        pace = Pace(interval_s, getattr(arguments, "jitter", pace.jitter_s), by_hand=True)
    elif hasattr(arguments, "jitter"):
        pace = replace(pace, jitter_s=arguments.jitter, by_hand=True)
    return await ensure(client, IDS[name], BUILDERS[IDS[name]](pace), override=True)


async def _list(client: Client, *, json_wanted: bool) -> None:
    views = {name: await look(client, name, IDS[name]) for name in NAMES}
    if json_wanted:
        for view in views.values():
            if view is not None:
                sys.stdout.write(f"{json.dumps(view.as_dict(), ensure_ascii=False)}\n")
        return
    standing = [view for view in views.values() if view is not None]
    if standing:
        out().print(_table(standing))
    for sentence in filter(None, map(outcome_of_last, standing)):
        out().print(plain(sentence))
    for name, view in views.items():
        if view is None:
            err().print(plain(f"{name} does not stand; `{invocation()} schedule ensure` makes it."))


def _table(views: list[ScheduleView]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("schedule", "every", "next", "last", "last runs"):
        table.add_column(name, no_wrap=name != "last runs")
    for view in views:
        last = f"{wording.moment(view.runs[-1].started_at)} {view.runs[-1].state}" if view.runs else ""
        coming = f"paused: {view.note}" if view.paused else wording.moment(view.next_at)
        table.add_row(view.name, every(view).removeprefix("every "), plain(coming), last, view.outcomes)
    return table


def _paused(view: ScheduleView) -> str:
    if not view.paused:
        return ""
    return f"; it is paused{f' ({view.note})' if view.note else ''}, `schedule resume {view.name}` goes on"
