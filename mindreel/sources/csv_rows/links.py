"""The address in a row: which video it is, or why it cannot be taken."""

import re

from mindreel.contracts.batch import CsvLimits
from mindreel.contracts.video import VideoIdentity
from mindreel.errors import InputError
from mindreel.sources.collections import is_collection
from mindreel.sources.csv_rows.cells import shown
from mindreel.sources.csv_rows.columns import check_length
from mindreel.sources.identity import identify

_SEVERAL = re.compile(r"(?:^|[\s,;|<>\"'])https?://", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_LOCAL = re.compile(r"file:|/(?!/)|[\\~.]|[a-z]:[/\\]", re.IGNORECASE)
_FORGOTTEN_SCHEME = re.compile(r"(?:[\w-]+\.)+[^\W\d]{2,}(?::\d+)?(?:[/?]\S*)?")
_SECRET = re.compile(r"(https?://)[^/?#]*@", re.IGNORECASE)
_UNREADABLE = "\ufffd"


def find_video(address: str, limits: CsvLimits) -> tuple[VideoIdentity | None, bool]:
    """The video, and whether it is instead a playlist or channel of a site we know.

    Asks neither the network nor the disk. Raises `InputError` for everything that is not one http(s) address.
    """
    _check(address)
    if is_collection(address):
        return None, True
    video = identify(address)
    check_length("url, as the site gets it,", video.locator, limits)
    return video, False


def without_secret(address: str) -> str:
    """As it may stand in a report: without user name and password."""
    return _SECRET.sub(r"\1…@", address)


def _check(address: str) -> None:
    if not address:
        raise InputError("url is empty; write the http(s) address of a video there, or remove the row.")
    if len(_SEVERAL.findall(address)) > 1:
        raise InputError("url holds several addresses; write one a row.")
    if not _WEB.match(address):
        raise InputError(_not_web(address))
    if len(address.split()) > 1:
        raise InputError(
            f"url is {shown(without_secret(address))}, with a space in it; write %20 for a space of the "
            "address, and anything else into a column of its own."
        )
    if _UNREADABLE in address:
        raise InputError(
            f"url is {shown(without_secret(address))}, with characters that could not be read; "
            "save the file as UTF-8."
        )


def _not_web(address: str) -> str:
    """A path is not even looked at: a file dropped by others must not read this machine's disk."""
    if _LOCAL.match(address):
        return (
            f"url is {shown(address)}, and a CSV file may name only http(s) addresses, no files of this "
            "machine; give a local file to the command run."
        )
    if _FORGOTTEN_SCHEME.fullmatch(address):
        return f"url is {shown(address)}; if that is a web address, write https:// before it."
    return f"url is {shown(address)}; it must be an http(s) address such as https://example.org/talk.mp4."
