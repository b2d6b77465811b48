"""What a batch shows of itself: by query, in search attributes and in the Web UI's current details."""

import re
from dataclasses import dataclass, field

from temporalio import workflow

from mindreel.contracts.batch_steps import BatchLook
from workflows.progress import BATCH_KEY, OUTCOME_KEY


@dataclass
class BatchProgress:
    """The answer to the query `batch`."""

    name: str
    file: str = ""
    state: str = "running"
    """running, paused, cancelled or finished."""
    counts: dict[str, int] = field(default_factory=dict)
    """Outcome to rows."""
    percent: float = 0.0
    seconds_left: float | None = None
    report: str = ""
    """Where `NAME.report.csv` lies; empty while there is none."""
    trouble: str = ""
    """Why the report cannot be written just now."""
    problem: str = ""
    """Why nothing of the file could be taken."""


class BatchBoard:
    """Keeps a batch's `BatchProgress` and shows it; used by the workflow only."""

    def __init__(self, name: str) -> None:
        self.batch = BatchProgress(name)

    def begin(self) -> None:
        """So that it is found by its name, with its videos."""
        workflow.upsert_search_attributes([BATCH_KEY.value_set(self.batch.name)])

    def show(self, look: BatchLook) -> None:
        """How it stands now."""
        view = look.view
        self.batch = BatchProgress(
            view.name,
            view.file,
            view.state,
            dict(view.counts),
            view.percent,
            view.seconds_left,
            look.report,
            look.trouble,
            view.problem,
        )
        workflow.set_current_details(_markdown(self.batch))

    def finish(self, outcome: str) -> None:
        """The batch ended."""
        workflow.upsert_search_attributes([OUTCOME_KEY.value_set(outcome)])


def _markdown(batch: BatchProgress) -> str:
    left = f", about {_span(batch.seconds_left)} left" if batch.seconds_left else ""
    counts = [f"{outcome:<12}{count:>8}" for outcome, count in sorted(batch.counts.items()) if count]
    said = [text for text in (batch.problem, batch.trouble) if text]
    report = [f"Report: {_code(batch.report)}"] if batch.report else []
    head = f"**{batch.state}** {_code(batch.file)} {batch.percent:.0f} %{left}"
    return "\n".join([head, "", "```", *counts, "```", "", *report, *(f"- {text}" for text in said)])


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "a minute"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - an hour


def _code(text: str) -> str:
    """A Markdown code span; its fence is longer than any run of backticks inside (CommonMark 6.1)."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"
