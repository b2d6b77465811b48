"""Candidate terms of a talk: noun phrases where grammar is known, frequent word groups elsewhere."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mindreel.insight.embedded.english import EMPTY_ADJECTIVES, EMPTY_NOUNS, NOUNS, VERB_FORMS, tagged_words
from mindreel.insight.words import UNSPACED_RUN, is_unspaced, numbers, stem, stopwords, tokens

_LONGEST_WORDS = 3
_LONGEST_SIGNS = 6
_SHORTEST_ALPHABETIC = 4  # of unspaced scripts whose signs are letters, such as Thai
_LEADING_VOWEL = re.compile("[\u0e40-\u0e44\u0ec0-\u0ec4]")  # written before the consonant it belongs to
_HAN = re.compile("[\u3400-\u9fff]")
_CLAUSE = re.compile(
    '[^.,;:!?()"\u201c\u201d\u3002\uff0c\u3001\uff1b\uff1a\uff01\uff1f\u2014\u2013\u2026\n]+'
)
_KANJI_OR_KATAKANA = re.compile("[\u30a0-\u30ff]{3,}|[\u3400-\u9fff]{2,6}")

Mentions = Iterator[str]


@dataclass(frozen=True)
class Phrase:
    """A term and the sentences that say it."""

    label: str
    """As it is said most often."""
    key: tuple[str, ...]
    """Stems of its words: inflections of one term share a key."""
    mentions: tuple[int, ...]
    """Sentence indices, ascending; twice where it is said twice."""
    is_name: bool
    """Said with a capital letter where none is needed."""

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.key)


def phrases(texts: Sequence[str], language: str) -> tuple[Phrase, ...]:
    """Every candidate term of the sentences, in order of first mention."""
    mentions: dict[tuple[str, ...], list[int]] = defaultdict(list)
    surfaces: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    find = _finder(texts, language)
    for index, text in enumerate(texts):
        for surface in find(text):
            key = tuple(stem(word) for word in tokens(surface))
            mentions[key].append(index)
            surfaces[key][surface] += 1
    grammatical = language.startswith("en") or is_unspaced(language)
    return tuple(
        _phrase(key, found, surfaces[key])
        for key, found in mentions.items()
        if len(key) == 1 or (key and (grammatical or len(found) > 1))
    )


def _phrase(key: tuple[str, ...], mentions: list[int], surfaces: Counter[str]) -> Phrase:
    label = surfaces.most_common(1)[0][0]
    is_name = any(word[:1].isupper() for word in label.split())
    return Phrase(label=label, key=key, mentions=tuple(mentions), is_name=is_name)


def _finder(texts: Sequence[str], language: str) -> Callable[[str], Mentions]:
    """The function that finds candidates in one sentence of this language."""
    if language.startswith("ja"):
        return lambda text: (run.group() for run in _KANJI_OR_KATAKANA.finditer(text))
    if is_unspaced(language):
        return _repeated_signs(texts, language)
    if language.startswith("en"):
        names = _names(texts)
        return lambda text: _noun_phrases(text, names)
    return lambda text: _word_groups(text, language)


_VERBAL = frozenset({"VBG", "VBN"})
_DESCRIBING = frozenset({"JJ"}) | _VERBAL | NOUNS
_BEFORE_ADJECTIVE = frozenset({"DT", "PRP$", "JJ"})
_AFTER_VERB = frozenset({"JJ", "DT", "PRP", "PRP$", "RB"})
_NUMBER_WORD = re.compile(
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "one|two|three|four|five|six|seven|eight|nine)(?:-|$)"
)


def _names(texts: Sequence[str]) -> frozenset[str]:
    """Words written with a capital inside a sentence: a capital at its beginning then means something."""
    return frozenset(word for text in texts for word in tokens(text)[1:] if not word.islower())


def _noun_phrases(text: str, names: frozenset[str]) -> Mentions:
    tagged = [("", "."), *tagged_words(text), ("", ".")]
    run: list[tuple[str, str]] = []
    for before, (word, kind), after in zip(tagged, tagged[1:], tagged[2:], strict=False):
        if kind not in _DESCRIBING or not _is_word(word) or _is_verb(before, kind, after):
            yield from _tails(run, names)
            run = []
            continue
        if kind in _VERBAL and (run or before[1] not in _BEFORE_ADJECTIVE):  # `a molecule | called adenosine`
            yield from _tails(run, names)
            run = []
            continue
        run.append((word, kind))
    yield from _tails(run, names)


def _is_word(word: str) -> bool:
    short = len(word.rstrip(".")) < 3 and not word.isupper()  # noqa: PLR2004 - `ll` and `ve` are what is left of contractions
    lower = word.lower()
    known = lower in stopwords("en") or lower in VERB_FORMS or _NUMBER_WORD.match(lower) is not None
    return word[0].isalpha() and word[-1].isalnum() and not short and not known


def _is_verb(before: tuple[str, str], kind: str, after: tuple[str, str]) -> bool:
    """`it tastes`, `coffee tastes sweet`: verbs that the tagger takes for nouns."""
    if kind not in NOUNS:
        return False
    plural_after_noun = kind == "NNS" and before[1] in NOUNS and after[1] in _AFTER_VERB
    after_clause = before[0].lower() in {"that", "which", "who"} and kind == "NNS"
    return before[1] in {"PRP", "MD", "TO"} or plural_after_noun or after_clause


def _tails(run: list[tuple[str, str]], names: frozenset[str]) -> Mentions:
    """`cool mountain slopes` and `mountain slopes` and `slopes`: each a candidate of its own."""
    while run and run[-1][1] not in NOUNS:
        run = run[:-1]
    if not run or run[-1][0].lower() in EMPTY_NOUNS:
        return
    for size in range(1, min(_LONGEST_WORDS, len(run)) + 1):
        words = [word if word in names else word.lower() for word, _ in run[-size:]]
        first = words[0].lower()
        if first in EMPTY_ADJECTIVES or (size > 1 and first in EMPTY_NOUNS):
            continue
        yield " ".join(words)


def _word_groups(text: str, language: str) -> Mentions:
    """Groups of content words between function words; in German the ones that end in a noun."""
    skip = stopwords(language)
    german = language.startswith("de")
    for clause in _CLAUSE.findall(text):
        run: list[str] = []
        for position, word in enumerate([*tokens(clause), ""]):
            plain = len(word) > 2 and word.lower() not in skip and not numbers(word)  # noqa: PLR2004 - `ja`, `le`
            noun = not german or (word[:1].isupper() and not (position == 0 and text.startswith(clause)))
            if plain and noun:
                run.append(word)
                continue
            for size in range(1, min(_LONGEST_WORDS, len(run)) + 1):
                yield " ".join(run[-size:])
            run = []


_PARTICLES = frozenset(
    "的了是在和我你他她它们这那就也都不没有很吗呢吧啊把被让从对与及或而但个一地得着过到说"
)  # Chinese grammar words of one sign; YAKE's list also holds signs that begin nouns, such as person


def _repeated_signs(texts: Sequence[str], language: str) -> Callable[[str], Mentions]:
    """Groups of 2 to 6 signs said at least twice, the longest where one contains another."""
    skip = _PARTICLES | {word for word in stopwords(language) if len(word) > 1}
    counts: Counter[str] = Counter()
    for text in texts:
        for run in UNSPACED_RUN.findall(text):
            counts.update(group for group, _ in _groups(run, skip))
    kept = {group for group, count in counts.items() if count > 1}
    kept -= {
        part
        for group in kept
        for part in (group[1:], group[:-1])
        if counts[part] == counts[group]  # said only inside the longer one
    }

    def find(text: str) -> Mentions:
        for run in UNSPACED_RUN.findall(text):
            end = 0
            for group, start in sorted(_groups(run, skip), key=lambda found: -len(found[0])):
                if group in kept and start >= end:
                    yield group

    return find


def _groups(run: str, skip: frozenset[str]) -> Iterator[tuple[str, int]]:
    for start in range(len(run)):
        shortest = 2 if _HAN.match(run[start]) else _SHORTEST_ALPHABETIC
        for size in range(shortest, _LONGEST_SIGNS + 1):
            group = run[start : start + size]
            after = run[start + size : start + size + 1]
            whole = not _combining(group[0]) and not (after and _combining(after))
            whole = whole and not _LEADING_VOWEL.match(group[-1])
            edges = {group[0], group[-1], group[:2], group[-2:]}
            if len(group) == size and whole and not edges & skip:
                yield group, start


def _combining(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")
