import hashlib
import json
from dataclasses import dataclass
from typing import Any, Protocol

from temporalio import activity

from activities.edge import activity_edge, activity_span
from activities.notice_body import batch_body, video_body
from mindreel.contracts.notice import BATCH, NoticeInput, NoticeMessage, NoticeResult
from mindreel.errors import InputError
from mindreel.store.batch_ledger import BatchLedger
from mindreel.store.protocols import Catalog
from mindreel.telemetry import log

_STAGE = "notice"


class Post(Protocol):
    """Sends one signed message; see `mindreel.notify.webhook`."""

    def __call__(self, message_id: str, body: bytes) -> int:
        """The status of the answer, 200 to 299. Raises `InputError` and `TransientError`."""


@dataclass(frozen=True)
class NoticeActivity:
    """Tells a webhook what became of a video or batch."""

    catalog: Catalog
    ledger: BatchLedger
    post: Post | None
    """None where no webhook is set (any more)."""

    @activity.defn(name="compose_notice")
    def compose_notice(self, given: NoticeInput) -> NoticeMessage:
        """Write the message as things stand now; every try sends these bytes."""
        with activity_edge(_STAGE, given.subject), activity_span(_STAGE, given.subject):
            body = self._body(given)
            return NoticeMessage(_message_id(given), json.dumps(body, separators=(",", ":")))

    @activity.defn(name="post_notice")
    def post_notice(self, message: NoticeMessage) -> NoticeResult:
        """One try. What is raised is a sentence that names the host and no more of the address."""
        with activity_edge(_STAGE, message.id), activity_span(_STAGE, message.id):
            if self.post is None:
                raise InputError("No webhook is set any more (MINDREEL_WEBHOOK_URL), so nobody was told.")
            status = self.post(message.id, message.body.encode())
            log().info("webhook told", message=message.id, status=status)
            return NoticeResult(status)

    def _body(self, given: NoticeInput) -> dict[str, Any]:
        if given.kind == BATCH:
            batch = self.ledger.batch(given.subject)
            if batch is not None:
                return batch_body(batch, given.report)
        else:
            row = self.catalog.get(given.subject)
            if row is not None:
                return video_body(row)
        raise InputError(f"The catalog knows no {given.kind} {given.subject}, so there is nothing to tell.")


def _message_id(given: NoticeInput) -> str:
    """ASCII without a dot, as a signature needs it; names of batches are neither."""
    identity = f"{given.kind}/{given.subject}/{given.run_id}"
    return f"{given.kind}_{hashlib.sha256(identity.encode()).hexdigest()[:32]}"
