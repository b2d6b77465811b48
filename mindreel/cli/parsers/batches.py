"""Commands about CSV files and the sites they name."""

import argparse

from mindreel.cli.parsers.shape import Commands, add_command, add_group

_NAME = "a batch's name, or its beginning (see `batch list`)"
_SITE = "a site as `site list` shows it: youtube, vimeo, example.org"


def add(commands: Commands) -> None:
    """scan, batch, site."""
    scan = add_command(commands, "scan", "take new and changed CSV files from the inbox now", json=True)
    scan.add_argument("--inbox", metavar="PATH", help="a folder, in place of the inbox")
    _add_batch(add_group(commands, "batch", "watch, open, pause, retry or cancel the videos of a CSV file"))
    _add_site(add_group(commands, "site", "show and steer the gates of the sites videos come from"))


def _add_batch(actions: Commands) -> None:
    add_command(actions, "list", "list all batches, newest first", json=True)
    show = _named(actions, "show", "show how far a batch is, and what went wrong", json=True)
    show.add_argument("--rows", action="store_true", help="every row")
    show.add_argument("--failed", action="store_true", help="every row that failed or was refused")
    show.add_argument("--watch", action="store_true", help="until the batch has ended")
    _named(actions, "open", "show its report, with every row, in a browser")
    _named(actions, "pause", "start no more of its videos, and hold those under way before their next stage")
    _named(actions, "resume", "go on with a paused batch")
    _named(actions, "cancel", "stop its videos, and start no more of them")
    retry = _named(actions, "retry", "try its failed and cancelled rows again")
    retry.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        metavar="CLASS",
        help="only rows that failed so: network, blocked, … as `batch show` says (may be repeated)",
    )


def _named(actions: Commands, name: str, text: str, *, json: bool = False) -> argparse.ArgumentParser:
    made = add_command(actions, name, text, json=json)
    made.add_argument("name", metavar="NAME", help=_NAME)
    return made


def _add_site(actions: Commands) -> None:
    add_command(actions, "list", "list the sites that are fetched from, and those that refuse", json=True)
    resume = add_command(actions, "resume", "fetch from a site again at once, e.g. with new cookies")
    resume.add_argument("site", metavar="SITE", help=_SITE)
    pause = add_command(actions, "pause", "fetch nothing from a site until it is resumed")
    pause.add_argument("site", metavar="SITE", help=_SITE)
    pause.add_argument("--reason", default="", metavar="TEXT", help="shown to whoever asks why")
