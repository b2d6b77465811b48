"""Which store is behind each Protocol: the embedded ones, or Supabase where a project is named."""

from dataclasses import dataclass

from mindreel.settings import Settings
from mindreel.store.batch_ledger import BatchLedger
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger
from mindreel.store.local_library import LocalLibrary
from mindreel.store.local_search import LocalSearchIndex
from mindreel.store.protocols import ArtifactStore, Catalog, Library, SearchIndex

# ruff: noqa: PLC0415 - supabase takes half a second to import, which a command without a project need not wait


@dataclass(frozen=True)
class Stores:
    """Everything that keeps something."""

    artifacts: ArtifactStore
    catalog: Catalog
    search: SearchIndex
    library: Library


def make_stores_ready(settings: Settings) -> None:
    """What workers see to before they begin: folders here, buckets there. Raises `SetupError`."""
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.supabase is not None:
        from mindreel.bootstrap import supabase

        supabase.make_ready(settings.supabase)


def check_project(settings: Settings) -> None:
    """Nothing where none is named. Raises `SetupError` where it lacks something, `StoreError` when away."""
    if settings.supabase is not None:
        from mindreel.bootstrap import supabase

        supabase.check(settings.supabase)


def shown_videos(settings: Settings) -> frozenset[str]:
    """Ids of the videos whose page is in the project; none where no project is named."""
    if settings.supabase is None:
        return frozenset()
    from mindreel.bootstrap import supabase

    return supabase.shown(settings.supabase)


def open_stores(settings: Settings) -> Stores:
    """Open them, creating what is missing under the data directory."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Stores(
        artifacts=open_artifacts(settings),
        catalog=open_catalog(settings),
        search=open_search(settings),
        library=open_library(settings),
    )


def is_begun(settings: Settings) -> bool:
    """False where nothing was ever processed, so that a look creates no folder."""
    return settings.supabase is not None or settings.catalog.exists()


def open_artifacts(settings: Settings) -> ArtifactStore:
    """Files by key."""
    if settings.supabase is None:
        return LocalArtifactStore(settings.artifacts)
    from mindreel.bootstrap import supabase

    return supabase.artifacts(settings, settings.supabase)


def open_catalog(settings: Settings) -> Catalog:
    """The catalog alone, for commands that only look."""
    if settings.supabase is None:
        return LocalCatalog(settings.catalog)
    from mindreel.bootstrap import supabase

    return supabase.catalog(settings.supabase)


def open_ledger(settings: Settings) -> BatchLedger:
    """What became of every CSV file, where the catalog is."""
    if settings.supabase is None:
        return LocalLedger(settings.catalog)
    from mindreel.bootstrap import supabase

    return supabase.ledger(settings.supabase)


def open_search(settings: Settings) -> SearchIndex:
    """The search index alone; here a file of its own, which can be made anew from the artifacts."""
    if settings.supabase is None:
        return LocalSearchIndex(settings.catalog.with_name("search.db"))
    from mindreel.bootstrap import supabase

    return supabase.search(settings.supabase)


def open_library(settings: Settings) -> Library:
    """What people open."""
    if settings.supabase is None:
        return LocalLibrary(settings.library, open_artifacts(settings))
    from mindreel.bootstrap import supabase

    return supabase.library(settings, settings.supabase)
