"""Which stream of a file is the picture."""

import av
from av.container import InputContainer
from av.stream import Disposition


def picture_stream(container: InputContainer) -> av.VideoStream | None:
    """The first real video stream: attached pictures (covers) are none."""
    for stream in container.streams.video:
        if not is_cover(stream) and stream.codec_context is not None:
            return stream
    return None


def cover_stream(container: InputContainer) -> av.VideoStream | None:
    """The attached picture, where there is one."""
    return next((stream for stream in container.streams.video if is_cover(stream)), None)


def is_cover(stream: av.VideoStream) -> bool:
    """True for a picture that is attached to the file."""
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.still_image))
