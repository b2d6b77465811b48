"""Numbers and states as people read them."""

import math
from datetime import datetime


def duration(seconds: float) -> str:
    """`4.2 s`, `3:07` or `1:02:03`."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{max(0.0, seconds):.1f} s"
    return clock(seconds)


def clock(seconds: float) -> str:
    """A place in a video: `0:07`, `12:34` or `1:02:03`."""
    whole = max(0, math.floor(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def left(seconds: float | None) -> str:
    """Time left, rounded as roughly as it is known; empty when it is not."""
    if seconds is None:
        return ""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{max(1, math.ceil(seconds))} s left"
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return f"{math.ceil(seconds / 60)} min left"
    return f"{seconds / 3600:.1f} h left"


def size(count: float) -> str:
    """Bytes: `512 B`, `4.0 MB`; powers of 1000, as file managers show them."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:  # noqa: PLR2004 - the next unit
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def shortened(text: str, width: int) -> str:
    """At most `width` characters, on one line and without control characters (a title is others' text)."""
    line = "".join(char if char.isprintable() else " " for char in text).strip()
    return line if len(line) <= width else f"{line[: width - 1]}…"


def span(seconds: float) -> str:
    """How often, in the largest unit that is whole: `90 s`, `5 min`, `1 h`, `2 d`."""
    for unit, size_s in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size_s and seconds % size_s == 0:
            return f"{seconds / size_s:g} {unit}"
    return f"{seconds:g} s"


def moment(timestamp: str | None) -> str:
    """An ISO 8601 time where we are: `14:03:07` today, else with its date; empty for None."""
    if timestamp is None:
        return ""
    when = datetime.fromisoformat(timestamp).astimezone()
    today = when.date() == datetime.now().astimezone().date()
    return when.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")
