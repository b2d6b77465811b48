from temporalio import activity

from mindreel.contracts.codec import to_json
from mindreel.contracts.video import VideoRequest
from mindreel.store.protocols import Catalog


def begin_row(catalog: Catalog, request: VideoRequest) -> None:
    """A run of this video begins: its row says so."""
    catalog.begin(
        request.video.id,
        source=request.source,
        platform=request.video.platform,
        workflow_id=activity.info().workflow_id or "",
        request_json=to_json(request, indent=None).decode(),
    )
