"""From what a person typed for a video to its row in the catalog; needs no server."""

import re

from mindreel.bootstrap.stores import is_begun, open_catalog
from mindreel.cli.invocation import invocation
from mindreel.contracts.codec import from_json
from mindreel.contracts.steps import VideoResult
from mindreel.errors import InputError
from mindreel.settings import Settings
from mindreel.sources.identity import identify
from mindreel.store.protocols import Catalog, VideoRow

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SHOWN = 5


def catalog_of(settings: Settings) -> Catalog | None:
    """The catalog; None where nothing has been processed yet, so that a look creates no folder."""
    return open_catalog(settings) if is_begun(settings) else None


def find_row(text: str, settings: Settings) -> VideoRow | None:
    """The catalog's row for an id, its beginning, a workflow id, or a source as typed for `run`.

    Raises `InputError` where several begin so.
    """
    catalog = catalog_of(settings)
    if catalog is None:
        return None
    video_id = id_of(text)
    exact = catalog.get(video_id)
    if exact is not None:
        return exact
    rows = catalog.find(video_id)
    if len(rows) > 1:
        raise InputError(_ambiguous(text, rows))
    return rows[0] if rows else None


def row_of(text: str, settings: Settings) -> VideoRow:
    """Like `find_row`; raises `InputError` where there is none."""
    row = find_row(text, settings)
    if row is None:
        raise unknown(text)
    return row


def unknown(text: str) -> InputError:
    """The sentence for an id that nobody knows."""
    return InputError(f"No video {text} is known here; `{invocation()} list` shows them all.")


def result_in(row: VideoRow) -> VideoResult | None:
    """What the catalog keeps of the last run that ended."""
    if row.result_json is None:
        return None
    return from_json(VideoResult, row.result_json.encode())


def id_of(text: str) -> str:
    """The video's id, as far as it was typed."""
    if not _ID.fullmatch(text):
        return identify(text).id
    return text.removeprefix("video-")  # a workflow id, copied from the Web UI


def _ambiguous(text: str, rows: list[VideoRow]) -> str:
    ids = ", ".join(row.id for row in rows[:_SHOWN])
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"{text} could be {ids}{more}; type a little more of it."
