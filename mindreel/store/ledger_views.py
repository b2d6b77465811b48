"""Batches and their rows as people see them, out of what a ledger found in its database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mindreel.contracts.batch import DUPLICATE, ENDED, PENDING, BatchView, RowView
from mindreel.contracts.stages import NAMES
from mindreel.store import ledger_wording as wording

Found = Mapping[str, Any]
"""A row of a database by its columns' names; JSON is decoded, times are ISO 8601 in UTC."""
_WHOLE = 100.0


def batch_view(batch: Found, groups: Sequence[Found], *, now: datetime) -> BatchView:
    """One batch; `groups` are its rows by outcome: rows, percent, changed_at, paced."""
    counts = {group["outcome"]: group["rows"] for group in groups}
    total = sum(counts.values())
    done = sum(
        _WHOLE * group["rows"] if group["outcome"] in ENDED else group["percent"]
        for group in groups
        if group["outcome"] in ENDED or group["outcome"] == "running"
    )
    return BatchView(
        name=batch["name"],
        inbox=batch["inbox"],
        file=batch["file"],
        state=batch["state"],
        counts=counts,
        percent=done / total if total else _WHOLE,
        seconds_left=_seconds_left(batch, groups, now),
        created_at=batch["created_at"],
        updated_at=max(batch["changed_at"], *(group["changed_at"] or "" for group in groups), ""),
        problem=batch["problem"],
        remarks=tuple(batch["remarks"]),
    )


def _seconds_left(batch: Found, groups: Sequence[Found], now: datetime) -> float | None:
    """As many seconds a row as it took since the batch began, was released or went on."""
    ended = sum(group["paced"] or 0 for group in groups if group["outcome"] in ENDED)
    left = sum(group["rows"] for group in groups if group["outcome"] not in ENDED)
    if batch["state"] != "running" or not ended or not left:
        return None
    return float(_seconds_between(batch["paced_at"], now) * left / ended)


def row_view(found: Found, original_row: Found | None, *, now: datetime) -> RowView:
    """One row; `original_row` is the one that has the video of a duplicate, where it is still there."""
    outcome = found["outcome"]
    with_video = found["state"] in ("taken", "started")
    original = _original(found, original_row)
    return RowView(
        number=found["number"],
        item=found["item"],
        url=found["url"],
        video_id=found["video_id"],
        title=found["title"] or found["site_title"] or "",
        outcome=outcome,
        stage=_stage(found),
        percent=_percent(found),
        error_class=found["class"],
        message=_message(found, original, original_row),
        original=original.place if original else "",
        seconds=_seconds(found, now) if with_video and found["began_at"] else None,
        library=found["library"] if with_video or outcome == DUPLICATE else None,
        tenant=found["tenant"],
    )


def _original(found: Found, row: Found | None) -> wording.Original | None:
    if found["state"] != DUPLICATE or row is None:
        return None
    batch = "" if row["batch"] == found["batch"] else row["name"]
    return wording.Original(row["number"], row["item"], batch, withdrawn=row["state"] == "withdrawn")


def _stage(found: Found) -> str:
    match found["outcome"]:
        case "refused":
            return "csv"
        case "running":
            return str(NAMES[found["reached"]])
        case "failed" if found["state"] == "refused" or found["stage"] is None:
            return NAMES[0]
        case "failed":
            return str(found["stage"])
        case _:
            return ""


def _percent(found: Found) -> float:
    if found["state"] in ("taken", "started"):
        return float(found["percent"] or 0.0)
    return _WHOLE if found["state"] in ("duplicate", "expanded") else 0.0


def _message(found: Found, original: wording.Original | None, original_row: Found | None) -> str:
    match found["state"]:
        case "refused":
            return str(found["problem"] or found["message"])
        case "withdrawn":
            return wording.WITHDRAWN
        case "duplicate":
            same = wording.duplicate(
                "playlist" if found["video_id"] is None else "video",
                original,
                status=found["status"],
                ended_at=found["updated_at"],
                reasons=_reasons(found),
            )
            return wording.joined(same, _other_options(found, original_row))
        case "taken" | "started" if found["outcome"] != "queued":
            return wording.joined(*_reasons(found), found["message"], _other_options(found, None))
        case _:
            return str(found["message"])


def _reasons(found: Found) -> Sequence[str]:
    return [str(reason) for reason in found["reasons"] or ()]


def _other_options(found: Found, original: Found | None) -> str:
    """Of a row whose video is, or will be, made with the options of another row or run."""
    had: Mapping[str, object] | None = found["had_options"]
    if original is not None and (had is None or original["state"] == PENDING):
        had = original["options"]
    elif found["status"] in ("failed", "cancelled"):
        return ""
    return "" if had is None else wording.other_options(found["options"], had)


def _seconds(found: Found, now: datetime) -> float:
    """Of its last run, up to now where that has not ended."""
    over = found["outcome"] in ENDED
    return _seconds_between(found["began_at"], datetime.fromisoformat(found["updated_at"]) if over else now)


def _seconds_between(begin: str, end: datetime) -> float:
    return (end - datetime.fromisoformat(begin)).total_seconds()
