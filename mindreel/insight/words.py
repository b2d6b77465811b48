"""Words of any script: what carries meaning, what is a number, and what two texts share."""

import re
import unicodedata
from functools import cache

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, Kana, Han.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_UNSPACED_LANGUAGES = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km"})
_TOKEN = re.compile(rf"\d+(?:[.,:]\d+)*%?|[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[\w'\u2019-])+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SENTENCE_END = re.compile(
    "[.!?\u2026\u3002\uff01\uff1f\u061f\u0964\u06d4][\"'\u201d\u2019\u00bb)\\]\u300d\u300f]*$"
)


def tokens(text: str) -> list[str]:
    """Words and numbers in order, as written; a stretch of an unspaced script is one token."""
    found = (token.strip("'\u2019-_") for token in _TOKEN.findall(unicodedata.normalize("NFC", text)))
    return [token.replace("\u2019", "'") for token in found if token]


def is_unspaced(language: str) -> bool:
    """True for languages that put no space between words."""
    return language[:3] in _UNSPACED_LANGUAGES or language[:2] in _UNSPACED_LANGUAGES


def ends_sentence(text: str) -> bool:
    """True when the text closes with a full stop, question mark or the like of its script."""
    return bool(_SENTENCE_END.search(text.rstrip()))


def numbers(text: str) -> list[str]:
    """The figures in a text, e.g. `["2", "4,000", "12:30"]`."""
    return _NUMBER.findall(text)


def word_set(text: str) -> frozenset[str]:
    """The words of a text that lists them."""
    return frozenset(text.split())


_CONTRACTIONS = {
    "en": word_set(
        "i'm i've i'd i'll you're you've you'd you'll he's she's it's we're we've we'd we'll they're they've "
        "they'd they'll that's there's here's what's who's let's isn't aren't wasn't weren't don't doesn't "
        "didn't can't couldn't won't wouldn't shouldn't haven't hasn't hadn't ain't um uh yeah yes okay ok "
        "gonna wanna kinda gotta"
    )
}


@cache
def stopwords(language: str) -> frozenset[str]:
    """Function words in lower case; YAKE's list of the language, or its list for none."""
    from yake import KeywordExtractor  # noqa: PLC0415 - pulls in networkx, which only the analysis needs

    words = KeywordExtractor(lan=language[:2]).stopword_set
    return frozenset(word.strip() for word in words if word.strip()) | _CONTRACTIONS.get(
        language[:2], frozenset()
    )


def content_words(text: str, language: str) -> list[str]:
    """Words that carry meaning, in lower case and in order; numbers are among them."""
    skip = stopwords(language)
    words = (token.lower() for token in tokens(text))
    return [word for word in words if word not in skip and (len(word) > 1 or word.isdigit())]


def stem(word: str) -> str:
    """A key under which the plain inflections of a word meet: `beans` and `bean`, `roasting` and `roast`."""
    word = word.lower().removesuffix("'s")
    for ending in ("ings", "ing", "ied", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - a stem needs three letters
            root = word[: -len(ending)]
            return root[:-1] if len(root) > 3 and root[-1] == root[-2] and ending != "s" else root  # noqa: PLR2004
    return word


def stands_in(text: str, source: str, language: str) -> bool:
    """True when every content word, number and name of `text` is also said in `source`."""
    said = {stem(token) for token in tokens(source)}
    unspaced = "".join(UNSPACED_RUN.findall(source))
    for word in content_words(text, language):
        if UNSPACED_RUN.fullmatch(word):
            if word not in unspaced:
                return False
        elif stem(word) not in said:
            return False
    return set(numbers(text)) <= set(numbers(source))
