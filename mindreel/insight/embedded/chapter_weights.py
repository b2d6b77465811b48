"""How much each piece of evidence for chapters counts, as logarithms of odds.

Learned by `benchmarks/chapters.py --learn` on 40 talks in English with human headings (bitcointranscripts,
MIT), each read with and, where its turns of speakers are known, once more without them.
"""

import numpy as np

STARTS = {
    "gap of 3": 0.21,
    "gap of 12": 0.18,
    "gap of 25": 0.33,
    "gap of 6 beside its neighbours": 0.26,
    "gap of words": 0.33,
    "turn": 3.01,
    "turns are known": -0.92,
    "length of turn": 0.49,
    "asks": 0.54,
    "asks next": 0.32,
    "asked before": -0.36,
    "so": 0.57,
    "agreed": 0.87,
    "announced": 0.36,
    "moved": 0.67,
    "linked": -0.26,
    "leans back": -0.43,
    "begins the talk": 0.60,
    "ends the talk": 0.43,
    "always": -4.35,
}
"""Of what `openings.openings` measures of a chapter's first sentence, in its order."""

SPANS = {
    "error": -2.14,
    "length": -0.44,
    "length squared": -0.30,
    "length of the first": -0.72,
    "length of the last": 0.74,
}
"""Of what `chapters.evidence` measures of a chapter as a whole, in its order."""

START_WEIGHTS = np.array(list(STARTS.values()))
SPAN_WEIGHTS = np.array(list(SPANS.values()))
