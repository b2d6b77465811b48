"""The library in a project of Supabase: page and manifest in Storage, what is known in tables."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.cleanup import Cleaned
from mindreel.contracts.codec import to_json
from mindreel.contracts.publication import Publication
from mindreel.errors import SetupError, StoreError
from mindreel.store.library_folders import LibraryFolders, inside, put
from mindreel.store.local_library import MANIFEST, PAGE
from mindreel.store.protocols import Tick, no_tick
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.downloads import read_whole
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.records import knowledge
from mindreel.store.supabase.removal import remove_objects
from mindreel.store.supabase.text import told

_MEDIA_TYPES = {PAGE: "text/html; charset=utf-8", MANIFEST: "application/json"}
_ATTEMPTS = 3
"""So often a page may be replaced while it is brought here."""


class SupabaseLibrary:
    """What a video's row in `publications` names is shown; see `mindreel.store.protocols.Library`.

    Page and manifest lie in a folder of the attempt that brought them, so a row shows the old ones or the new
    ones, together with all that is known of the video. What a later attempt shows stays, whenever an earlier
    one ends. A video's other files are artifacts and stay where they are.
    Methods raise as `Project.call` does.
    """

    def __init__(self, project: Project, artifacts: SupabaseArtifactStore, root: Path) -> None:
        """`root`: where folders are put on this machine for those who open them."""
        self._project = project
        self._artifacts = artifacts
        self._root = root
        self._folders = LibraryFolders(root)
        self._bucket = project.access.buckets.reports

    def publish(self, publication: Publication, *, folder: Path, tick: Tick = no_tick) -> str:  # noqa: ARG002 - nothing is brought here
        """`supabase://HOST/BUCKET/published/ID/ATTEMPT`, of what is shown now.

        Raises `SetupError` where an artifact is gone, and `BusyError` where the page went away meanwhile.
        """
        attempt = self._project.call("library_attempt")
        self._check(publication, tick)
        contents = {PAGE: publication.page.encode(), MANIFEST: to_json(publication.manifest)}
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        place = f"published/{publication.video_id}/{attempt:016x}"
        for name, content in contents.items():
            self._upload(f"{place}/{name}", content, _MEDIA_TYPES[name])
            tick(len(content))
        shown = self._project.call(
            "library_publish",
            video_id=publication.video_id,
            attempt=attempt,
            bucket=self._bucket,
            folder=place,
            page_sha256=sums[PAGE],
            manifest_sha256=sums[MANIFEST],
            knowledge=knowledge(publication),
        )
        self._remove_unshown(publication.video_id)
        return f"supabase://{urlsplit(self._project.access.url).netloc}/{self._bucket}/{shown}"

    def fetch(self, video_id: str) -> Path | None:
        """The folder in `root`, made anew unless it is what is shown; raises `SetupError`, `OSError`."""
        before: Mapping[str, Any] | None = None
        for _ in range(_ATTEMPTS):
            shown = told(self._project.call("library_place", video_id=video_id))
            if shown is None:
                return None
            path = self._root / video_id
            if _is_whole(path, shown):
                os.utime(path / PAGE)  # it was up to date now
                return path
            contents = self._contents(shown)
            if contents is not None:
                self._bring(video_id, shown, contents)
                return path
            if shown == before:
                raise SetupError(
                    f"The page of {video_id} is gone from Supabase; `retry {video_id}` writes it again."
                )
            before = shown
        raise StoreError(f"The page of {video_id} is being replaced again and again; try again later.")

    def leftovers(self, *, before_s: float) -> list[str]:
        """Of folders on this machine, and in the project."""
        here = self._folders.leftovers(before_s=before_s)
        there = self._project.call("library_leftovers", bucket=self._bucket, before_s=before_s)
        return sorted({*here, *there})

    def sweep(self, video_id: str) -> Cleaned:
        """Here and in the project; what is shown stays."""
        here, there = self._folders.sweep(video_id), self._remove_unshown(video_id)
        return Cleaned(here.count + there.count, here.freed_bytes + there.freed_bytes)

    def _check(self, publication: Publication, tick: Tick) -> None:
        for path, ref in publication.files.items():
            tick(0)
            if not self._artifacts.exists(ref):
                raise SetupError(
                    f"The artifact {ref.key} ({path}) is gone from Supabase; run the video again."
                )

    def _upload(self, name: str, content: bytes, media_type: str) -> None:
        with our_errors(f"the upload of {name}"):
            self._project.bucket(self._bucket).upload(
                name, content, {"content-type": media_type, "upsert": "true"}
            )

    def _remove_unshown(self, video_id: str) -> Cleaned:
        left = self._project.call("library_left", bucket=self._bucket, video_id=video_id)
        sizes = {each["name"]: each["size_bytes"] for each in left}
        removed = remove_objects(self._project, self._bucket, sizes)
        return Cleaned(len(removed), sum(sizes.get(name, 0) for name in removed))

    def _contents(self, shown: Mapping[str, Any]) -> dict[str, bytes] | None:
        """Page and manifest; None where they went meanwhile, because others are shown now."""
        contents = {}
        for name, sha256 in _sums(shown).items():
            key = f"{shown['folder']}/{name}"
            content = read_whole(self._project, shown["bucket"], key)
            if content is None:
                return None
            if hashlib.sha256(content).hexdigest() != sha256:
                raise StoreError(f"What Supabase gives for {key} is not what was published.")
            contents[name] = content
        return contents

    def _bring(self, video_id: str, shown: Mapping[str, Any], contents: Mapping[str, bytes]) -> None:
        with self._folders.writing(video_id) as new:
            links = new / ".links"
            links.mkdir()
            for file in shown["files"]:
                ref = ArtifactRef(file["key"], file["sha256"], file["size_bytes"], file["media_type"])
                target = inside(new, file["path"])
                put(target, self._artifacts.stored_path(ref, folder=links, tick=lambda _: os.utime(new)))
            shutil.rmtree(links)
            for name, content in contents.items():
                put(new / name, content)


def _sums(shown: Mapping[str, Any]) -> dict[str, str]:
    return {PAGE: shown["page_sha256"], MANIFEST: shown["manifest_sha256"]}


def _is_whole(path: Path, shown: Mapping[str, Any]) -> bool:
    """A person may have deleted something of it."""
    try:
        return all(
            hashlib.sha256((path / name).read_bytes()).hexdigest() == sha256
            for name, sha256 in _sums(shown).items()
        ) and all((path / file["path"]).stat().st_size == file["size_bytes"] for file in shown["files"])
    except (FileNotFoundError, NotADirectoryError):
        return False
