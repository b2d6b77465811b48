"""Words to sentences: by punctuation of all scripts, by pauses, and never too long."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from mindreel.contracts.transcript import Segment, Word
from mindreel.speech.words import joined_text

PAUSE_S = 1.0
"""A pause this long ends a breath group."""
LONGEST_S = 30.0
MOST_WORDS = 40

_ENDS = "!?。！？｡।॥؟۔…‽։။។"  # noqa: RUF001 - each script has its own
_COMMAS = ",;:、，；：،؛—–"  # noqa: RUF001 - each script has its own
_ABBREVIATIONS = frozenset((
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "jr", "sr", "vs", "e.g", "i.e", "fig", "nos", "vol",
    "approx", "dept", "inc", "ltd", "cf", "al", "gen", "col", "sgt", "rev", "hon", "bzw", "z.b", "d.h", "u.a",
    "nr", "hr", "sra", "dña", "ud", "uds", "pág", "núm", "mme", "mlle", "p.ex",
))  # fmt: skip
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")


def to_segments(words: Sequence[Word]) -> tuple[Segment, ...]:
    """Each sentence or breath group of `words` as a segment; ids count from 0."""
    groups = [part for sentence in sentences(words) for part in halved(sentence, _short_enough)]
    return tuple(
        Segment(index, group[0].start_s, max(word.end_s for word in group), joined_text(group), tuple(group))
        for index, group in enumerate(groups)
    )


def ends_sentence(word: Word, following: Word | None) -> bool:
    """True when a sentence ends with `word`."""
    text = _without_closing(word.text)
    if not text or text[-1] not in _ENDS + ".":
        return False
    if following is None or text[-1] in _ENDS.replace("…", ""):
        return True
    if text.endswith(("…", "...")):
        return not following.text[:1].islower()
    stem = text[:-1].casefold()
    abbreviated = stem in _ABBREVIATIONS or (_INITIALS.fullmatch(stem) is not None and stem != "i")
    return not abbreviated and not following.text[:1].islower()


def _without_closing(text: str) -> str:
    while text and (text[-1] in "\"'" or unicodedata.category(text[-1]) in ("Pe", "Pf")):
        text = text[:-1]
    return text


def sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The words of each sentence or breath group, however long."""
    sentence: list[Word] = []
    for index, word in enumerate(words):
        sentence.append(word)
        following = words[index + 1] if index + 1 < len(words) else None
        pause_s = following.start_s - word.end_s if following else 0.0
        if following is None or pause_s >= PAUSE_S or ends_sentence(word, following):
            yield sentence
            sentence = []


def halved(words: list[Word], fits: Callable[[Sequence[Word]], bool]) -> Iterator[list[Word]]:
    """`words` cut until every part fits (or is one word), each time at the best place near the middle."""
    if len(words) < 2 or fits(words):  # noqa: PLR2004 - one word cannot be cut
        if words:
            yield words
        return
    cut = max(range(1, len(words)), key=lambda index: _cut_worth(words, index))
    yield from halved(words[:cut], fits)
    yield from halved(words[cut:], fits)


def _short_enough(words: Sequence[Word]) -> bool:
    weight = sum(0.5 if word.glued else 1.0 for word in words)
    return weight <= MOST_WORDS and words[-1].end_s - words[0].start_s <= LONGEST_S


def _cut_worth(words: list[Word], index: int) -> float:
    before, after = words[index - 1], words[index]
    comma = before.text[-1] in _COMMAS
    off_middle = abs(index / len(words) - 0.5)
    return max(0.0, after.start_s - before.end_s) + (0.5 if comma else 0.0) - 2 * off_middle
