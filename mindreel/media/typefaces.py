"""Finds a font that has every glyph of a text: the one that comes with mindreel, else the system's."""

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

from mindreel.contracts.secrets import without_secrets

BUNDLED = Path(__file__).parent / "fonts" / "NotoSans-Bold.ttf"
SUFFIXES = (".ttf", ".otf", ".ttc")
FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
LIKELY = re.compile(r"noto|cjk|gothic|hei|ming|unicode|dejavu|arial|nirmala|yahei|hiragino", re.IGNORECASE)
MAX_LOOKED_AT = 200
FC_LIST_S = 10.0


@dataclass(frozen=True)
class Font:
    """A font file and how a style names it."""

    path: Path
    family: str
    bold: bool
    """True when the file itself is bold; a regular one is emboldened by the renderer."""


class NoFontError(Exception):
    """No font at hand has the glyphs; the text is a clause that says which. Never leaves the room."""


def font_for(text: str) -> Font:
    """The first font that has all glyphs of `text`; raises `NoFontError` naming some that none has."""
    wanted = needed(text)
    fewest = wanted
    for path in _candidates(wanted):
        font, missing = _try(path, wanted)
        if font and not missing:
            return font
        fewest = min(fewest, missing, key=len)
    some = " ".join(sorted(chr(code) for code in islice(fewest, 5)))
    raise NoFontError(f"no font on this machine has all its letters (missing: {some})")


def needed(text: str) -> set[int]:
    """The code points that need a glyph: spaces and invisible marks do not."""
    return {ord(letter) for letter in text if unicodedata.category(letter) not in {"Zs", "Cf", "Cc", "Mn"}}


def _candidates(wanted: set[int]) -> Iterator[Path]:
    yield BUNDLED
    finder = shutil.which("fc-list")
    yield from _listed(finder, wanted) if finder else _searched()


def _listed(finder: str, wanted: set[int]) -> Iterator[Path]:
    """What fontconfig knows to hold these characters; the serif and mono ones last."""
    charset = " ".join(f"{code:x}" for code in sorted(wanted))
    found = subprocess.run(
        [finder, f":charset={charset}", "file"],
        capture_output=True,
        text=True,
        timeout=FC_LIST_S,
        check=False,
        env=without_secrets(os.environ),
    )
    paths = [Path(line.split(": ")[0].rstrip(":")) for line in found.stdout.splitlines()]
    fonts = [path for path in paths if path.suffix.lower() in SUFFIXES]
    yield from sorted(fonts, key=_rank)[:MAX_LOOKED_AT]


def _searched() -> Iterator[Path]:
    folders = [Path(folder).expanduser() for folder in FOLDERS.get(sys.platform, ())]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES]
    yield from sorted((path for path in files if LIKELY.search(path.name)), key=_rank)[:MAX_LOOKED_AT]


def _rank(path: Path) -> tuple[bool, bool, str]:
    name = path.name.lower()
    plain = "serif" not in name and "mono" not in name and "italic" not in name
    return (not plain, "bold" not in name, name)


def _try(path: Path, wanted: set[int]) -> tuple[Font | None, set[int]]:
    """The font, and which of the wanted characters it lacks; None where the file is no usable font."""
    try:
        with TTFont(path, lazy=True, fontNumber=0) as file:
            missing = wanted - set(file.getBestCmap() or ())
            family = file["name"].getDebugName(1)
            style = file["name"].getDebugName(2) or ""
    except (TTLibError, OSError, KeyError):
        return None, wanted
    return (Font(path, family, "bold" in style.lower()) if family else None), missing
