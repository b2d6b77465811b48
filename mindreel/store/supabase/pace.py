import threading
import time

from mindreel.contracts.stages import NAMES, overall_percent

_MANY = 1000


class Pace:
    """Which news of progress are worth a call; safe from several threads.

    Steps tell twice a second how far they are. Of each stage of a video that goes out every `every_s`
    seconds; at once when the stage is new, and when it is at its end.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._sent: dict[tuple[str, str], tuple[float, float]] = {}  # when, and the percent that was told
        self._lock = threading.Lock()

    def is_due(self, video_id: str, stage: str, percent: float) -> bool:
        """True where it is to be sent, which counts as done."""
        key, now_s = (video_id, stage), time.monotonic()
        with self._lock:
            sent_s, told = self._sent.get(key, (now_s - self._every_s, 0.0))
            ends_now = percent >= _end(stage) > told
            if now_s - sent_s < self._every_s and not ends_now:
                return False
            self._sent[key] = (now_s, percent)
            if len(self._sent) > _MANY:
                self._sent = {each: sent for each, sent in self._sent.items() if self._is_recent(sent[0])}
            return True

    def failed(self, video_id: str, stage: str) -> None:
        """What was sent did not arrive: the end of the stage is worth another call, the rest has time."""
        with self._lock:
            sent_s, _ = self._sent.get((video_id, stage), (time.monotonic(), 0.0))
            self._sent[video_id, stage] = (sent_s, 0.0)

    def forget(self, video_id: str) -> None:
        """Another run of the video begins."""
        with self._lock:
            for key in [key for key in self._sent if key[0] == video_id]:
                del self._sent[key]

    def _is_recent(self, sent_s: float) -> bool:
        return time.monotonic() - sent_s < self._every_s


def _end(stage: str) -> float:
    return overall_percent(stage, 1.0) if stage in NAMES else float("inf")
