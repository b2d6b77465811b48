"""The words are those yt-dlp 2026.8 uses; what a server answers is tested on real answers elsewhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from yt_dlp.networking.exceptions import (  # type: ignore[import-untyped]
    CertificateVerifyError,
    TransportError,
)
from yt_dlp.utils import (  # type: ignore[import-untyped]
    DownloadError,
    ExtractorError,
    GeoRestrictedError,
    PostProcessingError,
    UserNotLive,
)

from mindreel.errors import (
    BlockedError,
    InputError,
    MindreelError,
    NotAVideoError,
    NotYetError,
    SetupError,
    SourceForbiddenError,
    SourceNotFoundError,
    TransientError,
)
from mindreel.sources.failures import _seconds, sort_failure
from mindreel.sources.guard import Guard
from mindreel.sources.messages import as_error, failed
from mindreel.sources.wording import plain_text

URL = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.fixture
def guard() -> Iterator[Guard]:
    with Guard(allow_private_hosts=False) as running:
        yield running


def _raised(cause: Exception) -> DownloadError:
    """As yt-dlp wraps what an extractor raised."""
    return DownloadError(f"\x1b[0;31mERROR:\x1b[0m {cause}", (type(cause), cause, None))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Sign in to confirm you\u2019re not a bot. Use --cookies-from-browser or --cookies", BlockedError),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", BlockedError),
        ("Join this channel to get access to members-only content", BlockedError),
        ("This video is only available for registered users. Use --cookies", BlockedError),
        ("Requested content is not available, rate-limit reached or login required", BlockedError),
        ("Private video. Sign in if you've been granted access to this video", BlockedError),
        ("This video is private", SourceForbiddenError),
        ("This video is DRM protected", SourceForbiddenError),
        ("The uploader has not made this video available in your country", SourceForbiddenError),
        ("Video unavailable. This video has been removed by the uploader", SourceNotFoundError),
        ("This video is no longer available because the account has been terminated", SourceNotFoundError),
        ("Video unavailable", SourceNotFoundError),
        ("This live event will begin in 3 hours.", NotYetError),
        ("Premieres in 2 days", NotYetError),
        ("The channel is not currently live", NotYetError),
        ("Requested format is not available. Use --list-formats for a list", NotAVideoError),
        ("No video formats found!", NotAVideoError),
        ("The read operation timed out", TransientError),
        ("183488 bytes read, 183488 more expected. Giving up after 3 retries", TransientError),
        ("The downloaded file is empty", TransientError),
        ("HTTP Error 503: Service Unavailable. Giving up after 3 retries", TransientError),
        ("HTTP Error 410: Gone", SourceNotFoundError),
    ],
)
def test_what_sites_say_is_sorted_by_what_helps(words: str, kind: type[MindreelError], guard: Guard) -> None:
    error = sort_failure(
        _raised(ExtractorError(words, expected=True, ie="youtube", video_id="dQw4w9WgXcQ")), guard, URL
    )
    assert type(error) is kind
    _assert_one_clean_sentence(error)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (GeoRestrictedError("Not here", countries=["FR"]), SourceForbiddenError),
        (UserNotLive(), NotYetError),
        (PostProcessingError("Conversion failed!"), NotAVideoError),
        (CertificateVerifyError("certificate has expired"), InputError),
        (TransportError("Connection aborted"), TransientError),
        (OSError(28, "No space left on device"), SetupError),
        (ExtractorError("Unable to extract player data", ie="youtube", video_id="x"), SetupError),
    ],
)
def test_what_yt_dlp_knows_by_type_is_sorted_by_type(
    cause: Exception, kind: type[MindreelError], guard: Guard
) -> None:
    error = sort_failure(_raised(cause), guard, URL)
    assert type(error) is kind
    _assert_one_clean_sentence(error)


def test_a_broken_extractor_says_that_yt_dlp_needs_an_update(guard: Guard) -> None:
    error = sort_failure(_raised(ExtractorError("Unable to extract player data", ie="youtube")), guard, URL)
    assert str(error).endswith("update yt-dlp, and try again.")


def test_our_own_refusals_pass_through(guard: Guard) -> None:
    ours = NotYetError("Wait.", retry_after_s=60)
    assert sort_failure(ours, guard, URL) is ours


def test_a_page_that_is_empty_because_a_part_was_refused_says_that(guard: Guard) -> None:
    guard.refused.append("10.0.0.1")
    assert type(sort_failure(NotAVideoError("Nothing here."), guard, URL)) is SourceForbiddenError


def test_an_error_survives_the_way_to_the_parent() -> None:
    back = as_error(failed(TransientError("Busy.", retry_after_s=7)))
    assert type(back) is TransientError
    assert (str(back), back.retry_after_s) == ("Busy.", 7)
    for kind in (SourceNotFoundError, BlockedError, SetupError, NotYetError, InputError):
        assert type(as_error(failed(kind("Why.")))) is kind


def test_retry_after_may_be_seconds_or_a_date() -> None:
    assert _seconds("120") == 120
    later = datetime.now(UTC) + timedelta(hours=1)
    assert _seconds(format_datetime(later, usegmt=True)) == pytest.approx(3600, abs=60)
    assert _seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert _seconds("soon") is None
    assert _seconds(None) is None


def test_plain_text_keeps_what_is_said_and_no_more() -> None:
    error = DownloadError(
        "\x1b[0;31mERROR:\x1b[0m [youtube] dQw4w9WgXcQ: Unable to extract data; please report this issue on "
        "https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the template. Confirm you are on the latest"
    )
    assert plain_text(error) == "Unable to extract data"


def _assert_one_clean_sentence(error: MindreelError) -> None:
    text = str(error)
    assert text.endswith(".")
    assert not any(
        noise in text for noise in ("\x1b", "\n", "ERROR", "report this", "Traceback", "--", "[youtube]")
    )
