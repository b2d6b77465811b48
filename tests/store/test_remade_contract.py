"""Steps make other content under their keys, again and again: what is shown stands. For every store.

`--force` does that, and so does a download, a recogniser that is not deterministic, or a step whose artifacts
have expired: its key says what goes in, not what comes out.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.publication import Publication
from mindreel.store.protocols import Library
from tests.store.shelf import Shelf, supabase_shelf

_KEY = "v1/clip-0123456789abcdef/clip.mp4"


@pytest.fixture
def made(shelf: Shelf) -> Callable[[bytes], Publication]:
    """A run made the clip; what it would publish."""

    def make(content: bytes) -> Publication:
        ref = shelf.artifacts.put_bytes(_KEY, content, "video/mp4")
        return replace(shelf.publication(page=content.decode()), files={"clip.mp4": ref})

    return make


@pytest.fixture
def elsewhere(shelf: Shelf, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Library]:
    """The library as a machine sees it that has nothing of it yet; the embedded one has this machine only."""
    machines = iter(range(9))

    def machine() -> Library:
        if request.node.callspec.params["shelf"] == "local":
            return shelf.open()
        home = tmp_path / f"machine {next(machines)}"
        return supabase_shelf(request.getfixturevalue("project"), home).library

    return machine


def _clip(library: Library) -> bytes:
    folder = library.fetch("v1")
    assert folder
    return (folder / "clip.mp4").read_bytes()


def test_what_is_shown_stands_until_the_new_is_published(
    shelf: Shelf, made: Callable[[bytes], Publication], elsewhere: Callable[[], Library]
) -> None:
    shelf.library.publish(made(b"first"), folder=shelf.home)
    second = made(b"second")
    assert shelf.artifacts.read_bytes(_KEY) == b"second"
    assert _clip(elsewhere()) == b"first"
    shelf.library.publish(second, folder=shelf.home)
    assert _clip(elsewhere()) == b"second"


def test_what_is_shown_stands_after_a_run_that_failed_and_whose_artifacts_went(
    shelf: Shelf, made: Callable[[bytes], Publication], elsewhere: Callable[[], Library]
) -> None:
    shelf.library.publish(made(b"first"), folder=shelf.home)
    failed: ArtifactRef = made(b"never published").files["clip.mp4"]
    shelf.artifacts.delete_prefix("v1")
    assert not shelf.artifacts.exists(failed)
    assert _clip(elsewhere()) == b"first"
    shelf.library.publish(made(b"third"), folder=shelf.home)
    assert _clip(elsewhere()) == b"third"


def test_the_same_content_may_come_back(
    shelf: Shelf, made: Callable[[bytes], Publication], elsewhere: Callable[[], Library]
) -> None:
    shelf.library.publish(made(b"first"), folder=shelf.home)
    made(b"second")
    shelf.library.publish(made(b"first"), folder=shelf.home)
    assert shelf.artifacts.read_bytes(_KEY) == b"first"
    assert _clip(elsewhere()) == b"first"
