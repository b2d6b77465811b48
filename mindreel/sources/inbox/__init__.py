from mindreel.sources.inbox.folder import FolderInbox

__all__ = ["FolderInbox"]
