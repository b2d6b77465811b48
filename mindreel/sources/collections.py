"""Lists of videos: playlists, channels, feeds, and pages with several."""

import re

from mindreel.errors import InputError
from mindreel.sources.platforms import PLATFORMS
from mindreel.sources.platforms.base import covers, find_collection
from mindreel.sources.urls import normalise_url

_WEB = re.compile(r"https?://", re.IGNORECASE)


def is_collection(url: str) -> bool:
    """True for the address of a playlist, channel or person's page of a site we know by name.

    Asks nobody: that any other page, or a feed, holds several videos is found out when it is resolved. A
    video shown as part of a playlist is one video.
    """
    return collection_address(url) is not None


def collection_address(url: str) -> str | None:
    """The one spelling of a known list's address; None for everything else."""
    text = url.strip()
    if not _WEB.match(text):
        return None
    try:
        plain = normalise_url(text)
    except (InputError, UnicodeError):
        return None
    return next((find_collection(platform, plain) for platform in PLATFORMS if covers(platform, plain)), None)
