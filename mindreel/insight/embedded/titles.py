"""Short titles for chapters and clips, out of the talk's own words."""

from collections.abc import Sequence

from mindreel.insight.embedded.statements import as_statement, length_in_words
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embedded.terms import Scored

_SECOND_SHARE = 0.7  # the second term joins the title when it scores at least this share of the first
_SECOND_SHARE_OF_WORD = 0.35  # a single word says little: it is joined sooner
_SHORT_WORDS = 9
_GOOD = 0.5
_LEAST_WORDS, _SENTENCE_WORDS = 4, 13
_MOST_SIGNS = 60
_MOST_SENTENCE_SIGNS = 72


def sentence_title(talk: Talk, span: range, carriers: Carriers, taken: set[str]) -> str | None:
    """The span's opening question or its most central short statement; None where none reads well."""
    opening = talk.sentences[span.start].text
    asked = [span.start] if opening.endswith("?") and length_in_words(opening) >= _LEAST_WORDS else []
    worth = carriers.quality * (0.15 + carriers.in_chapter)
    short = [i for i in span if _is_short(talk.sentences[i].text) and carriers.quality[i] >= _GOOD]
    for index in [*asked, *sorted(short, key=lambda i: -worth[i])]:
        text = as_statement(talk.sentences[index].text, talk.language).rstrip(".\u3002")
        if len(text) <= _MOST_SENTENCE_SIGNS and text.lower() not in taken:
            taken.add(text.lower())
            return text
    return None


def _is_short(text: str) -> bool:
    return _LEAST_WORDS <= length_in_words(text) <= _SENTENCE_WORDS


def title(talk: Talk, span: range, terms: Sequence[Scored], carriers: Carriers, taken: set[str]) -> str:
    """The span's best term or two, else its most central short sentence; none of `taken` twice.

    The title is added to `taken`, folded to lower case.
    """
    candidates = [*_from_terms(terms, talk.language), _from_sentence(talk, span, carriers)]
    chosen = next((text for text in candidates if text.lower() not in taken), candidates[-1])
    taken.add(chosen.lower())
    return chosen


def _from_terms(terms: Sequence[Scored], language: str) -> list[str]:
    labels = [_capital(term.phrase.label) for term in terms[:3]]
    if len(terms) < 2:  # noqa: PLR2004 - two terms
        return labels
    share = _SECOND_SHARE if terms[0].phrase.words > 1 else _SECOND_SHARE_OF_WORD
    if terms[1].score < share * terms[0].score:
        return labels
    both = f"{labels[0]}{_AND.get(language[:2], ', ')}{terms[1].phrase.label}"
    return [both, *labels] if len(both) <= _MOST_SIGNS else labels


_AND = {"en": " and ", "de": " und ", "fr": " et ", "es": " y ", "it": " e ", "pt": " e ", "nl": " en ",
        "zh": "\u4e0e", "ja": "\u3068"}  # fmt: skip


def _from_sentence(talk: Talk, span: range, carriers: Carriers) -> str:
    short = [
        i
        for i in span
        if length_in_words(talk.sentences[i].text) <= _SHORT_WORDS and carriers.quality[i] >= _GOOD
    ]
    worth = carriers.quality * (0.15 + carriers.in_chapter)
    best = max(short or span, key=lambda i: worth[i])
    return shortened(as_statement(talk.sentences[best].text, talk.language).rstrip(".\u3002"))


def shortened(text: str, most: int = _MOST_SIGNS) -> str:
    """The text, or as many whole clauses or words of it as fit, the latter with an ellipsis."""
    if len(text) <= most:
        return text
    clause = max(text.rfind(sign, most // 3, most) for sign in ",;:\u2014\uff0c\u3001")
    if clause > 0:
        return text[:clause].rstrip()
    cut = text[: most - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut).rstrip(" ,;:-") + "\u2026"


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
