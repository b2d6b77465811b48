"""What a run shows of itself: by query, in search attributes and in the Web UI's current details."""

from dataclasses import dataclass, field

from temporalio import workflow
from temporalio.common import SearchAttributeKey

from mindreel.contracts.stages import NAMES
from mindreel.contracts.steps import Remark, StepReport, outcome_of

VIDEO_KEY = SearchAttributeKey.for_keyword("MindreelVideo")
PLATFORM_KEY = SearchAttributeKey.for_keyword("MindreelPlatform")
STAGE_KEY = SearchAttributeKey.for_keyword("MindreelStage")
OUTCOME_KEY = SearchAttributeKey.for_keyword("MindreelOutcome")
BATCH_KEY = SearchAttributeKey.for_keyword("MindreelBatch")
SITE_KEY = SearchAttributeKey.for_keyword("MindreelSite")

_KEYS = (VIDEO_KEY, PLATFORM_KEY, STAGE_KEY, OUTCOME_KEY, BATCH_KEY, SITE_KEY)
SEARCH_ATTRIBUTES = {key.name: "Keyword" for key in _KEYS}
"""Name to type, as the server wants them registered."""


@dataclass
class StageProgress:
    """How far one stage is."""

    name: str
    state: str = "waiting"
    """waiting, running, done, failed or skipped."""
    done: int = 0
    total: int = 1
    """Activities of the stage: chunks, clips."""
    seconds: float = 0.0
    """From its beginning to its end in this run; a reused stage takes next to none."""
    attempts: int = 0
    """The most any of its activities needed."""
    reused: bool = False
    """True when every activity found its work finished."""


@dataclass
class RunProgress:
    """The answer to the query `progress`."""

    title: str = ""
    duration_s: float | None = None
    outcome: str = "running"
    paused: bool = False
    """True when nothing more is begun until it is resumed."""
    waiting_for: str = ""
    """The site at whose gate the run waits to be let in."""
    stages: list[StageProgress] = field(default_factory=lambda: [StageProgress(name) for name in NAMES])
    remarks: list[Remark] = field(default_factory=list)
    failure: str = ""
    """Why it failed or was cancelled, in one sentence; known before the catalog has recorded it."""


class ProgressBoard:
    """Keeps a run's `RunProgress` and shows it; used by the workflow only."""

    def __init__(self) -> None:
        self.run = RunProgress()
        self.reports: dict[str, list[StepReport]] = {}
        self._began: dict[str, float] = {}

    def start(self, name: str, total: int = 1) -> None:
        """A stage begins, with `total` activities."""
        stage = self._stage(name)
        stage.state, stage.total = "running", total
        self._began.setdefault(name, workflow.time())
        workflow.upsert_search_attributes([STAGE_KEY.value_set(name)])
        self._show()

    def step(self, name: str, report: StepReport) -> None:
        """One activity of a stage is done."""
        reports = self.reports.setdefault(name, [])
        reports.append(report)
        self.run.remarks.extend(each for each in report.remarks if each not in self.run.remarks)
        stage = self._stage(name)
        stage.done = len(reports)
        stage.seconds = round(workflow.time() - self._began[name], 3)
        stage.attempts = max(each.attempts for each in reports)
        stage.reused = all(each.reused for each in reports)
        self._show()

    def end(self, name: str, state: str = "done") -> None:
        """A stage ended."""
        stage = self._stage(name)
        stage.state, stage.total = state, stage.done
        self._show()

    def pause(self, *, paused: bool) -> None:
        """Somebody pauses or resumes the run."""
        self.run.paused = paused
        self._show()

    def wait_for(self, site: str) -> None:
        """The run waits at the gate of a site, or for nothing when it is empty."""
        self.run.waiting_for = site
        for stage in self.run.stages:
            if site and stage.state == "running":  # it was refused, and is done again
                stage.state = "waiting"
        self._show()

    def remark(self, remark: Remark) -> None:
        """Something a person should know that no step's report says."""
        self.run.remarks.append(remark)
        self._show()

    def finish(self, outcome: str, failure: str = "") -> None:
        """The run ended."""
        self.run.outcome, self.run.failure = outcome, failure
        workflow.upsert_search_attributes([OUTCOME_KEY.value_set(outcome)])
        self._show()

    @property
    def outcome(self) -> str:
        """Completed or partial, as the remarks say so far."""
        return outcome_of(self.run.remarks)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the outcome is partial."""
        return tuple(remark.text for remark in self.run.remarks if remark.degraded)

    def stage_reports(self) -> tuple[StepReport, ...]:
        """One report a stage that did something."""
        return tuple(
            StepReport(stage.name, stage.seconds, stage.attempts, stage.reused)
            for stage in self.run.stages
            if stage.name in self.reports
        )

    def _stage(self, name: str) -> StageProgress:
        return self.run.stages[NAMES.index(name)]

    def _show(self) -> None:
        workflow.set_current_details(_markdown(self.run))


def _markdown(run: RunProgress) -> str:
    rows = [f"{'stage':<12}{'state':<14}{'seconds':>8}{'attempts':>10}"]  # a Markdown table has no gaps there
    for stage in run.stages:
        state = stage.state
        if stage.state == "running" and stage.total > 1:
            state = f"{stage.done} of {stage.total}"
        elif stage.state == "done" and stage.reused:
            state = "reused"
        rows.append(f"{stage.name:<12}{state:<14}{stage.seconds:>8.1f}{stage.attempts:>10}")
    remarks = [f"- **{each.stage}**: {each.text}" for each in run.remarks]
    head = f"**{'paused' if run.paused and run.outcome == 'running' else run.outcome}** {run.title}"
    if run.waiting_for:
        head = f"{head}\n\nIt waits at the gate of **{run.waiting_for}**."
    if run.failure:
        head = f"{head}\n\n{run.failure}"
    return "\n".join([head, "", "```", *rows, "```", "", *remarks])
