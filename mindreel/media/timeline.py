"""Where a file's time really begins and ends, whatever its header says."""

from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Stream

from mindreel.media.opening import input_arguments, open_media

MICROSECONDS = 1_000_000
INDEXED = ("mov", "matroska")
"""Containers in which seeking always lands on a key frame at or before the target."""
TAIL_S = 5.0
FIRST_FRAME_PACKETS = 2000


def start_s(container: InputContainer) -> float:
    """Time zero of the video on the container's own clock, as ffmpeg and players count it."""
    return (container.start_time or 0) / MICROSECONDS


def seeked_input(media: Path, second: float, *options: str) -> tuple[list[str], float]:
    """Arguments by which ffmpeg reads `media` from `second` on, and what filters add to the video's seconds.

    For MPEG-TS and its like ffmpeg moves time zero to the first stream that is used, so that picture and
    sound read apart would drift apart; there the file's own clock is kept (`-copyts`).
    """
    with open_media(media) as container:
        moved, zero_s = not container.format.name.startswith(INDEXED), start_s(container)
    seeking = ("-ss", f"{second:.6f}") if second > 0 else ()
    if moved:
        return ["-copyts", *input_arguments(media, *options, *seeking)], zero_s
    return input_arguments(media, *options, *seeking), -max(0.0, second)


def first_frame(container: InputContainer, stream: Stream) -> av.VideoFrame | av.AudioFrame | None:
    """The first frame that decodes, or None where none does near the beginning."""
    for count, packet in enumerate(container.demux(stream)):
        if count > FIRST_FRAME_PACKETS:
            return None
        frames = _decode(packet)
        if frames:
            return frames[0]
    return None


def decodes_at(container: InputContainer, stream: Stream, duration_s: float) -> bool:
    """True when a frame decodes near the end; looks back further where key frames stand far apart."""
    for back_s in (TAIL_S, 4 * TAIL_S, 24 * TAIL_S):
        seek(container, duration_s - back_s)
        if any(_decode(packet) for packet in container.demux(stream)):
            return True
        if back_s >= duration_s:
            break
    return False


def measured_duration_s(container: InputContainer, streams: list[Stream]) -> float:
    """Length from time zero to the end of the last packet; headers lie or say nothing."""
    claimed_s = (container.duration or 0) / MICROSECONDS
    if claimed_s > 0:
        seek(container, claimed_s - TAIL_S)
        end_s = _last_end_s(container, streams)
        if end_s is not None and end_s > claimed_s - TAIL_S:
            return end_s
    seek(container, 0)
    return _last_end_s(container, streams) or claimed_s


def _last_end_s(container: InputContainer, streams: list[Stream]) -> float | None:
    """The latest end of any packet of `streams` from here on, in seconds after time zero."""
    ends = [
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux(streams)
        if packet.pts is not None and packet.time_base is not None
    ]
    return max(ends) - start_s(container) if ends else None


def seek(container: InputContainer, second: float) -> None:
    """Go to a key frame at or before `second` after time zero; the first second means the very beginning.

    Formats without an index (MPEG-TS) go by decoding time, which runs ahead, and may land on any frame.
    """
    begin_s = start_s(container)
    target_s = begin_s + second if second > 1 else min(0.0, begin_s)
    container.seek(int(target_s * MICROSECONDS), backward=True)


def _decode(packet: "av.Packet[Stream]") -> list[av.VideoFrame | av.AudioFrame]:
    """Its frames; a packet that does not decode has none (the caller judges what that means)."""
    try:
        return [frame for frame in packet.decode() if isinstance(frame, (av.VideoFrame, av.AudioFrame))]
    except av.FFmpegError:
        return []
