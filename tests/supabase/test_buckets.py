"""Who may do what in Storage: with the anon key, or none, nothing but look at a public picture."""

import tomllib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import httpx
import pytest

from mindreel.contracts.buckets import Buckets, SupabaseAccess
from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.migrations import MIGRATIONS

_CONFIG = tomllib.loads((MIGRATIONS.parent / "config.toml").read_text())
_BUCKETS: dict[str, Any] = _CONFIG["storage"]["buckets"]
_PUBLIC = [name for name, bucket in _BUCKETS.items() if bucket["public"]]
_PRIVATE = [name for name, bucket in _BUCKETS.items() if not bucket["public"]]
_KEY, _BYTES = "0 talk's/thumbnail.jpg", b"not for everybody"


def test_the_configuration_names_the_buckets_of_the_settings() -> None:
    assert tuple(_BUCKETS) == Buckets().names
    access = SupabaseAccess("http://unused", "unused")
    assert set(_PUBLIC) == set(access.public) <= {field.name for field in fields(Buckets)}


class Storage:
    """Plain requests to the Storage API; `key` None sends none."""

    def __init__(self, http: httpx.Client, stack: Supabase, key: str | None) -> None:
        self._http = http
        self._url = f"{stack.url}/storage/v1"
        self._key = {"apikey": key, "authorization": f"Bearer {key}"} if key else {}

    def __call__(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        return self._http.request(method, self._url + path, headers=self._key | (headers or {}), **body)

    def put(self, bucket: str, key: str, content: bytes) -> httpx.Response:
        headers = {"content-type": "image/jpeg", "x-upsert": "true"}
        return self("POST", f"/object/{bucket}/{key}", content=content, headers=headers)


@pytest.fixture(scope="module")
def owner(http: httpx.Client, supabase_stack: Supabase) -> Iterator[Storage]:
    """Every bucket is there, with one object in it; strangers change nothing, so once is enough."""
    supabase_stack.reset()
    storage = Storage(http, supabase_stack, supabase_stack.service_key)
    for name, bucket in _BUCKETS.items():
        storage("POST", "/bucket", json={"id": name, "name": name, "public": bucket["public"]})
        assert storage.put(name, _KEY, _BYTES).is_success
    yield storage
    supabase_stack.reset()


@pytest.fixture(params=["anon key", "no key"])
def stranger(request: pytest.FixtureRequest, http: httpx.Client, supabase_stack: Supabase) -> Storage:
    return Storage(http, supabase_stack, supabase_stack.anon_key if request.param == "anon key" else None)


@pytest.mark.parametrize("bucket", _PRIVATE)
def test_a_private_object_is_not_read(owner: Storage, stranger: Storage, bucket: str) -> None:
    assert owner("GET", f"/object/{bucket}/{_KEY}").content == _BYTES
    for path in ("object", "object/public", "object/authenticated", "object/info", "object/info/public"):
        answer = stranger("GET", f"/{path}/{bucket}/{_KEY}")
        assert answer.is_client_error, path
        assert _BYTES not in answer.content
    assert stranger("HEAD", f"/object/{bucket}/{_KEY}").is_client_error


@pytest.mark.parametrize("bucket", list(_BUCKETS))
def test_names_are_not_told_and_no_link_is_signed(owner: Storage, stranger: Storage, bucket: str) -> None:
    assert len(owner("POST", f"/object/list/{bucket}", json={"prefix": "", "limit": 9}).json()) == 1
    listed = stranger("POST", f"/object/list/{bucket}", json={"prefix": "", "limit": 9})
    assert listed.is_client_error or listed.json() == []
    assert stranger("POST", f"/object/sign/{bucket}/{_KEY}", json={"expiresIn": 60}).is_client_error
    assert stranger("POST", f"/object/upload/sign/{bucket}/new.jpg").is_client_error
    assert stranger("GET", f"/bucket/{bucket}").is_client_error


@pytest.mark.parametrize("bucket", list(_BUCKETS))
def test_nothing_is_written_moved_or_removed(owner: Storage, stranger: Storage, bucket: str) -> None:
    assert stranger.put(bucket, "new.jpg", b"x").is_client_error
    assert stranger.put(bucket, _KEY, b"x").is_client_error
    assert stranger("PUT", f"/object/{bucket}/{_KEY}", content=b"x").is_client_error
    into_another = {"bucketId": bucket, "sourceKey": _KEY, "destinationKey": "new.jpg"}
    assert stranger("POST", "/object/move", json=into_another).is_client_error
    assert stranger("POST", "/object/copy", json=into_another).is_client_error
    removed = stranger("DELETE", f"/object/{bucket}", json={"prefixes": [_KEY]})
    assert removed.is_client_error or removed.json() == []
    assert stranger("POST", f"/bucket/{bucket}/empty").is_client_error
    assert stranger("PUT", f"/bucket/{bucket}", json={"public": True}).is_client_error
    assert stranger("DELETE", f"/bucket/{bucket}").is_client_error
    names = owner("POST", f"/object/list/{bucket}", json={"prefix": "", "limit": 9}).json()
    assert len(names) == 1
    assert owner("GET", f"/object/{bucket}/{_KEY}").content == _BYTES


def test_no_bucket_is_made(owner: Storage, stranger: Storage) -> None:
    assert stranger("POST", "/bucket", json={"id": "mine", "name": "mine"}).is_client_error
    assert owner("GET", "/bucket/mine").is_client_error


def test_no_resumable_upload_is_begun(owner: Storage, stranger: Storage) -> None:
    begun = stranger(
        "POST",
        "/upload/resumable",
        headers={
            "tus-resumable": "1.0.0",
            "upload-length": "3",
            "upload-metadata": "bucketName aW5ib3g=,objectName bmV3LmNzdg==",  # inbox, new.csv
        },
    )
    assert begun.is_client_error
    assert owner("GET", "/object/inbox/new.csv").is_client_error


@pytest.mark.parametrize("bucket", _PUBLIC)
def test_a_picture_of_the_public_bucket_is_for_everybody(
    owner: Storage, stranger: Storage, bucket: str
) -> None:
    assert owner
    assert stranger("GET", f"/object/public/{bucket}/{_KEY}").content == _BYTES
