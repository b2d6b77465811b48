"""Every call of every store, each on rows and files of its own, for tests that break the line under it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.batch import STARTED, BatchFile, CsvFile, CsvRow, RowMark
from mindreel.contracts.transcript import Segment
from mindreel.contracts.video import VideoIdentity
from mindreel.store.file_cache import FileCache
from mindreel.store.protocols import Difference
from mindreel.store.supabase import health
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.bucket_inbox import BucketInbox
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.catalog import SupabaseCatalog
from mindreel.store.supabase.ledger import SupabaseLedger
from mindreel.store.supabase.library import SupabaseLibrary
from mindreel.store.supabase.places import object_name
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.search import SupabaseSearchIndex
from tests.store.shelf import supabase_shelf

SMALL, LARGE = b"small" * 100, b"large, in two parts" * 5000


class Stores:
    """As one process would open them: nothing is remembered from before."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self.catalog = SupabaseCatalog(project, advance_every_s=0.0, lease_s=0.2)
        self.ledger = SupabaseLedger(project)
        self.search = SupabaseSearchIndex(project, meaning_floor=0.3)
        self.artifacts = SupabaseArtifactStore(project, FileCache(folder / "cache", 1024**3), folder / "up")
        self.library = SupabaseLibrary(project, self.artifacts, folder / "library")
        self.inbox = BucketInbox(project, project.access.buckets.inbox)


