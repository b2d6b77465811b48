"""NAL units and parameter sets of H.264 (ITU-T H.264, 7.3 and annex B; ISO/IEC 14496-15, 5.3.3)."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

IDR, AUD, SPS, PPS = 5, 9, 7, 8
SLICES = frozenset({1, 5})
HIGH_PROFILES = frozenset({100, 110, 122, 144})
_START_CODE = re.compile(rb"\x00\x00\x01")
LENGTH_BYTES = 4


@dataclass(frozen=True)
class ParameterSets:
    """The sequence and picture parameter sets of a stream, as whole NAL units."""

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    length_bytes: int
    """Of the length before each NAL unit in a packet; 0 where packets have start codes (annex B)."""

    @property
    def ids(self) -> frozenset[int]:
        """All ids in use, of either kind."""
        return frozenset([sps_id(unit) for unit in self.sps] + [pps_id(unit) for unit in self.pps])


def nal_type(unit: bytes) -> int:
    """nal_unit_type."""
    return unit[0] & 0x1F


def is_reference(unit: bytes) -> bool:
    """False for a slice that no other picture needs (nal_ref_idc is 0)."""
    return nal_type(unit) not in SLICES or bool(unit[0] & 0x60)


def split(packet: bytes, length_bytes: int) -> Iterator[bytes]:
    """The NAL units of a packet; raises `ValueError` where lengths do not fit."""
    return _split_lengths(packet, length_bytes) if length_bytes else split_annexb(packet)


def split_annexb(data: bytes) -> Iterator[bytes]:
    """The NAL units between start codes."""
    starts = [match.end() for match in _START_CODE.finditer(data)]
    ends = [start - 3 for start in starts[1:]] + [len(data)]
    for begin, end in zip(starts, ends, strict=False):
        unit = data[begin:end].rstrip(b"\x00")
        if unit:
            yield unit


def _split_lengths(packet: bytes, length_bytes: int) -> Iterator[bytes]:
    position = 0
    while position < len(packet):
        begin = position + length_bytes
        position = begin + int.from_bytes(packet[position:begin])
        if position > len(packet) or begin == position:
            raise ValueError("a NAL unit reaches past its packet")
        yield packet[begin:position]


def join(units: list[bytes]) -> bytes:
    """NAL units as a packet with four-byte lengths."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)


def parameter_sets(extradata: bytes) -> ParameterSets:
    """Read an avcC record or annex B extradata; raises `ValueError` where it is neither."""
    if extradata[:1] == b"\x01":
        return _from_avcc(extradata)
    units = list(split_annexb(extradata))
    sps = tuple(unit for unit in units if nal_type(unit) == SPS)
    pps = tuple(unit for unit in units if nal_type(unit) == PPS)
    if not sps or not pps:
        raise ValueError("no parameter sets")
    return ParameterSets(sps, pps, 0)


def _from_avcc(record: bytes) -> ParameterSets:
    try:
        sps, position = _units(record, 6, record[5] & 0x1F)
        pps, _ = _units(record, position + 1, record[position])
    except (IndexError, struct.error) as error:
        raise ValueError("a damaged avcC record") from error
    if not sps or not pps:
        raise ValueError("no parameter sets")
    return ParameterSets(sps, pps, (record[4] & 3) + 1)


def _units(record: bytes, position: int, count: int) -> tuple[tuple[bytes, ...], int]:
    units = []
    for _ in range(count):
        (length,) = struct.unpack_from(">H", record, position)
        units.append(record[position + 2 : position + 2 + length])
        position += 2 + length
    return tuple(units), position


def avcc(one: ParameterSets, other: ParameterSets) -> bytes:
    """One avcC record that carries the sets of two streams, whose ids must differ."""
    sps, pps = one.sps + other.sps, one.pps + other.pps
    profile = max(unit[1] for unit in sps)
    constraints = 0xFF
    for unit in sps:
        constraints &= unit[2]
    level = max(unit[3] for unit in sps)
    record = bytes([1, profile, constraints, level, 0xFC | (LENGTH_BYTES - 1), 0xE0 | len(sps)])
    record += b"".join(struct.pack(">H", len(unit)) + unit for unit in sps)
    record += bytes([len(pps)]) + b"".join(struct.pack(">H", len(unit)) + unit for unit in pps)
    if profile in HIGH_PROFILES:  # chroma 4:2:0, 8 bits, no extensions: the only pictures that are copied
        record += bytes([0xFC | 1, 0xF8, 0xF8, 0])
    return record


def sps_id(unit: bytes) -> int:
    """seq_parameter_set_id: after profile, constraints and level."""
    return _exp_golomb(unit[4:])


def pps_id(unit: bytes) -> int:
    """pic_parameter_set_id."""
    return _exp_golomb(unit[1:])


def _exp_golomb(data: bytes) -> int:
    """The first ue(v) of `data` (H.264, 9.1); ids are below 256, so eight bytes are enough."""
    bits = "".join(f"{byte:08b}" for byte in data[:8])
    zeros = len(bits) - len(bits.lstrip("0"))
    return int(bits[zeros : 2 * zeros + 1] or "1", 2) - 1
