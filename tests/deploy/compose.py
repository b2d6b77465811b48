"""The compose file as Compose reads it, without Compose: interpolated, merged, checked by name."""

import re
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # it ships no types

from tests.support.command import ROOT

FILE = ROOT / "docker-compose.temporal.yml"
TEXT = FILE.read_text(encoding="utf-8")
SECRETS = ("TEMPORAL_DB_PASSWORD", "SUPABASE_SERVICE_ROLE_KEY", "MINDREEL_WEBHOOK_SECRET", "TEMPORAL_API_KEY")
_VARIABLE = re.compile(r"\$\{(\w+)(:[-?])?([^}]*)\}")


def interpolated(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The document with `variables` in place, as after `docker compose config`."""
    values = variables or {}

    def value(match: re.Match[str]) -> str:
        name, kind, text = match.groups()
        return values.get(name) or (text if kind == ":-" else f"<{name}>")

    document: dict[str, Any] = yaml.safe_load(_VARIABLE.sub(value, TEXT))
    return document


def variables() -> set[str]:
    """Every variable that the file asks the shell or .env for: named in a value, or handed on by name."""
    handed_on = {
        name
        for service in interpolated()["services"].values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    return handed_on | {match.group(1) for match in _VARIABLE.finditer(TEXT)}


def seconds(text: str) -> float:
    """Compose's durations, as far as they are used here: 45s, 2m."""
    number, unit = float(text[:-1]), text[-1]
    return number * {"s": 1, "m": 60}[unit]


def complaints(linter: str, *arguments: str | Path) -> str:
    """What a linter of this environment says; empty where it finds nothing."""
    program = Path(sysconfig.get_path("scripts")) / linter
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""
