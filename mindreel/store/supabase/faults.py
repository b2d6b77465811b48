"""What goes wrong with Supabase, translated into our tree once.

no answer, a reset, a timeout, 5xx      TransientError, with its Retry-After
429                                     RateLimitedError
a key that is refused, no schema        SetupError
402, a project over its quota           SetupError
413, a bucket's limit                   LimitExceededError
a lock, a deadlock, a busy database     BusyError
raised by a function of ours            what its SQLSTATE says: MRSET, MRBSY, MRINP
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from postgrest.exceptions import APIError
from pydantic import ValidationError
from storage3.exceptions import StorageApiError

from mindreel.errors import (
    BusyError,
    InputError,
    LimitExceededError,
    MindreelError,
    RateLimitedError,
    SetupError,
    TransientError,
)

_OURS: dict[str, type[MindreelError]] = {"MRSET": SetupError, "MRBSY": BusyError, "MRINP": InputError}
"""SQLSTATEs that the functions of our migrations raise with a sentence."""
_BUSY = re.compile(r"40001|23505|40P01|55P03|57014|57P0\d|53\d{3}|08\w{3}|PGRST00[0-3]|PGRST204")
"""Serialization, two writers of one row, deadlock, lock, statement timeout, shutdown, resources, connection
(PostgreSQL, appendix A), and PostgREST that reaches no database or reads its schema anew."""
_NO_SCHEMA = ("PGRST202", "PGRST205", "42883", "42P01")
_REFUSED = re.compile(r"PGRST30\d|42501|28\w{3}")
_LONGEST = 200


@contextmanager
def our_errors(what: str) -> Iterator[None]:
    """Everything that supabase-py and httpx raise inside leaves as an error of ours; `what` was wanted."""
    try:
        yield
    except MindreelError:
        raise
    except httpx.HTTPError as error:
        raise _of_transport(what, error) from error
    except APIError as error:
        raise _of_database(what, error) from error
    except StorageApiError as error:
        raise of_status(what, _status(error), error.message) from error
    except ValidationError as error:
        raise TransientError(f"Supabase gave no sense for {what}; is it behind a proxy?") from error


def look_at(response: httpx.Response) -> None:
    """A hook of the client: what any server says by its status alone, before a library hides the headers."""
    status = response.status_code
    if status != httpx.codes.TOO_MANY_REQUESTS and status < httpx.codes.INTERNAL_SERVER_ERROR:
        return
    response.read()
    where = f"{response.request.method} {response.request.url.path}"
    raise of_status(where, status, response.text, retry_after_s=retry_after_s(response))


def of_status(what: str, status: int, text: str, *, retry_after_s: float | None = None) -> MindreelError:
    """The error for an HTTP status, whoever told it."""
    said = " ".join(text.split())[:_LONGEST]
    match status:
        case 401 | 403:
            return SetupError(
                f"Supabase refuses {what} ({said}); check that SUPABASE_SERVICE_ROLE_KEY is the service "
                "role's key of the project in SUPABASE_URL."
            )
        case 402:
            return SetupError(
                f"Supabase refuses {what}: the project is over its quota ({said}); see its billing page."
            )
        case 413:
            return LimitExceededError(
                f"Supabase refuses {what}: it is larger than the bucket or the project allows ({said}); "
                "raise the limit in the project's Storage settings."
            )
        case 429:
            return RateLimitedError(f"Supabase gets too many requests: {what}.", retry_after_s=retry_after_s)
        case _ if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in (408, 409, 423, 425):
            return TransientError(
                f"Supabase could not do {what} ({status} {said}).", retry_after_s=retry_after_s
            )
        case _:
            return SetupError(f"Supabase refuses {what} ({status} {said}).")


def retry_after_s(response: httpx.Response) -> float | None:
    """Seconds that the answer asks to wait (RFC 9110, 10.2.3: a number or a date)."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _of_transport(what: str, error: httpx.HTTPError) -> MindreelError:
    host = error.request.url.host if getattr(error, "_request", None) is not None else "the project"
    why = str(error) or type(error).__name__
    return TransientError(f"Supabase at {host} did not answer {what} ({why}).")


def _of_database(what: str, error: APIError) -> MindreelError:
    code, said = str(error.code or ""), " ".join((error.message or "").split())[:_LONGEST]
    if code in _OURS:
        return _OURS[code](error.message or what)
    if code in _NO_SCHEMA:
        return SetupError(
            f"The Supabase project lacks what {what} needs ({said}); apply supabase/migrations, see "
            "docs/supabase.md."
        )
    if _REFUSED.fullmatch(code):
        return of_status(what, httpx.codes.UNAUTHORIZED, said)
    if _BUSY.fullmatch(code):
        return BusyError(f"The database of Supabase is occupied: {what} ({said}).")
    if code.isdecimal() and len(code) == len("500"):
        return of_status(what, int(code), said)
    return SetupError(f"The database of Supabase refuses {what} ({code} {said}).")


def _status(error: StorageApiError) -> int:
    """It is text or a number, and of an older server only in the name of the error."""
    text = str(error.status)
    return int(text) if text.isdecimal() else httpx.codes.BAD_REQUEST
