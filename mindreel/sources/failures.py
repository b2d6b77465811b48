"""Sorts what yt-dlp raises into our tree: permanent, transient, later, or for a person to solve.

Types and status codes decide where there are any; yt-dlp says the rest only in words (`wording.py`).
"""

import errno
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from yt_dlp.networking.exceptions import (  # type: ignore[import-untyped]
    CertificateVerifyError,
    HTTPError,
    NoSupportingHandlers,
    TransportError,
    UnsupportedRequest,
)
from yt_dlp.utils import (  # type: ignore[import-untyped]
    ContentTooShortError,
    ExtractorError,
    GeoRestrictedError,
    PostProcessingError,
    UnsupportedError,
    UserNotLive,
)

from mindreel.contracts.retry_after import seconds_to_wait
from mindreel.errors import (
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
from mindreel.sources.guard import UNKNOWN_NAME, Guard
from mindreel.sources.limits import disk_full
from mindreel.sources.wording import COOKIES, by_words, plain_text, site_refuses

_UPDATE = "update yt-dlp, and try again"
_RETRY_STATUS = frozenset({408, 425})
_TOO_MANY = 429  # RFC 6585, section 4
_SERVER_ERROR = 500


def sort_failure(error: BaseException, guard: Guard, url: str) -> MindreelError:
    """The error of our tree for whatever came out of yt-dlp while it worked on `url`."""
    causes = list(_causes(error))
    host = urlsplit(url).hostname or url
    for judge in (_by_ourselves, _by_disk, _by_site, _by_guard, _by_type, _by_status):
        verdict = judge(causes, guard, host)
        if verdict is not None:
            return verdict
    return _by_words(causes, host)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it says it comes from."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        info = getattr(current, "exc_info", None)
        waiting += [info[1] if info else None, getattr(current, "cause", None), current.__cause__]


def _by_ourselves(causes: list[BaseException], guard: Guard, _host: str) -> MindreelError | None:
    """Our own refusals; but that a page holds no video may be because part of it was out of reach."""
    ours = next((cause for cause in causes if isinstance(cause, MindreelError)), None)
    if isinstance(ours, NotAVideoError) and (guard.refused or guard.unreachable):
        return None
    return ours


def _by_disk(causes: list[BaseException], _guard: Guard, _host: str) -> MindreelError | None:
    full = (errno.ENOSPC, errno.EDQUOT)
    if any(isinstance(cause, OSError) and cause.errno in full for cause in causes):
        return disk_full()
    return disk_full() if "No space left on device" in str(causes[0]) else None


def _by_site(causes: list[BaseException], _guard: Guard, host: str) -> MindreelError | None:
    """A challenge to anybody like us: said in words, or by Cloudflare's header (`cf-mitigated`)."""
    for cause in causes:
        if isinstance(cause, HTTPError) and cause.response.headers.get("cf-mitigated") == "challenge":
            return BotCheckError(
                f"{host} sends Cloudflare's anti-bot challenge (HTTP {cause.status}); wait, or {COOKIES}."
            )
    return site_refuses(causes[0], host)


def _by_guard(_causes: list[BaseException], guard: Guard, _host: str) -> MindreelError | None:
    if guard.refused:
        return SourceForbiddenError(
            f"The address leads to {guard.refused[0]}, a private network address, which is refused; set "
            "MINDREEL_ALLOW_PRIVATE_HOSTS=1 if you trust it."
        )
    for host, reason in guard.unreachable.items():
        kind = UnknownHostError if reason == UNKNOWN_NAME else TransientError
        return kind(
            f"{host} could not be reached: {reason}; check the address and the network, then try again."
        )
    return None


def _by_type(  # noqa: PLR0911 - a table, one line per type
    causes: list[BaseException], _guard: Guard, host: str
) -> MindreelError | None:
    for cause in causes:
        match cause:
            case UserNotLive():
                return NotYetError(f"The channel on {host} is not live now; try again when it is.")
            case GeoRestrictedError():
                return SourceForbiddenError(
                    f"{host} does not show this video in this country; choose another."
                )
            case UnsupportedError():
                return NotAVideoError(f"No video was found on the page at {host}; give a page with a video.")
            case CertificateVerifyError():
                return InputError(f"The certificate of {host} is not valid; check the address.")
            case NoSupportingHandlers() | UnsupportedRequest():
                return InputError(
                    f"The page at {host} points to an address that is not http(s); choose another."
                )
            case PostProcessingError():
                return NotAVideoError(
                    f"What {host} sent cannot be opened as a video ({plain_text(cause)}); choose another."
                )
    return None


def _by_status(causes: list[BaseException], _guard: Guard, host: str) -> MindreelError | None:
    for cause in causes:
        if isinstance(cause, HTTPError):
            answer = cause.response
            host = urlsplit(answer.url).hostname or host  # of the last hop
            wait_s = seconds_to_wait(answer.headers.get("Retry-After"))
            return _status_error(cause.status, host, wait_s, loop=cause.redirect_loop)
    # After its own retries yt-dlp keeps only the words.
    match = re.search(r"HTTP Error (\d{3})", str(causes[0]))
    if match:
        return _status_error(int(match[1]), host, None, loop=False)
    if any(isinstance(cause, TransportError | ContentTooShortError) for cause in causes):
        return TransientError(f"The connection to {host} failed ({plain_text(causes[-1])}); try again later.")
    return None


def _status_error(status: int, host: str, retry_after_s: float | None, *, loop: bool) -> MindreelError:
    if loop:
        return InputError(f"{host} redirects in a circle; check the address.")
    if status == _TOO_MANY:
        return RateLimitedError(
            f"{host} answered HTTP 429 (too many requests); try again later.", retry_after_s=retry_after_s
        )
    if status in _RETRY_STATUS or status >= _SERVER_ERROR:
        return TransientError(
            f"{host} answered HTTP {status} (a fault on its side); try again later.",
            retry_after_s=retry_after_s,
        )
    match status:
        case 404 | 410:
            return SourceNotFoundError(f"{host} has nothing at this address (HTTP {status}); check it.")
        case 401 | 402 | 403 | 451:
            return SourceForbiddenError(
                f"{host} refuses access (HTTP {status}); if a browser may open it, {COOKIES}."
            )
    return InputError(f"{host} answered HTTP {status}; check the address.")


def _by_words(causes: list[BaseException], host: str) -> MindreelError:
    known = by_words(causes[0], host)
    if known is not None:
        return known
    text = plain_text(causes[0])
    expected = [cause.expected for cause in causes if isinstance(cause, ExtractorError)]
    if expected and not all(expected):
        return SetupError(f"yt-dlp cannot read this page of {host} ({text}); {_UPDATE}.")
    return InputError(f"{host}: {text}; check the address.")
