"""Lists of videos: playlists, channels, feeds, and pages with several."""

from pathlib import Path

from mindreel.contracts.progress import Reporter
from mindreel.contracts.video import Collection, Limits
from mindreel.errors import MindreelError
from mindreel.sources.cookies import read_cookies
from mindreel.sources.identity import collection_address
from mindreel.sources.messages import Job, Listed
from mindreel.sources.process import run_child
from mindreel.sources.urls import normalise_url


def is_collection(url: str) -> bool:
    """True for the address of a playlist, channel or person's page of a site we know by name.

    Asks nobody: that any other page, or a feed, holds several videos is found out when it is resolved. A
    video shown as part of a playlist is one video.
    """
    return collection_address(url) is not None


def list_videos(url: str, limits: Limits, *, most: int, scratch: Path, reporter: Reporter) -> Collection:
    """The videos of the list at `url`, of which at most `most` entries are looked at.

    Also for feeds and pages with several videos. Each video's address is its own, `identify` accepts it, and
    it names neither the list nor another entry. Raises `NotAVideoError` where there is none to take, and the
    rest of our tree as `resolve` does. `scratch` is as there.
    """
    address = collection_address(url) or normalise_url(url.strip())
    job = Job("list", address, str(scratch), limits, read_cookies(limits), most)
    result = run_child(job, reporter, watch=lambda: 0)
    if not isinstance(result, Listed):
        raise MindreelError(f"The downloader answered out of turn about {address}; please try again.")
    return result.collection
