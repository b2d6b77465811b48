import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mindreel.contracts.batch import STARTED, BatchFile, BatchView, CsvFile, CsvRow, RowMark, RowView
from mindreel.contracts.buckets import SupabaseAccess
from mindreel.contracts.codec import to_json
from mindreel.contracts.video import Options, VideoIdentity, VideoRequest
from mindreel.store.batch_ledger import BatchLedger
from mindreel.store.file_cache import FileCache
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger
from mindreel.store.local_search import LocalSearchIndex
from mindreel.store.protocols import ArtifactStore, Catalog, SearchIndex
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.catalog import SupabaseCatalog
from mindreel.store.supabase.ledger import SupabaseLedger
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.search import SupabaseSearchIndex
from tests.store.shelf import Shelf, local_shelf, supabase_shelf
from tests.support.supabase.fixtures import Supabase, supabase_stack

__all__ = ["supabase_stack"]

DIMENSIONS = 384
IMPLEMENTATIONS = ["local"]


@pytest.fixture(params=["local", "supabase"])
def open_artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], ArtifactStore]:
    """Opens the same artifact store each time it is called, as another process would."""
    if request.param == "local":
        return lambda: LocalArtifactStore(tmp_path / "artifacts")
    project: Project = request.getfixturevalue("project")
    ensure_buckets(project)
    cache = FileCache(tmp_path / "cache", 1024**3)
    return lambda: SupabaseArtifactStore(project, cache, tmp_path / "uploads")


@pytest.fixture
def project(supabase_stack: Supabase) -> Iterator[Project]:
    """A connection to an empty project."""
    supabase_stack.reset()
    with Project(SupabaseAccess(supabase_stack.url, supabase_stack.service_key)) as project:
        yield project


@pytest.fixture(params=["local", "supabase"])
def open_catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Catalog]:
    """Opens the same catalog each time."""
    if request.param == "local":
        return lambda: LocalCatalog(tmp_path / "catalog.db")
    project = request.getfixturevalue("project")
    return lambda: SupabaseCatalog(project, advance_every_s=0.0)


@pytest.fixture(params=["local", "supabase"])
def open_search(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SearchIndex]:
    """Opens the same search index each time."""
    if request.param == "local":
        return lambda: LocalSearchIndex(tmp_path / "search.db")
    project = request.getfixturevalue("project")
    return lambda: SupabaseSearchIndex(project)


@pytest.fixture
def artifacts(open_artifacts: Callable[[], ArtifactStore]) -> ArtifactStore:
    return open_artifacts()


@pytest.fixture
def catalog(open_catalog: Callable[[], Catalog]) -> Catalog:
    return open_catalog()


@pytest.fixture
def search(open_search: Callable[[], SearchIndex]) -> SearchIndex:
    return open_search()


@pytest.fixture(params=["local", "supabase"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """A library with its artifacts and its catalog; the videos v1, v_1 and v11 have begun."""
    if request.param == "local":
        shelf = local_shelf(tmp_path)
    else:
        shelf = supabase_shelf(request.getfixturevalue("project"), tmp_path)
    shelf.begin("v1", "v_1", "v11")
    return shelf


class Desk:
    """A ledger and its catalog, and what the parts around them do, told briefly."""

    def __init__(self, open_ledger: Callable[[], BatchLedger], open_catalog: Callable[[], Catalog]) -> None:
        self.open_ledger = open_ledger
        self.ledger = open_ledger()
        self.catalog = open_catalog()
        self._states = 0

    def file(self, name: str, inbox: str = "/inbox") -> BatchFile:
        """A state of `name.csv` that nobody has seen yet."""
        self._states += 1
        version = f"version {self._states}"
        return BatchFile(name, inbox, f"{name}.csv", version, f"{self._states:064x}")

    def drop(self, name: str, *rows: CsvRow) -> BatchView:
        """A file of these rows is found in the inbox."""
        return self.ledger.register(self.file(name), CsvFile(rows))

    def start(self, name: str, limit: int = 100) -> list[str]:
        """Ids of the next videos; their workflows exist from now on, and have not begun."""
        taken = self.ledger.take(name, limit=limit, most_open=1000)
        marks = [RowMark(each.row.number, each.row.item, STARTED) for each in taken]
        self.ledger.mark(name, marks)
        return [each.row.video.id for each in taken if each.row.video]

    def begin(self, *ids: str, options: Options | None = None) -> None:
        """Runs of these videos begin."""
        for each in ids:
            video = VideoIdentity(each, "generic", f"https://example.org/{each}")
            request = VideoRequest(video.locator, video, options or Options())
            self.catalog.begin(
                each,
                source=video.locator,
                platform="generic",
                workflow_id=f"video-{each}",
                request_json=to_json(request, indent=None).decode(),
            )

    def end(
        self,
        *ids: str,
        status: str = "completed",
        options: Options | None = None,
        reasons: Sequence[str] = (),
        **end: Any,
    ) -> None:
        """They run from beginning to end."""
        for each in ids:
            self.begin(each, options=options)
            self.catalog.finish(each, status=status, reasons=reasons, **end)

    def outcomes(self, name: str) -> list[str]:
        """Of all rows, in order."""
        return [row.outcome for row in self.ledger.rows(name)]

    def row(self, name: str, number: int, item: int = 0) -> RowView:
        """One row."""
        (found,) = (row for row in self.ledger.rows(name) if (row.number, row.item) == (number, item))
        return found

    def look(self, name: str) -> BatchView:
        """The batch at a glance."""
        view = self.ledger.batch(name)
        assert view is not None
        return view


@pytest.fixture(params=["local", "supabase"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    if request.param == "local":
        path = tmp_path / "catalog.db"
        return Desk(lambda: LocalLedger(path), lambda: LocalCatalog(path))
    project = request.getfixturevalue("project")
    return Desk(lambda: SupabaseLedger(project), lambda: SupabaseCatalog(project, advance_every_s=0.0))


@pytest.fixture
def video_row() -> Callable[..., CsvRow]:
    """`video_row(2, "a")` is row 2 of a file, which asks for video a."""

    def row(number: int, video_id: str, **fields: Any) -> CsvRow:
        locator = f"https://example.org/{video_id}"
        return CsvRow(number, locator, video=VideoIdentity(video_id, "generic", locator), **fields)

    return row


@pytest.fixture
def towards() -> Callable[..., list[float]]:
    """Unit vectors: `towards(3)` is an axis, `towards(3, cosine=0.5)` leans that far towards it."""

    def vector(axis: int, *, cosine: float = 1.0) -> list[float]:
        values = [0.0] * DIMENSIONS
        values[axis] = cosine
        values[-1 - axis] = (1 - cosine**2) ** 0.5
        return values

    return vector


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_python() -> Iterator[Start]:
    """Starts Python on a piece of code with arguments; whatever still runs at the end is killed."""
    children: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        command: Sequence[Any] = [sys.executable, "-c", code, *(str(a) for a in arguments)]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            assert pipe
            pipe.close()
