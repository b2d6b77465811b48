"""What a person typed becomes one identity, without asking the network."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mindreel.contracts.video import VideoIdentity
from mindreel.errors import InputError, SourceNotFoundError
from mindreel.sources.files import check_utf8, identify_file
from mindreel.sources.platforms import PLATFORMS
from mindreel.sources.platforms.base import covers, digest, find_collection, identify_on
from mindreel.sources.urls import normalise_url

_WEB = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FORGOTTEN_SCHEME = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}/\S*")


def identify(source: str) -> VideoIdentity:
    """The video that `source` names: an http(s) URL, a `file://` URL or a path.

    Raises `SourceNotFoundError`, `NotAVideoError` (an empty file) or another `InputError`.
    """
    text = source.strip()
    if not text:
        raise InputError("No source was given; give a URL or the path of a video file.")
    check_utf8(source)
    if _WEB.match(text):
        return _identify_url(normalise_url(text))
    if text.lower().startswith("file:"):
        return identify_file(_path_of(text))
    return _identify_path(source)


def collection_address(url: str) -> str | None:
    """The one spelling of the address of a known site's playlist or channel; None for everything else."""
    text = url.strip()
    if not _WEB.match(text):
        return None
    try:
        plain = normalise_url(text)
    except (InputError, UnicodeError):
        return None
    return next((find_collection(platform, plain) for platform in PLATFORMS if covers(platform, plain)), None)


def _identify_url(url: str) -> VideoIdentity:
    for platform in PLATFORMS:
        if covers(platform, url):
            return identify_on(platform, url)
    return VideoIdentity(f"web-{digest(url)}", "generic", url)


def _path_of(url: str) -> Path:
    """The path a `file:` URL names (RFC 8089)."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost"):
        raise InputError(f"{url} names a file on another machine; copy it here or give an http(s) URL.")
    if not path.startswith("/"):
        raise InputError(f"{url} names no absolute path; it looks like file:///home/me/talk.mp4.")
    return Path(path)


def _identify_path(source: str) -> VideoIdentity:
    """A path; a name that does not exist may be a mistyped or unsupported address."""
    path = _expand(source)
    try:
        return identify_file(path)
    except SourceNotFoundError as missing:
        scheme = _SCHEME.match(source.strip())
        if scheme:
            raise InputError(
                f"{source.strip()} is neither an existing file nor an http(s) URL, and {scheme[1]}: "
                "is not supported; give an http(s) URL or a path."
            ) from missing
        if _FORGOTTEN_SCHEME.fullmatch(source.strip()):
            raise SourceNotFoundError(
                f"There is no file {source.strip()}; if it is a web address, write https://{source.strip()}."
            ) from missing
        raise


def _expand(source: str) -> Path:
    try:
        return Path(source).expanduser()
    except RuntimeError as error:  # `~nobody` where no such user exists
        raise SourceNotFoundError(f"There is no file {source}; its home folder is unknown.") from error
