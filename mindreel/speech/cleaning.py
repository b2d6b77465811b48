"""Taking out what the model invented; nothing is dropped silently, all of it is kept as `Removed`.

Whisper invents in known ways: it repeats itself, it puts text over silence, it ends with phrases that stand
under many videos of its training, and it hears the last word of a window again in the next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from mindreel.contracts.media import Span
from mindreel.contracts.transcript import Removed, Word
from mindreel.speech.evidence import SURE, Evidence, invented
from mindreel.speech.sentences import sentences
from mindreel.speech.words import joined_text, merge_tokens, spoken

SHORTEST_WORD_S = 0.02

_NEAR_S = 0.4
_SOFT_S = 0.1  # voice activity begins late and ends early on soft sounds
_LONGEST_PHRASE = 20
_SEAM_WORDS = 4
_SEAM_WORD_S = 0.06
_SEAM_DOUBT = 0.5
_POINTS = 3


@dataclass(frozen=True)
class Phrase:
    """What the model gave as one segment."""

    tokens: tuple[Word, ...]
    """As decoded: the text with its leading space, times on the video's clock."""
    window: int
    """Which stretch of audio it was decoded from; phrases of one window share a number."""
    evidence: Evidence = SURE
    """Of that window; by default nothing speaks against it."""


Finder = Callable[[Sequence[Word]], Iterator[tuple[int, int, str]]]
"""Yields stretches of words to cut, in order, as (first, behind the last, reason)."""


def clean(
    phrases: Sequence[Phrase], regions: Sequence[Span], *, end_s: float
) -> tuple[tuple[Word, ...], tuple[Removed, ...]]:
    """Words that were said, and what was cut.

    `regions` is where somebody speaks; no word ends after `end_s`. All times on one clock.
    """
    removed: list[Removed] = []
    words: list[Word] = []
    window = -1
    for phrase in phrases:
        said = []
        for sentence in sentences(merge_tokens(phrase.tokens)):
            if reason := invented(sentence, phrase.evidence, regions):
                removed.append(_as_removed(sentence, reason))
            else:
                said += sentence
        again = _heard_again(words, said) if phrase.window != window else 0
        if again:
            removed.append(_as_removed(said[:again], "heard again at the seam of two windows"))
            words[-1] = replace(words[-1], end_s=max(words[-1].end_s, said[again - 1].end_s))
        words, window = [*words, *said[again:]], phrase.window
    finders: tuple[Finder, ...] = (loops, points, lambda some: over_silence(some, regions))
    for finder in finders:
        words = _cut(words, finder, removed)
    words = [_out_of_silence(word, regions) for word in words]
    return monotone(words, end_s=end_s), tuple(sorted(removed, key=lambda item: item.start_s))


def loops(words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Phrases repeated back to back more often than people do; the first saying stays."""
    keys = [spoken(word.text) for word in words]
    index = 0
    while index < len(keys):
        size, times = _repetition(keys, index)
        if times:
            yield index + size, index + size * times, f"repeated {times} times"
        index += max(1, size * times)


def _repetition(keys: Sequence[str], start: int) -> tuple[int, int]:
    """Length and count of the shortest phrase that loops from `start` on; zeros where none does."""
    for size in range(1, _LONGEST_PHRASE + 1):
        phrase, times = keys[start : start + size], 1
        while keys[start + size * times : start + size * (times + 1)] == phrase:
            times += 1
        if times >= _suspicious(size, len("".join(phrase))):
            return size, times
    return 0, 0


def _suspicious(words: int, letters: int) -> int:
    """How often a phrase must repeat: people say `no no no no` and chant, but seldom whole sentences."""
    if words == 1 or letters < 8:  # noqa: PLR2004 - about two short words, or four Chinese ones
        return 6
    return 4 if words < 5 else 3  # noqa: PLR2004 - from here on it is a clause


def points(words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Runs of words that take no time: text the model could not place anywhere in the audio."""
    first = 0
    for index in range(len(words) + 1):
        if index < len(words) and words[index].end_s - words[index].start_s < SHORTEST_WORD_S:
            continue
        if index - first >= _POINTS:
            yield first, index, "words without duration"
        first = index + 1


def over_silence(words: Sequence[Word], regions: Sequence[Span]) -> Iterator[tuple[int, int, str]]:
    """Words that lie wholly where nobody speaks, the silent tail among them."""
    for index, word in enumerate(words):
        if not any(r.start_s - _NEAR_S <= word.end_s and word.start_s <= r.end_s + _NEAR_S for r in regions):
            yield index, index + 1, "text over silence"


def _out_of_silence(word: Word, regions: Sequence[Span]) -> Word:
    """The word without the silence before or after it that alignment often adds at a pause."""
    heard = [Span(max(word.start_s, r.start_s), min(word.end_s, r.end_s)) for r in regions]
    longest = max(heard, key=lambda span: span.duration_s)
    if longest.duration_s <= 0:
        return word
    start_s, end_s = max(word.start_s, longest.start_s - _SOFT_S), min(word.end_s, longest.end_s + _SOFT_S)
    return replace(word, start_s=start_s, end_s=end_s)


def monotone(words: Sequence[Word], *, end_s: float) -> tuple[Word, ...]:
    """The words with times that never overlap or run back, rounded to milliseconds."""
    starts: list[float] = []
    ends: list[float] = []
    for word in words:
        starts.append(max(word.start_s, ends[-1] if ends else 0.0))
        ends.append(max(word.end_s, starts[-1] + SHORTEST_WORD_S))
    for index in range(len(words) - 1, -1, -1):
        limit_s = starts[index + 1] if index + 1 < len(words) else end_s
        ends[index] = min(ends[index], limit_s)
        starts[index] = max(0.0, min(starts[index], ends[index] - SHORTEST_WORD_S))
    return tuple(
        replace(word, start_s=round(start_s, 3), end_s=round(end_s, 3))
        for word, start_s, end_s in zip(words, starts, ends, strict=True)
    )


def _heard_again(before: Sequence[Word], said: Sequence[Word]) -> int:
    """How many words a window repeats of the one before, whose last sounds it heard as well."""
    for count in range(min(_SEAM_WORDS, len(before), len(said)), 0, -1):
        same = all(
            spoken(old.text) == spoken(new.text)
            for old, new in zip(before[-count:], said[:count], strict=True)
        )
        no_time = said[count - 1].end_s - said[0].start_s <= count * _SEAM_WORD_S
        no_pause = said[0].start_s - before[-1].end_s <= _SEAM_WORD_S
        if same and (no_time or (no_pause and said[0].probability < _SEAM_DOUBT)):
            return count
    return 0


def _cut(words: Sequence[Word], finder: Finder, removed: list[Removed]) -> list[Word]:
    kept: list[Word] = []
    behind = 0
    for first, end, reason in finder(words):
        kept += words[behind:first]
        removed.append(_as_removed(words[first:end], reason))
        behind = end
    return [*kept, *words[behind:]]


def _as_removed(words: Sequence[Word], reason: str) -> Removed:
    return Removed(round(words[0].start_s, 3), round(words[-1].end_s, 3), joined_text(words), reason)
