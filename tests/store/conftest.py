import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_search import LocalSearchIndex
from mindreel.store.protocols import ArtifactStore, Catalog, SearchIndex

DIMENSIONS = 384
IMPLEMENTATIONS = ["local"]


@pytest.fixture(params=IMPLEMENTATIONS)
def open_artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], ArtifactStore]:
    """Opens the same artifact store each time it is called, as another process would."""
    assert request.param == "local"
    return lambda: LocalArtifactStore(tmp_path / "artifacts")


@pytest.fixture(params=IMPLEMENTATIONS)
def open_catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Catalog]:
    """Opens the same catalog each time."""
    assert request.param == "local"
    return lambda: LocalCatalog(tmp_path / "catalog.db")


@pytest.fixture(params=IMPLEMENTATIONS)
def open_search(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SearchIndex]:
    """Opens the same search index each time."""
    assert request.param == "local"
    return lambda: LocalSearchIndex(tmp_path / "search.db")


@pytest.fixture
def artifacts(open_artifacts: Callable[[], ArtifactStore]) -> ArtifactStore:
    return open_artifacts()


@pytest.fixture
def catalog(open_catalog: Callable[[], Catalog]) -> Catalog:
    return open_catalog()


@pytest.fixture
def search(open_search: Callable[[], SearchIndex]) -> SearchIndex:
    return open_search()


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
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        assert child.stdout
        child.stdout.close()
