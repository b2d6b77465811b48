"""A library, and what its publications need around them, told briefly."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from mindreel.contracts.analysis import (
    Analysis,
    Category,
    Chapter,
    Highlight,
    MindmapNode,
    QuizQuestion,
    Sentiment,
    Statement,
    Term,
)
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.manifest import Manifest, ManifestEntry
from mindreel.contracts.publication import Publication
from mindreel.contracts.steps import ClipCut, StepReport
from mindreel.contracts.transcript import Segment, Transcript, Word
from mindreel.contracts.video import Options, SourceInfo
from mindreel.store.file_cache import FileCache
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_library import LocalLibrary
from mindreel.store.protocols import ArtifactStore, Catalog, Library
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.catalog import SupabaseCatalog
from mindreel.store.supabase.library import SupabaseLibrary
from mindreel.store.supabase.project import Project

_STEP = StepReport("clip", 1.5, 1, reused=False)
_MEDIA_TYPE = "application/octet-stream"


class Shelf:
    """`open` opens the same library each time, as another process would."""

    def __init__(
        self, home: Path, artifacts: ArtifactStore, catalog: Catalog, open_library: Callable[[], Library]
    ) -> None:
        self.home = home
        self.artifacts = artifacts
        self.catalog = catalog
        self.open = open_library
        self.library = open_library()

    def begin(self, *video_ids: str) -> None:
        """Videos are published by their runs, which have a row."""
        for video_id in video_ids:
            self.catalog.begin(
                video_id,
                source=f"https://example.org/{video_id}",
                platform="generic",
                workflow_id=f"video-{video_id}",
                request_json="{}",
            )

    def show(self, video_id: str = "v1", **fields: Any) -> str:
        """Publish one; see `publication`."""
        return self.library.publish(self.publication(video_id, **fields), folder=self.home)

    def shown(self, video_id: str = "v1") -> dict[str, bytes]:
        """The files of what is shown, by path."""
        folder = self.library.fetch(video_id)
        assert folder is not None
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    def publication(
        self,
        video_id: str = "v1",
        *,
        title: str = "Why queues help",
        page: str = "<p>page</p>",
        files: Mapping[str, bytes] | None = None,
        said: str | None = "Queues help.",
    ) -> Publication:
        """Of a video in which one sentence is said, or none; its files are artifacts from now on."""
        refs = {path: self.keep(video_id, path, data) for path, data in (files or {"a.txt": b"a"}).items()}
        return Publication(
            video_id=video_id,
            manifest=_manifest(video_id, title, refs),
            page=page,
            files=refs,
            info=SourceInfo(title=title, uploader=f"Uploader of {title}"),
            transcript=None if said is None else _transcript(said),
            analysis=None if said is None else _analysis(said),
            mindmap=None if said is None else _mindmap(said),
            clips=() if said is None else (self._clip(video_id, said),),
        )

    def keep(self, video_id: str, path: str, data: bytes) -> ArtifactRef:
        """An artifact with that content, under a key of its own."""
        digest = hashlib.sha256(data).hexdigest()
        key = f"{video_id}/clip-{digest[:16]}/file{PurePosixPath(path).suffix}"
        return self.artifacts.put_bytes(key, data, _MEDIA_TYPE)

    def _clip(self, video_id: str, said: str) -> ClipCut:
        plan = ClipPlan(1, "01-why", said, 1.0, 4.0, 0.8, f"It says {said}", (0,), 1.0, 4.0)
        cut = CutReport("smart", 0.96, 4.04, "It is quick.", 0.9)
        clip, sidecar = (self.keep(video_id, name, name.encode()) for name in ("01-why.mp4", "01-why.json"))
        return ClipCut(_STEP, plan, cut, clip, sidecar)


def local_shelf(home: Path) -> Shelf:
    """On this machine."""
    artifacts = LocalArtifactStore(home / "artifacts")
    catalog = LocalCatalog(home / "catalog.db")
    return Shelf(home, artifacts, catalog, lambda: LocalLibrary(home / "library", artifacts))


def supabase_shelf(project: Project, home: Path) -> Shelf:
    """In a project, as the machine sees it whose files lie in `home`."""
    ensure_buckets(project)
    artifacts = SupabaseArtifactStore(project, FileCache(home / "cache", 1024**3), home / "uploads")
    catalog = SupabaseCatalog(project)
    return Shelf(home, artifacts, catalog, lambda: SupabaseLibrary(project, artifacts, home / "library"))


def _manifest(video_id: str, title: str, refs: Mapping[str, ArtifactRef]) -> Manifest:
    entries = tuple(
        ManifestEntry(path, ref.sha256, ref.size_bytes, ref.media_type, "clip", (), 1.5, ref.key)
        for path, ref in refs.items()
    )
    source = f"https://example.org/{video_id}"
    return Manifest(video_id, source, title, "completed", (), (), Options(), (_STEP,), entries, {"tool": "1"})


def _transcript(said: str) -> Transcript:
    words = tuple(Word(word, 1.0, 1.5, 0.9) for word in said.split())
    return Transcript("en", 0.99, 12.5, "a model", (Segment(0, 1.0, 4.0, said, words),))


def _analysis(said: str) -> Analysis:
    statement, term = Statement(said, 1.0, (0,)), Term("queues", 1.0, 1.0, (0,))
    return Analysis(
        language="en",
        analyzer="embedded/1",
        summary=(statement,),
        key_points=(statement,),
        chapters=(
            Chapter("First", 0.0, 6.0, (0,), said, (statement,), (term,)),
            Chapter("Second", 6.0, 12.5, ()),
        ),
        highlights=(Highlight("Why", 1.0, 4.0, 0.8, said, (0,)),),
        topics=(term,),
        sentiment=Sentiment("positive", 0.5, (0,)),
        category=Category("education", 0.4, (0,)),
        quiz=(QuizQuestion("What helps?", ("Queues", "Nothing"), 0, said, 1.0, (0,)),),
        skipped=("Nothing was left out.",),
    )


def _mindmap(said: str) -> MindmapNode:
    leaf = MindmapNode(said, "point", 1.0, (0,))
    return MindmapNode("Queues", "title", 0.0, (), (leaf, MindmapNode("queues", "term", 1.0, (0,))))
