"""Python, the packages, the data directory and its disk."""

import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from mindreel.bootstrap.build import ROOT
from mindreel.cli import wording
from mindreel.cli.checks.check import MISSING, OK, WARNING, Check
from mindreel.settings import Settings

_LEAST_PYTHON = (3, 11)
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def checks(settings: Settings) -> Iterator[Check]:
    """All of them; each is quick."""
    yield _python()
    yield _packages()
    yield _home(settings)
    if settings.supabase is None:
        yield _inbox(settings)
    yield _disk(settings)


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < _LEAST_PYTHON:
        return Check("Python", MISSING, version, "Install Python 3.11 or newer.")
    return Check("Python", OK, f"{version} ({sys.executable})")


def _packages() -> Check:
    wanted = _requirements()
    missing = [name for name in wanted if not _installed(name)]
    if missing:
        return Check("Packages", MISSING, f"not installed: {', '.join(missing)}", "Run `make setup`.")
    return Check("Packages", OK, f"all {len(wanted)} that mindreel needs")


def _requirements() -> list[str]:
    """Names of the packages mindreel is declared to need, without those for extras."""
    project = ROOT / "pyproject.toml"
    if project.is_file():
        lines = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    else:
        lines = [line for line in metadata.requires("mindreel") or [] if "extra ==" not in line]
    return [match.group() for line in lines if (match := _NAME.match(line))]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _home(settings: Settings) -> Check:
    place = _existing(settings.home)
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Check(
            "Data", MISSING, f"{settings.home} cannot be written", "Set MINDREEL_HOME to another folder."
        )
    made = "" if settings.home.is_dir() else " (made when it is needed)"
    return Check("Data", OK, f"{settings.home}{made}")


def _inbox(settings: Settings) -> Check:
    """Workers read files there and lay reports beside them."""
    inbox = settings.inbox
    place = _existing(inbox)
    if not place.is_dir() or not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        hint = f"Make {place} a folder that can be read and written: reports are laid beside the CSV files."
        return Check("Inbox", MISSING, f"{inbox} cannot be written", hint)
    made = "" if inbox.is_dir() else " (made when it is needed)"
    return Check("Inbox", OK, f"{inbox}{made}")


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(_existing(settings.home)).free
    text = f"{wording.size(free)} free"
    if free < settings.limits.min_free_bytes:
        needed = wording.size(settings.limits.min_free_bytes)
        return Check("Disk", MISSING, text, f"Free some: {needed} must remain (MINDREEL_MIN_FREE_BYTES).")
    if free < 2 * settings.limits.min_free_bytes:
        return Check("Disk", WARNING, text, "Long videos may not fit; free some space.")
    return Check("Disk", OK, text)


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    return next(each for each in (path, *path.parents) if each.exists())
