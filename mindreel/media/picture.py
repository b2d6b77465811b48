"""How the picture of a clip is laid out."""

from dataclasses import dataclass
from pathlib import Path

from mindreel.contracts.media import VideoStream

VERTICAL_LARGE = (1080, 1920)
VERTICAL_SMALL = (720, 1280)
LARGE_HEIGHT = 1080


@dataclass(frozen=True)
class Shape:
    """How the clip's picture is laid out."""

    width: int
    height: int
    layout: str
    """`whole`, `crop` (the middle of the picture) or `fit` (all of it before a blurred copy)."""

    @property
    def note(self) -> str:
        """A clause for the cut report; empty where nothing was changed."""
        if self.layout == "crop":
            return "9:16 from the middle of the picture"
        if self.layout == "fit":
            return "9:16 with the whole picture before a blurred copy, because its edges hold detail"
        return ""


@dataclass(frozen=True)
class BurnedCaptions:
    """A folder with `captions.ass` and, in `fonts/`, the fonts it names.

    ffmpeg runs inside it, so that filters name plain ASCII files wherever the folder stands.
    """

    folder: Path


def whole_shape(video: VideoStream) -> Shape:
    """The source's own size, made even as 4:2:0 needs it."""
    return Shape(even(video.width), even(video.height), "whole")


def vertical_shape(video: VideoStream, *, keep_edges: bool) -> Shape:
    """9:16: the small size for sources under 1080 lines."""
    width, height = VERTICAL_LARGE if min(video.width, video.height) >= LARGE_HEIGHT else VERTICAL_SMALL
    return Shape(width, height, "fit" if keep_edges else "crop")


def even(number: int) -> int:
    """The even number at or below `number`: 4:2:0 halves both sides."""
    return max(2, number - number % 2)
