"""Questions a viewer can answer: a key sentence with its number or its term left out."""

import math
import re
from collections.abc import Iterator, Sequence

from mindreel.contracts.analysis import QuizQuestion
from mindreel.insight.embedded.distractors import (
    NUMBER,
    is_common,
    is_established,
    other_numbers,
    other_terms,
    value,
)
from mindreel.insight.embedded.phrases import Phrase
from mindreel.insight.embedded.statements import as_statement, leans_back, length_in_words
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embedded.terms import Terms
from mindreel.insight.words import UNSPACED_RUN, stem, tokens

BLANK = "_____"
_CHOICES = 4
_LEAST_CHOICES = 3
_SHORT, _LONG = 6, 32
_LEAST_QUALITY = 0.65
_NUMBER_BONUS = 2  # a question about a number comes before so many better sentences of its chapter
_WORDS_UNKNOWN = ("th", "lo", "my", "km")  # unspaced alphabets: a blank could cut a word in two


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
            has_number = bool(NUMBER.search(talk.sentences[index].text))
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
    for answer in NUMBER.findall(text) if figures else ():
        yield from _question(talk, index, text, answer, other_numbers(talk, index, answer))
    if talk.language.startswith(_WORDS_UNKNOWN):
        return
    inside = [p for p in terms.phrases if index in p.mentions and is_established(talk, p)]
    for phrase in sorted(inside, key=lambda phrase: -_telling(phrase)):
        surface = _surface(phrase, text)
        if surface and not is_common(talk, phrase) and not _said_elsewhere(phrase, text, surface):
            yield from _question(talk, index, text, surface, other_terms(talk, index, phrase, terms))


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
    choices = sorted({answer, *chosen}, key=lambda c: (value(c) if c[0].isdigit() else 0.0, c.lower()))
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
