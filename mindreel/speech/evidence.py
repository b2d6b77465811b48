"""Whether a phrase was said: several independent signs speak against it, and none of them decides alone.

The limits are measured with Whisper base, int8, on phrases of which the truth is known. Said: the sample talk
and readers of LibriVox, whole and in fragments, clean and under hiss, rain, applause, song and a band that
are at most as loud as the voice. Invented: what was written to sounds without words, forced on the recogniser
where the voice detector passed none. Middle value, and where all but 1 % (said) or 10 % (invented) lie:

| measure                 | said            | humming, crowds | noise, music, song |
|-------------------------|-----------------|-----------------|--------------------|
| no speech               | 0.06, to 0.46   | 0.55, from 0.40 | 0.86, from 0.34    |
| log probability         | -0.32, to -0.85 | -0.96, to -0.78 | -0.77, to -0.75    |
| probability of words    | 0.88, from 0.44 | 0.43, to 0.69   | 0.32, to 0.88      |
| compression             | 1.1, to 1.7     | 1.1, to 2.1     | 0.6, to 1.9        |
| phrases; of these cut   | 167; 2          | 38; 37          | 16; 16             |

The two of 167 were no words of the speaker either. With a murmuring crowd as loud as the voice, or hiss of
nearly twice its level, 7 of 22 phrases are cut, six of them mostly wrong. Of 54 phrases written to speech
played backwards or shuffled 37 are cut; such sounds are a voice, and the rest passes for misheard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mindreel.contracts.media import Span
from mindreel.contracts.transcript import Word
from mindreel.speech.phantoms import is_phantom
from mindreel.speech.words import joined_text, spoken

DOUBTED = 3
"""So many signs and a phrase is taken for invented."""

_SURELY_SPEECH, _NO_SPEECH, _SURELY_NO_SPEECH = 0.25, 0.35, 0.6
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
    if evidence.no_speech < _SURELY_SPEECH and not silent:
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
