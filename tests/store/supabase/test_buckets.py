"""Buckets are made at start, and a file that one does not take is refused before it is sent."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from mindreel.contracts.buckets import Buckets, SupabaseAccess
from mindreel.errors import LimitExceededError, SetupError
from mindreel.store.supabase.buckets import KnownBuckets, ensure_buckets
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.places import object_name
from mindreel.store.supabase.project import Project
from tests.support.supabase.fixtures import Supabase

_NAMES = Buckets(**{name: f"test-buckets-{name}" for name in Buckets().names})


@pytest.fixture
def access(supabase_stack: Supabase) -> SupabaseAccess:
    return SupabaseAccess(supabase_stack.url, supabase_stack.service_key, _NAMES)


@pytest.fixture
def named(access: SupabaseAccess) -> Iterator[Project]:
    """A project without our buckets."""
    with Project(access) as project:
        yield project
        for name in _there(project):
            if name in _NAMES.names:
                with our_errors(name):
                    project.storage.delete_bucket(name)


@pytest.fixture
def keeps(named: Project) -> Iterator[Callable[[str, str], None]]:
    """Puts a file into a bucket."""
    kept: list[tuple[str, str]] = []

    def put(bucket: str, name: str) -> None:
        named.bucket(bucket).upload(name, b"content", {"content-type": "text/plain"})
        kept.append((bucket, name))

    yield put
    for bucket, name in kept:
        named.bucket(bucket).remove([name])


def _there(project: Project) -> dict[str, dict[str, object]]:
    answer = project.http.get(f"{project.access.url}/storage/v1/bucket", headers=project.headers)
    return {bucket["id"]: bucket for bucket in answer.raise_for_status().json()}


def test_all_are_made_and_only_what_the_settings_name_is_public(named: Project) -> None:
    assert len(ensure_buckets(named)) == 7
    there = _there(named)
    assert {name for name in _NAMES.names if there[name]["public"]} == {_NAMES.thumbnails}
    assert there[_NAMES.thumbnails]["allowed_mime_types"] == ["image/jpeg", "image/png", "image/webp"]
    assert ensure_buckets(named) == []


def test_what_was_made_public_otherwise_is_made_private_and_nothing_else_changes(
    named: Project, access: SupabaseAccess
) -> None:
    ensure_buckets(named)
    limits = {"file_size_limit": 50_000_000, "allowed_mime_types": ["video/mp4"]}
    named.storage.update_bucket(_NAMES.videos, {"public": True, **limits})
    assert ensure_buckets(named) == [f"Made the bucket {_NAMES.videos} private."]
    assert _there(named)[_NAMES.videos].items() >= {"public": False, **limits}.items()
    explicit = replace(access, public=frozenset({"thumbnails", "clips"}), public_is_explicit=True)
    with Project(explicit) as other:
        assert ensure_buckets(other) == [f"Made the bucket {_NAMES.clips} public."]


def test_a_private_bucket_that_was_there_is_opened_only_where_the_operator_says_so(
    named: Project, access: SupabaseAccess, keeps: Callable[[str, str], None]
) -> None:
    named.storage.create_bucket(_NAMES.thumbnails, options={"public": False})
    keeps(_NAMES.thumbnails, "users/42/passport.png")
    told = ensure_buckets(named)
    (left,) = (each for each in told if not each.startswith("Created"))
    assert left == (
        f"The bucket {_NAMES.thumbnails} is private and was left so, because it was there before; name all "
        "buckets that are to be public in MINDREEL_PUBLIC_BUCKETS to have it opened."
    )
    assert not _there(named)[_NAMES.thumbnails]["public"]
    with Project(replace(access, public_is_explicit=True)) as other:
        assert ensure_buckets(other) == [f"Made the bucket {_NAMES.thumbnails} public."]


def test_a_public_bucket_in_which_others_keep_files_is_closed_only_where_the_operator_says_so(
    named: Project, access: SupabaseAccess, keeps: Callable[[str, str], None]
) -> None:
    ensure_buckets(named)
    named.storage.update_bucket(_NAMES.clips, {"public": True})
    keeps(_NAMES.clips, "website/background.mp4")
    (told,) = ensure_buckets(named)
    assert told.startswith(f"The bucket {_NAMES.clips} is public and was left so, because others keep files")
    assert _there(named)[_NAMES.clips]["public"]
    with Project(replace(access, public_is_explicit=True)) as other:
        assert ensure_buckets(other) == [f"Made the bucket {_NAMES.clips} private."]


def test_a_public_bucket_with_nothing_but_ours_is_closed(
    named: Project, keeps: Callable[[str, str], None]
) -> None:
    ensure_buckets(named)
    named.storage.update_bucket(_NAMES.reports, {"public": True})
    keeps(_NAMES.reports, object_name("web-1/analysis-0123456789abcdef/analysis.json", "a" * 64))
    keeps(_NAMES.reports, "published/web-1/0123456789abcdef/report.html")
    assert ensure_buckets(named) == [f"Made the bucket {_NAMES.reports} private."]


def test_others_buckets_are_left_alone(named: Project) -> None:
    before = _there(named)
    ensure_buckets(named)
    assert _there(named).items() >= before.items()


def test_several_workers_may_make_them_at_once(named: Project, access: SupabaseAccess) -> None:
    def start(_: int) -> list[str]:
        with Project(access) as project:
            return ensure_buckets(project)

    with ThreadPoolExecutor(4) as pool:
        done = [each for made in pool.map(start, range(4)) for each in made]
    assert sorted(set(done)) == sorted(done)
    assert set(_NAMES.names) <= set(_there(named))


def test_a_key_that_may_not_is_one_sentence(supabase_stack: Supabase) -> None:
    with (
        Project(SupabaseAccess(supabase_stack.url, supabase_stack.anon_key, _NAMES)) as project,
        pytest.raises(SetupError, match="SUPABASE_SERVICE_ROLE_KEY"),
    ):
        ensure_buckets(project)


def test_a_file_over_the_limit_is_refused_with_what_to_do(named: Project) -> None:
    ensure_buckets(named)
    named.storage.update_bucket(_NAMES.videos, {"public": False, "file_size_limit": 10 * 1024**2})
    known = KnownBuckets(named)
    known.check(_NAMES.videos, "web-1/a/media.mp4", 10 * 1024**2)
    with pytest.raises(
        LimitExceededError,
        match=r"web-1/a/media.mp4 has 10\.5 MiB, and the bucket test-buckets-videos takes 10\.0 MiB .*raise",
    ):
        known.check(_NAMES.videos, "web-1/a/media.mp4", 11_010_048)
    known.check(_NAMES.clips, "web-1/a/clip.mp4", 10**12)


def test_a_limit_that_was_raised_is_noticed(named: Project) -> None:
    ensure_buckets(named)
    named.storage.update_bucket(_NAMES.videos, {"public": False, "file_size_limit": 1000})
    known = KnownBuckets(named)
    with pytest.raises(LimitExceededError):
        known.check(_NAMES.videos, "web-1/a/media.mp4", 2000)
    named.storage.update_bucket(_NAMES.videos, {"public": False, "file_size_limit": 3000})
    known.check(_NAMES.videos, "web-1/a/media.mp4", 2000)


def test_a_bucket_that_is_not_there_is_a_sentence(named: Project) -> None:
    with pytest.raises(SetupError, match=r"has no bucket test-buckets-videos .*start a worker"):
        KnownBuckets(named).check(_NAMES.videos, "web-1/a/media.mp4", 1)


def test_the_anon_key_reads_pictures_of_the_public_bucket_only(
    named: Project, supabase_stack: Supabase
) -> None:
    ensure_buckets(named)
    names = (_NAMES.thumbnails, _NAMES.videos)
    for name in names:
        named.bucket(name).upload("a.jpg", b"picture", {"content-type": "image/jpeg"})
    pages = [httpx.get(f"{supabase_stack.url}/storage/v1/object/public/{name}/a.jpg") for name in names]
    for name in names:
        named.bucket(name).remove(["a.jpg"])
    assert pages[0].content == b"picture"
    assert pages[1].is_client_error
