"""Where somebody speaks: Silero VAD v6 (the ONNX file inside faster-whisper), streamed.

faster-whisper's own function takes the whole audio as one array (690 MB for three hours); here the
network's state is carried from block to block instead, so memory does not grow with the audio.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from mindreel.contracts.media import Span
from mindreel.speech.wav import RATE_HZ, Samples

WINDOW = 512
"""Samples the network judges at once."""
WINDOW_S = WINDOW / RATE_HZ

_CONTEXT = 64
_STATE = (1, 1, 128)
_SPEECH_FROM, _SILENCE_BELOW = 0.5, 0.35
_MIN_SILENCE_S = 0.25
_MIN_SPEECH_S = 0.1


@dataclass(frozen=True)
class Activity:
    """One value per window of `WINDOW_S` seconds."""

    speech: NDArray[np.float32]
    """Probability of speech, 0 to 1."""
    loudness: NDArray[np.float32]
    """Root mean square of the samples."""


def measure(blocks: Iterable[Samples]) -> Iterator[Activity]:
    """The activity of each block; blocks but the last must be a multiple of `WINDOW` samples long."""
    session = get_vad_model().session
    hidden, cell = np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32)
    context = np.zeros(_CONTEXT, np.float32)
    for block in blocks:
        windows = np.pad(block, (0, -block.size % WINDOW)).reshape(-1, WINDOW)
        before = np.vstack([context, windows[:-1, -_CONTEXT:]])
        feed = {"input": np.hstack([before, windows]), "h": hidden, "c": cell}
        speech, hidden, cell = session.run(None, feed)
        context = windows[-1, -_CONTEXT:]
        yield Activity(speech.reshape(-1), np.sqrt(np.mean(windows**2, axis=1)))


def join(activities: Iterable[Activity]) -> Activity:
    """All blocks' activity as one."""
    parts = list(activities)
    empty = np.zeros(0, np.float32)
    return Activity(
        np.concatenate([empty, *(part.speech for part in parts)]),
        np.concatenate([empty, *(part.loudness for part in parts)]),
    )


def speech_regions(speech: NDArray[np.float32]) -> tuple[Span, ...]:
    """Stretches of speech without padding, in order, at least `_MIN_SILENCE_S` apart.

    Hysteresis as in Silero's own utility: speech starts at one threshold and ends below a lower one.
    """
    regions: list[Span] = []
    start: int | None = None
    silent_from: int | None = None
    for index, probability in enumerate([*speech.tolist(), *[0.0] * int(_MIN_SILENCE_S / WINDOW_S + 1)]):
        if probability >= _SPEECH_FROM:
            start, silent_from = (index if start is None else start), None
        elif start is not None and (silent_from is not None or probability < _SILENCE_BELOW):
            silent_from = index if silent_from is None else silent_from
            if (index - silent_from + 1) * WINDOW_S >= _MIN_SILENCE_S:
                regions.append(Span(start * WINDOW_S, silent_from * WINDOW_S))
                start, silent_from = None, None
    return tuple(region for region in regions if region.duration_s >= _MIN_SPEECH_S)


def padded(regions: Iterable[Span], *, pad_s: float, join_s: float, end_s: float) -> tuple[Span, ...]:
    """Regions widened by `pad_s` and joined where less than `join_s` of silence is left between them."""
    result: list[Span] = []
    for region in regions:
        start, end = max(0.0, region.start_s - pad_s), min(end_s, region.end_s + pad_s)
        if result and start - result[-1].end_s < join_s:
            start = result.pop().start_s
        result.append(Span(start, end))
    return tuple(result)