@dataclass
class World:
    """The stores, and names that no other world uses."""

    id: str
    """Every row and file of this world has it in its name, or in the name of what it belongs to."""
    stores: Stores
    folder: Path
    kept: dict[str, Any] = field(default_factory=dict)
    """What the preparation leaves for the act."""

    def key(self, name: str) -> str:
        return f"{self.id}/report-0123456789abcdef/{name}"

    def file(self, name: str, content: bytes) -> Path:
        """A file that the store may move away."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def put(self, name: str, content: bytes = SMALL) -> ArtifactRef:
        path = self.file(name, content)
        return self.stores.artifacts.put_file(self.key(name), path, "text/plain")

    def begin(self, video: str = "", run: str = "first") -> None:
        self.stores.catalog.begin(
            f"{self.id}{video}",
            source="https://example.org/talk",
            platform="generic",
            workflow_id=f"video-{self.id}{video}",
            request_json="{}",
            run_id=f"{run}-{self.id}{video}",
        )

    def finish(self, video: str = "", status: str = "completed", error_class: str = "") -> None:
        self.stores.catalog.finish(
            f"{self.id}{video}", status=status, reasons=["It is done."], error_class=error_class
        )

    def row(self, number: int, video: str, **fields: Any) -> CsvRow:
        locator = f"https://example.org/{self.id}{video}"
        return CsvRow(number, locator, video=VideoIdentity(f"{self.id}{video}", "generic", locator), **fields)

    def playlist(self, number: int) -> CsvRow:
        return CsvRow(number, f"https://example.org/list/{self.id}", collection=True)

    def state(self, sha256: str = "0" * 64) -> BatchFile:
        return BatchFile(self.id, f"/inbox/{self.id}", f"{self.id}.csv", f"version of {sha256[:4]}", sha256)

    def register(self, *rows: CsvRow, sha256: str = "0" * 64) -> Any:
        given = rows or (self.row(2, "a"), self.row(3, "b"), self.row(4, "a"))
        return self.stores.ledger.register(self.state(sha256), CsvFile(given))

    def start(self) -> None:
        taken = self.stores.ledger.take(self.id, limit=9, most_open=1000)
        self.stores.ledger.mark(self.id, [RowMark(each.row.number, each.row.item, STARTED) for each in taken])

    def index(self, *texts: str) -> None:
        segments = [Segment(number, number, number + 1.0, text) for number, text in enumerate(texts)]
        axis = [[0.0] * number + [1.0] + [0.0] * (383 - number) for number in range(len(texts))]
        self.stores.search.replace(self.id, title=f"About {self.id}", segments=segments, vectors=axis)


@dataclass(frozen=True)
class Case:
    name: str
    act: Callable[[World], Any]
    prepare: Callable[[World], Any] = lambda _: None
    same_answer: bool = True
    """False where a call that is repeated rightly says that nothing was left to do."""


def _batch(world: World) -> None:
    world.register()


def _taken(world: World) -> None:
    world.register()
    world.stores.ledger.take(world.id, limit=9, most_open=1000)


def _started(world: World) -> None:
    world.register()
    world.start()


def _failed(world: World) -> None:
    _started(world)
    world.begin("a")
    world.finish("a", status="failed", error_class="network")


def _running(world: World) -> None:
    world.begin()
    world.stores.catalog.describe(world.id, title="A talk", duration_s=60.0)


def _finished(world: World) -> None:
    world.begin()
    world.finish()


def _hold(world: World) -> Any:
    with world.stores.catalog.holding(world.id) as row:
        return row


def _marks(world: World) -> None:
    world.stores.ledger.mark(
        world.id, [RowMark(2, 0, STARTED), RowMark(3, 0, "refused", "input", "It is no video.")]
    )


def _expand(world: World) -> None:
    items = [replace(world.row(2, name), item=item) for item, name in enumerate("ab", start=1)]
    world.stores.ledger.expand(world.id, 2, items, "Two videos.")


def _stored(world: World) -> None:
    world.kept["ref"] = world.put("talk.txt")
    world.put("page.json", b"{}")


def _stored_large(world: World) -> None:
    world.kept["ref"] = world.put("talk.bin", LARGE)


def _stored_both(world: World) -> None:
    _stored(world)
    _stored_large(world)


def _fetched(world: World) -> bytes:
    artifacts = world.stores.artifacts
    return artifacts.local_path(world.kept["ref"], folder=world.folder).read_bytes()


def _other_machine(world: World) -> None:
    """Its copies are not ours."""
    _stored_large(world)
    for file in (world.folder / "cache" / "files").iterdir():
        file.unlink()


def _mended(kind: str) -> Callable[[World], Any]:
    def act(world: World) -> Any:
        ref = world.kept["ref"]
        about = object_name(ref.key, ref.sha256) if kind == "file without row" else ref.key
        return world.stores.artifacts.mend(Difference(kind, about, ""))

    return act


def _row_lost_its_file(world: World) -> None:
    _stored(world)
    _aged(world)
    ref = world.kept["ref"]
    world.stores.project.bucket("reports").remove([object_name(ref.key, ref.sha256)])


def _file_lost_its_row(world: World) -> None:
    _stored(world)
    _aged(world)
    world.kept["database"].execute("delete from public.artifacts where key = %s", [world.key("talk.txt")])


def _aged(world: World) -> None:
    """What is younger than a day may still be on its way."""
    database, below = world.kept["database"], [f"{world.id}/%"]
    database.execute(
        "update public.artifacts set created_at = created_at - interval '3 days' where key like %s", below
    )
    database.execute(
        """update storage.objects set created_at = created_at - interval '3 days',
        updated_at = updated_at - interval '3 days' where name like %s""",
        below,
    )


def _to_publish(world: World, page: str = "<p>page</p>") -> None:
    shelf = supabase_shelf(world.stores.project, world.folder)
    shelf.begin(world.id)
    world.kept["publication"] = shelf.publication(world.id, page=page)


def _publish(world: World) -> str:
    place = world.stores.library.publish(world.kept["publication"], folder=world.folder)
    return place.rpartition("/")[0]


def _published(world: World) -> None:
    _to_publish(world, "<p>first</p>")
    _publish(world)


def _to_publish_again(world: World) -> None:
    _published(world)
    _to_publish(world)


def _interrupted(world: World) -> None:
    """A page that nobody was told of."""
    _published(world)
    name = f"published/{world.id}/0000000000000000/report.html"
    world.stores.project.bucket("reports").upload(name, b"<p>lost</p>", {"content-type": "text/html"})


def _files(folder: Path | None) -> list[str]:
    assert folder is not None
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


CATALOG = [
    Case("catalog.begin", lambda w: w.begin()),
    Case("catalog.begin again", lambda w: w.begin(run="second"), _finished),
    Case(
        "catalog.describe",
        lambda w: w.stores.catalog.describe(w.id, title="A talk", duration_s=60.0, language="en"),
        lambda w: w.begin(),
    ),
    Case(
        "catalog.advance",
        lambda w: w.stores.catalog.advance(w.id, stage="transcribe", percent=40.0),
        _running,
    ),
    Case(
        "catalog.finish",
        lambda w: w.stores.catalog.finish(
            w.id, status="partial", reasons=["No clips."], library="/library", result_json="{}"
        ),
        _running,
    ),
    Case("catalog.get", lambda w: w.stores.catalog.get(w.id), _running),
    Case("catalog.find", lambda w: w.stores.catalog.find(w.id), _running),
    Case(
        "catalog.list",
        lambda w: [row for row in w.stores.catalog.list(limit=9999) if row.id == w.id],
        _running,
    ),
    Case("catalog.holding", _hold, _running),
]

LEDGER = [
    Case("ledger.register", lambda w: w.register()),
    Case(
        "ledger.register again", lambda w: w.register(w.row(2, "b"), w.row(3, "c"), sha256="1" * 64), _failed
    ),
    Case("ledger.seen", lambda w: w.stores.ledger.seen(f"/inbox/{w.id}", f"{w.id}.csv"), _batch),
    Case(
        "ledger.name_for",
        lambda w: w.stores.ledger.name_for("/elsewhere", f"{w.id}.csv").startswith(f"{w.id}-"),
        _batch,
    ),
    Case("ledger.touch", lambda w: w.stores.ledger.touch(w.id, "another version"), _batch),
    Case("ledger.take", lambda w: w.stores.ledger.take(w.id, limit=9, most_open=1000), _batch),
    Case("ledger.mark", _marks, _taken),
    Case(
        "ledger.collections",
        lambda w: w.stores.ledger.collections(w.id, limit=9),
        lambda w: w.register(w.playlist(2)),
    ),
    Case("ledger.expand", _expand, lambda w: w.register(w.playlist(2))),
    Case("ledger.release", lambda w: w.stores.ledger.release(w.id), _failed, same_answer=False),
    Case("ledger.pause", lambda w: w.stores.ledger.set_state(w.id, "paused"), _batch),
    Case("ledger.cancel", lambda w: w.stores.ledger.set_state(w.id, "cancelled"), _batch),
    Case("ledger.batch", lambda w: w.stores.ledger.batch(w.id), _failed),
    Case("ledger.batches", lambda w: [b for b in w.stores.ledger.batches() if b.name == w.id], _failed),
    Case("ledger.rows", lambda w: [(r.number, r.outcome) for r in w.stores.ledger.rows(w.id)], _failed),
    Case("ledger.open_videos", lambda w: w.stores.ledger.open_videos(w.id), _started),
]

ARTIFACTS = [
    Case("artifacts.put_file", lambda w: w.put("talk.txt")),
    Case("artifacts.put_file in parts", lambda w: w.put("talk.bin", LARGE)),
    Case("artifacts.put_file replacing", lambda w: w.put("talk.txt", b"other" * 90), _stored),
    Case(
        "artifacts.put_bytes",
        lambda w: w.stores.artifacts.put_bytes(w.key("a.json"), b"{}", "application/json"),
    ),
    Case("artifacts.read_bytes", lambda w: w.stores.artifacts.read_bytes(w.key("talk.txt")), _stored),
    Case("artifacts.read_bytes of nothing", lambda w: w.stores.artifacts.read_bytes(w.key("b.txt")), _stored),
    Case("artifacts.exists", lambda w: w.stores.artifacts.exists(w.kept["ref"]), _stored),
    Case("artifacts.local_path", _fetched, _other_machine),
    Case(
        "artifacts.delete_prefix",
        lambda w: w.stores.artifacts.delete_prefix(w.id),
        _stored_both,
        same_answer=False,
    ),
    Case("artifacts.prefixes", lambda w: w.id in list(w.stores.artifacts.prefixes()), _stored),
    Case("artifacts.changed_s", lambda w: bool(w.stores.artifacts.changed_s(w.id)), _stored),
    Case(
        "artifacts.differences",
        lambda w: [each.kind for each in w.stores.artifacts.differences() if w.id in each.key],
        _row_lost_its_file,
    ),
    Case(
        "artifacts.stored_path",
        lambda w: w.stores.artifacts.stored_path(w.kept["ref"], folder=w.folder).read_bytes(),
        _other_machine,
    ),
    Case("artifacts.mend of a row", _mended("row without file"), _row_lost_its_file, same_answer=False),
    Case("artifacts.mend of a file", _mended("file without row"), _file_lost_its_row, same_answer=False),
]

SEARCH = [
    Case("search.replace", lambda w: w.index("Bees dance.", "Whales sing.")),
    Case(
        "search.replace again",
        lambda w: w.index("Whales sing."),
        lambda w: w.index("Bees dance.", "Ants dig."),
    ),
    Case(
        "search.search",
        lambda w: [
            hit.text for hit in w.stores.search.search("whales", [], limit=99) if hit.video_id == w.id
        ],
        lambda w: w.index("Bees dance.", "Whales sing."),
    ),
]

LIBRARY = [
    Case("library.publish", _publish, _to_publish),
    Case("library.publish again", _publish, _to_publish_again),
    Case("library.fetch", lambda w: _files(w.stores.library.fetch(w.id)), _published),
    Case(
        "library.leftovers",
        lambda w: w.id in w.stores.library.leftovers(before_s=time.time() + 3600.0),
        _interrupted,
    ),
    Case("library.sweep", lambda w: w.stores.library.sweep(w.id), _interrupted, same_answer=False),
]

INBOX = [
    Case("inbox.write", lambda w: w.stores.inbox.write(f"{w.id}.csv", b"url\n", "text/csv")),
    Case(
        "inbox.entries",
        lambda w: [each.name for each in w.stores.inbox.entries() if w.id in each.name],
        lambda w: w.stores.inbox.write(f"{w.id}.csv", b"url\n", "text/csv"),
    ),
    Case(
        "inbox.read",
        lambda w: w.stores.inbox.read(f"{w.id}.csv", max_bytes=99),
        lambda w: w.stores.inbox.write(f"{w.id}.csv", b"url\n", "text/csv"),
    ),
    Case("inbox.read of nothing", lambda w: w.stores.inbox.read(f"{w.id}.csv", max_bytes=99)),
]

PROJECT = [
    Case("ensure_buckets", lambda w: ensure_buckets(w.stores.project)),
    Case("health.check", lambda w: health.check(w.stores.project)),
    Case("health.buckets", lambda w: sorted(health.buckets(w.stores.project))),
    Case("health.shown", lambda w: w.id in health.shown(w.stores.project)),
]

CASES = [*CATALOG, *LEDGER, *ARTIFACTS, *SEARCH, *LIBRARY, *INBOX, *PROJECT]
