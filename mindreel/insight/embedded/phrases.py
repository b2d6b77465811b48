"""Candidate terms of a talk: noun phrases where grammar is known, frequent word groups elsewhere."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mindreel.insight.words import UNSPACED_RUN, is_unspaced, numbers, stem, stopwords, tokens

_LONGEST_WORDS = 3
_LONGEST_SIGNS = 6
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
    return tuple(_phrase(key, found, surfaces[key]) for key, found in mentions.items() if key)


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


_NOUN = frozenset({"NN", "NNS", "NNP", "NNPS"})
_VERBAL = frozenset({"VBG", "VBN"})
_DESCRIBING = frozenset({"JJ"}) | _VERBAL | _NOUN
_BEFORE_ADJECTIVE = frozenset({"DT", "PRP$", "JJ"})
_AFTER_VERB = frozenset({"JJ", "DT", "PRP", "PRP$", "RB"})
_VERB_FORMS = frozenset(
    "works looks needs means makes goes gets takes seems wants says comes talk tell".split()
)
_NUMBER_WORD = re.compile(
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|one|two|three|four|five|six|seven|eight|nine)(?:-|$)"
)
# Nouns that say nothing by themselves, and words the tagger takes for nouns.
_EMPTY_NOUNS = frozenset(
    "thing things way ways lot lots kind kinds sort bit stuff guy guys people person time times day days "
    "year years minute minutes hour hours second seconds week weeks month months moment moments one ones "
    "something anything everything nothing someone anyone everyone nobody somebody case cases point points "
    "example examples part parts couple number numbers idea question questions answer problem problems "
    "reason fact side end beginning start place sense thanks thank yeah yes okay ok right hello hi bye "
    "today tomorrow yesterday morning evening afternoon night use need want mean look talk let please "
    "half rest whole amount set piece half level step steps story name names word words man men woman "
    "women place life kinda gonna wanna uh um hmm mhm cool good great nice wow video episode ton tons understanding "
    "work difference terms sorts details detail discussion change changes thought thoughts talk talks".split()
)
_EMPTY_ADJECTIVES = frozenset(
    "same other such many more most much few several next last first second third own whole main real "
    "different certain various little big new old good bad great nice right wrong sure going actual "
    "entire whole single only very kind existing following true false exciting interesting simple "
    "saying talking using doing making having being getting trying called known given based large small "
    "likely able possible important available basic specific general current previous".split()
)


def _names(texts: Sequence[str]) -> frozenset[str]:
    """Words written with a capital inside a sentence: a capital at its beginning then means something."""
    return frozenset(word for text in texts for word in tokens(text)[1:] if not word.islower())


def _noun_phrases(text: str, names: frozenset[str]) -> Mentions:
    from textblob.en import tag  # noqa: PLC0415 - its lexicon takes half a second, for English alone

    tagged = [("", "."), *tag(text.replace("\u2019", "'")), ("", ".")]
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
    known = lower in stopwords("en") or lower in _VERB_FORMS or _NUMBER_WORD.match(lower) is not None
    return word[0].isalpha() and word[-1] != "." and not short and not known


def _is_verb(before: tuple[str, str], kind: str, after: tuple[str, str]) -> bool:
    """`it tastes`, `coffee tastes sweet`: verbs that the tagger takes for nouns."""
    if kind not in _NOUN:
        return False
    plural_after_noun = kind == "NNS" and before[1] in _NOUN and after[1] in _AFTER_VERB
    after_clause = before[0].lower() in {"that", "which", "who"} and kind == "NNS"
    return before[1] in {"PRP", "MD", "TO"} or plural_after_noun or after_clause


def _tails(run: list[tuple[str, str]], names: frozenset[str]) -> Mentions:
    """`cool mountain slopes` and `mountain slopes` and `slopes`: each a candidate of its own."""
    while run and run[-1][1] not in _NOUN:
        run = run[:-1]
    if not run or run[-1][0].lower() in _EMPTY_NOUNS:
        return
    for size in range(1, min(_LONGEST_WORDS, len(run)) + 1):
        words = [word if word in names else word.lower() for word, _ in run[-size:]]
        first = words[0].lower()
        if first in _EMPTY_ADJECTIVES or (size > 1 and first in _EMPTY_NOUNS):
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
    "\u7684\u4e86\u662f\u5728\u548c\u6211\u4f60\u4ed6\u5979\u5b83\u4eec\u8fd9\u90a3\u5c31\u4e5f\u90fd\u4e0d\u6ca1\u6709\u5f88\u5417\u5462\u5427\u554a\u628a\u88ab\u8ba9\u4ece\u5bf9\u4e0e\u53ca\u6216\u800c\u4f46\u4e2a\u4e00\u5730\u5f97\u7740\u8fc7\u5230\u8bf4"
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
        for size in range(2, _LONGEST_SIGNS + 1):
            group = run[start : start + size]
            after = run[start + size : start + size + 1]
            whole = not _combining(group[0]) and not (after and _combining(after))
            edges = {group[0], group[-1], group[:2], group[-2:]}
            if len(group) == size and whole and not edges & skip:
                yield group, start


def _combining(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")
