import json

import pytest

from mindreel.cli.answer import Answer, answer_of, exit_code
from mindreel.contracts.steps import StepReport, VideoResult

RESULT = VideoResult(
    id="file-1",
    source="a.mp4",
    outcome="completed",
    reasons=(),
    library="/data/library/file-1",
    artifacts={"report": "report.html"},
    stages=(StepReport("resolve", 0.1, 2, reused=True),),
)


def test_the_object_is_the_documented_one_on_one_line() -> None:
    line = answer_of(RESULT).as_json()

    assert "\n" not in line
    assert json.loads(line) == {
        "id": "file-1",
        "source": "a.mp4",
        "outcome": "completed",
        "reasons": [],
        "library": "/data/library/file-1",
        "artifacts": {"report": "report.html"},
        "stages": [{"name": "resolve", "seconds": 0.1, "attempts": 2, "reused": True}],
    }


def test_the_source_is_told_as_it_was_typed_this_time() -> None:
    assert answer_of(RESULT, source="./a.mp4").source == "./a.mp4"


def test_a_cancelled_run_is_called_so_as_everywhere_else() -> None:
    cancelled = VideoResult("v", "a.mp4", "cancelled", ("It was cancelled.",), "", {}, ())

    answer = answer_of(cancelled)

    assert (answer.outcome, answer.reasons, answer.library) == ("cancelled", ("It was cancelled.",), None)


def test_text_in_any_language_stays_readable() -> None:
    assert "谈话 🎉.mp4" in Answer(None, "谈话 🎉.mp4", "failed").as_json()


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["completed"], 0),
        (["completed", "partial"], 3),
        (["partial", "failed", "completed"], 1),
        (["partial", "cancelled", "running"], 1),
        (["completed", "running"], 130),
    ],
)
def test_only_all_completed_is_0(outcomes: list[str], code: int) -> None:
    assert exit_code(outcomes) == code
