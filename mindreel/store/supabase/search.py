from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mindreel.contracts.transcript import Segment
from mindreel.errors import BusyError, SetupError
from mindreel.store.protocols import SearchHit
from mindreel.store.ranking import DEPTH, KEYWORD_SHARE, MEANING_FLOOR, RANK_CONSTANT
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.text import stored, told
from mindreel.store.words import query_terms, searchable

DIMENSIONS = 384
"""Of the column `segments.embedding`."""
_MOST_WORDS = 10_000
"""Of one sentence, so that its tsvector stays below 1 MB."""
_PART = 250
"""Sentences in one call: about 1.5 MB of JSON, and half a second for the index of vectors.

A hosted project ends whatever takes longer than eight seconds.
"""


class SupabaseSearchIndex:
    """Words by tsvector and BM25, meaning by pgvector, fused in the database.

    See `mindreel.store.protocols.SearchIndex`, and supabase/migrations for how it is done. Methods raise as
    `Project.call` does, and `SetupError` for vectors of another length than the project's column.
    """

    def __init__(self, project: Project, *, meaning_floor: float = MEANING_FLOOR) -> None:
        """`meaning_floor`: least cosine of an answer that shares no word with the question."""
        self._project = project
        self._floor = meaning_floor

    def replace(
        self, video_id: str, *, title: str, segments: Sequence[Segment], vectors: Sequence[Sequence[float]]
    ) -> None:
        """Write a new edition in parts; readers see the one before it until the last part is there.

        An edition that was begun later stays: what a dead writer asked for may be done late. Raises
        `BusyError` where the edition went away meanwhile; calling again writes it anew.
        """
        if len(vectors) not in {0, len(segments)}:
            raise ValueError(f"{len(segments)} segments need as many vectors or none, not {len(vectors)}")
        rows = _rows(vectors)
        edition, shown = self._project.call("segments_edition"), False
        for part in _parts(segments, rows):
            shown = self._project.call(
                "segments_replace",
                video_id=video_id,
                edition=edition,
                title=stored(title),
                total=len(segments),
                part=part,
            )
        if not shown:
            raise BusyError(f"Another run removed the sentences of {video_id} while they were written.")

    def search(self, words: str, vector: Sequence[float], *, limit: int = 10) -> list[SearchHit]:
        """Best first. An empty `vector` searches by words alone; no word in `words`, by meaning alone."""
        terms = query_terms(words)
        found = self._project.call(
            "match_segments",
            terms=[term.text for term in terms if not term.prefix],
            prefixes=[term.text for term in terms if term.prefix],
            query_embedding=_literal(_checked(np.asarray(vector, np.float32))) if len(vector) else None,
            most=max(limit, 0),
            word_share=KEYWORD_SHARE,
            meaning_floor=self._floor,
            depth=DEPTH,
            rank_constant=RANK_CONSTANT,
        )
        return [SearchHit(**told(row)) for row in found]


def _rows(vectors: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    rows = np.asarray(vectors, np.float32).reshape(len(vectors), -1) if len(vectors) else np.zeros((0, 0))
    return _checked(rows.astype(np.float32)) if len(rows) else rows.astype(np.float32)


def _checked(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    if rows.shape[-1] != DIMENSIONS:
        raise SetupError(
            f"The model of meanings gives vectors of {rows.shape[-1]} numbers, and the table segments of the "
            f"Supabase project keeps {DIMENSIONS}; use the model it was made for, or migrate the column."
        )
    return rows


def _parts(segments: Sequence[Segment], rows: NDArray[np.float32]) -> Iterator[list[dict[str, object]]]:
    """At least one, which may be empty: a video in which nobody speaks."""
    for begin in range(0, max(len(segments), 1), _PART):
        yield [
            {
                "place": place,
                "segment_id": segment.id,
                "start_s": segment.start_s,
                "end_s": segment.end_s,
                "text": stored(segment.text),
                "words": " ".join(searchable(segment.text).split(" ")[:_MOST_WORDS]),
                "embedding": _literal(rows[place]) if len(rows) else None,
            }
            for place, segment in enumerate(segments[begin : begin + _PART], begin)
        ]


def _literal(vector: NDArray[np.float32]) -> str:
    """As pgvector reads it; nine digits tell every float32 apart (IEEE 754)."""
    return "[" + ",".join(f"{value:.9g}" for value in vector.tolist()) + "]"
