"""What a file is: opened, its streams read, a little decoded at both ends."""

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition

from mindreel.contracts.media import AudioStream, MediaInfo, VideoStream
from mindreel.errors import NotAVideoError, SourceNotFoundError
from mindreel.media.boxes import Box, is_faststart, top_level_boxes
from mindreel.media.opening import open_media
from mindreel.media.refusals import cut_off, why_not_media
from mindreel.media.streams import picture_stream
from mindreel.media.timeline import decodes_at, first_frame, measured_duration_s
from mindreel.media.truncation import missing_bytes

MAX_RATE = 240
DEFAULT_RATE = Fraction(25)
RATE_TOLERANCE = Fraction(1, 100)


def probe(path: Path, *, name: str | None = None) -> MediaInfo:
    """Open `path`, read its streams and decode a little at both ends.

    `name` is what a person knows it as, for messages; the file's own name when None. Raises
    `SourceNotFoundError` where there is no file, and `NotAVideoError` with the reason: empty, text, a
    playlist, a picture, cut off, damaged, or without picture and sound.
    """
    if not path.is_file():
        raise SourceNotFoundError(f"There is no file at {path}.")
    name = path.name if name is None else name
    boxes = top_level_boxes(path)
    try:
        with open_media(path) as container:
            return _read(container, path, name, boxes)
    except av.FFmpegError as error:
        raise NotAVideoError(why_not_media(path, name, boxes)) from error


def _read(container: InputContainer, path: Path, name: str, boxes: list[Box]) -> MediaInfo:
    video = picture_stream(container)
    audio = [stream for stream in container.streams.audio if stream.codec_context is not None]
    if video is None and not audio:
        raise NotAVideoError(why_not_media(path, name, boxes, opened=True))
    main: av.VideoStream | av.AudioStream = audio[0] if video is None else video
    if missing_bytes(path, boxes):
        raise NotAVideoError(cut_off(name))
    frame = first_frame(container, main)
    if frame is None:
        raise NotAVideoError(why_not_media(path, name, boxes, opened=True))
    duration_s = measured_duration_s(container, [*audio, *([video] if video else [])])
    if not decodes_at(container, main, duration_s):
        raise NotAVideoError(cut_off(name))
    rotation = frame.rotation if isinstance(frame, av.VideoFrame) else 0
    return MediaInfo(
        container=container.format.name,
        duration_s=duration_s,
        size_bytes=path.stat().st_size,
        video=_video(video, rotation) if video is not None else None,
        audio=tuple(_audio(index, stream) for index, stream in enumerate(audio)),
        faststart=is_faststart(boxes),
        title=container.metadata.get("title", "").strip() or None,
    )


def _video(stream: av.VideoStream, rotation: int) -> VideoStream:
    context = stream.codec_context
    aspect = stream.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1)
    width, height = round(context.width * aspect), context.height
    if rotation % 180:
        width, height = height, width
    rate = _frame_rate(stream)
    return VideoStream(
        codec=context.codec.canonical_name,
        width=width,
        height=height,
        frame_rate_num=rate.numerator,
        frame_rate_den=rate.denominator,
        rotation_deg=rotation,
        pixel_format=context.pix_fmt or "",
    )


def _frame_rate(stream: av.VideoStream) -> Fraction:
    """The neat guess where it agrees with the average; the average where the rate varies."""
    usable = [
        Fraction(rate) for rate in (stream.guessed_rate, stream.average_rate) if rate and 0 < rate <= MAX_RATE
    ]
    if not usable:
        return DEFAULT_RATE
    guess, average = usable[0], usable[-1]
    return guess if abs(guess - average) <= average * RATE_TOLERANCE else average


def _audio(index: int, stream: av.AudioStream) -> AudioStream:
    language = stream.language
    return AudioStream(
        index=index,
        codec=stream.codec_context.codec.canonical_name,
        sample_rate_hz=stream.codec_context.sample_rate,
        channels=stream.codec_context.layout.nb_channels,
        language=language if language and language != "und" else None,
        default=bool(stream.disposition & Disposition.default),
    )
