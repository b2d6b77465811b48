"""Showing a file of this machine to a person."""

import os
import sys
import webbrowser
from pathlib import Path


def show(page: Path) -> None:
    """Print where it is, and open it where there is a screen."""
    sys.stdout.write(f"{page}\n")
    if _has_screen():
        webbrowser.open(page.as_uri())


def _has_screen() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
