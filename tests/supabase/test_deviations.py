"""What Storage of a real project does and the storage server of these tests does not: strict xfails there.

An xfail that passes fails the run, so that a better server is noticed; on a real project all must pass.
"""

from collections.abc import Iterator

import httpx
import pytest

from supabase import Client, ClientOptions, create_client
from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.stack import Stack

_BODY = bytes(range(100))
_KEY = "folder/numbers.csv"


@pytest.fixture
def url(supabase_stack: Supabase) -> str:
    """Of Storage itself: on loopback past the gateway, which does ranges and resumable uploads."""
    return supabase_stack.storage_url if isinstance(supabase_stack, Stack) else supabase_stack.url


@pytest.fixture
def client(http: httpx.Client, supabase_stack: Supabase) -> Iterator[Client]:
    """The official client, over a bucket "inbox" with one object in a folder."""
    supabase_stack.reset()
    found = create_client(supabase_stack.url, supabase_stack.service_key, ClientOptions(httpx_client=http))
    bucket = {"id": "inbox", "name": "inbox"}
    http.post(f"{supabase_stack.url}/storage/v1/bucket", json=bucket, headers=_as_owner(supabase_stack))
    found.storage.from_("inbox").upload(_KEY, _BODY, {"content-type": "text/csv"})
    yield found
    supabase_stack.reset()


@pytest.fixture(autouse=True)
def _expected_to_fail_on_loopback(request: pytest.FixtureRequest, supabase_stack: Supabase) -> None:
    marker = request.node.get_closest_marker("lacks")
    if supabase_stack.is_local:
        request.applymarker(pytest.mark.xfail(strict=True, reason=f"@supabase/lite 0.10.0 {marker.args[0]}"))


def _as_owner(stack: Supabase) -> dict[str, str]:
    return {"apikey": stack.service_key, "authorization": f"Bearer {stack.service_key}"}


@pytest.mark.lacks("answers with signedUrl, where clients read signedURL")
def test_a_signed_link_is_good_without_a_key(client: Client, http: httpx.Client) -> None:
    link = client.storage.from_("inbox").create_signed_url(_KEY, 3600)["signedURL"]
    assert link
    assert http.get(link).content == _BODY


@pytest.mark.lacks("tells no link to upload by, and would store the envelope of the form with the file")
def test_a_signed_upload_stores_the_bytes_that_were_sent(client: Client) -> None:
    inbox = client.storage.from_("inbox")
    token = inbox.create_signed_upload_url("signed.csv")["token"]
    inbox.upload_to_signed_url("signed.csv", token, _BODY, {"content-type": "text/csv"})
    assert inbox.download("signed.csv") == _BODY


@pytest.mark.lacks("lists all keys flat")
def test_a_listing_shows_folders_and_names_within_them(client: Client) -> None:
    inbox = client.storage.from_("inbox")
    assert [(entry["name"], entry["id"]) for entry in inbox.list("")] == [("folder", None)]
    assert [entry["name"] for entry in inbox.list("folder")] == ["numbers.csv"]


@pytest.mark.lacks("does not know the call")
def test_a_listing_of_the_second_version_is_paged(client: Client) -> None:
    inbox = client.storage.from_("inbox")
    inbox.upload("other.csv", _BODY, {"content-type": "text/csv"})
    page = inbox.list_v2({"limit": 1, "with_delimiter": False})
    assert page.hasNext
    assert [entry.name for entry in page.objects] == [_KEY]


@pytest.mark.lacks("writes moments that are not ISO 8601")
@pytest.mark.parametrize("call", ["one", "all"])
def test_buckets_are_told_as_the_official_client_reads_them(client: Client, call: str) -> None:
    storage = client.storage
    found = [storage.get_bucket("inbox")] if call == "one" else storage.list_buckets()
    assert "inbox" in [bucket.id for bucket in found]


@pytest.mark.lacks("sends the whole object")
@pytest.mark.usefixtures("client")
def test_a_range_of_an_object_is_sent(http: httpx.Client, supabase_stack: Supabase, url: str) -> None:
    asked = _as_owner(supabase_stack) | {"range": "bytes=10-19"}
    answer = http.get(f"{url}/storage/v1/object/inbox/{_KEY}", headers=asked)
    assert (answer.status_code, answer.content) == (httpx.codes.PARTIAL_CONTENT, _BODY[10:20])


@pytest.mark.lacks("has no resumable upload; here @tus/server does it")
@pytest.mark.usefixtures("client")
def test_a_resumable_upload_is_begun(http: httpx.Client, supabase_stack: Supabase, url: str) -> None:
    tus = {
        "tus-resumable": "1.0.0",
        "upload-length": "100",
        "upload-metadata": "bucketName aW5ib3g=,objectName bmV3LmNzdg==",  # inbox, new.csv
    }
    begun = http.post(f"{url}/storage/v1/upload/resumable", headers=_as_owner(supabase_stack) | tus)
    assert begun.status_code == httpx.codes.CREATED


@pytest.mark.lacks("does not know the path")
@pytest.mark.parametrize(("method", "path"), [("GET", "authenticated/inbox"), ("DELETE", "inbox")])
@pytest.mark.usefixtures("client")
def test_an_object_has_its_own_addresses(
    http: httpx.Client, supabase_stack: Supabase, url: str, method: str, path: str
) -> None:
    address = f"{url}/storage/v1/object/{path}/{_KEY}"
    assert http.request(method, address, headers=_as_owner(supabase_stack)).is_success


@pytest.mark.lacks("guesses the type from the name")
@pytest.mark.usefixtures("client")
def test_an_object_comes_back_with_its_type(http: httpx.Client, supabase_stack: Supabase) -> None:
    address = f"{supabase_stack.url}/storage/v1/object/inbox/{_KEY}"
    assert http.get(address, headers=_as_owner(supabase_stack)).headers["content-type"] == "text/csv"


@pytest.mark.lacks("stores it all the same")
@pytest.mark.parametrize("key", ["é.csv", "100%25.csv", "a~b.csv"])
@pytest.mark.usefixtures("client")
def test_a_key_with_characters_that_storage_does_not_take_is_refused(
    http: httpx.Client, supabase_stack: Supabase, key: str
) -> None:
    address = f"{supabase_stack.url}/storage/v1/object/inbox/{key}"
    assert http.post(address, content=b"x", headers=_as_owner(supabase_stack)).is_client_error
