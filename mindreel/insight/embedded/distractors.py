"""Wrong answers for a quiz: out of the same talk, of the same kind, and surely wrong."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

import numpy as np

from mindreel.insight.embedded.phrases import Phrase
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embedded.terms import Terms
from mindreel.insight.words import numbers, stem, tokens

NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:[.,]\d+)*(?![\w:/-])")
"""A figure by itself: no version, time, date or part of a name."""
_NEAR = (0.1, 0.6)  # about the same world and not about the same thing
_RIGHT_SHARE = 0.5
_COMMON_SHARE = 0.1
_LONG_TALK = 100
_SAME_BEGINNING = 4
_ENOUGH = 12
_YEARS = range(1800, 2101)
_YEAR_DIGITS = 4


def other_numbers(talk: Talk, index: int, answer: str) -> list[str]:
    """Numbers of the same kind from elsewhere in the talk, the nearest in size first."""
    here = set(numbers(talk.sentences[index].text))
    others = {n for s in talk.sentences for n in NUMBER.findall(s.text)} - here
    alike = [n for n in others if _is_year(n) == _is_year(answer) and value(n) != value(answer)]
    return sorted(alike, key=lambda n: (abs(math.log((1 + value(n)) / (1 + value(answer)))), n))


def other_terms(talk: Talk, index: int, answer: Phrase, terms: Terms) -> list[str]:
    """Terms of the same form that would be wrong here, the most confusable first."""
    nearness = terms.vectors @ terms.vector(answer)
    order = [int(row) for row in np.argsort(-nearness) if _NEAR[0] < nearness[row] < _NEAR[1]]
    found: list[Phrase] = []
    for phrase in _wrong(talk, index, answer, [terms.phrases[row] for row in order]):
        if not any(_inflection(phrase, other) for other in found):
            found.append(phrase)
        if len(found) == _ENOUGH:
            break
    size = len(answer.key)
    return [phrase.label for phrase in sorted(found, key=lambda phrase: abs(len(phrase.key) - size))]


def is_common(talk: Talk, phrase: Phrase) -> bool:
    """True when so many sentences say it that it fits too many blanks."""
    return len(phrase.mentions) > max(3, _COMMON_SHARE * len(talk.sentences))


def is_established(talk: Talk, phrase: Phrase) -> bool:
    """In a long talk a term is said twice; what is said once may be a slip of the ear or of the grammar."""
    return len(phrase.mentions) > 1 or len(talk.sentences) < _LONG_TALK


def value(number: str) -> float:
    """`4,000` is four thousand, `0,5` and `0.5` a half."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number):
        return float(number.replace(",", ""))
    whole, *decimals = re.split("[.,:]", number)
    return float(f"{whole}.{''.join(decimals)}")


def _wrong(talk: Talk, index: int, answer: Phrase, phrases: list[Phrase]) -> Iterator[Phrase]:
    text = talk.sentences[index].text
    here = {stem(word) for word in tokens(text)} - set(answer.key)
    rest = set(talk.content[index]) - set(answer.key)
    homes = Counter(word for words in talk.content for word in set(words))
    subject = {word for word, count in homes.items() if count > _COMMON_SHARE * len(talk.content)}
    for phrase in phrases:
        same_form = phrase.is_name == answer.is_name and _is_plural(phrase) == _is_plural(answer)
        absent = not set(phrase.key) & here and phrase.label not in text
        own = set(phrase.key) - set(answer.key)
        apart = bool(own) and not set(answer.key) <= set(phrase.key)
        if own != set(phrase.key):  # `coffee tree` beside `robusta tree`: in a talk on coffee both are right
            apart = apart and not own & subject
        plausible = is_established(talk, phrase) and not is_common(talk, phrase)
        if same_form and absent and apart and plausible and not _inflection(phrase, answer):
            right = any(len(rest & set(talk.content[i])) >= _RIGHT_SHARE * len(rest) for i in phrase.mentions)
            if not right:  # the talk does not say as much of it as the question says of its answer
                yield phrase


def _is_year(number: str) -> bool:
    return number.isdigit() and len(number) == _YEAR_DIGITS and int(number) in _YEARS


def _is_plural(phrase: Phrase) -> bool:
    return phrase.label.endswith("s") and not phrase.label.endswith("ss")


def _inflection(one: Phrase, other: Phrase) -> bool:
    """`Baum` and `Bäumen`: one word in two forms, which a reader would not take for two answers."""
    if len(one.key) > 1 and len(other.key) > 1:
        return False
    return _beginning(one.key[-1]) == _beginning(other.key[-1])


def _beginning(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return (plain or word)[:_SAME_BEGINNING]
