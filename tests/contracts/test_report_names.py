"""A report's name fits into a folder and is that of one batch."""

from pathlib import Path

import pytest

from mindreel.contracts.report_names import PAGE, TABLE, report_name


@pytest.mark.parametrize("batch", ["talks", "a" * 251, "視" * 83, "é" * 125 + "z"])
@pytest.mark.parametrize("ending", [PAGE, TABLE])
def test_it_can_be_written_beside_any_file(batch: str, ending: str, tmp_path: Path) -> None:
    name = report_name(batch, ending)
    (tmp_path / name).touch()
    assert name.endswith(ending)
    assert name.startswith(batch[:70])


def test_a_short_name_is_kept() -> None:
    assert report_name("my talks", TABLE) == "my talks.report.csv"


def test_two_long_names_that_begin_the_same_have_reports_of_their_own() -> None:
    assert report_name("a" * 250 + "1", TABLE) != report_name("a" * 250 + "2", TABLE)
