"""Which store is behind each Protocol; the embedded ones, until a project of Supabase is named."""

from dataclasses import dataclass

from mindreel.settings import Settings
from mindreel.store.batch_ledger import BatchLedger
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger
from mindreel.store.local_library import LocalLibrary
from mindreel.store.local_search import LocalSearchIndex
from mindreel.store.protocols import ArtifactStore, Catalog, Library, SearchIndex


@dataclass(frozen=True)
class Stores:
    """Everything that keeps something."""

    artifacts: ArtifactStore
    catalog: Catalog
    search: SearchIndex
    library: Library


def open_stores(settings: Settings) -> Stores:
    """Open them under the data directory, creating what is missing."""
    settings.home.mkdir(parents=True, exist_ok=True)
    artifacts = LocalArtifactStore(settings.artifacts)
    return Stores(
        artifacts=artifacts,
        catalog=open_catalog(settings),
        search=open_search(settings),
        library=LocalLibrary(settings.library, artifacts),
    )


def open_catalog(settings: Settings) -> Catalog:
    """The catalog alone, for commands that only look."""
    return LocalCatalog(settings.catalog)


def open_ledger(settings: Settings) -> BatchLedger:
    """What became of every CSV file, in the catalog's file."""
    return LocalLedger(settings.catalog)


def open_search(settings: Settings) -> SearchIndex:
    """The search index alone; a file of its own, which can be made anew from the artifacts."""
    return LocalSearchIndex(settings.catalog.with_name("search.db"))
