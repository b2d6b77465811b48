"""Which queue's workers do what."""

from pathlib import Path
from typing import cast

from temporalio.client import Client

from mindreel.bootstrap.control import control_activities, inbox_activities
from mindreel.settings import load
from tests.workflows.running import name_of


def test_what_touches_an_inbox_has_workers_of_its_own(tmp_path: Path) -> None:
    settings = load({"MINDREEL_HOME": str(tmp_path)})
    inbox = {name_of(each) for each in inbox_activities(settings)}
    control = {name_of(each) for each in control_activities(settings, cast("Client", None))}
    assert inbox == {"find_files", "take_file", "report_batch"}
    assert not inbox & control
    assert {"knock", "record_outcome", "take_rows", "change_batch"} <= control
