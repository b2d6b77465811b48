"""What goes wrong with Supabase, translated into our tree once.

no answer, a reset, a timeout, 5xx      StoreError, with the Retry-After of the answer
429                                     StoreError, likewise
an answer that makes no sense           StoreError
a lock, a deadlock, a busy database     StoreError
somebody holds it (MRBSY)               HeldError, which is a BusyError
a key that is refused, no schema        SetupError
a certificate nobody trusts, a redirect SetupError
402, 540, a database that is read-only  SetupError
404                                     MissingError, which is a SetupError
413, a bucket's limit                   LimitExceededError
raised by a function of ours            what its SQLSTATE says: MRSET, MRBSY, MRINP

Why store, and neither network nor rate_limit: those are what a workflow counts against the site whose video
it fetches. A project that is out of reach must not close the gate of a site.
"""

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import ValidationError
from storage3.exceptions import StorageApiError
from storage3.utils import StorageException

from mindreel.contracts.retry_after import seconds_to_wait
from mindreel.errors import BusyError, InputError, LimitExceededError, MindreelError, SetupError, StoreError


class HeldError(BusyError):
    """A function of ours says that somebody holds what it wanted."""


class MissingError(SetupError):
    """Nothing is there: no such object, no such bucket."""


_OURS: dict[str, type[MindreelError]] = {"MRSET": SetupError, "MRBSY": HeldError, "MRINP": InputError}
"""SQLSTATEs that the functions of our migrations raise with a sentence."""
_BUSY = re.compile(r"40001|23505|40P01|55P03|57014|57P0\d|53\d{3}|08\w{3}|PGRST00[0-3]")
"""Serialization, two writers of one row, deadlock, lock, statement timeout, shutdown, resources, connection
(PostgreSQL, appendix A), and PostgREST that reaches no database."""
_NO_SCHEMA = re.compile(r"PGRST20[2-5]|42883|42P01|42703|3F000")
_REFUSED = re.compile(r"PGRST30\d|42501|28\w{3}")
_READ_ONLY = "25006"
"""What a hosted project becomes when its disk is full."""
_LONGEST = 200
_PASSING = (408, 409, 423, 425, 429)
"""Time was up, somebody else was quicker, a lock, too early, too many requests: it may work soon."""
_KEY = (
    "Supabase refuses {what} ({said}); check that SUPABASE_SERVICE_ROLE_KEY is the service role's key of the "
    "project in SUPABASE_URL."
)
_REFUSALS: dict[int, tuple[type[MindreelError], str]] = {
    401: (SetupError, _KEY),
    403: (SetupError, _KEY),
    402: (
        SetupError,
        "Supabase refuses {what}: the project is over its quota ({said}); see its billing page.",
    ),
    404: (MissingError, "Supabase has nothing there: {what} ({said})."),
    413: (
        LimitExceededError,
        (
            "Supabase refuses {what}: it is larger than the bucket or the project allows ({said}); raise the "
            "limit in the project's Storage settings."
        ),
    ),
    540: (SetupError, "Supabase refuses {what}: the project is paused; restore it in its dashboard."),
}
"""Trying again changes nothing."""


@contextmanager
def our_errors(what: str) -> Iterator[None]:
    """Everything that storage3 and httpx raise inside leaves as an error of ours; `what` was wanted."""
    try:
        yield
    except (httpx.HTTPError, StorageException, ValidationError, json.JSONDecodeError) as error:
        raise of_error(what, error) from error


def look_at(response: httpx.Response) -> None:
    """A hook of the client: raises what means the same for every call, before a library hides the headers."""
    too_many = response.status_code == httpx.codes.TOO_MANY_REQUESTS
    if response.is_server_error or too_many or response.has_redirect_location or _is_page(response):
        response.read()
        raise httpx.HTTPStatusError(str(response.status_code), request=response.request, response=response)


def of_error(what: str, error: Exception) -> MindreelError:
    """The error of ours for one of the libraries."""
    if isinstance(error, httpx.TransportError):
        return _of_transport(what, error)
    response = _behind(error)
    if response is not None:
        return of_response(what, response)
    if isinstance(error, StorageApiError):
        return of_status(what, _number(error.status) or httpx.codes.BAD_REQUEST, error.message)
    return no_sense(what)


