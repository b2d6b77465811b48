"""Reads the frames and packets of a clip from its source, by their number in the clip."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from mindreel.media.opening import open_media
from mindreel.media.smartcut.layout import Layout
from mindreel.media.smartcut.nal import LENGTH_BYTES, is_reference, join, nal_type, split
from mindreel.media.smartcut.reasons import NotSmartError
from mindreel.media.streams import picture_stream
from mindreel.media.timeline import seek, start_s
from mindreel.media.window import LOOK_BACK_S

LOOK_WIDTH, LOOK_HEIGHT = 160, 90
DROPPED = frozenset({7, 8, 9, 12})
"""Parameter sets (they stand in the header), delimiters and filler, which an mp4 does without."""

Look = NDArray[np.uint8]


def look_at(frame: av.VideoFrame) -> Look:
    """The frame's luma, made small."""
    small = frame.reformat(width=LOOK_WIDTH, height=LOOK_HEIGHT, format="gray")
    return small.to_ndarray().astype(np.uint8, copy=False)


def source_frames(media: Path, layout: Layout, wanted: range) -> Iterator[tuple[int, av.VideoFrame]]:
    """Number and frame of the source's frames in `wanted`, decoded from a key frame before them."""
    numbers = layout.numbers
    with open_media(media) as container:
        stream = picture_stream(container)
        if stream is None:
            raise NotSmartError("the picture was not found")
        stream.thread_type = "AUTO"
        first_s = float(layout.pts[wanted.start] * (stream.time_base or 0)) - start_s(container)
        seek(container, first_s - (0.0 if layout.indexed else LOOK_BACK_S[1]))
        for frame in _decoded(container, stream, layout, layout.pts[wanted.start]):
            number = numbers.get(frame.pts if frame.pts is not None else -1, -1)
            if number in wanted:
                yield number, frame
            if number >= wanted.stop - 1:
                return


def _decoded(
    container: InputContainer, stream: av.VideoStream, layout: Layout, first_pts: int
) -> Iterator[av.VideoFrame]:
    """The frames from here on; before `first_pts` only those that others refer to."""
    try:
        for packet in container.demux(stream):
            early = packet.pts is not None and packet.pts < first_pts
            if not (early and _disposable(bytes(packet), layout.sets.length_bytes)):
                yield from packet.decode()
    except (av.FFmpegError, ValueError) as error:
        raise NotSmartError(f"the source does not decode there ({error})") from error


def _disposable(packet: bytes, length_bytes: int) -> bool:
    """True when no other picture needs this one."""
    return not all(is_reference(unit) for unit in split(packet, length_bytes))


def copied_packets(media: Path, layout: Layout) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes with four-byte lengths, and whether it is a key frame, in order of decoding."""
    numbers, left = layout.numbers, list(reversed(layout.copied))
    with open_media(media) as container:
        stream = picture_stream(container)
        if stream is None:
            raise NotSmartError("the picture was not found")
        first_s = float(left[-1].pts * (stream.time_base or 0)) - start_s(container)
        seek(container, first_s - (0.0 if layout.indexed else LOOK_BACK_S[1]))
        for packet in container.demux(stream):
            if left and packet.pts == left[-1].pts:
                sample = left.pop()
                yield numbers[sample.pts], _repacked(bytes(packet), layout.sets.length_bytes), sample.key
            if not left:
                return
    raise NotSmartError("the source's packets came in another order when they were read again")


def _repacked(packet: bytes, length_bytes: int) -> bytes:
    """As it is where lengths have four bytes already; else the same NAL units with such lengths."""
    if length_bytes == LENGTH_BYTES:
        return packet
    return join([unit for unit in split(packet, length_bytes) if nal_type(unit) not in DROPPED])
