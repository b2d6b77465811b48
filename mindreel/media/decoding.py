"""Decodes files from end to end to hear what the decoder complains about."""

import re
from pathlib import Path

import av

from mindreel.contracts.progress import QuietReporter
from mindreel.errors import MindreelError
from mindreel.media.opening import FORMATS, file_argument, open_media
from mindreel.media.tools import run_ffmpeg

PICTURES = {".jpg": "jpeg_pipe", ".jpeg": "jpeg_pipe", ".png": "png_pipe", ".webp": "webp_pipe"}
"""Demuxers that read one picture, by suffix: left to itself ffmpeg takes `%` in a name for a pattern."""
WHOLE_UP_TO_S = 180.0
"""Longer files are decoded at their key frames, their sound as a whole."""
COMPLAINT = re.compile(r"\[(error|fatal|panic)\] |\[warning\] .*corrupt")
IGNORED = re.compile(r"null @|monoton")  # of the muxer that throws everything away
PREFIX = re.compile(r"^(\[[^\]]*\] *)+")


def complaints(path: Path) -> list[str]:
    """What went wrong when `path` (media or a picture) was opened and decoded, as sentences."""
    try:
        duration_s, has_picture = _look(path)
    except av.FFmpegError:
        return ["it cannot be opened."]
    # ffmpeg refuses an option that no stream of the input takes.
    light = ("-skip_frame", "nokey") if duration_s > WHOLE_UP_TO_S and has_picture else ()
    arguments = ["-loglevel", "level+warning", "-err_detect", "crccheck+bitstream", *light]
    picture = PICTURES.get(path.suffix.lower())
    arguments += ["-f", picture] if picture else ["-format_whitelist", FORMATS]
    arguments += ["-protocol_whitelist", "file", "-i", file_argument(path)]
    arguments += ["-map", "0:v?", "-map", "0:a?", "-fps_mode", "passthrough", "-f", "null", "-"]
    try:
        log = run_ffmpeg(
            arguments, duration_s=max(duration_s, 1.0), reporter=QuietReporter(), what="decode it"
        )
    except MindreelError as error:
        return [f"it does not decode: {error}"]
    found = [PREFIX.sub("", line) for line in log if COMPLAINT.search(line) and not IGNORED.search(line)]
    return [f"decoding it met errors, the first: {found[0].rstrip('.')}."] if found else []


def _look(path: Path) -> tuple[float, bool]:
    """The length in seconds (0 for a picture), and whether there is a picture."""
    if path.suffix.lower() in PICTURES:
        return 0.0, True
    with open_media(path) as container:
        return (container.duration or 0) / av.time_base, bool(container.streams.video)
