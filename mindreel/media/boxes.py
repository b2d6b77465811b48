"""Top-level boxes of an mp4 or mov file (ISO/IEC 14496-12, section 4.2)."""

import struct
from dataclasses import dataclass
from pathlib import Path

BOX_HEADER = 8
LARGE_HEADER = 16
FIRST_KINDS = frozenset({"ftyp", "styp", "moov", "mdat", "moof", "free", "skip", "wide", "pnot", "sidx"})
MAX_BOXES = 100_000  # a day of fragments


@dataclass(frozen=True)
class Box:
    """One top-level box."""

    kind: str
    start: int
    """Byte position of its header."""
    size: int
    """Bytes it claims, header included; may reach past the end of a cut-off file."""


def top_level_boxes(path: Path) -> list[Box]:
    """The boxes of `path` in file order; empty where the file does not begin with a box."""
    boxes: list[Box] = []
    total = path.stat().st_size
    position = 0
    with path.open("rb") as file:
        while position + BOX_HEADER <= total and len(boxes) < MAX_BOXES:
            file.seek(position)
            box = _read(file.read(LARGE_HEADER), position, total)
            if box is None or (not boxes and box.kind not in FIRST_KINDS):
                break
            boxes.append(box)
            position += box.size
    return boxes


def _read(header: bytes, position: int, total: int) -> Box | None:
    size, raw_kind = struct.unpack(">I4s", header[:BOX_HEADER])
    if not raw_kind.isascii() or not raw_kind.decode("ascii").isprintable():
        return None
    if size == 0:  # reaches to the end of the file
        size = total - position
    elif size == 1 and len(header) == LARGE_HEADER:
        size = struct.unpack(">Q", header[BOX_HEADER:])[0]
    return Box(raw_kind.decode("ascii"), position, size) if size >= BOX_HEADER else None


def is_faststart(boxes: list[Box]) -> bool:
    """True when the index (moov) stands before the data (mdat or moof)."""
    kinds = [box.kind for box in boxes]
    if "moov" not in kinds:
        return False
    data = [kinds.index(kind) for kind in ("mdat", "moof") if kind in kinds]
    return not data or kinds.index("moov") < min(data)
