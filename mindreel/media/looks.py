"""How a frame looks, in a few numbers, and which of several stands for all."""

from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 160, 90
BINS = 16
DARK, BRIGHT = 24.0, 232.0
FLAT = 10.0
"""Standard deviation of the luma (0 to 255) under which a frame is a plain colour or a fade."""


@dataclass(frozen=True)
class Look:
    """A frame, made small."""

    pts: int
    time_s: float
    mean: float
    """Mean luma, 0 to 255."""
    contrast: float
    """Standard deviation of the luma."""
    detail: float
    """Mean step between neighbouring pixels."""
    histogram: NDArray[np.float64]
    """Share of pixels for each of 16 levels of red, green and blue."""

    @property
    def plain(self) -> bool:
        """Black, white, one colour, or nearly so."""
        return self.contrast < FLAT or not DARK < self.mean < BRIGHT


def look_at(frame: av.VideoFrame) -> Look:
    """The numbers of `frame`."""
    pixels = frame.reformat(width=WIDTH, height=HEIGHT, format="rgb24").to_ndarray().astype(np.float64)
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    steps = np.abs(np.diff(luma, axis=0)).mean() + np.abs(np.diff(luma, axis=1)).mean()
    counts = [np.histogram(pixels[..., channel], BINS, (0, 256))[0] for channel in range(3)]
    histogram = np.concatenate(counts) / (WIDTH * HEIGHT * 3)
    return Look(
        pts=frame.pts or 0,
        time_s=frame.time or 0.0,
        mean=float(luma.mean()),
        contrast=float(luma.std()),
        detail=float(steps),
        histogram=histogram,
    )


def best(looks: list[Look]) -> Look:
    """The most detailed and contrasted among those that are not plain, near what most frames look like."""
    candidates = [look for look in looks if not look.plain] or looks
    median = np.median([look.histogram for look in candidates], axis=0)
    most_detail = max(look.detail for look in candidates) or 1.0
    most_contrast = max(look.contrast for look in candidates) or 1.0

    def score(look: Look) -> float:
        unlike = float(np.abs(look.histogram - median).sum())  # 0 to 2
        return look.detail / most_detail + look.contrast / most_contrast - 2.0 * unlike

    return max(candidates, key=score)
