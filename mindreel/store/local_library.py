"""The library on this machine: folders whose files are links to the artifacts."""

from pathlib import Path

from mindreel.contracts.cleanup import Cleaned
from mindreel.contracts.codec import to_json
from mindreel.contracts.publication import Publication
from mindreel.store.library_folders import LibraryFolders
from mindreel.store.protocols import ArtifactStore, Tick, no_tick

MANIFEST, PAGE = "manifest.json", "report.html"


class LocalLibrary:
    """Folders below `root`; see `mindreel.store.protocols.Library`."""

    def __init__(self, root: Path, artifacts: ArtifactStore) -> None:
        self._root = root
        self._folders = LibraryFolders(root)
        self._artifacts = artifacts

    def publish(self, publication: Publication, *, folder: Path, tick: Tick = no_tick) -> str:
        """The absolute folder."""
        files: dict[str, Path | bytes] = {
            path: self._artifacts.local_path(ref, folder=folder, tick=tick)
            for path, ref in publication.files.items()
        }
        files[MANIFEST] = to_json(publication.manifest)
        files[PAGE] = publication.page.encode()
        return str(self._folders.replace(publication.video_id, files))

    def fetch(self, video_id: str) -> Path | None:
        """It is here, or nowhere."""
        path = self._root / video_id
        return path if path.is_dir() else None

    def leftovers(self, *, before_s: float) -> list[str]:
        """Ids of videos of which a killed attempt left something that did not change since."""
        return self._folders.leftovers(before_s=before_s)

    def sweep(self, video_id: str) -> Cleaned:
        """Remove it; see `LibraryFolders.sweep`."""
        return self._folders.sweep(video_id)
