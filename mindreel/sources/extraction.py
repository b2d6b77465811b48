"""yt-dlp, set up to be safe and to tell the truth. Runs in the child process only."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from yt_dlp import YoutubeDL  # type: ignore[import-untyped]
from yt_dlp.networking import HEADRequest, Request  # type: ignore[import-untyped]
from yt_dlp.networking.common import Response  # type: ignore[import-untyped]
from yt_dlp.networking.exceptions import RequestError, UnsupportedRequest  # type: ignore[import-untyped]
from yt_dlp.utils import YoutubeDLError  # type: ignore[import-untyped]

from mindreel.contracts.video import SourceInfo
from mindreel.errors import (
    LimitExceededError,
    MindreelError,
    NotAVideoError,
    NotYetError,
    SourceForbiddenError,
)
from mindreel.sources.description import count_videos, describe, is_list
from mindreel.sources.guard import Guard
from mindreel.sources.limits import check_duration, check_free_space, check_size
from mindreel.sources.messages import Job
from mindreel.sources.transfer import Transfer

_RETRIES = 3
_SOCKET_TIMEOUT_S = 20
_NATIVE_PROTOCOLS = frozenset({"http", "https", "m3u8", "m3u8_native", "http_dash_segments", "ism", "f4m"})
_FFMPEG_FORMATS = "mov,matroska,webm,mp3,wav,flac,ogg,mpegts,avi,aac"
_FFMPEG_PROTOCOLS = "http,https,tls,tcp,crypto,httpproxy,data"
_FORBIDDEN = 403

Say = Callable[[str], None]
Info = dict[str, Any]  # the shape of yt-dlp's own dictionaries


class GuardedYoutubeDL(YoutubeDL):  # type: ignore[misc]  # yt-dlp carries no types
    """Opens http(s) only: the one place every request of every extractor and downloader passes."""

    def urlopen(self, req: Request | str) -> Response:
        """As in yt-dlp; raises `UnsupportedRequest` for ftp, websockets and other ways round the proxy."""
        url = req if isinstance(req, str) else req.url
        if not url.lower().startswith(("http://", "https://", "data:")):
            raise UnsupportedRequest(f"refused: {url.partition(':')[0]} is not http(s)")
        return super().urlopen(req)


class _Log:
    """yt-dlp's messages: each is a sign of life; errors arrive as exceptions, so they are not repeated."""

    def __init__(self, say: Say) -> None:
        self.debug = self.info = say

    def warning(self, text: str) -> None:
        """Dropped: what matters is in the result."""

    def error(self, text: str) -> None:
        """Dropped: raised as well."""


def resolve(job: Job, guard: Guard, say: Say) -> SourceInfo:
    """What the page says; raises what yt-dlp raises, and our own refusals."""
    # Flat: of several only the list is read here, and then their first; so their number is known even
    # where the first is broken, too long or refused, which is then told when it is downloaded.
    with GuardedYoutubeDL(options(job, guard, say) | {"extract_flat": "in_playlist"}) as ydl:
        page = ydl.extract_info(job.url, download=False)
        entry = _only_entry(page)
        try:
            entry = _only_entry(_opened(ydl, entry))
            size = _size(entry) or _announced_size(ydl, entry)
            _refuse(entry, size, job)
        except (MindreelError, YoutubeDLError):
            if count_videos(page) == 1:
                raise
            size = None
        return describe(entry, page, size)


def download(job: Job, guard: Guard, say: Say, transfer: Transfer) -> Path:
    """Fetch into `job.directory`, going on from an earlier attempt's `.part`; the finished file."""
    try:
        return _download_once(job, guard, say, transfer)
    except Exception as error:
        if not (transfer.started and _is_forbidden(error)) or guard.refused:
            raise
    # Signed addresses expire between the page and the media; a fresh look at the page gives a new one.
    say("The address of the media expired; reading the page again.")
    return _download_once(job, guard, say, transfer)


def _download_once(job: Job, guard: Guard, say: Say, transfer: Transfer) -> Path:
    def admit(entry: Info, *, incomplete: bool = False) -> None:
        if not incomplete:
            _refuse(entry, _size(entry), job)
            transfer.begin(entry)

    wanted = options(job, guard, say) | {
        "match_filter": admit,
        "progress_hooks": [transfer.progressed],
        "postprocessor_hooks": [transfer.postprocessed],
    }
    with GuardedYoutubeDL(wanted) as ydl:
        entry = _only_entry(ydl.extract_info(job.url, download=True))
    # A normal return is no success: look for the file itself.
    for done in entry.get("requested_downloads") or ():
        path = Path(done.get("filepath") or "")
        if path.is_file():
            return path
    raise NotAVideoError("The site delivered no file for this video; choose another.")


