"""Questions a viewer can answer: a key sentence with its number or its term left out."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np

from mindreel.contracts.analysis import QuizQuestion
from mindreel.insight.embedded.phrases import Phrase
from mindreel.insight.embedded.statements import as_statement, leans_back, length_in_words
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embedded.terms import Terms
from mindreel.insight.words import UNSPACED_RUN, numbers, stem, tokens

BLANK = "_____"
_CHOICES = 4
_LEAST_CHOICES = 3
_SHORT, _LONG = 6, 32
_LEAST_QUALITY = 0.65
_NEAR = (0.1, 0.6)  # a distractor is about the same world and not about the same thing
_LEAST_SHARE = 0.5
_LONG_TALK = 100
_COMMON_SHARE = 0.1  # a term said in more sentences fits too many of them
_NUMBER_BONUS = 2  # a question about a number comes before so many better sentences of its chapter
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:[.,]\d+)*(?![\w:/-])")
_WORDS_UNKNOWN = ("th", "lo", "my", "km")  # unspaced alphabets: a blank could cut a word in two
_SAME_BEGINNING = 4
_YEARS = range(1800, 2101)


def quiz_size(talk: Talk) -> int:
    """4 questions for a short talk, 6 from 20 minutes on."""
    return 4 + int(min(2.0, talk.minutes_spoken / 10))


def quiz(talk: Talk, spans: Sequence[range], terms: Terms, carriers: Carriers) -> tuple[QuizQuestion, ...]:
    """Up to `quiz_size` questions in order of time, spread over the chapters, no answer twice."""
    found: list[tuple[int, QuizQuestion]] = []
    answers: set[str] = set()
    for index in _candidates(talk, spans, carriers):
        figures = sum(answer[0].isdigit() for answer in answers) < quiz_size(talk) / 2
        asked = _questions(talk, index, terms, figures=figures)
        question = next((q for q in asked if _answer(q) not in answers), None)
        if question is not None and len(found) < quiz_size(talk):
            found.append((index, question))
            answers.add(_answer(question))
    return tuple(question for _, question in sorted(found, key=lambda item: item[0]))


def _candidates(talk: Talk, spans: Sequence[range], carriers: Carriers) -> list[int]:
    """Good sentences, the best of each chapter first, then the second best of each, and so on."""
    ranked: list[tuple[int, int]] = []
    for span in spans:
        for turn, index in enumerate(carriers.pick(span, 10, taken=set())):
            has_number = bool(_NUMBER.search(talk.sentences[index].text))
            ranked.append((turn - _NUMBER_BONUS * has_number, index))
    fit = [(turn, index) for turn, index in ranked if _fits(talk, index, carriers)]
    return [index for _, index in sorted(fit, key=lambda item: item[0])]


def _fits(talk: Talk, index: int, carriers: Carriers) -> bool:
    text = talk.sentences[index].text
    good = carriers.quality[index] >= _LEAST_QUALITY and not leans_back(text, talk.language)
    return bool(good) and _SHORT <= length_in_words(text) <= _LONG


def _answer(question: QuizQuestion) -> str:
    return question.choices[question.answer_index].lower()


def _questions(talk: Talk, index: int, terms: Terms, *, figures: bool) -> Iterator[QuizQuestion]:
    text = as_statement(talk.sentences[index].text, talk.language)
    for answer in _NUMBER.findall(text) if figures else ():
        yield from _question(talk, index, text, answer, _other_numbers(talk, index, answer))
    if talk.language.startswith(_WORDS_UNKNOWN):
        return
    inside = [p for p in terms.phrases if index in p.mentions and _established(talk, p)]
    for phrase in sorted(inside, key=lambda phrase: -_telling(phrase)):
        surface = _surface(phrase, text)
        common = len(phrase.mentions) > max(3, _COMMON_SHARE * len(talk.sentences))
        if surface and not common and not _said_elsewhere(phrase, text, surface):
            yield from _question(talk, index, text, surface, _other_terms(talk, index, phrase, terms))


def _established(talk: Talk, phrase: Phrase) -> bool:
    """In a long talk a term is said twice; what is said once may be a slip of the ear or of the grammar."""
    return len(phrase.mentions) > 1 or len(talk.sentences) < _LONG_TALK


def _telling(phrase: Phrase) -> float:
    """A term said two to six times is part of the subject and not all of it."""
    return phrase.words - 0.5 * abs(math.log(len(phrase.mentions) / 3))


def _surface(phrase: Phrase, text: str) -> str | None:
    """The phrase as this sentence says it; None where its words do not stand there side by side."""
    words = list(re.finditer(r"[\w'\u2019-]+", text))
    size = len(phrase.key)
    for start in range(len(words) - size + 1):
        group = words[start : start + size]
        if tuple(stem(word.group()) for word in group) == phrase.key:
            return text[group[0].start() : group[-1].end()]
    return phrase.label if UNSPACED_RUN.search(phrase.label) and phrase.label in text else None


def _said_elsewhere(phrase: Phrase, text: str, surface: str) -> bool:
    rest = text.replace(surface, " ", 1)
    return surface in rest or bool({stem(word) for word in tokens(rest)} & set(phrase.key))


def _other_numbers(talk: Talk, index: int, answer: str) -> list[str]:
    """Numbers of the same kind from elsewhere in the talk, the nearest in size first."""
    here = set(numbers(talk.sentences[index].text))
    others = {n for s in talk.sentences for n in _NUMBER.findall(s.text)} - here
    alike = [n for n in others if _is_year(n) == _is_year(answer) and _value(n) != _value(answer)]
    return sorted(alike, key=lambda n: (abs(math.log((1 + _value(n)) / (1 + _value(answer)))), n))


def _value(number: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number):
        return float(number.replace(",", ""))
    whole, *decimals = re.split("[.,:]", number)
    return float(f"{whole}.{''.join(decimals)}")


def _is_year(number: str) -> bool:
    return number.isdigit() and len(number) == 4 and int(number) in _YEARS  # noqa: PLR2004 - a year has four digits


def _other_terms(talk: Talk, index: int, answer: Phrase, terms: Terms) -> list[str]:
    """Terms of the same form that would be wrong here, the most confusable first."""
    here = {stem(word) for word in tokens(talk.sentences[index].text)} - set(answer.key)
    rest = set(talk.content[index]) - set(answer.key)
    nearness = terms.vectors @ terms.vector(answer)
    found: list[Phrase] = []
    for row in np.argsort(-nearness):
        phrase = terms.phrases[int(row)]
        same_form = phrase.is_name == answer.is_name and _plural(phrase) == _plural(answer)
        absent = not set(phrase.key) & here and phrase.label not in talk.sentences[index].text
        apart = not (set(phrase.key) <= set(answer.key) or set(answer.key) <= set(phrase.key))
        rare = len(phrase.mentions) <= max(2, _COMMON_SHARE * len(talk.sentences))
        rare = rare and _established(talk, phrase)
        usable = same_form and absent and apart and rare and _NEAR[0] < nearness[row] < _NEAR[1]
        new = all(not _inflection(phrase, other) for other in (answer, *found))
        if usable and new and not _would_be_right(talk, phrase, rest):
            found.append(phrase)
    size = len(answer.key)
    return [phrase.label for phrase in sorted(found, key=lambda phrase: abs(len(phrase.key) - size))]


def _plural(phrase: Phrase) -> bool:
    return phrase.label.endswith("s") and not phrase.label.endswith("ss")


def _inflection(one: Phrase, other: Phrase) -> bool:
    """`Baum` and `Bäumen`: one word in two forms, which a reader would not take for two answers."""
    a, b = (_plain(phrase.key[-1])[:_SAME_BEGINNING] for phrase in (one, other))
    return a == b and (len(one.key) == 1 or len(other.key) == 1)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() or word


def _would_be_right(talk: Talk, phrase: Phrase, rest: set[str]) -> bool:
    """True where the talk says as much of this phrase as the question says of its answer."""
    return any(len(rest & set(talk.content[i])) >= _LEAST_SHARE * len(rest) for i in phrase.mentions)


def _question(
    talk: Talk, index: int, text: str, answer: str, others: Sequence[str]
) -> Iterator[QuizQuestion]:
    """One question, or none where too few wrong answers are to be had."""
    at = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) or re.search(re.escape(answer), text)
    if at is None:
        return
    article = re.search(r"\b(an?)\s$", text[: at.start()], re.IGNORECASE)
    if article and talk.language.startswith("en"):  # `an _____` would tell the first letter
        vowel = answer[0].lower() in "aeiou"
        others = [other for other in others if (other[0].lower() in "aeiou") == vowel]
    chosen = [_as_first(other, at.start()) for other in others[: _CHOICES - 1]]
    if len(chosen) + 1 < _LEAST_CHOICES:
        return
    choices = sorted({answer, *chosen}, key=lambda c: (_value(c) if c[0].isdigit() else 0.0, c.lower()))
    cloze = f"{text[: at.start()]}{BLANK}{text[at.end() :]}"
    asked = f"Fill in the blank: \u201c{cloze}\u201d" if talk.language.startswith("en") else cloze
    yield QuizQuestion(
        question=asked,
        choices=tuple(choices),
        answer_index=choices.index(answer),
        explanation=text,
        start_s=talk.sentences[index].start_s,
        segment_ids=talk.sentences[index].segment_ids,
    )


def _as_first(label: str, position: int) -> str:
    return label[:1].upper() + label[1:] if position == 0 else label
