"""What a row asks for: its own columns, and the `options` column, a JSON object (RFC 8259)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mindreel.contracts.video import Options
from mindreel.errors import InputError
from mindreel.sources.csv_rows import values
from mindreel.sources.csv_rows.cells import line_of, shown

_Choice = int | bool | str | None
_IN_JSON: dict[str, Callable[[str, str], _Choice]] = {
    "clips": values.clips,
    "captions": values.flag,
    "vertical": values.flag,
    "language": values.language,
    "model": values.model,
}
_COLUMNS = ("clips", "captions", "vertical", "language")


def read_options(cells: Mapping[str, str], problems: list[str]) -> Options:
    """A filled column beats the same field in `options`; what makes no sense is added to `problems`."""
    chosen: dict[str, Any] = {}
    pieces = _from_json(cells.get("options", ""), problems)
    pieces += [(name, name, line_of(cells.get(name, ""))) for name in _COLUMNS]
    for name, label, text in pieces:
        if not text:
            continue
        try:
            chosen[name] = _IN_JSON[name](label, text)
        except InputError as error:
            problems.append(str(error))
    return Options(**chosen)


def _from_json(cell: str, problems: list[str]) -> list[tuple[str, str, str]]:
    """(field, how to call it, value as it would stand in a cell)."""
    if not cell.strip():
        return []
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        problems.append(f'options is {shown(cell)}; it must be a JSON object such as {{"clips": 3}}.')
        return []
    pieces = []
    for name, value in found.items():
        if name not in _IN_JSON:
            problems.append(f"options has {shown(name)}; it may have {', '.join(_IN_JSON)}.")
        else:
            pieces.append((name, f"{name} in options", _as_cell(value)))
    return pieces


def _as_cell(value: object) -> str:
    return "" if value is None else line_of(value if isinstance(value, str) else json.dumps(value))
