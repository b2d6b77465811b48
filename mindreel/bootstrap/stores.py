"""Which store is behind each Protocol; the embedded ones, until a project of Supabase is named."""

from dataclasses import dataclass

from mindreel.settings import Settings
from mindreel.store.library import Library
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_search import LocalSearchIndex
from mindreel.store.protocols import ArtifactStore, Catalog, SearchIndex


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
    return Stores(
        artifacts=LocalArtifactStore(settings.artifacts),
        catalog=LocalCatalog(settings.catalog),
        search=LocalSearchIndex(settings.catalog),
        library=Library(settings.library),
    )
