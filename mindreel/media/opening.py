"""How media files are opened, by PyAV and by ffmpeg: as plain files of known formats, nothing else.

A playlist or a concat script named .mp4 would make ffmpeg open other files or addresses; the whitelists
refuse them (https://ffmpeg.org/ffmpeg-formats.html, format_whitelist, protocol_whitelist).
"""

from pathlib import Path

import av
from av.container import InputContainer

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,live_flv,mpegts,mpeg,mpegvideo,m4v,h264,hevc,asf,ogg,mxf,"
    "wtv,dv,ivf,nut,rm,wav,w64,mp3,aac,flac,ac3,eac3,amr,aiff,caf,au,opus,tta,wv,ape"
)
WHITELISTS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}


def file_argument(path: Path) -> str:
    """`path` as ffmpeg takes it: never read as another protocol, an option or an image pattern."""
    return f"file:{path.absolute()}"


def open_media(path: Path) -> InputContainer:
    """Open `path` for demuxing; raises `av.FFmpegError` where it is no media file of a known format."""
    return av.open(file_argument(path), container_options=dict(WHITELISTS), metadata_errors="replace")


def input_arguments(path: Path, *options: str) -> list[str]:
    """The arguments that make `path` an input of ffmpeg; `options` (such as `-ss`) come before it."""
    whitelists = [part for name, value in WHITELISTS.items() for part in (f"-{name}", value)]
    return [*whitelists, *options, "-i", file_argument(path)]
