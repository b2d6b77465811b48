"""Brings the media of a video into a folder of ours."""

import contextlib
import re
from pathlib import Path

from mindreel.contracts.progress import Reporter
from mindreel.contracts.video import Limits, SourceInfo, VideoIdentity
from mindreel.errors import InputError, MindreelError
from mindreel.sources.cookies import read_cookies
from mindreel.sources.copying import copy_file, media_name
from mindreel.sources.limits import check_free_space, check_size
from mindreel.sources.messages import Job, Saved
from mindreel.sources.process import run_child
from mindreel.sources.sniff import check_not_text

_FINISHED = re.compile(r"media\.[a-z0-9]{2,5}")


def download(
    video: VideoIdentity, info: SourceInfo, directory: Path, limits: Limits, *, reporter: Reporter
) -> Path:
    """The media as `directory/media.<suffix>`, name in ASCII.

    `directory` belongs to this video alone and is kept between attempts: a finished file is given back
    as it is, an unfinished one is continued. Raises the whole of our tree; after an `InputError`
    nothing is left in `directory`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    finished = _finished(directory)
    if finished is not None:
        return finished
    check_free_space(max(0, (info.size_bytes or 0) - _bytes_in(directory)), limits, directory)
    try:
        if video.platform == "file":
            return copy_file(video, directory, limits, reporter)
        return _fetch(video, directory, limits, reporter)
    except InputError:
        _clear(directory)
        raise


def _fetch(video: VideoIdentity, directory: Path, limits: Limits, reporter: Reporter) -> Path:
    job = Job("download", video.locator, str(directory), limits, read_cookies(limits))
    result = run_child(job, reporter, watch=lambda: _bytes_in(directory))
    if not isinstance(result, Saved):
        raise MindreelError(f"The downloader answered out of turn about {video.locator}; please try again.")
    path = Path(result.path)
    check_not_text(path, video.locator)
    check_size(path.stat().st_size, limits)
    return path.replace(directory / media_name(path))


def _finished(directory: Path) -> Path | None:
    return next((path for path in directory.iterdir() if _FINISHED.fullmatch(path.name)), None)


def _bytes_in(directory: Path) -> int:
    """Bytes on disk in the folder; files come and go while we look."""
    total = 0
    for path in directory.iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += path.lstat().st_size
    return total


def _clear(directory: Path) -> None:
    for path in directory.iterdir():
        path.unlink()
