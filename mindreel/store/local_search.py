import heapq
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindreel.contracts.transcript import Segment
from mindreel.store.protocols import SearchHit
from mindreel.store.ranking import DEPTH, KEYWORD_SHARE, MEANING_FLOOR, RANK_CONSTANT
from mindreel.store.sqlite import Database, storable
from mindreel.store.words import match_expression, searchable

_KIND = 0x6D72_7365  # "mrse"
_MIGRATIONS = (
    (
        """
        CREATE TABLE video (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            dimensions INTEGER NOT NULL,
            vectors BLOB NOT NULL       -- float32, little-endian, a row for each sentence in order of place
        )
        """,
        """
        CREATE TABLE sentence (
            id INTEGER PRIMARY KEY,
            video_id TEXT NOT NULL,
            place INTEGER NOT NULL,     -- from 0, within the video
            segment_id INTEGER NOT NULL,
            start_s REAL NOT NULL,
            end_s REAL NOT NULL,
            text TEXT NOT NULL,
            words TEXT NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX sentence_place ON sentence (video_id, place)",
        """
        CREATE VIRTUAL TABLE sentence_words USING fts5 (
            words, content = 'sentence', content_rowid = 'id',
            tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
        )
        """,
        """
        CREATE TRIGGER sentence_added AFTER INSERT ON sentence BEGIN
            INSERT INTO sentence_words (rowid, words) VALUES (new.id, new.words);
        END
        """,
        """
        CREATE TRIGGER sentence_removed AFTER DELETE ON sentence BEGIN
            INSERT INTO sentence_words (sentence_words, rowid, words) VALUES ('delete', old.id, old.words);
        END
        """,
    ),
)

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class _Found:
    sentence: int
    hit: SearchHit


class LocalSearchIndex:
    """Words by SQLite's FTS5, meaning by comparing all vectors, in one SQLite file.

    All vectors are compared because that is exact and needs no extension, which many Pythons cannot load: a
    hundred thousand sentences (over a hundred hours of talk) take 0.1 to 0.5 s on two cores. See
    `mindreel.store.protocols.SearchIndex`; methods raise `SetupError` where the file cannot be used,
    `BusyError` where others hold it too long.
    """

    def __init__(self, path: Path, *, meaning_floor: float = MEANING_FLOOR) -> None:
        """`meaning_floor`: least cosine of an answer that shares no word with the question."""
        self._database = Database(path, _KIND, _MIGRATIONS)
        self._floor = meaning_floor

    def replace(
        self, video_id: str, *, title: str, segments: Sequence[Segment], vectors: Sequence[Sequence[float]]
    ) -> None:
        """Index `segments`; without vectors (a language the model does not know) by their words alone."""
        if len(vectors) not in {0, len(segments)}:
            raise ValueError(f"{len(segments)} segments need as many vectors or none, not {len(vectors)}")
        rows = (
            np.asarray(vectors, dtype="<f4").reshape(len(vectors), -1) if len(vectors) else np.zeros((0, 0))
        )
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sentence WHERE video_id = ?", (video_id,))
            connection.execute(
                "INSERT OR REPLACE INTO video (id, title, dimensions, vectors) VALUES (?, ?, ?, ?)",
                (video_id, storable(title), rows.shape[1], rows.astype("<f4").tobytes()),
            )
            connection.executemany(
                "INSERT INTO sentence (video_id, place, segment_id, start_s, end_s, text, words)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        video_id,
                        place,
                        s.id,
                        s.start_s,
                        s.end_s,
                        storable(s.text),
                        searchable(storable(s.text)),
                    )
                    for place, s in enumerate(segments)
                ),
            )

    def search(self, words: str, vector: Sequence[float], *, limit: int = 10) -> list[SearchHit]:
        """Best first. An empty `vector` searches by words alone; no word in `words`, by meaning alone."""
        with self._database.reading() as connection:
            by_word = _by_word(connection, storable(words))
            by_meaning = _by_meaning(connection, np.asarray(vector, dtype=np.float32), self._floor)
        return _fused(by_word, by_meaning)[: max(limit, 0)]


_COLUMNS = "sentence.id, video_id, title, segment_id, start_s, end_s, text"
_BY_WORD = f"""
    SELECT {_COLUMNS}, cost
    FROM (
        -- ranked before anything is joined, else SQLite walks through every sentence
        SELECT rowid, bm25(sentence_words) AS cost FROM sentence_words
        WHERE sentence_words MATCH ? ORDER BY cost, rowid LIMIT ?
    ) AS best
    JOIN sentence ON sentence.id = best.rowid JOIN video ON video.id = video_id
    ORDER BY cost, sentence.id
"""  # noqa: S608 - only our own column names are put in
_BY_PLACE = f"""
    SELECT {_COLUMNS} FROM sentence JOIN video ON video.id = video_id
    WHERE video_id = ? AND place = ?
"""  # noqa: S608 - as above


def _by_word(connection: sqlite3.Connection, words: str) -> list[_Found]:
    expression = match_expression(words)
    if not expression:
        return []
    found = connection.execute(_BY_WORD, (expression, DEPTH)).fetchall()
    # bm25() is negative, and lower is better
    return [_found(row, "keyword") for row in found if row["cost"] <= KEYWORD_SHARE * found[0]["cost"]]


def _by_meaning(connection: sqlite3.Connection, vector: Rows, floor: float) -> list[_Found]:
    best: list[tuple[float, str, int]] = []
    for video in connection.execute("SELECT id, vectors FROM video WHERE dimensions = ?", (vector.size,)):
        if vector.size:
            best = heapq.nlargest(DEPTH, best + _near(video, vector, floor))
    rows = (connection.execute(_BY_PLACE, (video_id, place)) for _, video_id, place in best)
    return [_found(row.fetchone(), "meaning") for row in rows]


def _near(video: sqlite3.Row, vector: Rows, floor: float) -> list[tuple[float, str, int]]:
    """Cosine, video and place of the sentences nearest to `vector`; all vectors have length 1."""
    cosines = np.frombuffer(video["vectors"], dtype="<f4").reshape(-1, vector.size) @ vector
    near = np.flatnonzero(cosines >= floor)
    nearest = near[np.argsort(-cosines[near], kind="stable")][:DEPTH]
    return [(float(cosines[place]), video["id"], int(place)) for place in nearest]


def _fused(by_word: list[_Found], by_meaning: list[_Found]) -> list[SearchHit]:
    hits: dict[int, SearchHit] = {}
    for found in (by_word, by_meaning):
        for rank, (sentence, hit) in enumerate(((f.sentence, f.hit) for f in found), 1):
            score = 1 / (RANK_CONSTANT + rank)
            earlier = hits.get(sentence)
            hits[sentence] = (
                replace(earlier, score=earlier.score + score, matched="both")
                if earlier
                else replace(hit, score=score)
            )
    return sorted(hits.values(), key=lambda hit: -hit.score)


def _found(row: sqlite3.Row, matched: str) -> _Found:
    values: dict[str, Any] = {name: row[name] for name in row.keys() if name not in {"id", "cost"}}  # noqa: SIM118 - a Row iterates over values
    return _Found(row["id"], SearchHit(**values, score=0.0, matched=matched))
