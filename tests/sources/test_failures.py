"""The words are those yt-dlp 2026.8 uses; what a server answers is tested on real answers elsewhere."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from yt_dlp.networking.common import Response  # type: ignore[import-untyped]
from yt_dlp.networking.exceptions import (  # type: ignore[import-untyped]
    CertificateVerifyError,
    HTTPError,
    TransportError,
)
from yt_dlp.utils import (  # type: ignore[import-untyped]
    DownloadError,
    ExtractorError,
    GeoRestrictedError,
    PostProcessingError,
    UserNotLive,
)

from mindreel.contracts.retry_after import seconds_to_wait
from mindreel.errors import (
    BlockedError,
    BotCheckError,
    InputError,
    MindreelError,
    NotAVideoError,
    NotYetError,
    RateLimitedError,
    SetupError,
    SourceForbiddenError,
    SourceNotFoundError,
    TransientError,
    UnknownHostError,
)
from mindreel.sources.failures import sort_failure
from mindreel.sources.guard import UNKNOWN_NAME, Guard
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


def _answer(status: int, headers: dict[str, str]) -> HTTPError:
    return HTTPError(Response(io.BytesIO(), URL, headers, status=status))


_HINT = (
    ". Use --cookies-from-browser or --cookies for the authentication. See  https://github.com/yt-dlp/yt-dlp/"
    "wiki/FAQ#how-do-i-pass-cookies-to-yt-dlp  for how to manually pass cookies"
)
_REPORT = (
    ", please report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the appropriate "
    "issue template. Confirm you are on the latest version using  yt-dlp -U"
)
_SAID = {
    BotCheckError: [
        f"Sign in to confirm you\u2019re not a bot{_HINT}",
        "Video unavailable. YouTube is requiring a captcha challenge before playback",
        (
            "The webpage request was redirected to the login page. "
            f"You have exceeded the rate-limit for accessing posts anonymously{_HINT}"
        ),
        "Requested content is not available, rate-limit reached or login required. Use --cookies",
        (
            "Instagram sent an empty media response. Check if this post is accessible in your browser "
            f"without being logged-in. If it is not, then u{_HINT[3:]}. Otherwise, if the post is "
            f"accessible in browser without being logged-in{_REPORT}"
        ),
        f"TikTok is requiring login for access to this content{_HINT}",
        "Fresh cookies (not necessarily logged in) are needed",
        (
            "Got HTTP Error 403 caused by Cloudflare anti-bot challenge; see  https://github.com/yt-dlp/yt-dlp"
            "#impersonation  for how to install the required impersonation dependency, and try again with  "
            '--extractor-args "generic:impersonate"'
        ),
        (
            "Got HTTP Error 403 caused by Cloudflare anti-bot challenge; try again with  --extractor-args "
            '"generic:impersonate"'
        ),
        (
            "This request has been blocked due to its TLS fingerprint. Install a required impersonation "
            "dependency if possible, or else if you are okay with compromising your security/cookies, try "
            'replacing "https:" with "http:" in the input URL. If you are using a data center IP or '
            "VPN/proxy, your IP may be blocked."
        ),
        f"You are suspected as a bot. Wait, or pass the captcha on the site and provide cookies. {_HINT}",
    ],
    RateLimitedError: [
        (
            "This content isn't available, try again later. The current session has been rate-limited by "
            "YouTube for up to an hour. It is recommended to use `-t sleep` to add a delay between video "
            "requests to avoid exceeding the rate limit. For more information, refer to  https://github.com/"
        ),
        "You have exceeded the rate limit. Try again later",
        'The video is not available, Facebook said: "You\u2019re Temporarily Blocked"',
        "Unable to download webpage: HTTP Error 429: Too Many Requests (caused by <HTTPError 429>)",
    ],
    BlockedError: [
        f"Sign in to confirm your age. This video may be inappropriate for some users{_HINT}",
        f"Private video. Sign in if you've been granted access to this video{_HINT}",
        "Join this channel to get access to members-only content like this video, and other exclusive perks.",
        f"This video is only available for registered users{_HINT}",
        f"This content is only available for registered users who follow this account{_HINT}",
        f"Restricted Video: You must be 18 years old or over to see this video{_HINT}",
        f"This content is unreachable{_HINT}",
        f"This post may not be comfortable for some audiences. Log in for access{_HINT}",
        f"You do not have permission to view this post. Log into an account that has access{_HINT}",
        f"NSFW tweet requires authentication{_HINT}",
        f"You are not authorized to view this protected tweet{_HINT}",
        "Twitter API says: Age-restricted adult content. To view this media, you\u2019ll need to log in to X",
    ],
    SourceForbiddenError: [
        "This video is private",
        "This video is DRM protected",
        "The uploader has not made this video available in your country",
        "Your IP address is blocked from accessing this post",
        "This video is protected by a password, use the --video-password option",
        "Cannot download embed-only video without embedding URL. Please call yt-dlp with the URL of the page",
        (
            "Twitter API says: You\u2019re unable to view this Post because this account owner limits "
            "who can view their Posts"
        ),
    ],
    SourceNotFoundError: [
        "Video unavailable. This video has been removed by the uploader",
        "This video is no longer available because the account has been terminated",
        "Video unavailable",
        "The playlist does not exist.",
        "YouTube said: The playlist does not exist.",
        "The channel/playlist does not exist and the URL redirected to youtube.com home page",
        "Failed to resolve url (does the playlist exist?)",
        "Requested tweet is unavailable",
        "Twitter API says: This Post is from a suspended account",
        "Broadcast no longer exists",
        "HTTP Error 410: Gone",
    ],
    NotYetError: [
        "This live event will begin in 3 hours.",
        "Premieres in 2 days",
        "The channel is not currently live",
    ],
    NotAVideoError: [
        "Requested format is not available. Use --list-formats for a list of available formats",
        "No video formats found!",
        "No video could be found in this tweet",
        "There is no video in this post",
    ],
    TransientError: [
        "The read operation timed out",
        "183488 bytes read, 183488 more expected. Giving up after 3 retries",
        "The downloaded file is empty",
        "HTTP Error 503: Service Unavailable. Giving up after 3 retries",
        "The page needs to be reloaded.",
    ],
}


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind, said in _SAID.items() for words in said])
def test_what_sites_say_is_sorted_by_what_helps(kind: type[MindreelError], words: str, guard: Guard) -> None:
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
        (_answer(403, {"cf-mitigated": "challenge"}), BotCheckError),
        (_answer(403, {}), SourceForbiddenError),
        (_answer(429, {}), RateLimitedError),
        (_answer(503, {}), TransientError),
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
    back = as_error(failed(RateLimitedError("Busy.", retry_after_s=7)))
    assert type(back) is RateLimitedError
    assert (str(back), back.retry_after_s) == ("Busy.", 7)
    for kind in _tree(MindreelError):
        assert type(as_error(failed(kind("Why.")))) is kind


def test_retry_after_may_be_seconds_or_a_date() -> None:
    assert seconds_to_wait("120") == 120
    later = datetime.now(UTC) + timedelta(hours=1)
    assert seconds_to_wait(format_datetime(later, usegmt=True)) == pytest.approx(3600, abs=60)
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert seconds_to_wait("soon") is None
    assert seconds_to_wait(None) is None


def test_plain_text_keeps_what_is_said_and_no_more() -> None:
    error = DownloadError(
        "\x1b[0;31mERROR:\x1b[0m [youtube] dQw4w9WgXcQ: Unable to extract data; please report this issue on "
        "https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the template. Confirm you are on the latest"
    )
    assert plain_text(error) == "Unable to extract data"


def _tree(kind: type[MindreelError]) -> Iterator[type[MindreelError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _tree(narrower)


def _assert_one_clean_sentence(error: MindreelError) -> None:
    text = str(error)
    assert text.endswith(".")
    assert not any(
        noise in text for noise in ("\x1b", "\n", "ERROR", "report this", "Traceback", "--", "[youtube]")
    )


def test_a_host_that_does_not_exist_is_told_from_one_that_does_not_answer(guard: Guard) -> None:
    guard.unreachable["mistyped.example"] = UNKNOWN_NAME
    assert type(sort_failure(OSError(), guard, URL)) is UnknownHostError
    guard.unreachable["mistyped.example"] = "it did not answer"
    assert type(sort_failure(OSError(), guard, URL)) is TransientError
