"""What a list holds, read flat: no video of it is opened. Runs in the child process only."""

import re
from collections.abc import Iterator

from yt_dlp.utils import YoutubeDLError  # type: ignore[import-untyped]

from mindreel.contracts.video import Collection, CollectionVideo, VideoIdentity
from mindreel.errors import BlockedError, BotCheckError, InputError, NotAVideoError
from mindreel.sources.description import Info, is_list, line
from mindreel.sources.extraction import GuardedYoutubeDL, Say, options
from mindreel.sources.failures import sort_failure
from mindreel.sources.guard import Guard
from mindreel.sources.identity import collection_address, identify
from mindreel.sources.messages import Job

_DEEPEST = 3
"""A channel's tab of playlists, and their videos."""
_MOST_LISTS = 30
"""Lists within a list that are opened; each costs the site a page."""
_WEB = re.compile(r"https?://", re.IGNORECASE)
_GONE = re.compile(r"\[(?:private|deleted|unavailable) video\]", re.IGNORECASE)
_YOUTUBE_ID = re.compile(r"[\w-]{11}")


def list_entries(job: Job, guard: Guard, say: Say) -> Collection:
    """The first `job.most` entries of the list at `job.url`; raises what yt-dlp raises, and our refusals."""
    # One more than wanted, so that it is known whether that was all.
    flat = {
        "extract_flat": "in_playlist",
        "playlist_items": f"1:{job.most + 1}",
        "ignore_no_formats_error": True,
    }
    with GuardedYoutubeDL(options(job, guard, say) | flat) as ydl:
        page = ydl.extract_info(job.url, download=False) or {}
        reading = _Reading(ydl, guard, job)
        reading.read(page if is_list(page) else {"entries": [page]}, 1)
    return reading.result(page)


class _Reading:
    """What has been read of a list and the lists in it."""

    def __init__(self, ydl: GuardedYoutubeDL, guard: Guard, job: Job) -> None:
        self._ydl = ydl
        self._guard = guard
        self._job = job
        self._own = {_identify(job.url)}
        self._videos: dict[str, CollectionVideo] = {}
        self._seen = 0
        self._more = False
        self._gone = 0
        self._others = 0
        self._lists = {job.url}
        self._closed: list[str] = []

    def read(self, page: Info, depth: int) -> None:
        """Take the entries of `page`, and of lists among them, until there are enough."""
        self._own.add(_identify(page.get("webpage_url") or ""))
        for entry in page.get("entries") or ():
            if not entry:
                continue
            inner = self._open(entry, depth)
            if inner is not None:
                self.read(inner, depth + 1)
            elif self._seen == self._job.most:
                self._more = True
            else:
                self._seen += 1
                self._take(entry)
            if self._more:
                return

    def result(self, page: Info) -> Collection:
        """The list; raises `NotAVideoError` where there is nothing to take."""
        if not self._videos:
            why = " ".join(self._remarks(None)) or "It is empty."
            raise NotAVideoError(f"No video could be taken from the list at {self._job.url}. {why}")
        total = None if len(self._lists) > 1 else page.get("playlist_count")
        if total is None and not self._more:
            total = self._seen
        remarks = self._remarks(total)
        title = line(page.get("title")) or self._job.url
        return Collection(title, tuple(self._videos.values()), total, remarks)

    def _open(self, entry: Info, depth: int) -> Info | None:
        """The list that `entry` is or points to; None where it is a video."""
        if is_list(entry):
            return entry
        address = collection_address(entry.get("url") or "") if _is_link(entry) else None
        if address is None:
            return None
        if len(self._lists) > _MOST_LISTS or self._seen >= self._job.most:
            self._more = True
            return {}
        if depth >= _DEEPEST or address in self._lists:
            self._others += address not in self._lists
            return {}
        self._lists.add(address)
        try:
            inner = self._ydl.extract_info(address, download=False) or {}
        except YoutubeDLError as error:
            failure = sort_failure(error, self._guard, address)
            if isinstance(failure, BotCheckError) or not isinstance(failure, InputError | BlockedError):
                raise
            self._closed.append(str(failure))
            return {}
        return inner if is_list(inner) else {"entries": [inner]}

    def _take(self, entry: Info) -> None:
        if _GONE.fullmatch((entry.get("title") or "").strip()):
            self._gone += 1
            return
        video = self._identity(entry)
        if video is None:
            self._others += 1
            return
        self._videos.setdefault(video.id, CollectionVideo(video.locator, line(entry.get("title"))))

    def _identity(self, entry: Info) -> VideoIdentity | None:
        """The first of the entry's addresses that leads to this video alone."""
        found = map(_identify, _addresses(entry))
        return next((video for video in found if video and video not in self._own), None)

    def _remarks(self, total: int | None) -> tuple[str, ...]:
        known = f"{total} videos" if total and total > self._seen else "more videos"
        remarks = (
            (self._more, f"The list holds {known}; only its first {self._seen} were looked at."),
            (self._gone, f"Private or deleted videos left out: {self._gone}."),
            (self._others, f"Entries left out because they are no single video: {self._others}."),
        )
        closed = (f"A list in it could not be read: {sentence}" for sentence in self._closed)
        return (*(sentence for holds, sentence in remarks if holds), *closed)


def _is_link(entry: Info) -> bool:
    return entry.get("_type") in ("url", "url_transparent")


def _addresses(entry: Info) -> Iterator[str]:
    """Of the entry's own page before that of its media, which some sites sign for a few hours only."""
    url = entry.get("url") or ""
    if _is_link(entry):
        bare = entry.get("ie_key") == "Youtube" and _YOUTUBE_ID.fullmatch(url)
        yield f"https://www.youtube.com/watch?v={url}" if bare else url
        return
    yield entry.get("webpage_url") or ""
    manifests = {part.get("manifest_url") or "" for part in entry.get("requested_formats") or [entry]}
    yield manifests.pop() if len(manifests) == 1 else ""
    yield url


def _identify(url: str) -> VideoIdentity | None:
    """None for what is no web address of a single video: a feed may name anything, local files too."""
    if not _WEB.match(url):
        return None
    try:
        return identify(url)
    except InputError:
        return None
