import json
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.notice import NoticeActivity
from mindreel.contracts.batch import BatchFile, CsvFile, CsvRow
from mindreel.contracts.codec import to_json
from mindreel.contracts.notice import BATCH, VIDEO, NoticeInput, NoticeMessage
from mindreel.contracts.steps import VideoResult
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger

_VIDEO = VideoIdentity("web-0123456789abcdef", "generic", "https://example.org/talk")
_REQUEST = VideoRequest("https://example.org/talk", _VIDEO, batch="talks 2024", tenant="ada")


@pytest.fixture
def catalog(tmp_path: Path) -> LocalCatalog:
    return LocalCatalog(tmp_path / "catalog.db")


@pytest.fixture
def notice(catalog: LocalCatalog, tmp_path: Path) -> NoticeActivity:
    return NoticeActivity(catalog, LocalLedger(tmp_path / "catalog.db"), None)


def _begin(catalog: LocalCatalog) -> None:
    catalog.begin(
        _VIDEO.id,
        source=_REQUEST.source,
        platform="generic",
        workflow_id=f"video-{_VIDEO.id}",
        request_json=to_json(_REQUEST).decode(),
    )


def _finish(catalog: LocalCatalog, outcome: str, reasons: tuple[str, ...], error_class: str = "") -> None:
    library = "/data/library/web-0123456789abcdef" if outcome == "partial" else ""
    artifacts = {"report": "report.html"} if library else {}
    result = VideoResult(_VIDEO.id, _REQUEST.source, outcome, reasons, library, artifacts, ())
    catalog.finish(
        _VIDEO.id,
        status=outcome,
        reasons=reasons,
        library=library or None,
        result_json=to_json(result).decode(),
        error_class=error_class,
        stage="download" if error_class else "",
    )


def _compose(notice: NoticeActivity, given: NoticeInput) -> NoticeMessage:
    message: NoticeMessage = ActivityEnvironment().run(notice.compose_notice, given)
    return message


def test_a_finished_video_is_told_with_what_came_of_it(catalog: LocalCatalog, notice: NoticeActivity) -> None:
    _begin(catalog)
    catalog.describe(_VIDEO.id, title='队列, "Queues" 🎬')
    _finish(catalog, "partial", ("No speech was found.",))
    message = _compose(notice, NoticeInput(VIDEO, _VIDEO.id, "run-1"))
    told = json.loads(message.body)
    seconds = told["data"].pop("seconds")
    assert 0 <= seconds < 60
    assert told.pop("timestamp").startswith("20")
    assert told == {
        "type": "video.finished",
        "data": {
            "id": _VIDEO.id,
            "source": "https://example.org/talk",
            "title": '队列, "Queues" 🎬',
            "outcome": "partial",
            "reasons": ["No speech was found."],
            "error_class": "",
            "library": "/data/library/web-0123456789abcdef",
            "artifacts": {"report": "report.html"},
            "batch": "talks 2024",
            "tenant": "ada",
        },
    }


def test_a_failed_video_is_told_with_its_class(catalog: LocalCatalog, notice: NoticeActivity) -> None:
    _begin(catalog)
    _finish(catalog, "failed", ("example.org has nothing there.",), "not_found")
    data = json.loads(_compose(notice, NoticeInput(VIDEO, _VIDEO.id, "run-1")).body)["data"]
    assert (data["outcome"], data["error_class"], data["library"]) == ("failed", "not_found", None)


def test_a_video_that_runs_again_already_is_told_as_it_ended(
    catalog: LocalCatalog, notice: NoticeActivity
) -> None:
    _begin(catalog)
    _finish(catalog, "failed", ("The line broke.",), "network")
    _begin(catalog)
    data = json.loads(_compose(notice, NoticeInput(VIDEO, _VIDEO.id, "run-1")).body)["data"]
    assert (data["outcome"], data["reasons"], data["seconds"]) == ("failed", ["The line broke."], None)


def test_the_same_end_has_the_same_id_and_another_end_another(
    catalog: LocalCatalog, notice: NoticeActivity
) -> None:
    _begin(catalog)
    _finish(catalog, "completed", ())
    ids = [_compose(notice, NoticeInput(VIDEO, _VIDEO.id, run)).id for run in ("one", "one", "two")]
    assert ids[0] == ids[1] != ids[2]
    assert all(each.isascii() and "." not in each and " " not in each for each in ids)


def test_a_batch_is_told_with_its_counts_and_its_report(notice: NoticeActivity) -> None:
    name = "Vorträge 2024 (v1.2) 🎬"
    file = BatchFile(name, "/data/inbox", f"{name}.csv", "1", "0" * 64)
    rows = (CsvRow(1, "nonsense", problem="Row 1: no address."), CsvRow(2, _VIDEO.locator, video=_VIDEO))
    notice.ledger.register(file, CsvFile(rows))
    report = f"/data/inbox/{name}.report.csv"
    message = _compose(notice, NoticeInput(BATCH, name, "run-1", report))
    told = json.loads(message.body)
    assert message.id.isascii()
    assert "." not in message.id
    assert told["type"] == "batch.finished"
    assert told["data"] == {
        "name": name,
        "inbox": "/data/inbox",
        "file": f"{name}.csv",
        "state": "running",
        "rows": 2,
        "counts": told["data"]["counts"],
        "problem": "",
        "report": report,
    }
    assert told["data"]["counts"]["refused"] == 1


@pytest.mark.parametrize("kind", [VIDEO, BATCH])
def test_what_nobody_knows_is_not_told(notice: NoticeActivity, kind: str) -> None:
    with pytest.raises(ApplicationError, match="knows no") as refused:
        _compose(notice, NoticeInput(kind, "nothing", "run-1"))
    assert refused.value.non_retryable


def test_without_a_webhook_a_waiting_notice_ends_with_a_sentence(notice: NoticeActivity) -> None:
    with pytest.raises(ApplicationError, match="MINDREEL_WEBHOOK_URL") as refused:
        ActivityEnvironment().run(notice.post_notice, NoticeMessage("video_1", "{}"))
    assert refused.value.non_retryable
