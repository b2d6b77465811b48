"""The command line as a person uses it: a process, its output, its exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TALK = ROOT / "samples" / "talk.mp4"


@dataclass(frozen=True)
class Finished:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def results(self) -> list[dict[str, Any]]:
        """The JSON objects on standard output, a line each."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def result(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        (only,) = self.results
        return only


@dataclass(frozen=True)
class Mindreel:
    """`starter.py` with a data directory of its own."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, timeout_s: float = 240.0, **settings: str) -> Finished:
        """Run a command to its end."""
        process = self.start(*arguments, **settings)
        out, err = process.communicate(timeout=timeout_s)
        return Finished(process.returncode, out, err)

    def start(self, *arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
        """Start a command and go on."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def engine(self) -> dict[str, Any]:
        """What the running engine says of itself."""
        state: dict[str, Any] = json.loads((self.home / "engine.json").read_text())
        return state

    def left_behind(self) -> list[Path]:
        """Files of finished or dead attempts in the temporary folders."""
        scratch = self.home / "tmp"
        return [path for path in scratch.rglob("*") if path.is_file() and not path.name.endswith(".lock")]

    def command(self, *arguments: str | Path) -> list[str]:
        """What is run, for tests that start it by themselves."""
        return [sys.executable, str(ROOT / "starter.py"), *map(str, arguments)]

    def environment(self, settings: Mapping[str, str] | None = None) -> dict[str, str]:
        """This process's, without settings of ours but those of this data directory."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MINDREEL_", "TEMPORAL_", "OTEL_", "SUPABASE_"))
        }
        return {**kept, "MINDREEL_HOME": str(self.home), **self.settings, **(settings or {})}
