"""From the recogniser's tokens to words as people write them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mindreel.contracts.transcript import Word

_GLUED_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "KHMER", "TIBETAN", "BOPOMOFO")
_STRAIGHT = "\"'"
_DEPENDENT_VOWEL = re.compile("[\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ece]")
"""Thai and Lao signs that no word begins with, though Unicode calls some of them letters."""


def merge_tokens(tokens: Sequence[Word]) -> list[Word]:
    """Join continuation tokens (`don` + `'t`, `well` + `-known`, `3` + `.5`) to whole words.

    Texts come with their leading space: a token without one continues the word before it, unless a script
    that writes no spaces stands on either side; then it is a word of its own with `glued=True`.
    """
    words: list[Word] = []
    for token in tokens:
        text = " ".join(token.text.split())
        if not text:
            continue
        spaced = token.text[0].isspace()
        if not words or (spaced and not _only_marks(text)):
            words.append(replace(token, text=text, glued=False))
        elif _continues(words[-1].text, text, spaced=spaced):
            words[-1] = _joined(words[-1], replace(token, text=text))
        else:
            words.append(replace(token, text=text, glued=not spaced))
    return words


def joined_text(words: Iterable[Word]) -> str:
    """The words as running text: a space before each that is not glued."""
    return "".join(word.text if word.glued else f" {word.text}" for word in words).strip()


def spoken(text: str) -> str:
    """The letters and digits of a text in one case: what two spellings of a word have in common."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum() or unicodedata.category(char)[0] == "M")


def is_glued_script(char: str) -> bool:
    """True for letters of scripts written without spaces between words."""
    return unicodedata.name(char, "").startswith(_GLUED_SCRIPTS)


def _continues(before: str, text: str, *, spaced: bool) -> bool:
    if _is_opening(before[-1]) and not spoken(before):
        return True
    if _only_marks(text):
        return not _is_opening(text[0]) or (text[0] in _STRAIGHT and not spaced)
    if unicodedata.category(text[0])[0] == "M" or _DEPENDENT_VOWEL.match(text):
        return True
    last = next((char for char in reversed(before) if char.isalnum()), before[-1])
    return not is_glued_script(last) and not is_glued_script(text[0])


def _is_opening(char: str) -> bool:
    return char in _STRAIGHT + "¿¡" or unicodedata.category(char) in ("Ps", "Pi")


def _only_marks(text: str) -> bool:
    return not spoken(text)


def _joined(word: Word, more: Word) -> Word:
    """One word of two; its probability is that of its weaker spoken part."""
    parts = [part.probability for part in (word, more) if spoken(part.text)]
    return replace(
        word,
        text=word.text + more.text,
        end_s=max(word.end_s, more.end_s),
        probability=min(parts, default=word.probability),
    )
