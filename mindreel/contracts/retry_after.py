import email.utils
from datetime import UTC, datetime


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Retry-After as seconds or as a date (RFC 9110, section 10.2.3); None where it says nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
