"""Beyond the contract: the same answers as the embedded index, talks of hours, crashes, plain SQL."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from mindreel.contracts.transcript import Segment
from mindreel.errors import SetupError, TransientError
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.store.local_search import LocalSearchIndex
from mindreel.store.protocols import SearchIndex
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.search import SupabaseSearchIndex

_SAMPLES = Path(__file__).parents[3] / "samples"
_LONG = 600
"""Sentences: more than go in one call."""
Connection = psycopg.Connection[Any]
Towards = Callable[..., list[float]]


def segments(*texts: str) -> list[Segment]:
    return [Segment(number, float(number), number + 0.9, text) for number, text in enumerate(texts)]


def talk(word: str, length: int = _LONG) -> list[Segment]:
    return segments(*(f"{word} {number}" for number in range(length)))


def texts(index: SearchIndex, words: str, vector: Sequence[float] = ()) -> list[str]:
    return [hit.text for hit in index.search(words, vector, limit=100)]


@pytest.fixture
def search(project: Project) -> SupabaseSearchIndex:
    return SupabaseSearchIndex(project)


class Breaking(Project):
    """Loses the line at the call of that number, before or after the database did it."""

    def __init__(self, project: Project, number: int, *, done: bool) -> None:
        super().__init__(project.access)
        self._left = number
        self._done = done

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
        self._left -= 1
        if self._left or self._done:
            answer = super().call(function, reply_s=reply_s, **arguments)
        if not self._left:
            raise TransientError("The line is down.")
        return answer


def test_both_stores_give_the_same_answers_in_the_same_order(
    search: SupabaseSearchIndex, tmp_path: Path
) -> None:
    embedder, local = MiniLmEmbedder(), LocalSearchIndex(tmp_path / "search.db")
    sentences = json.loads((_SAMPLES / "talk.json").read_text("utf-8"))["sentences"]
    said = [Segment(n, s["start_s"], s["end_s"], s["text"]) for n, s in enumerate(sentences)]
    vectors = embedder.embed([segment.text for segment in said]).tolist()
    for index in (search, local):
        index.replace("talk", title="Coffee", segments=said, vectors=vectors)
    for asked in (
        *("why am I sleepy", "shepherd and animals legend", "the beans of the coffee", "roasting roasted"),
        *("how hot should the kettle be", "is it as hot as us", "quantum entanglement", "", "the of and a"),
    ):
        vector = embedder.embed([asked])[0].tolist()
        given: list[float]
        for given in (vector, []):
            found, expected = (index.search(asked, given, limit=50) for index in (search, local))
            assert [(hit.segment_id, hit.matched) for hit in found] == [
                (hit.segment_id, hit.matched) for hit in expected
            ]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected])


@pytest.mark.parametrize("length", [1, 383, 385, 768])
def test_vectors_of_another_model_are_refused_with_a_sentence(
    search: SupabaseSearchIndex, towards: Towards, length: int
) -> None:
    search.replace("v1", title="", segments=segments("Old."), vectors=[towards(1)])
    with pytest.raises(SetupError, match=f"vectors of {length} numbers, .* keeps 384"):
        search.replace("v1", title="", segments=segments("New."), vectors=[[1.0] * length])
    with pytest.raises(SetupError, match=f"vectors of {length} numbers, .* keeps 384"):
        search.search("old", [1.0] * length)
    assert texts(search, "old new") == ["Old."]


def test_readers_see_a_talk_of_several_parts_whole(search: SupabaseSearchIndex) -> None:
    def replace_often() -> None:
        for word in ("Odd", "Even", "Odd"):
            search.replace("v1", title=word, segments=talk(word), vectors=[])

    search.replace("v1", title="Even", segments=talk("Even"), vectors=[])
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(replace_often)
        while not writing.done():
            hits = search.search("odd even", (), limit=100)
            assert len(hits) == 50
            assert len({hit.text.split()[0] for hit in hits}) == 1
            assert {hit.title for hit in hits} == {hit.text.split()[0] for hit in hits}
        writing.result()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("done", [False, True])
def test_a_crash_between_parts_leaves_one_edition_or_the_other(
    project: Project, search: SupabaseSearchIndex, *, number: int, done: bool
) -> None:
    search.replace("v1", title="", segments=talk("Old", 10), vectors=[])
    with Breaking(project, number, done=done) as breaking, pytest.raises(TransientError):
        SupabaseSearchIndex(breaking).replace("v1", title="", segments=talk("New"), vectors=[])
    whole = done and number == 4  # it asks for a number first
    assert {text.split()[0] for text in texts(search, "old new")} == {"New" if whole else "Old"}
    search.replace("v1", title="", segments=talk("Newer", 10), vectors=[])
    assert {text.split()[0] for text in texts(search, "old new newer")} == {"Newer"}


def test_what_a_dead_writer_left_goes_with_a_later_one_of_any_video(
    project: Project, search: SupabaseSearchIndex, supabase_connection: Connection
) -> None:
    with Breaking(project, 3, done=True) as breaking, pytest.raises(TransientError):
        SupabaseSearchIndex(breaking).replace("v1", title="", segments=talk("Left"), vectors=[])
    search.replace("v2", title="", segments=segments("Fresh."), vectors=[])
    assert _count(supabase_connection, "v1") == 500
    supabase_connection.execute("update public.segment_editions set begun_at = begun_at - interval '2 hours'")
    search.replace("v3", title="", segments=segments("Fresh."), vectors=[])
    assert _count(supabase_connection, "v1") == 0
    assert len(texts(search, "fresh")) == 2


def test_what_a_dead_writer_asked_for_replaces_no_later_edition(
    project: Project, search: SupabaseSearchIndex, supabase_connection: Connection
) -> None:
    asked: list[dict[str, Any]] = []

    class Lost(Project):
        def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
            if function == "segments_replace":
                asked.append(arguments)
                raise TransientError("No answer in time.")
            return super().call(function, reply_s=reply_s, **arguments)

    with Lost(project.access) as lost, pytest.raises(TransientError):
        SupabaseSearchIndex(lost).replace("v1", title="", segments=segments("Zebra."), vectors=[])
    search.replace("v1", title="", segments=segments("Giraffe."), vectors=[])
    assert project.call("segments_replace", **asked[0]) is True  # nobody need write it again
    assert texts(search, "zebra giraffe") == ["Giraffe."]
    assert _count(supabase_connection, "v1") == 1


def test_of_two_writers_at_once_the_one_that_began_later_is_found(
    project: Project, search: SupabaseSearchIndex
) -> None:
    class Slow(Project):
        calls = 0

        def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
            self.calls += 1
            if self.calls == 3:  # between its parts
                search.replace("v1", title="", segments=talk("Later", 10), vectors=[])
            return super().call(function, reply_s=reply_s, **arguments)

    with Slow(project.access) as slow:
        SupabaseSearchIndex(slow).replace("v1", title="", segments=talk("Earlier"), vectors=[])
    assert {text.split()[0] for text in texts(search, "earlier later")} == {"Later"}


def test_a_call_whose_answer_was_lost_may_be_made_again(project: Project, towards: Towards) -> None:
    class Twice(Project):
        def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
            super().call(function, reply_s=reply_s, **arguments)
            return super().call(function, reply_s=reply_s, **arguments)

    with Twice(project.access) as twice:
        index = SupabaseSearchIndex(twice)
        index.replace("v1", title="", segments=segments("One.", "Two."), vectors=[towards(1), towards(2)])
        index.replace("v2", title="", segments=talk("Three"), vectors=[])
        assert texts(index, "one two") == ["One.", "Two."]
        assert len(texts(index, "three")) == 50


def test_a_video_that_is_deleted_takes_its_sentences_with_it(
    search: SupabaseSearchIndex, supabase_connection: Connection
) -> None:
    supabase_connection.execute("select public.catalog_begin('v1', '', '', 'w', 'r', '', '')")
    for video_id in ("v1", "v2"):
        search.replace(video_id, title="", segments=segments("Said."), vectors=[])
    supabase_connection.execute("delete from public.videos where id = 'v1'")
    assert [hit.video_id for hit in search.search("said", ())] == ["v2"]


@pytest.mark.parametrize("by_index", [True, False])
def test_the_index_of_vectors_finds_what_comparing_all_finds(
    search: SupabaseSearchIndex, supabase_connection: Connection, *, by_index: bool
) -> None:
    random = np.random.default_rng(1)
    topics = random.standard_normal((40, 384))
    vectors = topics[random.integers(0, 40, 1000)] + random.standard_normal((1000, 384))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for said in ("Old", "New"):  # a replaced edition stays in the index until the database cleans up
        search.replace("v1", title="", segments=talk(said, 1000), vectors=vectors.tolist())
    ways = ("seqscan", "bitmapscan") if by_index else ("indexscan", "bitmapscan")
    for way in ways:
        supabase_connection.execute(f"set enable_{way} = off")
    ask = "select text from public.match_segments(query_embedding => %s::extensions.vector, most => 50)"
    for question in vectors[:10]:
        cosines = vectors @ question
        nearest = {f"New {place}" for place in np.argsort(-cosines)[:50] if cosines[place] >= 0.3}
        found = {text for (text,) in supabase_connection.execute(ask, (str(question.tolist()),))}
        assert len(found & nearest) >= (0.95 if by_index else 1) * len(nearest)
        assert found <= {f"New {place}" for place in np.flatnonzero(cosines >= 0.299)}


def test_a_person_may_ask_in_sql(
    search: SupabaseSearchIndex, supabase_connection: Connection, towards: Towards
) -> None:
    said = segments("Goats' milk, and more.", "Café.", "Meant.")
    search.replace("v1", title="T", segments=said, vectors=[towards(1), towards(2), towards(3)])
    supabase_connection.execute("set role service_role")
    ask = "select text, matched from public.match_segments(%s, %s, %s::extensions.vector)"
    found = supabase_connection.execute(ask, (["goat", "cafe", "it's", "\\"], ["mea"], str(towards(1))))
    assert set(found.fetchall()) == {
        ("Goats' milk, and more.", "both"),
        ("Café.", "keyword"),
        ("Meant.", "keyword"),
    }
    assert supabase_connection.execute("select * from public.match_segments()").fetchall() == []


def test_words_beyond_any_length_are_taken(search: SupabaseSearchIndex) -> None:
    endless, many = "a" * 5000, "word " * 50_000
    search.replace("v1", title="", segments=segments(endless, many, "字" * 3000), vectors=[])
    assert len(texts(search, "word")) == 1
    assert len(texts(search, endless)) == 1
    assert len(texts(search, "字字")) == 1


def test_what_is_said_comes_back_as_it_was(search: SupabaseSearchIndex) -> None:
    said = "nul \0 and ␀0, “quotes” 你好 🎉 \\ %s"
    search.replace("v1", title=said, segments=segments(said), vectors=[])
    (hit,) = search.search("quotes", ())
    assert (hit.text, hit.title) == (said, said)


def _count(connection: Connection, video_id: str) -> int:
    found = connection.execute("select count(*) from public.segments where video_id = %s", (video_id,))
    (row,) = found.fetchall()
    return int(row[0])
