from pathlib import Path

import pytest

from tests.support.command import Mindreel
from tests.support.supabase.fixtures import supabase_stack

__all__ = ["supabase_stack"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data directory that does not exist yet; its name is one that programs stumble over."""
    return tmp_path / "it's a 'home' ü 家"


@pytest.fixture
def mindreel(home: Path) -> Mindreel:
    """The command line with that data directory."""
    return Mindreel(home)
