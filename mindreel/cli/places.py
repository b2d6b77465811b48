"""Where videos, inbox and pages are, as people are told: on this machine, or in a project of Supabase."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from mindreel.cli.invocation import invocation
from mindreel.settings import Settings
from mindreel.store.protocols import VideoRow

PAGE = "report.html"
_SCHEME = "supabase://"


def kept_in(settings: Settings) -> str:
    """What holds rows and files: a folder, or a project."""
    if settings.supabase is None:
        return str(settings.home)
    return f"the project {urlsplit(settings.supabase.url).netloc}"


def inbox_of(settings: Settings) -> str:
    """Where CSV files are dropped: a folder, or a bucket."""
    if settings.supabase is None:
        return str(settings.inbox)
    return f"the bucket {settings.supabase.buckets.inbox} of {kept_in(settings)}"


def is_address(library: str) -> bool:
    """True for what lies in a project, and is no folder here."""
    return library.startswith(_SCHEME)


def page_of(folder: str) -> Path:
    """The page in a video's folder on this machine."""
    return Path(folder) / PAGE


def page_here(row: VideoRow, settings: Settings) -> Path | None:
    """The page as a file of this machine; None where it is not here, or is not the last one."""
    if not row.library:
        return None
    if not is_address(row.library):
        page = page_of(row.library)
        return page if page.is_file() else None
    page = settings.pages / row.id / PAGE
    ended_s = datetime.fromisoformat(row.updated_at).timestamp()
    return page if page.is_file() and page.stat().st_mtime >= ended_s else None


def how_to_open(video_id: str) -> str:
    """The command that brings a page here and shows it."""
    return f"{invocation()} open {video_id}"
