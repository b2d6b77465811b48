"""What both reports of a batch say of a row beyond its fields."""

from pathlib import Path

from mindreel.contracts.batch import RowView
from mindreel.report import formats
from mindreel.report.advice import CANCELLED, PARTIAL

OUTCOMES = {
    "completed": "Completed",
    "partial": "In part",
    "failed": "Failed",
    "refused": "Refused",
    "cancelled": "Cancelled",
    "duplicate": "Duplicate",
    "expanded": "Playlist",
    "running": "Running",
    "queued": "Queued",
    "waiting": "Waiting",
}
"""Every outcome of a row as people read it, in the order of reports."""


def page_link(library: str | None) -> str | None:
    """The address of a video's page, from its folder or the web address of it; None where there is none.

    None too for what lies in a project of Supabase, which no browser can fetch: see `page_command`.
    """
    if not library:
        return None
    if formats.web_link(library):
        return f"{library.rstrip('/')}/report.html"
    folder = Path(library)
    return (folder / "report.html").as_uri() if folder.is_absolute() else None


def page_command(row: RowView) -> str:
    """What to type to see the page of a video in a project of Supabase; empty where there is none there."""
    kept = bool(row.video_id and row.library and row.library.startswith("supabase://"))
    return f"python starter.py open {row.video_id}" if kept else ""


def message_of(row: RowView) -> str:
    """The row's message; of a duplicate also of what."""
    if row.outcome != "duplicate":
        return row.message
    same = f"The same video as {row.original}." if row.original else "This video was there before."
    return row.message or same


def shown_class(row: RowView) -> str:
    """The error class, or the word by which `batch retry --class` knows the row; empty for a good one."""
    return row.error_class or {"refused": "input", PARTIAL: PARTIAL, CANCELLED: CANCELLED}.get(
        row.outcome, ""
    )
