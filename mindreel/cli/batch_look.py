"""What there is to see of a batch: the ledger's rows, and the gates that hold it back."""

from dataclasses import dataclass, field, replace
from typing import Any

from mindreel.bootstrap.build import engine_of
from mindreel.cli.batch_problems import Problem, problems_of
from mindreel.cli.batches import as_dict, is_over
from mindreel.cli.places import kept_in
from mindreel.contracts.batch import BatchView, RowView
from mindreel.contracts.sites import GateView
from mindreel.errors import SetupError
from mindreel.settings import Settings
from mindreel.store.batch_ledger import BatchLedger


@dataclass(frozen=True)
class Look:
    """One look at a batch."""

    batch: BatchView
    rows: list[RowView]
    problems: list[Problem] = field(default_factory=list)
    gates: list[GateView] = field(default_factory=list)
    """Those that are not open."""
    note: str = ""
    """Why nothing goes on, or why the gates are not known."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`, without rows."""
        gates = [
            {"site": gate.site, "state": gate.state, "reason": gate.reason, "opens_at": gate.opens_at}
            for gate in self.gates
        ]
        problems = [each.as_dict() for each in self.problems]
        return {**as_dict(self.batch), "problems": problems, "sites": gates, "note": self.note}


class Looker:
    """Looks at one batch again and again; what did not change is not read again."""

    def __init__(self, ledger: BatchLedger, batch: BatchView, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self._last = self._read(batch)

    def look(self) -> Look:
        """At the ledger; what is known of the gates stays."""
        batch = self._ledger.batch(self._last.batch.name)
        if batch is None:  # its file went, and somebody made the catalog anew
            raise SetupError(f"The batch {self._last.batch.name} is gone from {kept_in(self._settings)}.")
        if batch != self._last.batch:
            self._last = replace(self._read(batch), gates=self._last.gates, note=self._last.note)
        return self._last

    async def look_at_gates(self) -> Look:
        """Asks the server, where one runs and there is something to be held back."""
        gates, note = ([], "") if is_over(self._last.batch) else await _closed(self._settings)
        self._last = replace(self._last, gates=gates, note=note)
        return self._last

    def _read(self, batch: BatchView) -> Look:
        rows = self._ledger.rows(batch.name)
        return Look(batch, rows, problems_of(rows))


async def _closed(settings: Settings) -> tuple[list[GateView], str]:
    """Gates that are not open, and what is to be said where they cannot be asked."""
    if not settings.temporal_external and engine_of(settings) is None:
        return [], "No engine is running: nothing goes on before `up` or `scan` starts one."
    # Late: Temporal's client is needed only where something goes on.
    from temporalio.service import RPCError  # noqa: PLC0415

    from mindreel.cli.clusters import running_cluster  # noqa: PLC0415
    from mindreel.cli.gates import gates  # noqa: PLC0415
    from mindreel.cli.trouble import sentence_of  # noqa: PLC0415

    try:
        views = await gates((await running_cluster(settings)).client)
    except SetupError as error:
        return [], str(error)
    except RPCError as error:
        return [], sentence_of(error)
    return [view for view in views if view.state != "open"], ""
