"""A person joins the run of a page whose videos a batch takes one by one."""

import pytest

from mindreel.cli.answer import COMPLETED, answer_of, exit_code
from mindreel.cli.printer import Printer
from mindreel.cli.processing import Item
from mindreel.contracts.steps import VideoResult

REASON = "The page holds 3 videos; each is taken on its own."
RESULT = VideoResult("web-1", "https://example.org/page", "expanded", (REASON,), "", {}, ())


def test_it_has_not_failed() -> None:
    answer = answer_of(RESULT)

    assert answer.outcome == "expanded"
    assert exit_code([answer.outcome]) == COMPLETED


def test_it_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    item = Item(RESULT.source, answer=answer_of(RESULT))

    Printer(json=False).tell_rest([item], None)

    told = capsys.readouterr().out
    assert "https://example.org/page  expanded" in told
    assert REASON in told