def options(job: Job, guard: Guard, say: Say) -> Info:
    """What yt-dlp is told, whatever the job."""
    return {
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "logger": _Log(say),
        "proxy": guard.url,
        "cachedir": False,
        "cookiefile": io.StringIO(job.cookies) if job.cookies else None,
        "paths": {"home": job.directory},
        # The format is part of the name, so that a `.part` is never continued with another format's bytes.
        "outtmpl": {"default": "media-%(format_id).60B.%(ext)s"},
        "restrictfilenames": True,
        "retries": _RETRIES,
        "fragment_retries": _RETRIES,
        "extractor_retries": _RETRIES,
        "skip_unavailable_fragments": False,
        "socket_timeout": _SOCKET_TIMEOUT_S,
        # Certificates come from certifi, so that bare machines work, unless the environment names its own.
        "compat_opts": {"no-certifi"} if os.environ.get("SSL_CERT_FILE") else set(),
        "playlist_items": "1",
        "updatetime": False,
        "hls_prefer_native": True,
        # `res` compares the shorter side, so that upright videos are judged fairly; H.264 and AAC play
        # everywhere and are cut without encoding again.
        "format": "bv*+ba/b",
        "format_sort": [f"res:{job.limits.max_height}", "vcodec:h264", "acodec:aac"],
        "merge_output_format": "mp4/mkv",
        "ffmpeg_location": imageio_ffmpeg.get_ffmpeg_exe(),
        # A downloaded file may pretend to be media and point to files of this machine.
        "postprocessor_args": {
            "ffmpeg_i": ["-protocol_whitelist", "file", "-format_whitelist", _FFMPEG_FORMATS]
        },
        "external_downloader_args": {"ffmpeg_i": ["-protocol_whitelist", _FFMPEG_PROTOCOLS]},
    }


def _opened(ydl: GuardedYoutubeDL, entry: Info) -> Info | None:
    """The page that an entry of a list only points to."""
    if entry.get("_type") not in ("url", "url_transparent"):
        return entry
    ydl.params["extract_flat"] = False
    opened: Info | None = ydl.process_ie_result(entry, download=False)
    return opened


def _only_entry(page: Info | None) -> Info:
    """The video itself, or the first of a page with several."""
    entry = page
    while entry and is_list(entry):
        entry = next(iter(entry.get("entries") or ()), None)
    if not entry:
        raise NotAVideoError("No video was found on this page; give the address of a page with a video.")
    return entry


def _refuse(entry: Info, size_bytes: int | None, job: Job) -> None:
    """Raise where the limits or the guard do not allow this video."""
    live = entry.get("live_status") or ("is_live" if entry.get("is_live") else None)
    if live in ("is_upcoming", "post_live"):
        raise NotYetError("The video is announced or still being prepared; try again later.")
    if live == "is_live":
        raise LimitExceededError("This is a live stream; wait until it has ended and give its recording.")
    for part in _parts(entry):
        if part.get("protocol") not in _NATIVE_PROTOCOLS:
            raise SourceForbiddenError(
                f"The video is only offered over {part.get('protocol')}, which is refused; http(s) is needed."
            )
    check_duration(entry.get("duration"), job.limits)
    if size_bytes is not None:
        check_size(size_bytes, job.limits)
    check_free_space(size_bytes or 0, job.limits, Path(job.directory))


def _parts(entry: Info) -> list[Info]:
    """The formats that will be fetched: one, or picture and sound apart."""
    return entry.get("requested_formats") or [entry]


def _size(entry: Info) -> int | None:
    """Bytes as far as the site says; None where one part is unknown."""
    sizes = [part.get("filesize") or part.get("filesize_approx") for part in _parts(entry)]
    known = [int(size) for size in sizes if size]
    return sum(known) if len(known) == len(sizes) else None


def _announced_size(ydl: GuardedYoutubeDL, entry: Info) -> int | None:
    """Content-Length of a single plain file; None where the server does not tell."""
    parts = _parts(entry)
    if len(parts) != 1 or parts[0].get("protocol") not in ("http", "https"):
        return None
    try:
        with ydl.urlopen(HEADRequest(parts[0]["url"], headers=parts[0].get("http_headers") or {})) as answer:
            length = answer.headers.get("Content-Length")
    except RequestError:  # many servers refuse HEAD; the download itself will tell
        return None
    return int(length) if length and length.isdigit() else None


def _is_forbidden(error: BaseException) -> bool:
    """yt-dlp keeps the cause of a refused file, but of a refused segment only the words."""
    return f"HTTP Error {_FORBIDDEN}" in str(error)
