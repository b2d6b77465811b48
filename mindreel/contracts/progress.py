from typing import Protocol


class Reporter(Protocol):
    """How long work tells how far it is and learns that it should stop."""

    def progress(self, fraction: float, note: str = "") -> None:
        """Say that `fraction` (0 to 1, never falling) is done; `note` may carry a rate or a count."""

    def wait_cancelled(self, seconds: float) -> bool:
        """Wait up to `seconds`; True as soon as the work should stop."""


class QuietReporter:
    """For scripts and tests: tells nobody, is never cancelled."""

    def progress(self, fraction: float, note: str = "") -> None:
        """Do nothing."""

    def wait_cancelled(self, seconds: float) -> bool:
        """Wait `seconds` and go on."""
        import time  # noqa: PLC0415 - a workflow may import this module, and must not see a clock

        time.sleep(seconds)
        return False
