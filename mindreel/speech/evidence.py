"""Whether a phrase was said: several independent signs speak against it, and none of them decides alone.

Where the limits come from: Whisper base, int8, heard 197 phrases of real speech (the sample talk, LibriVox
readers; clean, and under hiss, rain, applause, song, a band and a murmuring crowd, down to as loud as the
voice) and 108 phrases that it invented (speech played backwards or shuffled, two to eight voices at once,
humming, sung vowels). Of what was truly said no phrase reaches three signs while the voice is louder than
the noise; of what was invented 84 in 100 do, and all of it where nothing but noise, music or a hum is heard.

| measure               | said: 1 % to 99 %    | invented: 10 % to 90 % |
|-----------------------|----------------------|------------------------|
TABLE
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mindreel.contracts.media import Span
from mindreel.contracts.transcript import Word
from mindreel.speech.phantoms import is_phantom
from mindreel.speech.words import joined_text, spoken

DOUBTED = 3
"""So many signs and a phrase is taken for invented."""

_NO_SPEECH, _SURELY_NO_SPEECH = 0.35, 0.6
_UNLIKELY, _VERY_UNLIKELY = -0.75, -1.0
_WORD_DOUBT = 0.6
_REPETITIVE = 2.0
_MOSTLY_SILENT = 0.3


@dataclass(frozen=True)
class Evidence:
    """What the recogniser thinks of one window of audio, as Whisper measures it."""

    no_speech: float = 0.0
    """Probability that nobody speaks, 0 to 1."""
    log_probability: float = 0.0
    """Mean of the tokens' natural logarithms, 0 or less."""
    compression: float = 1.0
    """How many times shorter the text gets when zipped: text that goes round in circles gets shortest."""


SURE = Evidence()
"""Nothing speaks against the window."""


def invented(words: Sequence[Word], evidence: Evidence, regions: Sequence[Span]) -> str:
    """Why the phrase `words` was not said, in words; empty where it was.

    A phrase known from the ends of videos is doubted sooner than another, yet stays where it is heard well.
    """
    text = joined_text(words)
    if not spoken(text):
        return "no words" if words else ""
    phantom, heard = is_phantom(text), speech_share(words, regions)
    if phantom and heard < 0.5:  # noqa: PLR2004 - less than half
        return "phantom phrase"
    silent = heard < _MOSTLY_SILENT
    if evidence.no_speech < _NO_SPEECH and not silent:
        return ""  # somebody speaks: a text in doubt is misheard, not invented
    signs = _signs(words, evidence) + [f"speech in {heard:.0%} of it"] * silent
    if len(signs) + phantom < DOUBTED:
        return ""
    return f"{'phantom phrase' if phantom else 'text without speech'} ({', '.join(dict.fromkeys(signs))})"


def speech_share(words: Sequence[Word], regions: Sequence[Span]) -> float:
    """How much of the time from the first word to the last somebody speaks, 0 to 1."""
    start_s, end_s = words[0].start_s, words[-1].end_s
    heard_s = sum(max(0.0, min(end_s, r.end_s) - max(start_s, r.start_s)) for r in regions)
    return heard_s / (end_s - start_s) if end_s > start_s else 0.0


def _signs(words: Sequence[Word], evidence: Evidence) -> list[str]:
    """What speaks against the phrase; a strong sign stands twice."""
    sure = sum(word.probability for word in words) / len(words)
    no_speech = f"no speech {evidence.no_speech:.2f}"
    unlikely = f"log probability {evidence.log_probability:.2f}"
    found = {
        no_speech: (evidence.no_speech >= _NO_SPEECH) + (evidence.no_speech >= _SURELY_NO_SPEECH),
        unlikely: (evidence.log_probability <= _UNLIKELY) + (evidence.log_probability <= _VERY_UNLIKELY),
        f"words {sure:.2f}": int(sure <= _WORD_DOUBT),
        f"compression {evidence.compression:.1f}": int(evidence.compression >= _REPETITIVE),
    }
    return [sign for sign, times in found.items() for _ in range(times)]
