import numpy as np

from mindreel.contracts.analysis import Sentiment
from mindreel.insight.embedded.talk import Talk

_CLEAR = 0.3  # a sentence beyond this is felt
_POSITIVE, _NEGATIVE = 0.15, -0.08  # plain talk lies a little above zero
_MIXED_SHARE = 0.15


def sentiment(talk: Talk) -> Sentiment:
    """Tone of an English talk: VADER (Hutto and Gilbert 2014) by sentence, averaged."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - reads its lexicon

    analyzer = SentimentIntensityAnalyzer()
    scores = np.array([analyzer.polarity_scores(s.text)["compound"] for s in talk.sentences])
    weights = np.array([max(1, len(s.text.split())) for s in talk.sentences])
    mean = float((scores * weights).sum() / weights.sum())
    label = _label(mean, float((scores > _CLEAR).mean()), float((scores < -_CLEAR).mean()))
    direction = -scores if label == "negative" else scores if label == "positive" else np.abs(scores)
    heaviest = [int(i) for i in np.argsort(-direction, kind="stable")[:3]]
    return Sentiment(label=label, score=round(mean, 3), segment_ids=talk.segment_ids(heaviest))


def _label(mean: float, bright: float, dark: float) -> str:
    if bright >= _MIXED_SHARE and dark >= _MIXED_SHARE and bright < 2 * dark and dark < 2 * bright:
        return "mixed"
    if mean >= _POSITIVE:
        return "positive"
    return "negative" if mean <= _NEGATIVE else "neutral"
