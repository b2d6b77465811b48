"""How often something is done, and what of it an operator has chosen."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)

_CHOSEN = "pace"
_BY_HAND = "chosen with `schedule ensure --interval`"
LEAST_CATCH_UP = timedelta(seconds=10)
"""The server makes any shorter window this long."""


@dataclass(frozen=True)
class Pace:
    """How often."""

    interval_s: float
    """At least 1: the server refuses less."""
    jitter_s: float = 0.0
    """Each time comes later by a random part of this."""
    by_hand: bool = False
    """True where an operator chose it: it then stays whatever the settings say."""

    @property
    def spec(self) -> ScheduleSpec:
        """As the server takes it."""
        return ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=timedelta(seconds=self.interval_s))],
            jitter=timedelta(seconds=self.jitter_s) if self.jitter_s else None,
        )

    @property
    def policy(self) -> SchedulePolicy:
        """One run at a time, and at most one for all the times missed while the server was away."""
        catch_up = max(timedelta(seconds=self.interval_s), LEAST_CATCH_UP)
        return SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=catch_up)

    @property
    def memo(self) -> dict[str, str] | None:
        """Of every run, which is where the choice is remembered: a schedule's own memo cannot be changed."""
        return {_CHOSEN: _BY_HAND} if self.by_hand else None


def chosen_by_hand(schedule: Schedule) -> bool:
    """True where its pace was chosen by an operator."""
    action = schedule.action
    return isinstance(action, ScheduleActionStartWorkflow) and _CHOSEN in (action.memo or {})
