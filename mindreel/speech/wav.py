"""Reading stretches of a 16 kHz mono 16-bit WAV without loading the whole file."""

import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindreel.contracts.media import Span
from mindreel.errors import NotAVideoError

RATE_HZ = 16_000

Samples = NDArray[np.float32]
"""Mono at `RATE_HZ`, -1 to 1."""


def read_span(wav: Path, span: Span) -> Samples:
    """The samples of `span`; shorter where the file ends earlier. Raises `NotAVideoError`."""
    with _opened(wav) as reader:
        start = min(max(0, round(span.start_s * RATE_HZ)), reader.getnframes())
        reader.setpos(start)
        return _floats(reader.readframes(max(0, round(span.end_s * RATE_HZ) - start)))


def read_blocks(wav: Path, size: int) -> Iterator[Samples]:
    """The whole file in blocks of `size` samples (the last is shorter). Raises `NotAVideoError`."""
    with _opened(wav) as reader:
        while (block := _floats(reader.readframes(size))).size:
            yield block


def duration_s(wav: Path) -> float:
    """Length in seconds as the header says. Raises `NotAVideoError`."""
    with _opened(wav) as reader:
        return float(reader.getnframes() / RATE_HZ)


@contextmanager
def _opened(wav: Path) -> Iterator[wave.Wave_read]:
    try:
        with wave.open(str(wav), "rb") as reader:
            if (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) != (RATE_HZ, 1, 2):
                raise NotAVideoError(f"{wav.name} is not a 16 kHz mono 16-bit WAV; extract the audio again.")
            yield reader
    except (wave.Error, EOFError) as error:
        raise NotAVideoError(f"{wav.name} is no readable WAV ({error}); extract the audio again.") from error


def _floats(pcm: bytes) -> Samples:
    whole = len(pcm) - len(pcm) % 2
    return np.frombuffer(pcm[:whole], dtype="<i2").astype(np.float32) / np.float32(32768)