def of_response(what: str, response: httpx.Response) -> MindreelError:
    """The error for an answer that was read and is no success."""
    if response.has_redirect_location:
        host = response.headers["location"].split("?")[0][:_LONGEST]
        return SetupError(
            f"SUPABASE_URL leads elsewhere: {what} was answered with a redirect to {host}; set it to the "
            "address of the project itself."
        )
    if response.is_success:
        return no_sense(what)
    wait_s = seconds_to_wait(response.headers.get("retry-after"))
    body = _document(response)
    if isinstance(body.get("code"), str) and "statusCode" not in body:
        return _of_database(what, response.status_code, body, wait_s)
    status, said = told(response)
    return of_status(what, status, said, retry_after_s=wait_s)


def told(response: httpx.Response) -> tuple[int, str]:
    """Status and message as Storage means them: a missing object is 404 inside an answer of status 400."""
    body = _document(response)
    status = _number(body.get("statusCode")) or response.status_code
    said = body.get("message") or body.get("error")
    is_plain = "html" not in response.headers.get("content-type", "")
    return status, str(said or (response.text if is_plain else "") or response.reason_phrase)


def of_status(what: str, status: int, text: str, *, retry_after_s: float | None = None) -> MindreelError:
    """The error for an HTTP status, whoever told it."""
    said = _short(text)
    if status in _REFUSALS:
        kind, sentence = _REFUSALS[status]
        return kind(sentence.format(what=what, said=said))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _PASSING:
        return StoreError(f"Supabase could not do {what} ({status} {said}).", retry_after_s=retry_after_s)
    return SetupError(f"Supabase refuses {what} ({status} {said}).")


def no_sense(what: str) -> StoreError:
    """For an answer that is no answer to what was asked."""
    return StoreError(f"The answer to {what} was not Supabase's; is a proxy or a login page between?")


def _of_database(what: str, status: int, body: dict[str, Any], wait_s: float | None) -> MindreelError:
    code, said = body["code"], str(body.get("message") or "")
    if code in _OURS:
        return _OURS[code](said or f"The database refuses {what}.")
    if _NO_SCHEMA.fullmatch(code):
        return SetupError(
            f"The Supabase project lacks what {what} needs ({_short(said)}); apply supabase/migrations, see "
            "docs/supabase.md."
        )
    if code == _READ_ONLY:
        return SetupError(
            f"The database of Supabase takes nothing more, so it refuses {what} ({_short(said)}); its disk "
            "may be full, see the project's dashboard."
        )
    if _REFUSED.fullmatch(code):
        return of_status(what, httpx.codes.UNAUTHORIZED, said)
    if _BUSY.fullmatch(code) or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return StoreError(
            f"The database of Supabase is occupied: {what} ({code} {_short(said)}).", retry_after_s=wait_s
        )
    return SetupError(f"The database of Supabase refuses {what} ({code} {_short(said)}).")


def _of_transport(what: str, error: httpx.HTTPError) -> MindreelError:
    host = (
        error.request.url.netloc.decode() if getattr(error, "_request", None) is not None else "the project"
    )
    root = _root(error)
    if isinstance(root, socket.gaierror):
        return StoreError(
            f"There is no host {host}, so {what} failed; check SUPABASE_URL for a typing error, and that "
            "this machine is on the network."
        )
    if isinstance(root, ssl.SSLCertVerificationError):
        return SetupError(
            f"The certificate of {host} is not trusted here, so {what} failed ({_short(str(error))}); where "
            "it is signed by an authority of your own, name that one's certificate in SSL_CERT_FILE."
        )
    why = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
    return StoreError(f"Supabase at {host} did not answer {what} ({_short(why) or type(error).__name__}).")


def _is_page(response: httpx.Response) -> bool:
    """A page for people where there is none: of all that Supabase gives, only our own are pages."""
    is_html = response.headers.get("content-type", "").startswith("text/html")
    return is_html and response.is_success and not response.request.url.path.endswith(".html")


def _behind(error: BaseException) -> httpx.Response | None:
    """The answer that was refused; storage3 raises its own error from it, or from failing to read it."""
    link: BaseException | None = error if isinstance(error, httpx.HTTPStatusError) else error.__cause__
    while link is not None and not isinstance(link, httpx.HTTPStatusError):
        link = link.__cause__ or link.__context__
    return None if link is None else link.response


def _root(error: BaseException) -> BaseException | None:
    """What the socket or TLS raised: the cause that httpx names is httpcore's error, which hides its own."""
    cause = error.__cause__
    return cause and (cause.__cause__ or cause.__context__)


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _number(status: object) -> int | None:
    """It is text or a number, and of an older server a word."""
    return int(str(status)) if str(status).isdecimal() else None


def _short(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
