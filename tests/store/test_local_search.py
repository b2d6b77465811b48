"""What the search in SQLite promises beyond the contract: the real model, other processes, odd files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mindreel.contracts.transcript import Segment
from mindreel.errors import SetupError
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.store.local_search import LocalSearchIndex

_SAMPLES = Path(__file__).parents[2] / "samples"
_REPLACE = """
import sys
from pathlib import Path
from mindreel.contracts.transcript import Segment
from mindreel.store.local_search import LocalSearchIndex
search = LocalSearchIndex(Path(sys.argv[1]))
for turn in range(20):
    for video in ("shared", sys.argv[2]):
        texts = [f"{sys.argv[2]} {turn} {number}" for number in range(10)]
        segments = [Segment(n, float(n), n + 1.0, text) for n, text in enumerate(texts)]
        search.replace(video, title=sys.argv[2], segments=segments, vectors=[[1.0, 0.0]] * 10)
"""


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLmEmbedder) -> LocalSearchIndex:
    """The sample talk, indexed with the real model."""
    sentences = json.loads((_SAMPLES / "talk.json").read_text("utf-8"))["sentences"]
    segments = [Segment(n, s["start_s"], s["end_s"], s["text"]) for n, s in enumerate(sentences)]
    search = LocalSearchIndex(tmp_path_factory.mktemp("talk") / "search.db")
    vectors = embedder.embed([segment.text for segment in segments]).tolist()
    search.replace("talk", title="Coffee", segments=segments, vectors=vectors)
    return search


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("why am I sleepy", "adenosine"),
        ("shepherd and animals legend", "goat herder"),
        ("my drink is too acidic, what can I do", "finer grind"),
        ("how hot should the kettle be", "between 90 and 96 degrees"),
        ("the bean pops", "popcorn"),
        ("insomnia", "sleep"),
        ("how long until a plant gives fruit", "about three years"),
    ],
)
def test_a_question_in_other_words_finds_the_sentence(
    talk: LocalSearchIndex, embedder: MiniLmEmbedder, asked: str, answer: str
) -> None:
    hits = talk.search(asked, embedder.embed([asked])[0].tolist(), limit=3)
    assert any(answer in hit.text for hit in hits)


@pytest.mark.parametrize(
    "asked", ["quantum entanglement", "football championship", "knitting patterns", "Mozart", "asdf qwerty"]
)
def test_a_question_about_something_else_finds_nothing(
    talk: LocalSearchIndex, embedder: MiniLmEmbedder, asked: str
) -> None:
    assert talk.search(asked, embedder.embed([asked])[0].tolist()) == []


def test_vectors_of_another_model_are_not_compared(tmp_path: Path) -> None:
    search = LocalSearchIndex(tmp_path / "search.db")
    search.replace("v1", title="", segments=[Segment(0, 0, 1, "Word.")], vectors=[[1.0, 0.0]])
    assert search.search("other", [1.0, 0.0, 0.0]) == []
    assert [hit.matched for hit in search.search("word", [1.0, 0.0, 0.0])] == ["keyword"]


def test_two_processes_may_index_at_once(tmp_path: Path, start_python: Callable[..., Any]) -> None:
    path = tmp_path / "search.db"
    children = [start_python(_REPLACE, path, name) for name in ("left", "right")]
    assert [child.wait() for child in children] == [0, 0]
    hits = LocalSearchIndex(path).search("left right", [1.0, 0.0], limit=100)
    by_video = {
        video: {h.text.split()[0] for h in hits if h.video_id == video} for video in ("left", "right")
    }
    assert by_video == {"left": {"left"}, "right": {"right"}}
    assert len(hits) == 30
    assert len({hit.text.split()[0] for hit in hits if hit.video_id == "shared"}) == 1


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "search.db").write_bytes(b"\x00\x01 nonsense" * 300)
    with pytest.raises(SetupError, match="is damaged"):
        LocalSearchIndex(tmp_path / "search.db").search("word", ())
