"""`retry ID`: the last request once more; what was finished is reused."""

import argparse
from dataclasses import replace

from mindreel.bootstrap.cluster import find_cluster
from mindreel.cli.on_server import last_request
from mindreel.cli.process_command import process
from mindreel.cli.processing import Item
from mindreel.settings import Settings


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Process it again with the options it had."""
    cluster = await find_cluster(settings)
    request = await last_request(arguments.id, settings, cluster.client if cluster is not None else None)
    # What `--force` has made once is good; and without a batch to take the videos of a page one by one, the
    # first is taken; who types a command wants to know now, not when the site is well again.
    again = replace(request, force="", expand=False, patience_s=0.0)
    items = [Item(request.source, again)]
    return await process(items, settings, json=arguments.json, detach=arguments.detach)
