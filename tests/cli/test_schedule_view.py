"""What is said of a schedule's last run."""

from typing import Any

from mindreel.cli.schedule_view import ScheduleView, not_taken, outcome_of_last


def view(*files: dict[str, Any]) -> ScheduleView:
    result = {"inbox": "supabase://abc/inbox", "files": list(files), "unsettled": []}
    return ScheduleView("csv-scan", "id", 60.0, 0.0, False, False, "", None, (), 0, 0, result)


def scanned(name: str, problem: str = "") -> dict[str, Any]:
    return {"file": name, "batch": "" if problem else name, "rows": 0, "pending": 0, "problem": problem}


def test_files_that_were_taken_and_those_that_were_not_are_told_apart() -> None:
    refused = scanned("café.csv", "café.csv in supabase://abc/inbox has a character that Storage refuses.")

    said = outcome_of_last(view(scanned("a.csv"), refused, scanned("b.csv")))

    assert said == (
        "The last csv-scan took a.csv, b.csv. The last csv-scan could not take café.csv "
        "(in supabase://abc/inbox has a character that Storage refuses)."
    )
    assert not_taken(view(scanned("a.csv"))) == outcome_of_last(view()) == ""


def test_hundreds_of_files_are_not_all_named() -> None:
    said = not_taken(view(*(scanned(f"{number}.csv", "It is no CSV file.") for number in range(300))))

    assert "9.csv (It is no CSV file) and 290 more." in said
