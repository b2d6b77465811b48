"""The command `schedule`."""

import argparse

from mindreel.cli.parsers import values
from mindreel.cli.parsers.shape import Commands, add_command, add_group

NAMES = ("csv-scan", "cleanup")
"""Short names of the schedules."""


def add(commands: Commands) -> None:
    """The command and its actions."""
    actions = add_group(commands, "schedule", "say when the inbox is looked at and when is cleaned up")
    _add_ensure(actions)
    add_command(actions, "list", "list the schedules: next times, and how the last runs went", json=True)
    pause = _named(actions, "pause", "run it no more until it is resumed; `up` does not resume it")
    pause.add_argument("--note", default="", metavar="TEXT", help="shown by `schedule list`")
    _named(actions, "resume", "run it again at its times")
    _named(actions, "trigger", "run it once now, also while it is paused")
    delete = add_command(actions, "delete", "remove it, until the next `up` or `schedule ensure`")
    delete.add_argument("name", choices=NAMES, metavar="NAME", help=" or ".join(NAMES))
    backfill = _named(actions, "backfill", "run it for the times of a span that has passed")
    for name, text in (("--from", "beginning"), ("--to", "end")):
        backfill.add_argument(
            name,
            dest=text,
            type=values.moment,
            required=True,
            metavar="TIME",
            help=f"{text} of the span, ISO 8601; local time where it names no zone",
        )


def _add_ensure(actions: Commands) -> None:
    ensure = add_command(actions, "ensure", "make or mend the schedules; a pause stays")
    ensure.add_argument(
        "name",
        nargs="?",
        choices=NAMES,
        metavar="NAME",
        help=f"{' or '.join(NAMES)} (default: both; with a span: {NAMES[0]})",
    )
    ensure.add_argument(
        "--interval",
        type=values.interval,
        default=argparse.SUPPRESS,
        metavar="SPAN",
        help="10s, 5m, 1h: stays until another is chosen; `default`: what the settings say",
    )
    ensure.add_argument(
        "--jitter",
        type=values.span,
        default=argparse.SUPPRESS,
        metavar="SPAN",
        help="each run comes later by a random part of this",
    )


def _named(actions: Commands, name: str, text: str) -> argparse.ArgumentParser:
    made = add_command(actions, name, text)
    made.add_argument(
        "name",
        nargs="?",
        choices=NAMES,
        default=NAMES[0],
        metavar="NAME",
        help=f"{' or '.join(NAMES)} (default {NAMES[0]})",
    )
    return made
