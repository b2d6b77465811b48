"""Short titles for chapters and clips, out of the talk's own words."""

import re
from collections.abc import Sequence

from mindreel.insight.embedded.statements import (
    as_statement,
    leans_back,
    length_in_words,
    opens_with_connective,
)
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embedded.terms import Scored
from mindreel.insight.words import is_unspaced, stands_in, stem, stopwords, tokens

_SECOND_SHARE = 0.5  # the second term joins the title when it scores at least this share of the first
_TOGETHER = 2  # sentences that say both terms, so that `X and Y` is something the talk connects
_INSTEAD_SHARE = 0.45  # a term of several words replaces a common word that scores up to so much more
_OFTEN = 4  # mentions that make a name the subject
_EARLY = 0.35  # of a part: what it is about is said soon
_EARLY_WEIGHT = 0.5
_OPENING = 3  # sentences in which a part may ask what it then answers
_MOST_QUESTION_WORDS = 10
_ASKS = re.compile(r"^(?:what|how|why|who|when|where|which|is|are|does|do|can|should)\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"\b(?:you|your|i|me|my|we|us|it|this|that|these|those|they|he|she|them|here|there|right|okay)\b",
    re.IGNORECASE,
)
_CALL = r"(?:^|, ){}(?=[,.?!]|$)|^(?:\w+,? )?{}, "  # a name in the vocative: `Ann, what is ...`, `..., Ann?`
_CALLED_SHARE = 0.2
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
    """What the span asks first, its best term or two, or its most central short sentence.

    It is none of `taken`, where there is a choice, and is added to it, folded to lower case.
    """
    sentence = _from_sentence(talk, span, carriers)
    candidates = [*_from_question(talk, span), *_from_terms(talk, span, terms, sentence), sentence]
    chosen = next((text for text in candidates if text.lower() not in taken), candidates[-1])
    taken.add(chosen.lower())
    return chosen


def _from_question(talk: Talk, span: range) -> list[str]:
    """A question of the span's first sentences that a stranger understands and the span answers."""
    if not talk.language.startswith("en"):
        return []
    found = []
    for index in span[:_OPENING]:
        text = talk.sentences[index].text.strip()
        clause = re.split(r"(?<=[,;:.!])\s+", text)[-1]
        words = tokens(clause)
        short = _LEAST_WORDS <= len(words) <= _MOST_QUESTION_WORDS
        if text.endswith("?") and short and _ASKS.match(clause) and not _ASIDE.search(clause):
            told = {stem(word) for word in words if word.lower() not in stopwords("en")}
            again = [i for i in span if i != index and told & set(talk.content[i])]
            if len(again) > 1:
                found.append(_capital(clause))
    return found


def _from_terms(talk: Talk, span: range, terms: Sequence[Scored], sentence: str) -> list[str]:
    """Labels, the best first; a common word alone only after `sentence`, when that reads well."""
    known = [term for term in terms if _is_said(talk, term) and not _is_called(talk, term)]
    ranked = sorted(known, key=lambda term: -term.score * (1 + _EARLY_WEIGHT * _early(term, span)))
    if not ranked:
        return []
    best = _better_said(ranked)
    joined = _joined(talk, best, ranked)
    label = _capital(best.phrase.label)
    if joined:
        return [joined, label]
    says_little = not _tells(best) and not is_unspaced(talk.language)
    return [sentence, label] if says_little and _stands_alone(sentence, talk.language) else [label]


def _tells(term: Scored) -> bool:
    """True for several words and for names that are more than dropped."""
    return term.phrase.words > 1 or (term.phrase.is_name and len(term.mentions) >= _OFTEN)


def _stands_alone(sentence: str, language: str) -> bool:
    """True for a short sentence that speaks to nobody and points at nothing."""
    linked = leans_back(sentence, language) or opens_with_connective(sentence, language)
    short = _LEAST_WORDS <= length_in_words(sentence) <= _SHORT_WORDS and not sentence.endswith("\u2026")
    return short and not linked and not _ASIDE.search(sentence)


def _better_said(ranked: Sequence[Scored]) -> Scored:
    """The best term, or one of several words that is nearly as good where the best is a common word."""
    best = ranked[0]
    if _tells(best):
        return best
    several = (term for term in ranked[1:] if term.phrase.words > 1)
    return next((term for term in several if term.score >= _INSTEAD_SHARE * best.score), best)


def _joined(talk: Talk, best: Scored, ranked: Sequence[Scored]) -> str | None:
    """Two terms that the talk itself says in one breath."""
    for other in ranked:
        together = set(best.mentions) & set(other.mentions)
        if other is best or len(together) < _TOGETHER or other.score < _SECOND_SHARE * best.score:
            continue
        text = f"{_capital(best.phrase.label)}{_AND.get(talk.language[:2], ', ')}{other.phrase.label}"
        if len(text) <= _MOST_SIGNS:
            return text
    return None


def _early(term: Scored, span: range) -> float:
    """Share of the mentions that stand in the beginning of the span."""
    limit = span.start + max(_OPENING, _EARLY * len(span))
    return sum(i < limit for i in term.mentions) / len(term.mentions)


def _is_said(talk: Talk, term: Scored) -> bool:
    source = "\n".join(talk.sentences[i].text for i in term.mentions)
    return stands_in(term.phrase.label, source, talk.language)


def _is_called(talk: Talk, term: Scored) -> bool:
    """True for the name of someone who is spoken to rather than about."""
    if not term.phrase.is_name:
        return False
    name = re.escape(term.phrase.label)
    call = re.compile(_CALL.replace("{}", name))
    called = sum(call.search(talk.sentences[i].text) is not None for i in term.phrase.mentions)
    return called > _CALLED_SHARE * len(term.phrase.mentions)


_AND = {"en": " and ", "de": " und ", "fr": " et ", "es": " y ", "it": " e ", "pt": " e ", "nl": " en ",
        "zh": "\u4e0e", "ja": "\u3068"}  # fmt: skip


def _from_sentence(talk: Talk, span: range, carriers: Carriers) -> str:
    short = [
        i
        for i in span
        if length_in_words(talk.sentences[i].text) <= _SHORT_WORDS and carriers.quality[i] >= _GOOD
    ]
    worth = carriers.quality * (0.15 + carriers.in_chapter)
    alone = [i for i in short if _stands_alone(talk.sentences[i].text, talk.language)]
    best = max(alone or short or span, key=lambda i: worth[i])
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
