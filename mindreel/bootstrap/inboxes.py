from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.contracts.inbox import Inbox
from mindreel.errors import SetupError
from mindreel.settings import Settings
from mindreel.sources.inbox.folder import FolderInbox

_SCHEME = "supabase://"


def inbox_for(settings: Settings) -> Callable[[str], Inbox]:
    """The inbox at a place; at the empty one that of the settings, a bucket where a project is named.

    It raises `SetupError` for the address of a bucket in a project that the settings do not name.
    """

    def inbox(location: str) -> Inbox:
        access = settings.supabase
        if location.startswith(_SCHEME):
            return _bucket(_ours(access, location), _bucket_name(location))
        if not location and access is not None:
            return _bucket(access, access.buckets.inbox)
        return FolderInbox(Path(location) if location else settings.inbox)

    return inbox


def _ours(access: SupabaseAccess | None, location: str) -> SupabaseAccess:
    """Batches remember where they came from, and settings may name another project since."""
    if access is None or urlsplit(location).netloc != urlsplit(access.url).netloc:
        named = "none" if access is None else access.url
        raise SetupError(
            f"The inbox {location} lies in another project of Supabase than the settings name ({named}); "
            "set SUPABASE_URL and its key to those of that project, or leave that inbox."
        )
    return access


def _bucket_name(location: str) -> str:
    name = urlsplit(location).path.removeprefix("/")
    if not name or "/" in name:
        raise SetupError(
            f"The inbox {location} is no address of a bucket; it looks like {_SCHEME}HOST/BUCKET."
        )
    return name


def _bucket(access: SupabaseAccess, name: str) -> Inbox:
    from mindreel.bootstrap import supabase  # noqa: PLC0415 - slow to load, see stores.py

    return supabase.inbox(access, name)
