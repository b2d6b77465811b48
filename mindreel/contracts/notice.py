"""Who is told of what by webhook."""

import base64
import binascii
from dataclasses import dataclass

from mindreel.errors import InputError

VIDEO, BATCH = "video", "batch"

_PREFIX = "whsec_"
_LEAST_BYTES, _MOST_BYTES = 24, 64


@dataclass(frozen=True)
class NoticeInput:
    """The argument of the `Notice` workflow: a video or batch whose run has ended."""

    kind: str
    """VIDEO or BATCH."""
    subject: str
    """Video id, or name of the batch."""
    run_id: str
    """Of the workflow run that ended: the same end has the same message id, however often it is posted."""
    report: str = ""
    """Of a batch: where `NAME.report.csv` lies."""


@dataclass(frozen=True)
class NoticeMessage:
    """What is posted: written once, so that every try sends the same bytes."""

    id: str
    """The header `webhook-id`: ASCII without dots, the same for the same run of the same subject."""
    body: str
    """JSON, ASCII; see docs/webhook.md."""


@dataclass(frozen=True)
class NoticeResult:
    """How the other side took it."""

    status: int
    """HTTP status of its answer, 200 to 299."""


def signing_key(secret: str) -> bytes:
    """The bytes of a secret of Standard Webhooks: base64 of 24 to 64 bytes, mostly with `whsec_` before it.

    Raises `InputError`, which says how to make one and does not repeat it.
    """
    text = secret.strip().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise InputError(
            f"MINDREEL_WEBHOOK_SECRET must be {_PREFIX} and {_LEAST_BYTES} to {_MOST_BYTES} random bytes in "
            f"base64; this makes one: echo {_PREFIX}$(openssl rand -base64 32)"
        )
    return key
