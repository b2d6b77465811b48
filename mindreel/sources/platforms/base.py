"""What a platform file says: which hosts, which addresses are one video or a list, how they are spelt."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from mindreel.contracts.video import VideoIdentity
from mindreel.errors import InputError

_SAFE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_ID = 80
_SAME_SITE = re.compile(r"^(?:www|m|mobile|web)\.")


@dataclass(frozen=True)
class Platform:
    """One site. Patterns match the address without scheme and without `www.`, `m.`, `mobile.`, `web.`."""

    name: str
    """The prefix of ids, e.g. `youtube`."""
    title: str
    """As people write it, e.g. `YouTube`."""
    hosts: frozenset[str]
    """Without the prefixes above."""
    videos: tuple[tuple[str, str], ...]
    """(pattern with a group `id` and maybe a group `part`, canonical address), first match counts."""
    links: tuple[str, ...] = ()
    """Patterns of short links: the site alone knows which video they mean, so the link itself is hashed."""
    collections: tuple[tuple[str, str], ...] = ()
    """(pattern, canonical address) of playlists, channels and people's pages that can be listed."""


def identify_on(platform: Platform, url: str) -> VideoIdentity:
    """The identity of a normalised URL on `platform`; raises `InputError` where it is no single video."""
    address = _SAME_SITE.sub("", url.partition("://")[2])
    for pattern, locator in platform.videos:
        if match := re.match(pattern, address):
            groups = match.groupdict()
            site_id = "-".join(_id_parts(groups))
            return VideoIdentity(_safe_id(platform.name, site_id), platform.name, locator.format(**groups))
    if any(re.match(pattern, address) for pattern in platform.links):
        return VideoIdentity(f"{platform.name}-{digest(url)}", platform.name, url)
    raise _no_single_video(platform, url)


def find_collection(platform: Platform, url: str) -> str | None:
    """The canonical address of the list that a normalised URL names; None where it names none.

    A video that is shown as part of a list is a video.
    """
    address = _SAME_SITE.sub("", url.partition("://")[2])
    singles = (*(pattern for pattern, _ in platform.videos), *platform.links)
    if any(re.match(pattern, address) for pattern in singles):
        return None
    for pattern, locator in platform.collections:
        if match := re.match(pattern, address):
            return locator.format(**match.groupdict())
    return None


def covers(platform: Platform, url: str) -> bool:
    """True when the URL lies on one of the platform's hosts."""
    return _SAME_SITE.sub("", urlsplit(url).hostname or "") in platform.hosts


def digest(text: str) -> str:
    """16 hex digits of SHA-256, enough to tell videos apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _no_single_video(platform: Platform, url: str) -> InputError:
    if find_collection(platform, url):
        return InputError(
            f"{url} is a list of videos on {platform.title}; give the address of one video, or put the list "
            'in a row of a CSV file, which takes them all (README, "Every video in a CSV").'
        )
    return InputError(
        f"{url} is not the address of a single video on {platform.title}; give the address of one video."
    )


def _id_parts(groups: dict[str, str | None]) -> Iterator[str]:
    yield groups["id"] or ""
    part = groups.get("part")
    if part and part != "1":
        yield part


def _safe_id(name: str, site_id: str) -> str:
    plain = f"{name}-{site_id}"
    if _SAFE.fullmatch(site_id) and len(plain) <= _LONGEST_ID:
        return plain
    return f"{name}-{digest(site_id)}"
