from dataclasses import replace
from typing import TypeVar

from temporalio import activity

from mindreel.contracts.codec import to_json
from mindreel.contracts.steps import Downloaded, Resolved
from mindreel.contracts.video import VideoRequest
from mindreel.store.protocols import Catalog

Titled = TypeVar("Titled", Resolved, Downloaded)


def titled(made: Titled, request: VideoRequest) -> Titled:
    """A step's result with the title that the person gave, where there is one, instead of the site's."""
    return replace(made, title=request.title or made.title)


def begin_row(catalog: Catalog, request: VideoRequest) -> None:
    """A run of this video begins: its row says so."""
    catalog.begin(
        request.video.id,
        source=request.source,
        platform=request.video.platform,
        workflow_id=activity.info().workflow_id or "",
        run_id=activity.info().workflow_run_id or "",
        request_json=to_json(request, indent=None).decode(),
    )
