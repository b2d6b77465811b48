"""Cutting a recording into chunks that can be transcribed independently."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from mindreel.contracts.media import Span
from mindreel.contracts.progress import QuietReporter, Reporter
from mindreel.errors import CancelledError
from mindreel.speech import vad
from mindreel.speech.wav import duration_s, read_blocks

TARGET_S = 120.0
"""Length of a chunk: a crash loses at most about this much, and a chunk's edge costs next to nothing."""
PIECES = 4
"""A short recording is cut into about this many chunks, so that two or four workers share it evenly…"""
SHORTEST_S = 45.0
"""…unless they were shorter than this: Whisper pays for 30 s windows, also for half-filled ones."""
LONG_SILENCE_S = 15.0
"""Silence this long belongs to no chunk."""

_BLOCK_WINDOWS = 128
"""About 4 s. With blocks of 30 s the network's memory grew to 2 GB now and then, on a machine under load."""
_PAD_S = 0.4
_SEARCH = 0.2
_QUIET_WINDOWS = 5


def plan_chunks(
    wav: Path, *, target_s: float = TARGET_S, reporter: Reporter | None = None
) -> tuple[Span, ...]:
    """Chunks of about `target_s` seconds that hold all speech of `wav`, cut in silences.

    `wav` is 16 kHz mono 16-bit; empty where nobody speaks. The plan depends on the audio alone, so every
    machine makes the same. Raises `NotAVideoError` for another kind of file, `CancelledError`.
    """
    length_s = duration_s(wav)
    activity = vad.join(_measured(wav, length_s, reporter or QuietReporter()))
    length_s = min(
        length_s, activity.speech.size * vad.WINDOW_S
    )  # a file may be shorter than its header says
    regions = vad.speech_regions(activity.speech)
    spoken_s = sum(region.duration_s for region in regions)
    target_s = min(target_s, max(SHORTEST_S, spoken_s / PIECES))
    chunks = [chunk for group in _split_at_long_silence(regions) for chunk in _cut(group, target_s, activity)]
    return tuple(_padded(chunks, length_s))


def _measured(wav: Path, length_s: float, reporter: Reporter) -> Iterator[vad.Activity]:
    done_s = 0.0
    for activity in vad.measure(read_blocks(wav, _BLOCK_WINDOWS * vad.WINDOW)):
        yield activity
        done_s += activity.speech.size * vad.WINDOW_S
        reporter.progress(min(1.0, done_s / length_s))
        if reporter.wait_cancelled(0):
            raise CancelledError("Looking for speech was cancelled.")


def _split_at_long_silence(regions: Sequence[Span]) -> Iterator[list[Span]]:
    group: list[Span] = []
    for region in regions:
        if group and region.start_s - group[-1].end_s >= LONG_SILENCE_S:
            yield group
            group = []
        group.append(region)
    if group:
        yield group


def _cut(group: Sequence[Span], target_s: float, activity: vad.Activity) -> Iterator[Span]:
    """Equal parts, each edge moved to the longest silence near it."""
    start_s, end_s = group[0].start_s, group[-1].end_s
    for parts in range(_parts(end_s - start_s, target_s), 1, -1):
        part_s = (end_s - start_s) / parts
        near = Span(start_s + (1 - _SEARCH) * part_s, start_s + (1 + _SEARCH) * part_s)
        silence = _longest_silence(group, near) or _quietest(near, activity)
        yield Span(start_s, silence.start_s)
        start_s = silence.end_s
    yield Span(start_s, end_s)


def _parts(length_s: float, target_s: float) -> int:
    """1, 2 or a multiple of 4: five equal chunks would leave one of two workers idle at the end."""
    wanted = length_s / target_s
    if wanted < 3.5:  # noqa: PLR2004 - nearer to 2 than to 4
        return 1 if wanted < 1.5 else 2  # noqa: PLR2004
    return PIECES * max(1, round(wanted / PIECES))


def _longest_silence(group: Sequence[Span], near: Span) -> Span | None:
    silences = [
        Span(before.end_s, after.start_s)
        for before, after in pairwise(group)
        if near.start_s <= before.end_s and after.start_s <= near.end_s
    ]
    return max(silences, key=lambda silence: silence.duration_s, default=None)


def _quietest(near: Span, activity: vad.Activity) -> Span:
    """A cut of no length at the quietest point: nobody paused here."""
    first = int(near.start_s / vad.WINDOW_S)
    loudness = activity.loudness[first : int(near.end_s / vad.WINDOW_S)]
    smooth = np.convolve(loudness, np.ones(_QUIET_WINDOWS), mode="valid")
    at_s = (first + int(np.argmin(smooth)) + _QUIET_WINDOWS / 2) * vad.WINDOW_S
    return Span(at_s, at_s)


def _padded(chunks: Sequence[Span], length_s: float) -> Iterator[Span]:
    """Room for soft beginnings and ends, at most half of the silence between two chunks."""
    for index, chunk in enumerate(chunks):
        before_s = chunks[index - 1].end_s if index else -chunk.start_s
        after_s = chunks[index + 1].start_s if index + 1 < len(chunks) else 2 * length_s - chunk.end_s
        yield Span(
            round(chunk.start_s - min(_PAD_S, (chunk.start_s - before_s) / 2), 3),
            round(min(length_s, chunk.end_s + min(_PAD_S, (after_s - chunk.end_s) / 2)), 3),
        )
