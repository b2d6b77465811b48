"""Looks at a finished smart cut as a player would, before it may be called finished.

Copied packets are the source's bytes, so the whole clip is read for its times, and decoded where something
could have gone wrong: from the beginning past the first join, and the re-encoded end.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

import av
import numpy as np
from av.container import InputContainer

from mindreel.media.job import ClipJob
from mindreel.media.opening import open_media
from mindreel.media.smartcut.encode import Edges
from mindreel.media.smartcut.layout import Layout
from mindreel.media.smartcut.reasons import NotSmartError
from mindreel.media.smartcut.source import Look, look_at

ROUNDING_S = 0.002
"""How far a frame may lie from its time."""
PAST_JOIN = 8
"""Frames decoded beyond the first join: a reference kept too long shows within a few frames."""
MEAN_DIFFERENCE, WORST_DIFFERENCE = 3.0, 48
"""Of small luma (0 to 255), source against re-encoded frame."""


def check_smart(job: ClipJob, layout: Layout, edges: Edges) -> None:
    """Raise `NotSmartError` with the first fault found."""
    with open_media(job.target) as clip:
        track = clip.streams.video[0]
        track.thread_type = "AUTO"
        _check_times(clip, track, job)
        pending = dict(edges.looks)
        first_part = range(min(len(layout.pts), layout.head + PAST_JOIN))
        _compare(clip, track, job, first_part, pending)
        if layout.tail:
            tail = range(len(layout.pts) - layout.tail, len(layout.pts))
            _compare(clip, track, job, tail, pending)
    if pending:
        raise NotSmartError(f"frame {min(pending)} of the finished clip did not decode")


def _check_times(clip: InputContainer, track: av.VideoStream, job: ClipJob) -> None:
    """Every frame is there, at its time, in an order that can be decoded."""
    shown, decoding = [], []
    for packet in clip.demux(track):
        if packet.pts is not None and packet.dts is not None and packet.time_base is not None:
            shown.append(float(packet.pts * packet.time_base))
            decoding.append(packet.dts)
    wanted = job.window.times
    if len(shown) != len(wanted):
        raise NotSmartError(f"the finished clip has {len(shown)} frames instead of {len(wanted)}")
    if any(abs(one - other) > ROUNDING_S for one, other in zip(sorted(shown), wanted, strict=True)):
        raise NotSmartError("the finished clip's frames do not have the source's times")
    if any(later <= earlier for earlier, later in pairwise(decoding)):
        raise NotSmartError("the finished clip's decoding times do not rise")


def _compare(
    clip: InputContainer, track: av.VideoStream, job: ClipJob, part: range, pending: dict[int, Look]
) -> None:
    """Decode the frames of `part`, which must all come, and hold them against the source's."""
    missing = set(part)
    for number, frame in _decoded(clip, track, job, part):
        missing.discard(number)
        if frame.is_corrupt:
            raise NotSmartError(f"frame {number} of the finished clip is damaged")
        wanted = pending.pop(number, None)
        if wanted is not None and not _alike(look_at(frame), wanted):
            raise NotSmartError(f"frame {number} of the finished clip is not the source's")
    if missing:
        raise NotSmartError(f"frame {min(missing)} of the finished clip did not decode")


def _decoded(
    clip: InputContainer, track: av.VideoStream, job: ClipJob, part: range
) -> Iterator[tuple[int, av.VideoFrame]]:
    times = job.window.times
    clip.seek(int(times[part.start] * av.time_base), backward=True)
    try:
        for frame in clip.decode(track):
            number = bisect_left(times, (frame.time or 0.0) - ROUNDING_S)
            if number in part:
                yield number, frame
            if number >= part.stop - 1:
                return
    except av.FFmpegError as error:
        raise NotSmartError(f"the finished clip does not decode ({error})") from error


def _alike(one: Look, other: Look) -> bool:
    difference = np.abs(one.astype(np.int16) - other.astype(np.int16))
    return bool(difference.mean() <= MEAN_DIFFERENCE and difference.max() <= WORST_DIFFERENCE)
