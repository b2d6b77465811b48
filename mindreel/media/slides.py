"""Whether a stretch of video is slides or a screen: still pictures whose edges matter."""

from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from mindreel.contracts.media import VideoStream
from mindreel.media.opening import open_media
from mindreel.media.streams import picture_stream
from mindreel.media.timeline import seek, start_s
from mindreel.media.window import Window

WIDTH, HEIGHT = 160, 90
SPOTS = (0.2, 0.5, 0.8)
APART_S = 0.5
STILL = 1.5
"""Mean change of luma (0 to 255) in half a second under which a picture counts as still."""
EDGE_SHARE = 0.3
"""Share of detail outside the middle from which cropping would lose too much."""
MAX_DECODED = 400

Luma = NDArray[np.float64]


def is_slides(media: Path, video: VideoStream, window: Window) -> bool:
    """True when most of the clip stands still and a 9:16 crop would cut into its detail."""
    changes, shares = [], []
    with open_media(media) as container:
        for spot in SPOTS:
            pair = _pair(container, window.start_s + spot * window.duration_s)
            if pair:
                changes.append(float(np.abs(pair[1] - pair[0]).mean()))
                shares.append(_share_outside(pair[0], video.height * 9 / 16 / video.width))
    return bool(changes) and float(np.median(changes)) < STILL and float(np.median(shares)) > EDGE_SHARE


def _pair(container: InputContainer, second: float) -> tuple[Luma, Luma] | None:
    """Small luma of two frames half a second apart."""
    stream = picture_stream(container)
    seek(container, second)
    first: tuple[float, Luma] | None = None
    try:
        for count, frame in enumerate(container.decode(stream) if stream else ()):
            time_s = (frame.time or 0.0) - start_s(container)
            if first is None:
                first = (time_s, _luma(frame))
            elif time_s >= first[0] + APART_S:
                return first[1], _luma(frame)
            if count > MAX_DECODED:
                break
    except av.FFmpegError:
        return None  # a damaged spot says nothing about the picture's kind
    return None


def _luma(frame: av.VideoFrame) -> Luma:
    return frame.reformat(width=WIDTH, height=HEIGHT, format="gray").to_ndarray().astype(np.float64)


def _share_outside(luma: Luma, kept: float) -> float:
    """Share of the horizontal detail left and right of the middle `kept` of the width."""
    detail = np.abs(np.diff(luma, axis=1)).sum(axis=0)
    margin = round(len(detail) * (1 - kept) / 2)
    inside = detail[margin : len(detail) - margin].sum()
    return float(1 - inside / detail.sum()) if detail.sum() else 0.0
