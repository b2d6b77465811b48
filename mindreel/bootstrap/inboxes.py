from collections.abc import Callable
from pathlib import Path

from mindreel.contracts.inbox import Inbox
from mindreel.settings import Settings
from mindreel.sources.inbox.folder import FolderInbox


def inbox_for(settings: Settings) -> Callable[[str], Inbox]:
    """The inbox at a place; at the empty one that of the settings, a bucket where a project is named."""

    def inbox(location: str) -> Inbox:
        if settings.supabase is not None and _is_bucket(location):
            from mindreel.bootstrap import supabase  # noqa: PLC0415 - slow to load, see stores.py

            return supabase.inbox(settings.supabase)
        return FolderInbox(Path(location) if location else settings.inbox)

    return inbox


def _is_bucket(location: str) -> bool:
    return not location or location.startswith("supabase://")
