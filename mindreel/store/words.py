"""Text as the words a search compares, in every script and in every store.

Scripts written without spaces are cut into overlapping pairs of characters, as Lucene's CJKAnalyzer does;
Korean too, whose particles hang on the noun. Everything else stays as words. Latin letters lose their
accents, as SQLite's unicode61 does it. English endings are left to the store, which has Porter's stemmer.
"""

import re
import unicodedata
from dataclasses import dataclass

_WORD_CATEGORIES = "LNM"  # letters, numbers, and the marks that Indic vowels are written with
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese
    "\uac00-\ud7af"  # Korean
    "]+"
)
_ACCENTED_LATIN = re.compile("([a-z])[\u0300-\u036f]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_MAX_QUERY_WORDS = 64


@dataclass(frozen=True)
class Term:
    """A word that is asked for."""

    text: str
    prefix: bool = False
    """True where words that begin with it count too."""


def searchable(text: str) -> str:
    """`text` as words separated by spaces, for the index."""
    pieces: list[str] = []
    for word in _words(text):
        at = 0
        for run in _UNSPACED.finditer(word):
            pieces += [word[at : run.start()], *_pairs(run[0]), run[0][-1]]
            at = run.end()
        pieces.append(word[at:])
    return " ".join(piece for piece in pieces if piece)


def query_terms(text: str) -> list[Term]:
    """What of `text` is looked for, each once, in its order; the first 64 of a long text."""
    terms: dict[Term, None] = {}  # a set that keeps its order
    for word in _words(text):
        at = 0
        for run in _UNSPACED.finditer(word):
            terms |= dict.fromkeys([Term(word[at : run.start()]), *_run_terms(run[0])])
            at = run.end()
        terms[Term(word[at:])] = None
    terms.pop(Term(""), None)
    return list(terms)[:_MAX_QUERY_WORDS]


def match_expression(text: str) -> str:
    """An FTS5 expression that any of the words satisfies; empty when there is no word in `text`.

    Each word is quoted, so nothing a person types is read as syntax (SQLite, FTS5, section 3.1).
    """
    return " OR ".join(f'"{term.text}" *' if term.prefix else f'"{term.text}"' for term in query_terms(text))


def _words(text: str) -> list[str]:
    folded = _without_accents(unicodedata.normalize("NFKC", text).casefold())
    return "".join(c if unicodedata.category(c)[0] in _WORD_CATEGORIES else " " for c in folded).split()


def _without_accents(text: str) -> str:
    """Accents of other scripts stay where they make another letter (й), and go where they only stress one."""
    bare = _ACCENTED_LATIN.sub(r"\1", unicodedata.normalize("NFD", text))
    return _ACCENTS.sub("", unicodedata.normalize("NFC", bare))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _run_terms(run: str) -> list[Term]:
    """A single character matches wherever it stands: as the beginning of a pair, or as a run's last."""
    return [Term(pair) for pair in _pairs(run)] or [Term(run, prefix=True)]
