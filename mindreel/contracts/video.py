from dataclasses import dataclass, field


@dataclass(frozen=True)
class VideoIdentity:
    """One video, however it was typed: the same video always has the same id."""

    id: str
    """`<platform>-<site id>`, `web-<16 hex of the normalised URL>` or `file-<16 hex of the content>`.

    Matches `[A-Za-z0-9_-]{1,80}`, so it serves as folder name, key and workflow id.
    """
    platform: str
    """youtube, instagram, tiktok, facebook, x, vimeo, generic or file."""
    locator: str
    """The normalised http(s) URL, or the absolute path of a local file."""


@dataclass(frozen=True)
class Options:
    """What a person may choose for one video."""

    clips: int = 5
    """How many clips at most; 0 for none."""
    captions: bool = False
    """Burn captions into the clips."""
    vertical: bool = False
    """Cut clips as 9:16."""
    language: str | None = None
    """ISO 639-1 code of the speech; detected when None."""
    model: str | None = None
    """Whisper model name or path; the worker's setting when None."""


@dataclass(frozen=True)
class VideoRequest:
    """The argument of the `VideoPipeline` workflow."""

    source: str
    """As the person typed it, for messages."""
    video: VideoIdentity
    options: Options = field(default_factory=Options)
    force: str = ""
    """Not empty (`--force`): only what this run itself has finished is reused."""
    title: str = ""
    """Shown instead of the site's."""
    batch: str = ""
    """The batch whose row asks for the video; empty where a person asks for it alone."""
    tenant: str = ""
    """Who asks; tenants get equal shares of the workers."""
    expand: bool = False
    """A page that turns out to hold several videos is given back, for each to be taken on its own; without it
    the first is taken."""
    patience_s: float = 0.0
    """How long a site that refuses everybody, or is down, is waited for; 0: the refusal is the outcome."""


@dataclass(frozen=True)
class SourceChapter:
    """A chapter the uploader set."""

    title: str
    start_s: float
    end_s: float | None = None


@dataclass(frozen=True)
class SourceInfo:
    """What the site or the file itself says about a video."""

    title: str
    uploader: str | None = None
    duration_s: float | None = None
    upload_date: str | None = None
    """ISO 8601 date."""
    description: str | None = None
    webpage_url: str | None = None
    thumbnail_url: str | None = None
    size_bytes: int | None = None
    chapters: tuple[SourceChapter, ...] = ()
    caption_languages: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """Sentences a person should see, e.g. that the page holds more videos than this one."""
    entries: int = 1
    """How many videos the page holds; 0 for several of unknown number."""


@dataclass(frozen=True)
class CollectionVideo:
    """One entry of a list of videos."""

    url: str
    """An address that is this video's own: of its page, or of the media where it has no page."""
    title: str


@dataclass(frozen=True)
class Collection:
    """A playlist, channel, feed, or page with several videos."""

    title: str
    videos: tuple[CollectionVideo, ...]
    """In the list's order, each once; no more than were asked for."""
    total: int | None
    """Entries of the list, also those that were not taken; None where the site does not tell."""
    remarks: tuple[str, ...] = ()
    """Sentences on what was left out: beyond the limit, private or deleted, no single videos."""


@dataclass(frozen=True)
class Limits:
    """What is refused before it is downloaded, and how far downloads may reach."""

    max_bytes: int = 8 * 1024**3
    max_duration_s: float = 6 * 3600.0
    min_free_bytes: int = 1 * 1024**3
    """Free space that must remain on the data disk beside the file itself."""
    allow_private_hosts: bool = False
    max_height: int = 1080
    """Pixels; the best format at most this high is fetched."""
    cookies_file: str | None = None
    """Netscape cookie file, read, never written."""
