from pathlib import Path

MAX_BYTES = 10 * 1024**2
KEPT = 3
"""Older logs kept beside the current one: NAME.1 is the newest of them."""
_TAIL_BYTES = 16 * 1024
_LINE_CHARACTERS = 300


def rotate(log: Path, *, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
    """Move a log that has grown over `max_bytes` aside; the oldest goes. Call it before opening the log."""
    if not log.exists() or log.stat().st_size <= max_bytes:
        return
    for number in range(kept - 1, 0, -1):
        older = _numbered(log, number)
        if older.exists():
            older.replace(_numbered(log, number + 1))
    log.replace(_numbered(log, 1))


def size(log: Path) -> int:
    """Bytes written so far: where a process about to start will begin; 0 when there is no log yet."""
    return log.stat().st_size if log.exists() else 0


def last_line(log: Path, *, since: int = 0) -> str:
    """The last line with text in it, written after byte `since`, cut to what fits a message; "" if none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(since, size(log) - _TAIL_BYTES))
        lines = file.read().decode("utf-8", "replace").split("\n")
    text = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return text if len(text) <= _LINE_CHARACTERS else text[:_LINE_CHARACTERS] + "…"


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
