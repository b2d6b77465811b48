"""The buckets of Storage: what lies where, and what may be read without a key."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Buckets:
    """What each is called in the project."""

    inbox: str = "inbox"
    """CSV files, and reports on them."""
    videos: str = "videos"
    audio: str = "audio"
    thumbnails: str = "thumbnails"
    """Pictures only: it may be public."""
    transcripts: str = "transcripts"
    """Transcripts, subtitles and what the recognition of speech left."""
    clips: str = "clips"
    reports: str = "reports"
    """Pages, manifests, analyses, mind maps, and the records of steps."""

    @property
    def names(self) -> tuple[str, ...]:
        """All, in this order."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class SupabaseAccess:
    """A project of Supabase, and the key that may do everything in it."""

    url: str
    """`https://REF.supabase.co`, or of a self-hosted gateway; no path."""
    key: str
    """Of the service role; never logged, never in a payload."""
    buckets: Buckets = Buckets()
    public: frozenset[str] = frozenset({"thumbnails"})
    """Fields of `Buckets` that everybody may read."""
    public_is_explicit: bool = False
    """The operator said so; else it is the default, by which no bucket that others use is changed."""

    def __repr__(self) -> str:
        return f"SupabaseAccess({self.url})"
