"""Who is told of what by webhook."""

from dataclasses import dataclass

VIDEO, BATCH = "video", "batch"


@dataclass(frozen=True)
class NoticeInput:
    """The argument of the `Notice` workflow: a video or batch whose run has ended."""

    kind: str
    """VIDEO or BATCH."""
    subject: str
    """Video id, or name of the batch."""
    run_id: str
    """Of the workflow run that ended: the same end has the same message id, however often it is posted."""


@dataclass(frozen=True)
class NoticeMessage:
    """What is posted: written once, so that every try sends the same bytes."""

    id: str
    """The header `webhook-id`: ASCII without dots, the same for the same run of the same subject."""
    body: str
    """JSON, see docs/webhook.md."""


@dataclass(frozen=True)
class NoticeResult:
    """How the other side took it."""

    status: int
    """HTTP status of its answer, 200 to 299."""
