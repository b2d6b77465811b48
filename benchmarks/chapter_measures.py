"""How near found chapter starts are to true ones, and the simplest ways to find some.

A start is the first sentence of a chapter, counted from 0; the talk's own beginning is none, because no
method can miss it. All measures take starts ascending.
"""

import random
from collections.abc import Sequence

import numpy as np
from nltk.tokenize.texttiling import TextTilingTokenizer  # type: ignore[import-untyped]

from mindreel.insight.words import stopwords

_RESAMPLES = 2000


def pk(true: Sequence[int], found: Sequence[int], sentences: int) -> float:
    """Beeferman et al. 1999: share of pairs half a mean true chapter apart that are judged differently.

    Judged: whether both sentences of the pair stand in one chapter. 0 is perfect.
    """
    apart_true, apart_found = _between(true, found, sentences)
    return float(np.mean((apart_true > 0) != (apart_found > 0)))


def window_diff(true: Sequence[int], found: Sequence[int], sentences: int) -> float:
    """Pevzner and Hearst 2002: as Pk, but the number of starts between the two must be the same."""
    apart_true, apart_found = _between(true, found, sentences)
    return float(np.mean(apart_true != apart_found))


def _between(
    true: Sequence[int], found: Sequence[int], sentences: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    width = min(max(1, round(sentences / (len(true) + 1) / 2)), sentences - 1)
    counts = []
    for starts in (true, found):
        chapter = np.cumsum(np.bincount(np.array(starts, dtype=np.int64), minlength=sentences))
        counts.append(chapter[width:] - chapter[:-width])
    return counts[0], counts[1]


def f1(true: Sequence[float], found: Sequence[float], tolerance: float) -> float:
    """Harmonic mean of precision and recall; each true start is hit by one found start at most."""
    hits, i, j = 0, 0, 0
    while i < len(true) and j < len(found):
        if abs(true[i] - found[j]) <= tolerance:
            hits, i, j = hits + 1, i + 1, j + 1
        elif true[i] < found[j]:
            i += 1
        else:
            j += 1
    return 2 * hits / (len(true) + len(found)) if true or found else 1.0


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % of the means of talks drawn again with replacement (percentile bootstrap, Efron 1979)."""
    drawn = np.random.default_rng(1).choice(np.array(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def equal_parts(sentences: int, chapters: int) -> list[int]:
    """So many parts of equally many sentences."""
    return sorted({sentences * part // chapters for part in range(1, chapters)} - {0})


def random_parts(sentences: int, chapters: int, seed: int) -> list[int]:
    """So many parts, all places equally likely."""
    count = min(chapters - 1, sentences - 1)
    return sorted(random.Random(seed).sample(range(1, sentences), count))  # noqa: S311 - a baseline, no secret


def text_tiling(texts: Sequence[str]) -> list[int]:
    """Hearst 1997, as nltk does it, each sentence a paragraph; the function words are YAKE's."""
    flat = [" ".join(text.split()) for text in texts]
    places = np.cumsum([0, *(len(text) + 2 for text in flat)])[:-1]
    tiling = TextTilingTokenizer(stopwords=sorted(stopwords("en")))
    try:
        tiles = tiling.tokenize("\n\n".join(flat))
    except ValueError:  # too short for one block
        return []
    ends = np.cumsum([len(tile) for tile in tiles])[:-1]
    return sorted({int(np.argmin(np.abs(places - end))) for end in ends} - {0})
