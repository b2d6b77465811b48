"""What is known of a video before it is fetched, and whether it may be."""

from dataclasses import replace
from pathlib import Path

from mindreel.contracts.progress import Reporter
from mindreel.contracts.video import Limits, SourceInfo, VideoIdentity
from mindreel.errors import MindreelError
from mindreel.sources.cookies import read_cookies
from mindreel.sources.files import check_regular, title_of
from mindreel.sources.limits import check_free_space, check_size
from mindreel.sources.messages import Found, Job
from mindreel.sources.process import run_child
from mindreel.sources.sniff import check_not_text


def resolve(video: VideoIdentity, limits: Limits, *, scratch: Path, reporter: Reporter) -> SourceInfo:
    """Title and facts of `video`; raises `LimitExceededError`, `NotYetError` and the rest of our tree.

    `scratch` is a folder on the disk the download will go to; nothing is left in it. A local file is not
    opened as media here, so its duration is unknown.
    """
    if video.platform == "file":
        return _resolve_file(Path(video.locator), limits, scratch)
    job = Job("resolve", video.locator, str(scratch), limits, read_cookies(limits))
    result = run_child(job, reporter, watch=lambda: 0)
    if not isinstance(result, Found):
        raise MindreelError(f"The downloader answered out of turn about {video.locator}; please try again.")
    if video.platform != "generic":
        return replace(
            result.info, entries=1
        )  # its address is that of one post, which has no parts of its own
    return result.info


def _resolve_file(path: Path, limits: Limits, scratch: Path) -> SourceInfo:
    size = check_regular(path).st_size
    check_not_text(path, str(path))
    check_size(size, limits)
    check_free_space(size, limits, scratch)
    return SourceInfo(title=title_of(path), size_bytes=size)
