from pathlib import Path

import pytest

from activities.step import Steps
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.engine.scratch import Scratch
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog


@pytest.fixture
def request_of_a_video() -> VideoRequest:
    return VideoRequest("talk.mp4", VideoIdentity("file-0123456789abcdef", "file", "/nowhere/talk.mp4"))


@pytest.fixture
def steps(tmp_path: Path, request_of_a_video: VideoRequest) -> Steps:
    """Real stores in an empty folder, with the video's row begun."""
    catalog = LocalCatalog(tmp_path / "catalog.db")
    catalog.begin(
        request_of_a_video.video.id,
        source=request_of_a_video.source,
        platform="file",
        workflow_id="video-file-0123456789abcdef",
        request_json="{}",
    )
    return Steps(LocalArtifactStore(tmp_path / "artifacts"), catalog, Scratch(tmp_path / "tmp"))
