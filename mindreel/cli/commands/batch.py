"""`batch ACTION`: the videos of a CSV file, watched and steered as one thing."""

import argparse
import importlib

from mindreel.settings import Settings

_MODULES = {"list": "batch_list", "show": "batch_show", "open": "batch_open"}


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one of them; a look loads nothing of Temporal."""
    module = importlib.import_module(f"mindreel.cli.{_MODULES.get(arguments.action, 'batch_steer')}")
    return int(await module.command(arguments, settings))
