"""Notices on a real server, to a real receiver."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Reference
from temporalio import workflow
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.worker import Worker

from activities.notice import NoticeActivity
from mindreel.contracts.codec import to_json
from mindreel.contracts.notice import VIDEO, NoticeInput, NoticeResult, signing_key
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.notify.webhook import Webhook
from mindreel.sources.guard import Guard
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger
from tests.support.webhook_receiver import WebhookReceiver
from tests.workflows.running import server
from tests.workflows.skipping import skipping_server
from workflows.failures import sentence_of
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, NOTICE_QUEUE, notice_workflow_id
from workflows.notice import Notice, start_notice

_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # noqa: S105 - of this test only
_VIDEO = VideoIdentity("web-0123456789abcdef", "generic", "https://example.org/talk")


@workflow.defn(sandboxed=False)
class Ending:
    """Ends as a video does: starts its notice and is over."""

    @workflow.run
    async def run(self) -> None:
        await start_notice(VIDEO, _VIDEO.id)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        yield running


@asynccontextmanager
async def workers(client: Client, folder: Path, receiver: WebhookReceiver) -> AsyncIterator[None]:
    """One for each queue, as in a worker process, with a video that has ended."""
    catalog = LocalCatalog(folder / "catalog.db")
    request = to_json(VideoRequest(_VIDEO.locator, _VIDEO)).decode()
    catalog.begin(_VIDEO.id, source="a", platform="generic", workflow_id="video-a", request_json=request)
    catalog.finish(_VIDEO.id, status="completed", reasons=())
    webhook = Webhook(receiver.url(), signing_key(_SECRET), lambda: Guard(allow_private_hosts=True))
    notice = NoticeActivity(catalog, LocalLedger(folder / "catalog.db"), webhook.post)
    with ThreadPoolExecutor(4) as pool:
        async with (
            Worker(client, task_queue=CPU_QUEUE, workflows=[Notice, Ending]),
            Worker(
                client, task_queue=CONTROL_QUEUE, activities=[notice.compose_notice], activity_executor=pool
            ),
            Worker(client, task_queue=NOTICE_QUEUE, activities=[notice.post_notice], activity_executor=pool),
        ):
            yield


async def told(client: Client, run_id: str = "run-1") -> WorkflowHandle[Notice, NoticeResult]:
    return await client.start_workflow(
        Notice.run,
        NoticeInput(VIDEO, _VIDEO.id, run_id),
        id=notice_workflow_id("video-a", run_id),
        task_queue=CPU_QUEUE,
    )


async def test_a_notice_outlives_the_run_it_tells_of_and_is_posted_once(
    tmp_path: Path, receiver: WebhookReceiver
) -> None:
    async with server() as client, workers(client, tmp_path, receiver):
        ending = await client.start_workflow(Ending.run, id="video-a", task_queue=CPU_QUEUE)
        await ending.result()
        notice = notice_workflow_id("video-a", str(ending.first_execution_run_id))
        handle = client.get_workflow_handle(notice, result_type=NoticeResult)
        assert await handle.result() == NoticeResult(200)
        (received,) = receiver.received
        assert Reference(_SECRET).verify(received.body, received.headers)["data"]["outcome"] == "completed"


@pytest.mark.slow
async def test_a_failing_receiver_is_told_again_with_the_same_message_for_a_day(
    tmp_path: Path, receiver: WebhookReceiver
) -> None:
    receiver.status = 503
    async with skipping_server() as client, workers(client, tmp_path, receiver):
        handle = await told(client)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert "answered HTTP 503" in sentence_of(failure.value.cause)
        description = await handle.describe()
        assert description.status == WorkflowExecutionStatus.FAILED
        assert 45 <= len(receiver.received) <= 60
        assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
        assert len({request.body for request in receiver.received}) == 1


async def test_a_receiver_that_comes_back_is_told_when_it_asked_to_be(
    tmp_path: Path, receiver: WebhookReceiver
) -> None:
    receiver.status, receiver.headers, receiver.troubles = 429, {"Retry-After": "7200"}, 3
    async with skipping_server() as client, workers(client, tmp_path, receiver):
        handle = await told(client)
        assert await handle.result() == NoticeResult(204)
        assert len(receiver.received) == 4
        history = await handle.fetch_history()
        times = [event.event_time.ToDatetime() for event in history.events]
        assert timedelta(hours=6) <= times[-1] - times[0] < timedelta(hours=7)


async def test_a_receiver_that_refuses_is_told_once_and_the_sentence_is_in_the_web_ui(
    tmp_path: Path, receiver: WebhookReceiver
) -> None:
    receiver.status = 410
    async with server() as client, workers(client, tmp_path, receiver):
        with pytest.raises(WorkflowFailureError) as failure:
            await (await told(client)).result()
        assert "HTTP 410" in sentence_of(failure.value.cause)
        assert len(receiver.received) == 1
