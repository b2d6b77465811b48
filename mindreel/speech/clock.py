from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from mindreel.contracts.media import Span
from mindreel.speech.wav import RATE_HZ, Samples


class Clock:
    """Leaves out what lies between `pieces` and tells the original time of what is left.

    `pieces` are in seconds from the beginning of the chunk, which begins at `offset_s` of the video.
    """

    def __init__(self, pieces: Sequence[Span], *, offset_s: float) -> None:
        self._pieces, self._offset_s = pieces, offset_s
        self._starts_s = [0.0, *accumulate(piece.duration_s for piece in pieces)]

    def take(self, samples: Samples) -> Samples:
        """The pieces of the chunk's `samples`, end to end."""
        cuts = [(round(piece.start_s * RATE_HZ), round(piece.end_s * RATE_HZ)) for piece in self._pieces]
        return np.concatenate([np.zeros(0, np.float32), *(samples[start:end] for start, end in cuts)])

    def original(self, start_s: float, end_s: float) -> Span:
        """A stretch of the shortened audio on the video's clock, wholly inside the piece of its middle."""
        middle = bisect_right(self._starts_s, (start_s + end_s) / 2) - 1
        index = min(max(0, middle), len(self._pieces) - 1)
        piece, moved_s = self._pieces[index], self._pieces[index].start_s - self._starts_s[index]
        start_s = min(max(piece.start_s, start_s + moved_s), piece.end_s)
        end_s = min(max(start_s, end_s + moved_s), piece.end_s)
        return Span(self._offset_s + start_s, self._offset_s + end_s)
