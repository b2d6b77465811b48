"""What every inbox does, be it a folder or a bucket."""

import threading
from pathlib import Path

import pytest

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.contracts.inbox import Inbox
from mindreel.errors import InputError, SetupError, TransientError
from mindreel.sources.inbox import FolderInbox
from mindreel.store.supabase.bucket_inbox import BucketInbox
from mindreel.store.supabase.project import Project
from tests.support.supabase.fixtures import Supabase

NAMES = ["talks.csv", "my talks.csv", "it's (new) & good.csv", "a+b=c, d;e@f!.csv", "-$x*.TXT", " a .csv "]
ALTERED = [
    "what?.csv",
    "talk #1.csv",
    "a:b.csv",
    "100%.csv",
    "a%20b.csv",
    'the "new".csv',
    "演讲.csv",
    "🎬.csv",
]
BUCKET = "inbox-contract"


@pytest.fixture
def project(supabase_stack: Supabase) -> Project:
    return Project(SupabaseAccess(supabase_stack.url, supabase_stack.service_key))


@pytest.fixture
def bucket(project: Project, supabase_stack: Supabase) -> BucketInbox:
    """Empty."""
    supabase_stack.reset()
    inbox = BucketInbox(project, BUCKET)
    inbox.entries()
    return inbox


@pytest.fixture(params=["folder", "bucket"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> Inbox:
    if request.param == "folder":
        return FolderInbox(tmp_path / "inbox")
    found: BucketInbox = request.getfixturevalue("bucket")
    return found


def names(inbox: Inbox) -> list[str]:
    return [entry.name for entry in inbox.entries()]


def test_a_new_inbox_is_empty(inbox: Inbox) -> None:
    assert names(inbox) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_found_read_and_told_where_it_lies(inbox: Inbox, name: str) -> None:
    assert inbox.write(name, b"url\n", "text/csv") == f"{inbox.location}/{name}"
    (entry,) = inbox.entries()
    assert (entry.name, entry.size_bytes) == (name, 4)
    assert inbox.read(name, max_bytes=100) == b"url\n"


def test_files_are_listed_by_name_without_hidden_and_unfinished_ones(inbox: Inbox) -> None:
    unfinished = ("c.csv.part", "d.csv.crdownload", "e.csv.TMP", ".hidden.csv")
    for name in ("b.csv", "a.csv", "A.csv", *unfinished):
        inbox.write(name, b"x", "text/csv")
    assert names(inbox) == ["A.csv", "a.csv", "b.csv"]


def test_the_version_stays_until_the_file_is_written_again(inbox: Inbox) -> None:
    inbox.write("a.csv", b"one", "text/csv")
    first, again = (inbox.entries()[0].version for _ in range(2))
    inbox.write("a.csv", b"two", "text/csv")
    assert first == again != inbox.entries()[0].version


def test_what_is_written_replaces(inbox: Inbox) -> None:
    inbox.write("a.report.csv", b"a longer old one", "text/csv")
    inbox.write("a.report.csv", b"new", "text/csv")
    assert inbox.read("a.report.csv", max_bytes=100) == b"new"
    assert names(inbox) == ["a.report.csv"]


def test_no_more_is_read_than_tells_that_it_is_too_much(inbox: Inbox) -> None:
    inbox.write("a.csv", b"0123456789", "text/csv")
    assert inbox.read("a.csv", max_bytes=4) == b"01234"
    assert inbox.read("a.csv", max_bytes=10) == b"0123456789"
    inbox.write("empty.csv", b"", "text/csv")
    assert inbox.read("empty.csv", max_bytes=10) == b""


def test_a_file_that_is_gone_is_none(inbox: Inbox) -> None:
    assert inbox.read("a.csv", max_bytes=4) is None


@pytest.mark.parametrize("name", ["", ".", "..", "../a.csv", "/etc/passwd", "a/b.csv", "a\0.csv"])
def test_only_names_in_the_inbox_itself_are_taken(inbox: Inbox, name: str) -> None:
    with pytest.raises(InputError, match="no name of a file"):
        inbox.read(name, max_bytes=4)
    with pytest.raises(InputError, match="no name of a file"):
        inbox.write(name, b"", "text/csv")


def test_readers_see_the_old_or_the_new_whole(inbox: Inbox, request: pytest.FixtureRequest) -> None:
    if isinstance(inbox, BucketInbox) and request.getfixturevalue("supabase_stack").is_local:
        pytest.skip("@supabase/lite writes into the object that others read; how that ends is chance")
    contents = [letter * 200_000 for letter in (b"a", b"b")]
    inbox.write("a.csv", contents[0], "text/csv")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for content in contents:
                inbox.write("a.csv", content, "text/csv")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {inbox.read("a.csv", max_bytes=300_000) for _ in range(100)} <= set(contents)
    finally:
        stop.set()
        writer.join()


@pytest.mark.parametrize("name", ALTERED)
def test_a_name_that_storage_would_alter_is_refused(bucket: BucketInbox, name: str) -> None:
    with pytest.raises(InputError, match="a character in its name that Storage does not keep"):
        bucket.read(name, max_bytes=4)
    with pytest.raises(InputError, match="use ASCII letters"):
        bucket.write(name, b"", "text/csv")
    assert names(bucket) == []


def test_a_bucket_says_where_it_is(bucket: BucketInbox, supabase_stack: Supabase) -> None:
    host = supabase_stack.url.partition("//")[2]
    assert bucket.location == f"supabase://{host}/{BUCKET}"


def test_a_bucket_that_is_missing_is_made_and_private(project: Project) -> None:
    missing = BucketInbox(project, "inbox-missing")
    assert list(missing.entries()) == []
    answer = project.http.get(f"{project.access.url}/storage/v1/bucket", headers=project.headers)
    (made,) = (each for each in answer.json() if each["id"] == "inbox-missing")
    assert made["public"] is False
    project.storage.delete_bucket("inbox-missing")


def test_folders_of_a_bucket_and_their_placeholders_are_left_alone(
    bucket: BucketInbox, project: Project
) -> None:
    for key in ("done/talks.csv", "done/.emptyFolderPlaceholder", ".emptyFolderPlaceholder"):
        project.bucket(BUCKET).upload(key, b"x", {"content-type": "text/plain", "upsert": "true"})
    bucket.write("a.csv", b"x", "text/csv")
    assert names(bucket) == ["a.csv"]


def test_a_list_is_not_cut_where_the_server_cuts_it(
    bucket: BucketInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mindreel.store.supabase.bucket_inbox._PAGE", 3)
    wanted = [f"{number:02}.csv" for number in range(8)]
    for name in wanted:
        bucket.write(name, b"x", "text/csv")
    assert names(bucket) == wanted


def test_a_key_that_is_refused_is_a_matter_of_setup(supabase_stack: Supabase) -> None:
    refused = BucketInbox(Project(SupabaseAccess(supabase_stack.url, "a.wrong.key")), BUCKET)
    with pytest.raises(SetupError, match="SUPABASE_SERVICE_ROLE_KEY"):
        refused.entries()


def test_a_project_that_does_not_answer_is_tried_again() -> None:
    away = BucketInbox(Project(SupabaseAccess("http://127.0.0.1:9", "key")), BUCKET)
    for call in (away.entries, lambda: away.read("a.csv", max_bytes=4)):
        with pytest.raises(TransientError, match=r"Supabase at 127\.0\.0\.1:\d+ did not answer"):
            call()
