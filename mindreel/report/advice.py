"""What a person can do about each error class: one table for reports and command line."""

import shlex
from dataclasses import dataclass

from mindreel.contracts.batch import RowView


@dataclass(frozen=True)
class Advice:
    """One class of the report."""

    title: str
    """Of the rows of this class, in a word or two."""
    sentence: str
    """What to do; it goes with every message of the class, so it never contradicts one."""
    retry: bool = True
    """True where trying again, by itself or after a change outside the file, may help."""


CSV, PARTIAL, CANCELLED, DUPLICATE, EXPANDED = "csv", "partial", "cancelled", "duplicate", "expanded"
"""Classes that are no error of a run."""

_ADVICE = {
    CSV: Advice(
        "Not understood",
        "Correct the file as the message says and save it; the next scan takes what is new in it.",
        retry=False,
    ),
    "input": Advice(
        "To be corrected",
        "Change what the message names; a corrected row is taken at the next scan of the file.",
        retry=False,
    ),
    "not_found": Advice(
        "Not found",
        "Open the address in a browser: if the video has moved, correct the row; if it is back, try again.",
    ),
    "forbidden": Advice(
        "Not allowed",
        "Get access or change the setting as the message says and try again, or choose another video.",
    ),
    "not_media": Advice(
        "No video there",
        "Give the address of the video itself, or an undamaged file; a corrected row is taken at the next "
        "scan of the file.",
    ),
    "limit": Advice(
        "Over a limit",
        "As the message says, choose another video, or raise the limit or make room, and try again.",
    ),
    "blocked": Advice(
        "Wants a login",
        "Export the cookies of a browser that is logged in, name the file in MINDREEL_COOKIES_FILE, and try "
        "again.",
    ),
    "bot_check": Advice(
        "Wants a person",
        "Pass the check in a browser, export its cookies, name the file in MINDREEL_COOKIES_FILE, open the "
        "site's gate with `starter.py site resume SITE`, and try again.",
    ),
    "setup": Advice(
        "Missing on the machine",
        "Mend on the worker's machine what the message names (`starter.py doctor` checks it), and try again.",
    ),
    "network": Advice(
        "Out of reach", "Check the network, and that the site is up in a browser, and try again."
    ),
    "unknown_host": Advice(
        "No such host",
        "Check the address for a typing error, and that this machine is on the network, and try again.",
    ),
    "rate_limit": Advice(
        "Too many requests",
        "Wait until the site answers again, and try again; MINDREEL_SITE_INTERVAL_S makes requests rarer.",
    ),
    "busy": Advice(
        "Machine was busy",
        "Try again, finished steps are kept; if it happens again, see what else is running on the worker's "
        "machine.",
    ),
    "store": Advice(
        "Store out of reach",
        "Check that Supabase answers (`starter.py doctor`), and try again; finished steps are kept.",
    ),
    "later": Advice("Not there yet", "Try again when the video has been published."),
    "timeout": Advice(
        "Took too long",
        "Try again, finished steps are kept; if it happens again, the worker's log says what it was doing.",
    ),
    "internal": Advice(
        "Our mistake",
        "Try again; if it happens again, report it with the part of the worker's log that names the video.",
    ),
    CANCELLED: Advice("Cancelled", "Nothing if that was meant, else try again; finished steps are kept."),
    PARTIAL: Advice(
        "Finished in part",
        "Use what is there, its page says what is missing; to have the rest, do as the message says and try "
        "again.",
    ),
    DUPLICATE: Advice(
        "Duplicates",
        "Nothing, unless the message says otherwise; the video is taken once, for all rows that name it.",
        retry=False,
    ),
    EXPANDED: Advice(
        "Playlists",
        "Nothing, unless the message says otherwise; its videos are rows of their own.",
        retry=False,
    ),
}
_UNKNOWN = Advice("Failed", "Do as the message says, and try again; the worker's log has the details.")


def advice_on(error_class: str) -> Advice:
    """Title and advice for a class of `mindreel.errors`, or timeout, partial, csv, duplicate, expanded."""
    return _ADVICE.get(error_class, _UNKNOWN)


def advice_for(error_class: str) -> str:
    """The sentence that says what to do."""
    return advice_on(error_class).sentence


def class_of(row: RowView) -> str:
    """What the row is counted and advised under; empty where nothing is wrong or it goes on."""
    if row.outcome == "refused":
        return CSV
    if row.outcome == "failed":
        return row.error_class or "internal"
    return row.outcome if row.outcome in (CANCELLED, PARTIAL, DUPLICATE, EXPANDED) else ""


def retry_command(batch: str, error_class: str) -> str:
    """What to type to try the rows of a class again."""
    return _command("retry", batch, f" --class {shlex.quote(error_class)}")


def resume_command(batch: str) -> str:
    """What to type to let a paused batch go on."""
    return _command("resume", batch)


def _command(verb: str, batch: str, options: str = "") -> str:
    """Safe to paste whatever the batch is called."""
    name = shlex.quote(batch)
    if batch.startswith("-"):
        return f"python starter.py batch {verb}{options} -- {name}"
    return f"python starter.py batch {verb} {name}{options}"
