"""How a search weighs what it finds; every store ranks alike."""

DEPTH = 50
"""How many candidates each way of searching puts forward."""
RANK_CONSTANT = 60
"""k of Cormack, Clarke and Büttcher, Reciprocal Rank Fusion, SIGIR 2009."""
KEYWORD_SHARE = 0.25
"""Sentences whose BM25 is below this share of the best are left out: they share only common words."""
MEANING_FLOOR = 0.30
"""Cosine below which two sentences have nothing to do with each other (all-MiniLM-L6-v2).

Measured: of 14 questions about other things none reaches 0.21 against the sample talk, and six such questions
find 0 to 4 of 2,865 sentences of talks about Bitcoin at 0.30; 13 of 16 paraphrased questions about the
sample find an answer above it.
"""
