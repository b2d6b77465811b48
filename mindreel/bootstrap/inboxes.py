from collections.abc import Callable
from pathlib import Path

from mindreel.contracts.inbox import Inbox
from mindreel.settings import Settings
from mindreel.sources.inbox.folder import FolderInbox


def inbox_for(settings: Settings) -> Callable[[str], Inbox]:
    """The inbox at a place; at the empty one that of the settings."""

    def inbox(location: str) -> Inbox:
        return FolderInbox(Path(location) if location else settings.inbox)

    return inbox
