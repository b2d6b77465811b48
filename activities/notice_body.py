"""What a webhook is told, as docs/webhook.md says it."""

from datetime import datetime
from typing import Any

from mindreel.contracts.batch import BatchView
from mindreel.contracts.codec import from_json
from mindreel.contracts.steps import VideoResult
from mindreel.contracts.video import VideoRequest
from mindreel.store.protocols import VideoRow

_OPEN = ("queued", "running")


def video_body(row: VideoRow) -> dict[str, Any]:
    """Of a video whose run has ended; the next one may have begun already."""
    request = from_json(VideoRequest, row.request_json.encode())
    result = from_json(VideoResult, row.result_json.encode()) if row.result_json else None
    again = row.status in _OPEN and result is not None
    data = {
        "id": row.id,
        "source": row.source,
        "title": row.title,
        "outcome": result.outcome if again and result else row.status,
        "reasons": result.reasons if again and result else row.reasons,
        "error_class": row.error_class,
        "library": row.library,
        "artifacts": result.artifacts if result else {},
        "batch": request.batch,
        "tenant": request.tenant,
        "seconds": None if again else _seconds(row.began_at, row.updated_at),
    }
    return {"type": "video.finished", "timestamp": row.updated_at, "data": data}


def batch_body(batch: BatchView, report: str) -> dict[str, Any]:
    """Of a batch that has ended."""
    data = {
        "name": batch.name,
        "inbox": batch.inbox,
        "file": batch.file,
        "state": batch.state,
        "rows": batch.total,
        "counts": batch.counts,
        "problem": batch.problem,
        "report": report or None,
    }
    return {"type": "batch.finished", "timestamp": batch.updated_at, "data": data}


def _seconds(began_at: str | None, ended_at: str) -> float | None:
    if began_at is None:
        return None
    length = datetime.fromisoformat(ended_at) - datetime.fromisoformat(began_at)
    return round(max(0.0, length.total_seconds()), 3)
