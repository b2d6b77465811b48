"""`cancel ID`: stop a running video, and wait until it has stopped."""

import argparse

from mindreel.bootstrap.cluster import find_cluster, open_cluster
from mindreel.cli.invocation import invocation
from mindreel.cli.lookup import find_row, unknown
from mindreel.cli.on_server import current_run
from mindreel.cli.runs import cancel
from mindreel.cli.streams import err, plain
from mindreel.cli.watch import is_running
from mindreel.errors import InputError, SetupError
from mindreel.settings import Settings


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Ask, wait, say so. The engine is started where needed: a run that sleeps in its database stops too."""
    row = find_row(arguments.id, settings)
    if row is None and not settings.temporal_external and not settings.home.is_dir():
        raise unknown(arguments.id)
    # One that runs is taken as it is: whatever its settings are, it can stop what it does.
    cluster = await find_cluster(settings) or await open_cluster(settings)
    run = await current_run(arguments.id, settings, cluster)
    if run is None:
        raise unknown(arguments.id)
    handle = cluster.client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    if not await is_running(handle):
        raise InputError(f"{arguments.id} is not running: it is {row.status if row else 'done'}.")
    with err().status("Cancelling"):
        stopped = await cancel(cluster.client, run)
    if not stopped:
        raise SetupError(
            f"{arguments.id} was asked to stop and has not within a minute; `doctor` may say why."
        )
    err().print(plain(f"Cancelled. `{invocation()} retry {arguments.id}` goes on where it stopped."))
    return 0
