"""How much each piece of evidence for chapters counts, as logarithms of odds.

Learned by `benchmarks/chapters.py --learn` on 40 talks in English with human headings (bitcointranscripts,
MIT), each read with and, where its turns of speakers are known, once more without them.
"""

import numpy as np

STARTS = {
    "gap of 3": 0.18,
    "gap of 12": 0.19,
    "gap of 25": 0.32,
    "gap of 6 beside its neighbours": 0.26,
    "gap of words": 0.32,
    "turn": 3.04,
    "turns are known": -0.96,
    "length of turn": 0.49,
    "asks": 0.52,
    "asks next": 0.34,
    "asked before": -0.35,
    "so": 0.59,
    "agreed": 0.89,
    "announced": 0.37,
    "moved": 0.69,
    "linked": -0.23,
    "leans back": -0.41,
    "begins the talk": 0.63,
    "ends the talk": 0.46,
    "always": -4.57,
}
"""Of what `openings.openings` measures of a chapter's first sentence, in its order."""

SPANS = {
    "error": -2.20,
    "length": -0.63,
    "length squared": -0.35,
    "length of the first": -0.73,
    "length of the last": 0.74,
}
"""Of what `chapters.evidence` measures of a chapter as a whole, in its order."""

START_WEIGHTS = np.array(list(STARTS.values()))
SPAN_WEIGHTS = np.array(list(SPANS.values()))
