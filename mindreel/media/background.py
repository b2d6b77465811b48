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


class Rising:
    """Passes on only what is more than was told before: a second way to the goal begins at zero again."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._told = -1.0

    def progress(self, fraction: float, note: str = "") -> None:
        """Tell `fraction` when it is news."""
        if fraction > self._told:
            self._told = fraction
            self._reporter.progress(fraction, note)

    def wait_cancelled(self, seconds: float) -> bool:
        """As the reporter says."""
        return self._reporter.wait_cancelled(seconds)
