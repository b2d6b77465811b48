"""How far a run is: what its workflow and its running activities say, as numbers that never fall."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from mindreel.contracts.stages import STAGES
from workflows.progress import RunProgress, StageProgress

STAGE_OF_ACTIVITY = {
    "plan_speech": "transcribe",
    "transcribe_chunk": "transcribe",
    "merge_transcript": "transcribe",
    "plan_clips": "clips",
    "cut_clip": "clips",
}
"""Activities that are not called like their stage."""

_RECORDING = "record_outcome"
"""The activity after all stages, which tells the catalog how the run ended."""

_PLANNED = ("transcribe", "clips")
"""Stages whose first activity finds out how many more there are."""
_PLAN_SHARE = 0.05

_ENDED = ("done", "failed", "skipped")
_RATE_WINDOW_S = 30.0
_RATE_AFTER_S = 3.0
_RATE_AFTER_PERCENT = 1.0


@dataclass(frozen=True)
class Pending:
    """One activity that is scheduled or running."""

    stage: str
    fraction: float = 0.0
    """0 to 1, as its last heartbeat said."""
    note: str = ""
    started: bool = True
    """False while it waits for a worker or for its next attempt."""
    attempt: int = 1
    failure: str = ""
    """Why the last attempt failed."""
    retry_in_s: float | None = None
    """Seconds until the next attempt, where it waits for one."""


@dataclass(frozen=True)
class StageView:
    """What is shown of one stage."""

    name: str
    state: str
    """waiting, running, done, failed or skipped."""
    fraction: float
    seconds: float
    reused: bool
    note: str
    """A rate or a count; while a stage is tried again, why."""
    left_s: float | None


@dataclass(frozen=True)
class View:
    """What is shown of one run."""

    title: str
    outcome: str
    """running, completed, partial, failed or cancelled."""
    percent: float
    left_s: float | None
    """Seconds that are left at the pace of the last half minute; None when that says nothing yet."""
    stages: tuple[StageView, ...]
    remarks: tuple[str, ...] = ()
    """Everything that was remarked so far."""
    notes: tuple[str, ...] = ()
    """Those of the remarks that took nothing from the result."""
    held: str = ""
    """Why it stands still by intention; empty while it does not."""
    failure: str = ""
    """Why it failed or was cancelled, while that is not recorded; the recorded result says it afterwards."""
    unrecorded: str = ""
    """Why the last attempt to record how it ended failed; it is tried again."""
    retry_in_s: float | None = None
    """Seconds until then."""


class Meter:
    """Turns the states of one run, as they come, into views; percent and fractions never fall."""

    def __init__(self) -> None:
        self._percent = 0.0
        self._fractions = dict.fromkeys((stage.name for stage in STAGES), 0.0)
        self._began: dict[str, float] = {}
        self._samples: deque[tuple[float, float]] = deque()

    def view(self, run: RunProgress, pending: Sequence[Pending], *, now_s: float) -> View:
        """`pending` was read after `run`, so that no activity counts twice; `now_s` is any steady clock."""
        stages = tuple(
            self._stage(stage, [each for each in pending if each.stage == stage.name], now_s)
            for stage in run.stages
        )
        self._advance(run, stages)
        recording = next((each for each in pending if each.stage == _RECORDING), None)
        return View(
            title=run.title,
            outcome=run.outcome,
            percent=self._percent,
            left_s=self._left_s(now_s) if run.outcome == "running" else None,
            stages=stages,
            remarks=tuple(f"{each.stage}: {each.text}" for each in run.remarks),
            notes=tuple(f"{each.stage}: {each.text}" for each in run.remarks if not each.degraded),
            held=_held(run),
            failure=run.failure if recording else "",
            unrecorded=recording.failure if recording else "",
            retry_in_s=recording.retry_in_s if recording else None,
        )

    def _advance(self, run: RunProgress, stages: tuple[StageView, ...]) -> None:
        done = {stage.name: stage.fraction for stage in stages}
        percent = sum(100 * stage.share * done.get(stage.name, 0.0) for stage in STAGES)
        if run.outcome in ("completed", "partial"):
            percent = 100.0
        self._percent = min(100.0, max(self._percent, percent))

    def _stage(self, stage: StageProgress, pending: list[Pending], now_s: float) -> StageView:
        fraction = 1.0 if stage.state in _ENDED else _fraction(stage, pending)
        fraction = min(1.0, max(self._fractions.get(stage.name, 0.0), fraction))
        self._fractions[stage.name] = fraction
        if stage.state == "running":
            self._began.setdefault(stage.name, now_s)
        ran_s = now_s - self._began.get(stage.name, now_s)
        running = stage.state == "running"
        return StageView(
            name=stage.name,
            state=stage.state,
            fraction=fraction,
            seconds=max(ran_s, stage.seconds) if running else stage.seconds,
            reused=stage.reused and not running,
            note=_note(stage, pending) if running else "",
            left_s=ran_s * (1 - fraction) / fraction if running and _tells(ran_s, 100 * fraction) else None,
        )

    def _left_s(self, now_s: float) -> float | None:
        self._samples.append((now_s, self._percent))
        while len(self._samples) > 2 and now_s - self._samples[0][0] > _RATE_WINDOW_S:  # noqa: PLR2004 - a pair
            self._samples.popleft()
        since_s, since_percent = self._samples[0]
        gained = self._percent - since_percent
        if not _tells(now_s - since_s, gained):
            return None
        return (now_s - since_s) * (100 - self._percent) / gained


def _tells(seconds: float, percent: float) -> bool:
    """True when a pace measured over this much says something."""
    return seconds >= _RATE_AFTER_S and percent >= _RATE_AFTER_PERCENT


def _fraction(stage: StageProgress, pending: list[Pending]) -> float:
    going = sum(each.fraction for each in pending)
    if stage.name not in _PLANNED:
        return (stage.done + going) / max(1, stage.total)
    if stage.done == 0:
        return _PLAN_SHARE * min(1.0, going)
    return _PLAN_SHARE + (1 - _PLAN_SHARE) * (stage.done - 1 + going) / max(1, stage.total - 1)


def _held(run: RunProgress) -> str:
    if run.outcome != "running":
        return ""
    if run.paused:
        return "paused"
    return f"waiting for its turn at {run.waiting_for} (`site list` says why)" if run.waiting_for else ""


def _note(stage: StageProgress, pending: list[Pending]) -> str:
    for each in pending:
        if each.failure and not each.started:
            wait = f", again in {each.retry_in_s:.0f} s" if each.retry_in_s else ""
            return f"attempt {each.attempt - 1}: {each.failure}{wait}"
    said = [each.note for each in pending if each.note]
    parts = [f"{stage.done} of {stage.total} done"] if stage.total > 1 else []
    if len(said) == 1 or (said and stage.total == 1):
        parts.append(said[0])
    if pending and not any(each.started for each in pending):
        parts.append("waiting for a worker")
    return ", ".join(parts)
