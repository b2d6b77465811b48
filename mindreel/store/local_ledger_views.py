"""Batches and their rows as people see them, out of SQLite."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from mindreel.contracts.batch import DUPLICATE, ENDED, PENDING, BatchView, RowView
from mindreel.contracts.stages import NAMES
from mindreel.store import ledger_wording as wording

# A taken row is one whose video's workflow may exist. A page of several videos is not done before they are
# rows of their own, which they never become in a cancelled batch.
OUTCOME = """
    CASE r.state
        WHEN 'refused' THEN CASE r.problem WHEN '' THEN 'failed' ELSE 'refused' END
        WHEN 'pending' THEN 'waiting'
        WHEN 'withdrawn' THEN 'cancelled'
        WHEN 'duplicate' THEN 'duplicate'
        WHEN 'expanded' THEN 'expanded'
        ELSE CASE
            WHEN v.status = 'expanded' AND r.item = 0
                THEN CASE b.state WHEN 'cancelled' THEN 'cancelled' ELSE 'running' END
            ELSE coalesce(v.status, 'failed')
        END
    END
"""
# What `release` goes by, and what a report shows.
ERROR_CLASS = """
    CASE r.state
        WHEN 'refused' THEN CASE r.error_class WHEN '' THEN 'input' ELSE r.error_class END
        WHEN 'withdrawn' THEN 'cancelled'
        WHEN 'taken' THEN {of_video}
        WHEN 'started' THEN {of_video}
        ELSE ''
    END
""".format(
    of_video="""
        CASE v.status
            WHEN 'failed' THEN CASE v.error_class WHEN '' THEN 'internal' ELSE v.error_class END
            WHEN 'partial' THEN 'partial'
            WHEN 'cancelled' THEN 'cancelled'
            WHEN 'expanded' THEN CASE WHEN b.state = 'cancelled' AND r.item = 0 THEN 'cancelled' ELSE '' END
            ELSE CASE WHEN v.id IS NULL THEN 'internal' ELSE '' END
        END
    """
)
_SUMMARY = f"""
    SELECT r.batch AS batch, {OUTCOME} AS outcome, count(*) AS rows, sum(v.percent) AS percent,
        max(v.changed_at) AS changed_at,
        sum(r.state IN ('taken', 'started') AND v.updated_at >= b.paced_at) AS paced
    FROM batch b JOIN batch_row r ON r.batch = b.id
    LEFT JOIN video v INDEXED BY video_standing ON v.id = r.video_id
    WHERE b.id IN (SELECT value FROM json_each(?))
    GROUP BY 1, 2 ORDER BY 1
"""  # noqa: S608 - of our own constants
_ROWS = f"""
    SELECT r.*, {OUTCOME} AS outcome, {ERROR_CLASS} AS class, v.title AS site_title, v.status, v.stage,
        v.reached, v.percent, v.reasons, v.library, v.began_at, v.updated_at,
        CASE WHEN v.status != 'queued' AND json_valid(v.request_json)
            THEN json_extract(v.request_json, '$.options') END AS had_options
    FROM batch_row r JOIN batch b ON b.id = r.batch LEFT JOIN video v ON v.id = r.video_id
    WHERE r.batch = ? ORDER BY r.number, r.item
"""  # noqa: S608 - of our own constants
_ORIGINALS = """
    SELECT o.batch, o.key, o.number, o.item, o.state, o.options, b.name
    FROM batch_row o JOIN batch b ON b.id = o.batch
    WHERE (o.batch, o.key) IN (SELECT original, key FROM batch_row WHERE batch = ? AND state = 'duplicate')
        AND o.state != 'duplicate' AND o.problem = ''
    ORDER BY o.item DESC
"""
_WHOLE = 100.0


def batch_views(connection: sqlite3.Connection, batch: int | None = None) -> list[BatchView]:
    """One batch, or all, newest first."""
    batches = connection.execute(
        "SELECT * FROM batch WHERE :batch IS NULL OR id = :batch ORDER BY id DESC", {"batch": batch}
    ).fetchall()
    found = connection.execute(_SUMMARY, (json.dumps([each["id"] for each in batches]),))
    groups = {number: list(group) for number, group in groupby(found, key=lambda each: int(each["batch"]))}
    return [_view(each, groups.get(each["id"], ())) for each in batches]


def _view(batch: sqlite3.Row, groups: Sequence[sqlite3.Row]) -> BatchView:
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
        seconds_left=_seconds_left(batch, groups),
        created_at=batch["created_at"],
        updated_at=max(batch["changed_at"], *(group["changed_at"] or "" for group in groups), ""),
        problem=batch["problem"],
        remarks=tuple(json.loads(batch["remarks"])),
    )


def _seconds_left(batch: sqlite3.Row, groups: Sequence[sqlite3.Row]) -> float | None:
    """As many seconds a row as it took since the batch began, was released or went on."""
    ended = sum(group["paced"] or 0 for group in groups if group["outcome"] in ENDED)
    left = sum(group["rows"] for group in groups if group["outcome"] not in ENDED)
    if batch["state"] != "running" or not ended or not left:
        return None
    return float(_seconds_between(batch["paced_at"], None) * left / ended)


def row_views(connection: sqlite3.Connection, batch: int) -> list[RowView]:
    """All rows of a batch, in order."""
    originals = {(found["batch"], found["key"]): found for found in connection.execute(_ORIGINALS, (batch,))}
    return [
        _row_view(found, originals.get((found["original"], found["key"])))
        for found in connection.execute(_ROWS, (batch,))
    ]


def _row_view(found: sqlite3.Row, original_row: sqlite3.Row | None) -> RowView:
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
        seconds=_seconds_between(found["began_at"], found) if with_video and found["began_at"] else None,
        library=found["library"] if with_video or outcome == DUPLICATE else None,
        tenant=found["tenant"],
    )


def _original(found: sqlite3.Row, row: sqlite3.Row | None) -> wording.Original | None:
    if found["state"] != DUPLICATE or row is None:
        return None
    batch = "" if row["batch"] == found["batch"] else row["name"]
    return wording.Original(row["number"], row["item"], batch, withdrawn=row["state"] == "withdrawn")


def _stage(found: sqlite3.Row) -> str:
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


def _percent(found: sqlite3.Row) -> float:
    if found["state"] in ("taken", "started"):
        return float(found["percent"] or 0.0)
    return _WHOLE if found["state"] in ("duplicate", "expanded") else 0.0


def _message(found: sqlite3.Row, original: wording.Original | None, original_row: sqlite3.Row | None) -> str:
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


def _reasons(found: sqlite3.Row) -> Sequence[str]:
    return [str(reason) for reason in json.loads(found["reasons"] or "[]")]


def _other_options(found: sqlite3.Row, original: sqlite3.Row | None) -> str:
    """Of a row whose video is, or will be, made with the options of another row or run."""
    had: str | None = found["had_options"]
    if original is not None and (had is None or original["state"] == PENDING):
        had = original["options"]
    elif found["status"] in ("failed", "cancelled"):
        return ""
    if had is None or had == found["options"]:
        return ""
    asked: Mapping[str, object] = json.loads(found["options"])
    return wording.other_options(asked, json.loads(had))


def _seconds_between(begin: str, ended: sqlite3.Row | None) -> float:
    over = ended is not None and ended["outcome"] in ENDED
    end = datetime.fromisoformat(ended["updated_at"]) if ended is not None and over else datetime.now(UTC)
    return (end - datetime.fromisoformat(begin)).total_seconds()
