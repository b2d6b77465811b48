"""`up`: server, workers and Web UI in the foreground."""

import argparse

from mindreel.bootstrap import build
from mindreel.bootstrap.engine import engine_plan
from mindreel.bootstrap.stores import check_project
from mindreel.cli.invocation import invocation
from mindreel.cli.places import inbox_of, kept_in
from mindreel.cli.streams import err, plain
from mindreel.engine import state
from mindreel.engine.state import EngineState
from mindreel.engine.supervisor import run_supervisor
from mindreel.errors import InputError, StoreError
from mindreel.settings import Settings

_STOP_S = 60.0


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run until Ctrl-C, or until idle where that was asked for; then drain."""
    if settings.temporal_external:
        raise InputError(
            "TEMPORAL_ADDRESS names an external cluster; start workers for it with worker_main.py "
            "--queues cpu gpu, or unset it to run the embedded server."
        )
    _check_project(settings)
    if arguments.when_idle is None:
        _take_over(settings)
    code = run_supervisor(
        engine_plan(settings, idle_minutes=arguments.when_idle),
        on_ready=lambda engine: _tell(engine, settings),
    )
    err().print("Stopped.")
    return code


def _check_project(settings: Settings) -> None:
    """A wrong key is told at once; a project that is away may come back, and workers wait for it."""
    try:
        check_project(settings)
    except StoreError as error:
        err().print(plain(f"{error} Work begins when it answers."))


def _take_over(settings: Settings) -> None:
    """A background engine makes way: its work goes on with ours, that of another store when its own runs."""
    engine = state.running(settings.home)
    theirs = build.of_engine(settings.home, engine.pid) if engine is not None else None
    if engine is not None and theirs is not None and theirs.background:
        if theirs.database != build.database_of(settings):
            err().print(f"The background engine (process {engine.pid}) was another store's; its work waits.")
        with err().status(f"Taking over from the background engine (process {engine.pid})"):
            state.stop(settings.home, timeout_s=_STOP_S)


def _tell(engine: EngineState, settings: Settings) -> None:
    console = err()
    rows = {
        "Temporal": engine.address,
        "Web UI": engine.ui_url,
        "Inbox": f"{inbox_of(settings)} (CSV files of videos)",
        "Data": kept_in(settings),
        "Logs": str(settings.logs),
    }
    console.print("mindreel is up. Ctrl-C stops it; a second Ctrl-C does not wait for running activities.")
    for name, text in rows.items():
        console.print(f"  {name + ':':<10}{plain(text)}", soft_wrap=True)
    console.print(plain(f"  In another terminal: {invocation()} run SOURCE"))
