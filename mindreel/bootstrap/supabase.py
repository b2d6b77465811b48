"""The stores in a project of Supabase; imported only where one is named, because it is slow to load."""

from functools import cache

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.contracts.inbox import Inbox
from mindreel.settings import Settings
from mindreel.store.batch_ledger import BatchLedger
from mindreel.store.file_cache import FileCache
from mindreel.store.protocols import Catalog, Library, SearchIndex
from mindreel.store.supabase import health
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.bucket_inbox import BucketInbox
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.catalog import SupabaseCatalog
from mindreel.store.supabase.ledger import SupabaseLedger
from mindreel.store.supabase.library import SupabaseLibrary
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.search import SupabaseSearchIndex
from mindreel.telemetry import log


@cache
def project(access: SupabaseAccess) -> Project:
    """One connection a process, however many stores share it."""
    return Project(access)


def make_ready(access: SupabaseAccess) -> None:
    """What workers see to before they begin. Raises `SetupError`, `StoreError`."""
    check(access)
    for sentence in ensure_buckets(project(access)):
        log().info(sentence)


def check(access: SupabaseAccess) -> None:
    """Raises `SetupError` for a wrong key or missing tables, `StoreError` when it is away."""
    health.check(project(access))


def shown(access: SupabaseAccess) -> frozenset[str]:
    """Ids of the videos that have a page there."""
    return health.shown(project(access))


def catalog(access: SupabaseAccess) -> Catalog:
    """Rows of videos."""
    return SupabaseCatalog(project(access))


def ledger(access: SupabaseAccess) -> BatchLedger:
    """Rows of CSV files."""
    return SupabaseLedger(project(access))


def search(access: SupabaseAccess) -> SearchIndex:
    """Sentences and their vectors."""
    return SupabaseSearchIndex(project(access))


def inbox(access: SupabaseAccess, bucket: str) -> Inbox:
    """A bucket for CSV files."""
    return BucketInbox(project(access), bucket)


def artifacts(settings: Settings, access: SupabaseAccess) -> SupabaseArtifactStore:
    """Files in Storage, with copies on this machine."""
    cache_of_files = FileCache(settings.cache, settings.cache_bytes)
    return SupabaseArtifactStore(project(access), cache_of_files, settings.home / "uploads")


def library(settings: Settings, access: SupabaseAccess) -> Library:
    """Pages in Storage; folders on this machine when somebody opens them."""
    return SupabaseLibrary(project(access), artifacts(settings, access), settings.pages)
