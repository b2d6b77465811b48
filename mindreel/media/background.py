import threading

from mindreel.contracts.progress import Reporter


class Background:
    """A reporter for work beside the visible work: keeps progress back, and can be stopped by itself."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Cancel the background work alone."""
        self._stopped.set()

    def progress(self, fraction: float, note: str = "") -> None:
        """Do nothing."""

    def wait_cancelled(self, seconds: float) -> bool:
        """As the reporter says, or as `stop` said."""
        return self._stopped.is_set() or self._reporter.wait_cancelled(seconds)
