"""Which language is spoken, heard in several places: a jingle at the start may be in another."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from mindreel.contracts.media import Span
from mindreel.errors import InputError

PLACES = 7
FIRST = 2
"""So many places, at one and two thirds, come first; the others only where those do not clearly agree."""

_LONGEST_S, _SHORTEST_S = 30.0, 4.0
_CLEAR = 0.8


def places(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Up to `PLACES` stretches spread over `spans`, those at one and two thirds first: no jingle is there."""
    if not spans:
        return ()
    total_s = sum(span.duration_s for span in spans)
    length_s = min(_LONGEST_S, max(_SHORTEST_S, total_s / (FIRST + 1)))
    count = max(1, min(PLACES, int(total_s / length_s + 0.5)))
    if count == 1:
        return (_at(spans, total_s / 2, length_s),)
    thirds = [total_s / 3, 2 * total_s / 3]
    others = [(index + 0.5) * total_s / (count - FIRST) for index in range(count - FIRST)]
    return tuple(_at(spans, moment_s, length_s) for moment_s in [*thirds, *others])


def _at(spans: Sequence[Span], spoken_s: float, length_s: float) -> Span:
    """A stretch inside one span around the moment `spoken_s` of all spans laid end to end."""
    for span in spans:
        if spoken_s <= span.duration_s:
            start_s = min(span.start_s + spoken_s - length_s / 2, span.end_s - length_s)
            start_s = max(span.start_s, start_s)
            return Span(start_s, min(span.end_s, start_s + length_s))
        spoken_s -= span.duration_s
    return Span(max(spans[-1].start_s, spans[-1].end_s - length_s), spans[-1].end_s)


def verdict(heard: Sequence[Mapping[str, float]]) -> tuple[str, float]:
    """The language with the highest mean probability, and that probability."""
    sums: defaultdict[str, float] = defaultdict(float)
    for probabilities in heard:
        for code, probability in probabilities.items():
            sums[code] += probability
    best = max(sums, key=lambda code: sums[code])
    return best, sums[best] / len(heard)


def is_clear(heard: Sequence[Mapping[str, float]]) -> bool:
    """True when all places say the same and are sure of it."""
    best = {max(probabilities, key=lambda code: probabilities[code]) for probabilities in heard}
    return len(best) == 1 and verdict(heard)[1] >= _CLEAR


def refuse_unknown(language: str, *, known: Sequence[str], label: str) -> None:
    """Raise `InputError` where `language` is none of the `known` ones of the model `label`.

    Whisper would not: a model of English alone writes English words to the sounds of any language.
    """
    if language in known:
        return
    if list(known) == ["en"]:
        raise InputError(
            f"The speech model {label} knows English only, not the language {language!r}; "
            "take a model of many languages (base, for one), or leave the language out."
        )
    raise InputError(f"The speech model {label} does not know the language {language!r}.")
