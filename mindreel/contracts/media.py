from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Span:
    """A half-open stretch of time [start_s, end_s), in seconds from the beginning of the media."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class VideoStream:
    """The picture: what cutting and checking need to know of it."""

    codec: str
    width: int
    """Pixels as displayed, after rotation."""
    height: int
    frame_rate_num: int
    frame_rate_den: int
    rotation_deg: int = 0
    pixel_format: str = ""

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, exact."""
        return Fraction(self.frame_rate_num, self.frame_rate_den)

    @property
    def frame_s(self) -> float:
        """Length of one frame in seconds."""
        return self.frame_rate_den / self.frame_rate_num


@dataclass(frozen=True)
class AudioStream:
    """One audio track."""

    index: int
    """Among the audio tracks, from 0."""
    codec: str
    sample_rate_hz: int
    channels: int
    language: str | None = None
    default: bool = False


@dataclass(frozen=True)
class MediaInfo:
    """What a file turned out to be when it was opened."""

    container: str
    """ffmpeg's name of the demuxer, e.g. `mov,mp4,m4a,3gp,3g2,mj2`."""
    duration_s: float
    size_bytes: int
    video: VideoStream | None
    """None for audio-only sources (a cover picture is no video)."""
    audio: tuple[AudioStream, ...]
    faststart: bool
    """True when an mp4's index stands before its data, so playback starts before the end is loaded."""
    title: str | None = None
    """What the file's own metadata calls it."""
