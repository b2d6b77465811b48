"""Text as the words a search compares, in every script.

Scripts written without spaces are cut into overlapping pairs of characters, as Lucene's CJKAnalyzer does;
Korean too, whose particles hang on the noun. Everything else stays as words. SQLite then folds accents.
"""

import re
import unicodedata

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
_MAX_QUERY_WORDS = 64


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


def match_expression(text: str) -> str:
    """An FTS5 expression that any of the words satisfies; empty when there is no word in `text`.

    Each word is quoted, so nothing a person types is read as syntax (SQLite, FTS5, section 3.1).
    """
    terms: dict[str, None] = {}  # a set that keeps its order
    for word in _words(text):
        at = 0
        for run in _UNSPACED.finditer(word):
            terms |= dict.fromkeys([_quoted(word[at : run.start()]), *_run_terms(run[0])])
            at = run.end()
        terms[_quoted(word[at:])] = None
    terms.pop("", None)
    return " OR ".join(list(terms)[:_MAX_QUERY_WORDS])


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c if unicodedata.category(c)[0] in _WORD_CATEGORIES else " " for c in folded).split()


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _run_terms(run: str) -> list[str]:
    """A single character matches wherever it stands: as the beginning of a pair, or as a run's last."""
    if len(run) == 1:
        return [f"{_quoted(run)} *"]
    return [_quoted(pair) for pair in _pairs(run)]


def _quoted(word: str) -> str:
    return f'"{word}"' if word else ""
