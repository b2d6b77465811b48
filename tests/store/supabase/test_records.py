"""What of a publication becomes which row, as a person asks for it in SQL."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from mindreel.errors import SetupError
from mindreel.store.supabase.project import Project
from tests.store.shelf import Shelf, supabase_shelf

Row = dict[str, Any]
Asked = Callable[[str], list[Row]]
TABLES = ("transcripts", "analyses", "chapters", "clips", "mindmaps", "publications", "published_files")


@pytest.fixture
def shelf(project: Project, tmp_path: Any) -> Shelf:
    shelf = supabase_shelf(project, tmp_path)
    shelf.begin("v1", "v2")
    return shelf


@pytest.fixture
def asked(supabase_connection: "psycopg.Connection[Any]") -> Asked:
    """The rows that a query gives."""

    def ask(query: str) -> list[Row]:
        cursor = supabase_connection.cursor(row_factory=dict_row)
        return cursor.execute(query.encode()).fetchall()

    return ask


def test_what_was_said_is_a_row(shelf: Shelf, asked: Asked) -> None:
    given = shelf.publication("v1", said="Queues help.", files={"transcript.json": b"{}"})
    shelf.library.publish(given, folder=shelf.home)
    assert asked("select * from transcripts") == [
        {
            "video_id": "v1",
            "language": "en",
            "language_probability": 0.99,
            "duration_s": 12.5,
            "model": "a model",
            "segments": 1,
            "words": 2,
            "removed": 0,
            "text": "Queues help.",
            "key": given.files["transcript.json"].key,
        }
    ]


def test_the_analysis_is_a_row_and_its_chapters_are_rows(shelf: Shelf, asked: Asked) -> None:
    shelf.show("v1", said="Queues help.")
    (analysis,) = asked("""
        select analyzer, summary -> 0 ->> 'text' as said, sentiment_label, category_label,
            quiz -> 0 ->> 'answer_index' as answer, highlights -> 0 ->> 'score' as score, key
        from analyses where topics @> '[{"label": "queues"}]'
    """)
    assert analysis == {
        "analyzer": "embedded/1",
        "said": "Queues help.",
        "sentiment_label": "positive",
        "category_label": "education",
        "answer": "0",
        "score": "0.8",
        "key": None,
    }
    assert asked("select ordinal, title, start_s, end_s, summary, segment_ids from chapters order by 1") == [
        {
            "ordinal": 1,
            "title": "First",
            "start_s": 0.0,
            "end_s": 6.0,
            "summary": "Queues help.",
            "segment_ids": [0],
        },
        {"ordinal": 2, "title": "Second", "start_s": 6.0, "end_s": 12.5, "summary": "", "segment_ids": []},
    ]


def test_a_clip_is_a_row_with_the_keys_of_its_files(shelf: Shelf, asked: Asked) -> None:
    given = shelf.publication("v1")
    shelf.library.publish(given, folder=shelf.home)
    (row,) = asked("select * from clips join artifacts using (key)")
    cut = given.clips[0]
    assert (row["ordinal"], row["name"], row["start_s"], row["end_s"]) == (1, "01-why", 0.96, 4.04)
    assert (row["score"], row["method"], row["captioned"]) == (0.8, "smart", False)
    assert (row["key"], row["sidecar_key"]) == (cut.clip.key, cut.sidecar.key)
    assert (row["sha256"], row["bucket"]) == (cut.clip.sha256, "clips")


def test_the_mind_map_is_a_tree(shelf: Shelf, asked: Asked) -> None:
    shelf.show("v1", said="Queues help.")
    (row,) = asked("select nodes, tree #>> '{children,0,label}' as first from mindmaps")
    assert row == {"nodes": 3, "first": "Queues help."}


def test_the_video_says_who_published_it_and_what_is_in_it(shelf: Shelf, asked: Asked) -> None:
    shelf.show("v1", title="T", said="Queues help.")
    (row,) = asked("select uploader, analysis_result from videos where id = 'v1'")
    assert row["uploader"] == "Uploader of T"
    assert row["analysis_result"] == {
        "analyzer": "embedded/1",
        "language": "en",
        "summary": "Queues help.",
        "key_points": ["Queues help."],
        "topics": ["queues"],
        "chapters": ["First", "Second"],
        "sentiment": "positive",
        "category": "education",
        "clips": 1,
    }


def test_rows_are_replaced_with_what_is_shown_and_other_videos_stay(shelf: Shelf, asked: Asked) -> None:
    for video_id in ("v1", "v2"):
        shelf.show(video_id, said="Old.", files={"a.txt": b"a", "b.txt": b"b"})
    shelf.show("v1", said=None, files={"b.txt": b"b"})
    count = "select video_id, count(*) as rows from {} group by 1 order by 1"
    counts = {table: {row["video_id"]: row["rows"] for row in asked(count.format(table))} for table in TABLES}
    assert counts == {
        "transcripts": {"v2": 1},
        "analyses": {"v2": 1},
        "chapters": {"v2": 2},
        "clips": {"v2": 1},
        "mindmaps": {"v2": 1},
        "publications": {"v1": 1, "v2": 1},
        "published_files": {"v1": 1, "v2": 2},
    }
    assert asked("select analysis_result from videos where id = 'v1'") == [{"analysis_result": None}]


def test_a_video_that_is_deleted_takes_all_that_is_known_with_it(shelf: Shelf, asked: Asked) -> None:
    shelf.show("v1")
    asked("delete from videos where id = 'v1' returning 1")
    assert [row for table in TABLES for row in asked(f"select 1 from {table}")] == []  # noqa: S608 - our names


def test_a_video_without_a_row_is_not_published(shelf: Shelf, asked: Asked) -> None:
    with pytest.raises(SetupError, match="knows no video v3; run it again"):
        shelf.show("v3")
    assert asked("select 1 from publications") == []


@pytest.mark.parametrize("said", ["nul \0 inside", "half \ud83d of a pair", "“quotes” 你好 🎉 \\ %s"])
def test_any_text_is_kept_in_every_table(shelf: Shelf, asked: Asked, said: str) -> None:
    shelf.show("v1", said=said)
    rows = asked("""
        select t.text as a, m.tree #>> '{children,0,label}' as b, c.title as c, h.summary as d
        from transcripts t join mindmaps m using (video_id) join clips c using (video_id)
        join chapters h using (video_id) where h.ordinal = 1
    """)
    visible = said.replace("\0", "␀0").replace("\ud83d", "\\ud83d")
    assert rows == [dict.fromkeys("abcd", visible)]
