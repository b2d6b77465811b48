"""Local files: copied, never moved or linked, so that later changes to the original reach no artifact."""

import errno
import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from mindreel.contracts.progress import Reporter
from mindreel.contracts.video import Limits, VideoIdentity
from mindreel.errors import CancelledError, InputError
from mindreel.sources.files import cannot_read, check_regular, file_id
from mindreel.sources.limits import check_size, disk_full, size_text
from mindreel.sources.sniff import check_not_text

_BLOCK_BYTES = 4 * 1024 * 1024
_SUFFIX = re.compile(r"\.[a-z0-9]{2,5}")


def copy_file(video: VideoIdentity, directory: Path, limits: Limits, reporter: Reporter) -> Path:
    """Copy the local file into `directory`, checking on the way that it is still the same video.

    Raises `InputError` where it changed since it was identified, `SetupError` when the disk is full.
    """
    source = Path(video.locator)
    size = check_regular(source).st_size
    check_not_text(source, str(source))
    check_size(size, limits)
    target = directory / media_name(source)
    part = directory / f"{target.name}.part"
    try:
        with _open(source) as reading, part.open("wb") as writing:
            content = _copy(reading, writing, size, limits, reporter)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from error
        raise cannot_read(source, error) from error
    if file_id(content) != video.id:
        raise InputError(
            f"{source} has changed since this run began; run the command again for the new content."
        )
    return part.replace(target)


def media_name(path: Path) -> str:
    """`media` with the suffix of `path` where that is plain ASCII, else `media.bin`."""
    suffix = path.suffix.lower()
    return f"media{suffix}" if _SUFFIX.fullmatch(suffix) else "media.bin"


def _open(source: Path) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError as error:
        raise cannot_read(source, error) from error


def _copy(reading: BinaryIO, writing: BinaryIO, size: int, limits: Limits, reporter: Reporter) -> str:
    """Copy and hash in one pass; the SHA-256 in hex."""
    content = hashlib.sha256()
    done = 0
    while block := reading.read(_BLOCK_BYTES):
        if reporter.wait_cancelled(0):
            raise CancelledError("The copy was cancelled.")
        done += len(block)
        check_size(done, limits)  # it may grow while it is read
        writing.write(block)
        content.update(block)
        reporter.progress(min(1.0, done / size), f"{size_text(done)} of {size_text(size)}")
    return content.hexdigest()
