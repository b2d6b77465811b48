"""One picture that stands for the video: sharp, lit, and like most of it."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer

from mindreel.contracts.media import MediaInfo
from mindreel.contracts.progress import Reporter
from mindreel.errors import CancelledError
from mindreel.media.looks import Look, best, look_at
from mindreel.media.opening import open_media
from mindreel.media.still import save_jpeg
from mindreel.media.streams import cover_stream, picture_stream
from mindreel.media.timeline import seek, start_s

SAMPLES = 12
FROM, TO = 0.05, 0.90
"""Share of the video that is looked at: openings and credits are left out."""
EXACT_BELOW_S = 15.0
"""Longer videos are sampled at key frames, which decode alone."""
MAX_DECODED = 1000


def make_thumbnail(media: Path, info: MediaInfo, directory: Path, *, reporter: Reporter) -> Path | None:
    """Write `directory/thumbnail.jpg`, at most 1280 pixels wide; None where there is no picture at all.

    Attached cover art is used where there is some; else the best of twelve frames spread over the video.
    Raises `CancelledError`.
    """
    target = directory / "thumbnail.jpg"
    frame = _cover(media)
    if frame is None and info.video is not None:
        frame = _best_frame(media, info.duration_s, reporter)
    if frame is None:
        return None
    save_jpeg(frame, target)
    reporter.progress(1.0)
    return target


def _cover(media: Path) -> av.VideoFrame | None:
    with open_media(media) as container:
        stream = cover_stream(container)
        if stream is None:
            return None
        try:
            return next(iter(container.decode(stream)), None)
        except av.FFmpegError:
            return None  # a damaged cover: a frame of the video serves as well


def _best_frame(media: Path, duration_s: float, reporter: Reporter) -> av.VideoFrame | None:
    """Decode the samples, keeping small looks and only the best full picture's time."""
    looks: list[Look] = []
    with open_media(media) as container:
        for number, frame in enumerate(_samples(container, duration_s)):
            if reporter.wait_cancelled(0.0):
                raise CancelledError("Making the thumbnail was cancelled.")
            if frame.pts not in {look.pts for look in looks}:
                looks.append(look_at(frame))
            reporter.progress((number + 1) / (SAMPLES + 1))
        if not looks:
            return None
        wanted = best(looks)
        seek(container, max(0.0, wanted.time_s - start_s(container)))
        return next((frame for frame in _frames(container) if frame.pts == wanted.pts), None)


def _samples(container: InputContainer, duration_s: float) -> Iterator[av.VideoFrame]:
    for share in np.linspace(FROM, TO, SAMPLES):
        second = float(share) * duration_s
        seek(container, second)
        frame = _first(container) if duration_s > EXACT_BELOW_S else _first_from(container, second)
        if frame is not None:
            yield frame


def _first(container: InputContainer) -> av.VideoFrame | None:
    return next(_frames(container), None)


def _first_from(container: InputContainer, second: float) -> av.VideoFrame | None:
    """The frame at `second`, or the last before it that decodes."""
    wanted, latest = second + start_s(container), None
    for frame in _frames(container):
        latest = frame
        if (frame.time or 0.0) >= wanted:
            break
    return latest


def _frames(container: InputContainer) -> Iterator[av.VideoFrame]:
    """Frames from here on, past packets that do not decode."""
    stream = picture_stream(container)
    if stream is None:
        return
    decoded = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            decoded += 1
            if isinstance(frame, av.VideoFrame):
                yield frame
        if decoded > MAX_DECODED:
            return
