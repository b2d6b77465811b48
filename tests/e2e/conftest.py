from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Mindreel
from tests.support.loopback_site import LoopbackSite
from tests.support.supabase.fixtures import supabase_stack

__all__ = ["supabase_stack"]


@pytest.fixture(scope="session")
def mindreel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mindreel]:
    """One data directory and one engine for all tests that do not break it; its path is a hard one."""
    command = Mindreel(tmp_path_factory.mktemp("home") / "it's my data 数据")
    yield command
    command("down")


@pytest.fixture
def own_mindreel(tmp_path: Path) -> Iterator[Mindreel]:
    """A data directory and an engine of this test's own, to break."""
    command = Mindreel(tmp_path / "home")
    yield command
    command("down")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[LoopbackSite]:
    """A web site on loopback that serves the folder `tmp_path / "site"`."""
    folder = tmp_path / "site"
    folder.mkdir()
    with LoopbackSite(folder) as server:
        yield server
