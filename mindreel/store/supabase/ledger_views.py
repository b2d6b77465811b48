"""Batches and their rows as people see them, out of what the functions of the database return."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mindreel.contracts.batch import BatchView, RowView
from mindreel.store.ledger_views import batch_view, row_view
from mindreel.store.supabase.moments import for_people, to_compare


def batch_view_of(found: Mapping[str, Any]) -> BatchView:
    """One batch of what `ledger_views` returns."""
    batch, groups = found["batch"], found["groups"]
    changes = [group["changed_at"] for group in groups if group["changed_at"]]
    times = {
        "created_at": for_people(batch["created_at"]),
        "changed_at": max(to_compare(each) for each in (batch["changed_at"], *changes)),
    }
    groups = [{**group, "changed_at": None} for group in groups]
    return batch_view({**batch, **times}, groups, now=datetime.fromisoformat(found["now"]))


def row_views_of(found: Mapping[str, Any]) -> list[RowView]:
    """The rows of what `ledger_rows` returns."""
    now = datetime.fromisoformat(found["now"])
    originals = {(each["file_id"], each["key"]): each for each in found["originals"]}
    return [row_view(each, originals.get((each["original"], each["key"])), now=now) for each in found["rows"]]
