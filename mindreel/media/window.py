"""Which frames of the source a clip consists of, read from packet times without decoding."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av

from mindreel.contracts.clips import ClipPlan
from mindreel.contracts.media import MediaInfo, VideoStream
from mindreel.errors import InputError
from mindreel.media.opening import open_media
from mindreel.media.streams import picture_stream
from mindreel.media.timeline import INDEXED, seek, start_s

MARGIN_S = 2.0
FINE_TICK = Fraction(1, 90_000)
PROGRESSIVE = (0, 1)
"""AVFieldOrder: unknown, progressive."""
HDR_TRANSFERS = (16, 18)
"""Transfer characteristics of ITU-T H.273: PQ, HLG."""
LOOK_BACK_S = (MARGIN_S, 15.0, 120.0)
USUAL_RATES = tuple(Fraction(rate) for rate in ("25", "30000/1001", "30", "50", "60000/1001", "60"))


@dataclass(frozen=True)
class Window:
    """The frames of one clip; all times in seconds after the video's time zero."""

    start_s: float
    """Where the clip begins: the first frame's time, or the planned start where the rate varies."""
    shown_s: float
    """Time of the frame that is on screen at `start_s`; equal to it where the rate is constant."""
    frames: int
    """How many frames the clip has."""
    rate: Fraction
    """Frames per second of the clip."""
    constant: bool
    """True when the source has exactly these frames, evenly spaced."""
    seek_s: float
    """Where a decoder must be sent to see them all; 0 means read from the very beginning."""
    times: tuple[float, ...] = ()
    """When the source's own frames are shown, in seconds after `start_s`; empty where they must be made,
    because none begins where the clip begins."""
    interlaced: bool = False
    """True when a frame is two half pictures of different moments."""
    hdr: bool = False
    """True when the picture is brighter than ordinary screens show (PQ or HLG, ITU-R BT.2100)."""

    @property
    def frame_s(self) -> float:
        """Length of one frame."""
        return float(1 / self.rate)

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        return self.frames * self.frame_s

    @property
    def tick(self) -> Fraction:
        """The unit of a copied clip's clock: a frame where they are even, so that nothing is rounded."""
        return 1 / self.rate if self.constant else FINE_TICK

    @property
    def ticks(self) -> tuple[int, ...]:
        """`times`, in units of `tick`."""
        return tuple(round(time / self.tick) for time in self.times)

    @property
    def end_s(self) -> float:
        """Where the last frame ends."""
        return self.start_s + self.duration_s


@dataclass(frozen=True)
class Kind:
    """What must be known of the picture before it is encoded again."""

    interlaced: bool
    hdr: bool


def find_window(media: Path, video: VideoStream, info: MediaInfo, plan: ClipPlan) -> Window:
    """The window nearest to the plan: both ends within half a frame.

    Raises `InputError` when the plan lies outside the video.
    """
    if not 0 <= plan.start_s < min(plan.end_s, info.duration_s):
        raise InputError(
            f"Clip {plan.index} ({plan.start_s:.2f}-{plan.end_s:.2f} s) lies outside the video of "
            f"{info.duration_s:.2f} s."
        )
    end_s = min(plan.end_s, info.duration_s)
    times, key_s, kind = frame_times(media, plan.start_s, end_s)
    if not times:
        raise InputError(f"{media.name} has no picture between {plan.start_s:.2f} and {end_s:.2f} s.")
    window = _constant(times, video.frame_rate, plan.start_s, end_s)
    window = window or _uneven(times, plan.start_s, end_s) or _held(times, plan.start_s, end_s)
    seek_s = window.seek_s if info.container.startswith(INDEXED) else max(0.0, key_s - 1.0)
    return replace(window, seek_s=seek_s, interlaced=kind.interlaced, hdr=kind.hdr)


def frame_times(media: Path, begin_s: float, end_s: float) -> tuple[list[float], float, Kind]:
    """Presentation times of the frames from before `begin_s` to after `end_s`, and a key frame before them.

    The key frame is at 0 where none is found; and what kind of picture it is.
    """
    times: list[float] = []
    keys: list[float] = []
    with open_media(media) as container:
        stream, zero_s = picture_stream(container), start_s(container)
        for back_s in LOOK_BACK_S:
            seek(container, begin_s - back_s)
            times, keys = [], []
            for packet in container.demux(stream) if stream else ():
                if packet.pts is None or packet.time_base is None:
                    continue
                times.append(float(packet.pts * packet.time_base) - zero_s)
                if packet.is_keyframe:
                    keys.append(times[-1])
                if times[-1] > end_s + MARGIN_S:
                    break
            if keys and min(keys) <= begin_s:
                break
        kind = _kind(stream)
    return sorted(times), max((key for key in keys if key <= begin_s), default=0.0), kind


def _kind(stream: av.VideoStream | None) -> Kind:
    if stream is None:
        return Kind(interlaced=False, hdr=False)
    context = stream.codec_context
    return Kind(interlaced=context.field_order not in PROGRESSIVE, hdr=context.color_trc in HDR_TRANSFERS)


def _constant(times: list[float], rate: Fraction, begin_s: float, end_s: float) -> Window | None:
    """The window where the source is evenly spaced from end to end; None where it is not."""
    frame_s = float(1 / rate)
    first = min(times, key=lambda time: abs(time - begin_s))
    frames = max(1, round((end_s - first) / frame_s))
    inside = times[times.index(first) :][:frames]
    even = all(abs(time - (first + k * frame_s)) < frame_s / 2 for k, time in enumerate(inside))
    reach_s = frame_s if first == times[0] else frame_s * 0.51  # the picture may begin a little late
    if abs(first - begin_s) > reach_s or len(inside) < frames or not even:
        return None
    steps = tuple(k * frame_s for k in range(frames))
    return Window(
        first, first, frames, rate, constant=True, seek_s=max(0.0, first - frame_s / 2), times=steps
    )


def _uneven(times: list[float], begin_s: float, end_s: float) -> Window | None:
    """A window of the source's own frames at their own times; None where none begins at the beginning."""
    rate = _rate_of(times)
    first = min(times, key=lambda time: abs(time - begin_s))
    if abs(first - begin_s) > 0.51 / rate:
        return None
    frames = max(1, round((end_s - first) * rate))
    last_s = (frames - 0.5) / rate
    steps = tuple(time - first for time in times if 0 <= time - first < last_s)
    return Window(
        first, first, frames, rate, constant=False, seek_s=max(0.0, first - 0.5 / rate), times=steps
    )


def _held(times: list[float], begin_s: float, end_s: float) -> Window:
    """A window of evenly spaced frames, each showing what was on screen then."""
    shown_s = max((time for time in times if time <= begin_s + 1e-6), default=max(0.0, times[0]))
    rate = _rate_of(times)
    frames = max(1, round((end_s - begin_s) * rate))
    return Window(
        begin_s, shown_s, frames, rate, constant=False, seek_s=max(0.0, min(shown_s, begin_s) - 0.5 / rate)
    )


def _rate_of(times: list[float]) -> Fraction:
    """The usual rate nearest to the denser frames; sparse ones (slides) are shown at the lowest."""
    gaps = sorted(later - earlier for earlier, later in pairwise(times) if later > earlier)
    if not gaps:
        return USUAL_RATES[0]
    dense_s = gaps[len(gaps) // 4]
    return min(USUAL_RATES, key=lambda rate: abs(rate * dense_s - 1))
