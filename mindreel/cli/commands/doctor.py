"""`doctor`: what is installed and reachable, what is missing, how to get it, and what does not agree."""

import argparse
import importlib
import inspect
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict

from mindreel.cli.answer import COMPLETED, FAILED
from mindreel.cli.checks.check import MISSING, Check
from mindreel.cli.streams import out, plain
from mindreel.settings import Settings

_KINDS = ("machine", "tools", "models", "cluster", "supabase", "agreement")
_OF_THE_STORE = ("supabase", "agreement")
_STYLES = {"ok": "green", "warning": "yellow", "missing": "red"}


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print a line a check; 1 when something that is needed is missing, or was not mended."""
    if arguments.repair:
        # Late: plain checks must run, and say so, where packages are missing.
        from mindreel.cli.repair import repair  # noqa: PLC0415

        return await repair(settings, json_wanted=arguments.json)
    found: list[Check] = []
    async for check in _checks(settings, arguments.problem):
        found.append(check)
        if not arguments.json:
            _print(check)
    missing = [check for check in found if check.state == MISSING]
    if arguments.json:
        document = {"ok": not missing, "checks": [asdict(check) for check in found]}
        sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n")
    return FAILED if missing else COMPLETED


async def _checks(settings: Settings, problem: str) -> AsyncIterator[Check]:
    """`problem`: the variable that makes no sense, so that where things are kept is not known."""
    if problem:
        yield Check("Settings", MISSING, problem, "Correct or unset it; the rest is looked at without it.")
    for kind in _KINDS:
        if problem and kind in _OF_THE_STORE:
            continue
        try:
            # By name: a package that is missing must not keep the other checks from running.
            found = importlib.import_module(f"mindreel.cli.checks.{kind}").checks(settings)
        except ImportError as error:
            yield Check(kind, MISSING, f"{error.name or error} cannot be imported", "Run `make setup`.")
            continue
        for check in await found if inspect.iscoroutine(found) else found:
            yield check


def _print(check: Check) -> None:
    console = out()
    style = _STYLES[check.state]
    console.print(f"[{style}]{check.state:<8}[/] {check.name:<16} {plain(check.text)}", soft_wrap=True)
    if check.hint:
        console.print(f"{'':<26}[dim]{plain(check.hint)}[/]", soft_wrap=True)
