"""Which language is spoken, heard in several places: a jingle at the start may be in another."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from mindreel.contracts.media import Span

PLACES = 7
FIRST = 3
"""So many places are heard first; the others only where those do not agree clearly."""

_LONGEST_S, _SHORTEST_S = 30.0, 4.0
_CLEAR = 0.8


def places(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Up to `PLACES` stretches, spread evenly over `spans`; the first `FIRST` of them are spread as well."""
    if not spans:
        return ()
    total_s = sum(span.duration_s for span in spans)
    length_s = min(_LONGEST_S, max(_SHORTEST_S, total_s / FIRST))
    count = max(1, min(PLACES, int(total_s / length_s + 0.5)))
    found = [_at(spans, (index + 0.5) * total_s / count, length_s) for index in range(count)]
    first = sorted({0, count // 2, count - 1})
    return tuple(found[index] for index in [*first, *(set(range(count)) - set(first))])


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
