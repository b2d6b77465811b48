from dataclasses import dataclass
from pathlib import Path

from mindreel.contracts.media import VideoStream
from mindreel.media.picture import BurnedCaptions, Shape
from mindreel.media.window import Window


@dataclass(frozen=True)
class ClipJob:
    """Everything that is settled about a clip before its picture is made."""

    media: Path
    video: VideoStream
    window: Window
    shape: Shape
    sound: Path | None
    """The finished sound (m4a); None for a video without audio."""
    captions: BurnedCaptions | None
    target: Path
    """The mp4 to write."""

    @property
    def as_it_is(self) -> bool:
        """True when the picture is wanted unchanged, so that it may be copied."""
        return self.shape.layout == "whole" and self.captions is None

    @property
    def changes(self) -> str:
        """What is done to the picture, as a list of clauses."""
        return ", ".join(filter(None, [self.shape.note, "captions burned in" if self.captions else ""]))
