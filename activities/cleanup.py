import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.edge import activity_edge, activity_span
from activities.tally import Tally
from mindreel.contracts.cleanup import EXPIRED, ORPHANS, TEMPORARY, Cleaned, CleanupOrder, CleanupResult
from mindreel.errors import SetupError
from mindreel.store.disk_space import freed_by_removing
from mindreel.store.protocols import ArtifactStore, Catalog, VideoRow
from mindreel.telemetry import log

_STAGE = "cleanup"
_OPEN = ("queued", "running")


class LibraryLeftovers(Protocol):
    """What killed attempts left in the library; see `mindreel.store.protocols.Library`."""

    def leftovers(self, *, before_s: float) -> list[str]:
        """Ids of videos of which something was left, unchanged since then."""

    def sweep(self, name: str) -> Cleaned:
        """Remove it; nobody is writing the video's folder."""


class ScratchLeftovers(Protocol):
    """What dead and failed attempts left of temporary folders; see `mindreel.engine.scratch`."""

    def sweep(self, *, unused_s: float, leaving: Callable[[Path], object]) -> list[Path]:
        """Remove what no attempt uses; the folders that went."""


@dataclass(frozen=True)
class _Cutoffs:
    """What did not change since then goes; None keeps it. In seconds since 1970."""

    artifacts: float | None
    orphans: float | None


@dataclass(frozen=True)
class CleanupActivity:
    """Removes what nobody needs any more, never what a run may be using."""

    artifacts: ArtifactStore
    catalog: Catalog
    library: LibraryLeftovers
    scratch: ScratchLeftovers
    artifacts_s: float
    """How long artifacts stay after their video's last run ended; 0: for ever."""
    orphans_s: float
    """How long temporary files and unknown videos' artifacts stay unchanged; 0: for ever."""

    @activity.defn(name="clean_up", no_thread_cancel_exception=True)
    def clean_up(self, order: CleanupOrder) -> CleanupResult:
        """Temporary files of this machine, then the artifacts of every video."""
        with activity_edge(_STAGE, ""), activity_span(_STAGE, ""):
            cutoffs = self._cutoffs(order)
            tally = Tally()
            if cutoffs.orphans is not None:
                self._temporary(tally, cutoffs.orphans)
            for prefix in self.artifacts.prefixes():
                tally.beat()
                with _problems_told(tally):
                    self._video(tally, prefix, cutoffs)
            result = tally.result
            log().info("cleaned up", freed_bytes=result.freed_bytes, problems=result.problems)
            return result

    def _cutoffs(self, order: CleanupOrder) -> _Cutoffs:
        def cutoff(given: float | None, setting: float) -> float | None:
            kept_s = setting if given is None else given
            return order.now_s - kept_s if kept_s > 0 else None

        return _Cutoffs(
            cutoff(order.given.artifacts_s, self.artifacts_s), cutoff(order.given.orphans_s, self.orphans_s)
        )

    def _temporary(self, tally: Tally, before_s: float) -> None:
        with _problems_told(tally):
            tally.add(TEMPORARY, self.artifacts.sweep())
        with _problems_told(tally):
            self._sweep_scratch(tally, before_s)
        with _problems_told(tally):
            self._sweep_library(tally, before_s)

    def _sweep_library(self, tally: Tally, before_s: float) -> None:
        for name in self.library.leftovers(before_s=before_s):
            tally.beat()
            with self.catalog.holding(name) as row, _problems_told(tally):
                if row is None or row.status not in _OPEN:
                    tally.add(TEMPORARY, self.library.sweep(name))

    def _sweep_scratch(self, tally: Tally, before_s: float) -> None:
        sizes: dict[Path, int] = {}

        def measure(path: Path) -> None:
            tally.beat()
            sizes[path] = freed_by_removing(path)

        for path in self.scratch.sweep(unused_s=max(0.0, time.time() - before_s), leaving=measure):
            if not path.exists():
                tally.add(TEMPORARY, Cleaned(1, sizes[path]))

    def _video(self, tally: Tally, prefix: str, cutoffs: _Cutoffs) -> None:
        if self._kind(prefix, self.catalog.get(prefix), cutoffs) is None:
            return  # most stay, and holding the catalog for each would hold up everybody
        with self.catalog.holding(prefix) as row:
            kind = self._kind(prefix, row, cutoffs)
            if kind is not None:
                tally.add(kind, self.artifacts.delete_prefix(prefix))

    def _kind(self, prefix: str, row: VideoRow | None, cutoffs: _Cutoffs) -> str | None:
        """EXPIRED, ORPHANS, or None for what stays."""
        if row is None:
            changed_s = self.artifacts.changed_s(prefix)
            return ORPHANS if _is_before(changed_s, cutoffs.orphans) else None
        if row.status in _OPEN:
            return None
        ended_s = datetime.fromisoformat(row.updated_at).timestamp()
        return EXPIRED if _is_before(ended_s, cutoffs.artifacts) else None


def _is_before(moment_s: float | None, cutoff_s: float | None) -> bool:
    return moment_s is not None and cutoff_s is not None and moment_s < cutoff_s


@contextmanager
def _problems_told(tally: Tally) -> Iterator[None]:
    """What cannot be removed keeps nothing else from going."""
    try:
        yield
    except SetupError as error:
        tally.problem(str(error))
    except OSError as error:
        tally.problem(f"{error.filename} could not be removed: {error.strerror}.")
