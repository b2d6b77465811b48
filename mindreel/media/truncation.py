"""How many bytes a container claims beyond its file's end: a download that stopped early.

mp4: ISO/IEC 14496-12; Matroska and WebM: RFC 9559 over EBML (RFC 8794); AVI and WAV: RIFF.
"""

import struct
from pathlib import Path

from mindreel.media.boxes import Box

HEAD_BYTES = 4096
EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"
RIFF_UNKNOWN = (0, 0xFFFFFFFF)


def missing_bytes(path: Path, boxes: list[Box]) -> int:
    """Bytes that `path` says it has and has not; 0 for formats that do not say."""
    total = path.stat().st_size
    if boxes:
        return max(0, boxes[-1].start + boxes[-1].size - total)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(EBML):
        return max(0, _segment_end(head) - total)
    if head.startswith(b"RIFF"):
        size = struct.unpack_from("<I", head, 4)[0]
        return 0 if size in RIFF_UNKNOWN else max(0, size + 8 - total)
    return 0


def _segment_end(head: bytes) -> int:
    """Where the Segment element ends; 0 when its size is unknown, as in live recordings."""
    position = head.find(SEGMENT)
    if position < 0 or position + 12 > len(head) or not head[position + 4]:
        return 0
    first = head[position + 4]
    length = 9 - first.bit_length()  # RFC 8794, section 4: leading zeros tell the length
    raw = int.from_bytes(head[position + 4 : position + 4 + length])
    value = raw & ((1 << 7 * length) - 1)
    unknown = (1 << 7 * length) - 1
    return 0 if value == unknown else position + 4 + length + value
