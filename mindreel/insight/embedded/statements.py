"""Which sentences can be read by themselves, and how they read best."""

import re

from mindreel.insight.embedded.english import VERBS, tagged_words
from mindreel.insight.sentences import Sentence
from mindreel.insight.words import UNSPACED_RUN, content_words, ends_sentence, numbers, tokens

_CONNECTIVES = {
    "en": "and but so or then yet still however therefore thus hence moreover besides also now well okay "
    "ok yeah yes right actually basically anyway finally again um uh oh alright sorry exactly "
    "plus instead meanwhile",
    "de": "und aber also oder dann doch jedoch deshalb daher nun ja gut naja äh ähm schließlich",
    "fr": "et mais donc ou alors puis cependant pourtant ainsi bon ben euh enfin voilà",
    "es": "y pero entonces o así pues luego bueno eh además finalmente",
    "it": "e ma quindi o allora poi però dunque ecco beh infine",
    "pt": "e mas então ou assim pois logo bom depois finalmente",
    "nl": "en maar dus of dan toch echter daarom nou ja tenslotte",
}
_LEANING = {
    "en": "it it's it'll it'd its like where seems this that that's these those he he's she she's they "
    "they're them him his her their such there there's here here's which who whose because than nor "
    "either neither both another otherwise while whereas i'm i've not",
    "de": "er sie es dies diese dieser dieses das dem den ihm ihr ihre sein seine dort hier welche weil denn",
    "fr": "il elle ils elles ce cela ça c'est cette ces son sa ses leur leurs qui parce car",
    "es": "él ella ellos ellas esto eso este esta ese esa estos estas su sus que porque",
    "it": "lui lei loro esso questo questa quello quella suo sua che perché",
    "pt": "ele ela eles elas isto isso este esta esse essa seu sua que porque",
    "nl": "hij zij ze het dit dat deze die hem haar hun hier daar omdat want",
}
_FILLERS = re.compile(
    r"\b(?:you know|i mean|sort of|kind of|um|uh|like,|i guess|i think|i don't know|"
    r"right\?|okay\?|whatever)\b",
    re.IGNORECASE,
)
_POINTING = {
    "en": "it he she they him her them this that these those his their its one ones",
    "de": "er sie es dies diese dieser dieses ihn ihm ihnen",
    "fr": "il elle ils elles cela ce cette ces celui celle",
    "es": "él ella ellos ellas esto eso este esta ese esa",
    "it": "lui lei loro questo questa quello quella",
    "pt": "ele ela eles elas isto isso este esta esse essa",
    "nl": "hij zij ze het dit dat deze die",
}
_SPEAKER = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|myself|let's|let me|we're gonna)\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"^(?:the |an)?(?:first|second|third|fourth|fifth|other|last|next|same|former|latter)\b", re.IGNORECASE
)
_DEFINES = re.compile(r"^[^,]{3,50}?\b(?:is|are|means) (?:a|an|the|called|when|how|what)\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"\b(?:let's say|suppose|imagine|for example|for instance)\b", re.IGNORECASE)
_CHATTER = re.compile(
    r"\b(?:thanks?|thank you|welcome|subscribe|enjoy|see you|hello|hi|hey|goodbye|bye|applause|"
    r"sorry|stay with us|you guys|everybody|sponsor|podcast|episode|next time|stay tuned)\b",
    re.IGNORECASE,
)
_SHORT, _LONG, _VERY_LONG = 6, 32, 60
_SIGNS_PER_WORD = 1.7  # of an unspaced script


def length_in_words(text: str) -> float:
    """Words; signs of unspaced scripts count for the words they would make."""
    return sum(
        len(token) / _SIGNS_PER_WORD if UNSPACED_RUN.fullmatch(token) else 1.0 for token in tokens(text)
    )


def leans_back(text: str, language: str) -> bool:
    """True when the sentence opens with a word that points at something said before."""
    words = tokens(_after_connectives(text, language))
    opening = words[0].lower() if words else ""
    return opening in _words(_LEANING, language)


def opens_with_connective(text: str, language: str) -> bool:
    """True for `So ...`, `And ...` and the like."""
    return _after_connectives(text, language) != text


def without_connective(text: str, language: str) -> str:
    """`So, and the bean cracks.` becomes `The bean cracks.`; a text of connectives alone stays."""
    rest = _after_connectives(text, language)
    inverted = language.startswith("en") and _opens_with_verb(rest)  # `Then comes the first crack.`
    if length_in_words(rest) < _SHORT or rest == text or inverted:
        return text
    return rest[0].upper() + rest[1:]


def _after_connectives(text: str, language: str) -> str:
    rest = text.strip()
    while True:
        match = re.match(r"([\w'\u2019]+)\s*[,;:\u2014-]*\s*", rest)
        if match is None or match.group(1).lower() not in _words(_CONNECTIVES, language):
            return rest
        rest = rest[match.end() :]


def quality(sentence: Sentence, language: str) -> float:
    """0 to 1: how well the sentence stands as a statement by itself."""
    text = sentence.text
    length = length_in_words(text)
    score = 1.0 if length >= _SHORT else length / _SHORT * 0.6
    if length > _LONG:
        score *= max(0.3, 1 - (length - _LONG) / (_VERY_LONG - _LONG) * 0.6)
    share = len(content_words(text, language)) / max(1, len(tokens(text)))
    score *= 0.6 + min(1.0, share / 0.45) * 0.4
    score *= 0.35 if leans_back(text, language) else 1.0
    score *= 0.85 if opens_with_connective(text, language) else 1.0
    score *= 0.5 if text.rstrip().endswith(("?", "\uff1f", "\u061f")) else 1.0
    score *= 0.65 if _points_back(text, language) else 1.0
    score *= 1.0 if sentence.complete else 0.4
    score *= _english_manner(text) if language.startswith("en") else 1.0
    return min(1.0, score * (1.1 if numbers(text) else 1.0))


def _points_back(text: str, language: str) -> bool:
    """True when a pronoun near the beginning stands for something said before."""
    words = tokens(_after_connectives(text, language))[1:6]
    return any(word.lower() in _words(_POINTING, language) for word in words)


def _opens_with_verb(text: str) -> bool:
    return any(kind in VERBS for _, kind in tagged_words(text)[:1])


def _has_verb(text: str) -> bool:
    return any(kind in VERBS for _, kind in tagged_words(text))


def _english_manner(text: str) -> float:
    """Below 1 for chat about the speaker or the show, above for a definition."""
    manner = 0.75 ** len(_FILLERS.findall(text))
    manner *= 0.6 if _SPEAKER.search(text) else 1.0
    manner *= 0.5 if _ORDINAL.match(text) else 1.0
    manner *= 0.6 if _EXAMPLE.search(text) else 1.0
    manner *= 1.0 if _has_verb(text) else 0.4
    manner *= 0.4 if _CHATTER.search(text) else 1.0
    return manner * (1.15 if _DEFINES.match(text) else 1.0)


def as_statement(text: str, language: str) -> str:
    """The sentence as it reads by itself: no connective before it, a capital, a full stop."""
    tidy = without_connective(" ".join(text.split()), language)
    tidy = tidy[:1].upper() + tidy[1:]
    closed = ends_sentence(tidy) or UNSPACED_RUN.search(tidy[-1:])
    return tidy if closed else tidy.rstrip(",;:-") + "."


def _words(table: dict[str, str], language: str) -> frozenset[str]:
    return frozenset(table.get(language[:2], "").split())
