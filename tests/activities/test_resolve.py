"""What a video is, is asked once; whether it is allowed, whenever that may have changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.resolve import ResolveActivity
from activities.step import Steps
from mindreel.contracts.steps import Resolved
from mindreel.contracts.video import Limits, VideoRequest
from mindreel.sources.identity import identify
from mindreel.sources.resolve import resolve
from tests.support.command import TALK
from tests.support.loopback_site import LoopbackSite


def resolved(steps: Steps, request: VideoRequest, limits: Limits) -> Resolved:
    return ActivityEnvironment().run(ResolveActivity(steps, resolve, limits).resolve, request)


def test_the_row_begins_and_says_what_became_known(steps: Steps) -> None:
    request = VideoRequest("samples/talk.mp4", identify(str(TALK)))
    done = resolved(steps, request, Limits())
    row = steps.catalog.get(request.video.id)
    assert row is not None
    assert (row.status, row.source, row.title) == ("running", "samples/talk.mp4", done.title)


def test_the_title_that_the_person_gave_stands_above_the_site_s(steps: Steps) -> None:
    """And it is no part of what was learned: the next run without it has the site's again."""
    request = VideoRequest("samples/talk.mp4", identify(str(TALK)))
    named = replace(request, title="My talk, 中文")
    assert resolved(steps, named, Limits()).title == "My talk, 中文"
    row = steps.catalog.get(request.video.id)
    assert row is not None
    assert row.title == "My talk, 中文"
    assert resolved(steps, request, Limits()).title != "My talk, 中文"


def test_the_same_question_is_asked_once(steps: Steps) -> None:
    request = VideoRequest("samples/talk.mp4", identify(str(TALK)))
    assert not resolved(steps, request, Limits()).step.reused
    assert resolved(steps, request, Limits()).step.reused


def test_a_lower_limit_refuses_what_was_allowed_before(steps: Steps) -> None:
    request = VideoRequest("samples/talk.mp4", identify(str(TALK)))
    resolved(steps, request, Limits())
    with pytest.raises(ApplicationError, match="MINDREEL_MAX_BYTES") as caught:
        resolved(steps, request, Limits(max_bytes=1000))
    assert caught.value.type == "limit"


@pytest.mark.slow
def test_a_private_address_is_refused_although_it_was_allowed_before(steps: Steps, tmp_path: Path) -> None:
    site_folder = tmp_path / "site"
    site_folder.mkdir()
    (site_folder / "talk.mp4").write_bytes(TALK.read_bytes())
    with LoopbackSite(site_folder) as site:
        request = VideoRequest(site.url("talk.mp4"), identify(site.url("talk.mp4")))
        allowed = Limits(allow_private_hosts=True)
        resolved(steps, request, allowed)
        with pytest.raises(ApplicationError, match="MINDREEL_ALLOW_PRIVATE_HOSTS"):
            resolved(steps, request, replace(allowed, allow_private_hosts=False))
