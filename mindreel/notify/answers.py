"""What an answer other than 2xx means for the next try."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from mindreel.contracts.retry_after import seconds_to_wait
from mindreel.errors import InputError, MindreelError, RateLimitedError, TransientError

_AGAIN = frozenset({408, 409, 425})
"""Of the 4xx: the receiver was too slow, busy with the same message, or not ready to risk a replay."""
_TOO_MANY = 429
_MOST_CHARS = 160


def error_of(host: str, status: int, headers: Mapping[str, str], said: str) -> MindreelError:
    """The error for an answer with this status; `said` is the beginning of its body."""
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110, section 15.4
        to = urlsplit(headers.get("location", "")).hostname or host
        return InputError(
            f"The webhook at {host} redirects to {to} (HTTP {status}), and redirects are not followed; set "
            "MINDREEL_WEBHOOK_URL to the final address."
        )
    sentence = f"The webhook at {host} answered HTTP {status}{_quoted(said)}"
    wait_s = seconds_to_wait(headers.get("retry-after"))
    if status == _TOO_MANY:
        return RateLimitedError(f"{sentence}; it is told later.", retry_after_s=wait_s)
    if status in _AGAIN or not 400 <= status < 500:  # noqa: PLR2004 - RFC 9110, section 15.5
        return TransientError(f"{sentence}; it is told later.", retry_after_s=wait_s)
    return InputError(f"{sentence}; check MINDREEL_WEBHOOK_URL and the receiver.")


def _quoted(said: str) -> str:
    if not said:
        return ""
    return f" ({said[:_MOST_CHARS]}{'…' if len(said) > _MOST_CHARS else ''})"
