"""Beyond the contract: other machines, and crashes between Storage and rows."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import BusyError, SetupError, StoreError, TransientError
from mindreel.store.supabase import health
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.library import SupabaseLibrary
from mindreel.store.supabase.project import Project
from tests.store.shelf import Shelf, supabase_shelf


@pytest.fixture
def machine(project: Project, tmp_path: Path) -> Callable[[str], Shelf]:
    """`machine("a")` sees the project from a machine of its own; v1 has begun."""

    def shelf(name: str) -> Shelf:
        return supabase_shelf(project, tmp_path / name)

    shelf("first").begin("v1")
    return shelf


Machine = Callable[[str], Shelf]


def age(connection: "psycopg.Connection[Any]", hours: int) -> None:
    """Make all files in Storage look as if they came so long ago."""
    moment = f"now() - interval '{hours} hours'"
    connection.execute(f"update storage.objects set created_at = {moment}, updated_at = {moment}")  # noqa: S608 - a number


def seen_by(project: Project, shelf: Shelf) -> SupabaseLibrary:
    """The library of that machine, through another connection."""
    assert isinstance(shelf.artifacts, SupabaseArtifactStore)
    return SupabaseLibrary(project, shelf.artifacts, shelf.home / "library")


class Meanwhile(Project):
    """Something happens before the function of that name is called for the first time."""

    def __init__(self, project: Project, function: str, happens: Callable[[], object]) -> None:
        super().__init__(project.access)
        self._function, self._happens = function, happens

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
        if function == self._function:
            self._function = ""
            self._happens()
        return super().call(function, reply_s=reply_s, **arguments)


class Late(Project):
    """What is asked of the function of that name is lost on the way, and may be done later."""

    def __init__(self, project: Project, function: str) -> None:
        super().__init__(project.access)
        self._function = function
        self._lost: dict[str, Any] = {}

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
        if function == self._function:
            self._lost = arguments
            raise TransientError("No answer in time.")
        return super().call(function, reply_s=reply_s, **arguments)

    def do(self) -> None:
        super().call(self._function, **self._lost)


class DownAt(Project):
    """Loses the line at the call of that function."""

    def __init__(self, project: Project, function: str) -> None:
        super().__init__(project.access)
        self._function = function

    def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
        if function == self._function:
            raise TransientError("The line is down.")
        return super().call(function, reply_s=reply_s, **arguments)


def test_another_machine_gets_the_same_folder(machine: Machine) -> None:
    publisher, reader = machine("one"), machine("two")
    publisher.show(files={"video.mp4": b"film", "clips/01 it's 为什么 ␀0.mp4": b"clip"})
    assert reader.shown() == publisher.shown()
    assert reader.shown()["clips/01 it's 为什么 ␀0.mp4"] == b"clip"


def test_the_address_says_where_the_page_lies(project: Project, machine: Machine) -> None:
    place = machine("one").show(page="<p>page</p>")
    host = project.access.url.partition("//")[2]
    assert place.startswith(f"supabase://{host}/reports/published/v1/")
    folder = place.partition("/reports/")[2]
    page = project.bucket("reports").download(f"{folder}/report.html")
    assert page == b"<p>page</p>"


def test_a_folder_that_is_up_to_date_is_not_brought_again(machine: Machine) -> None:
    reader = machine("two")
    machine("one").show()
    folder = reader.library.fetch("v1")
    assert folder
    os.utime(folder / "report.html", (1, 1))
    inode = (folder / "report.html").stat().st_ino
    assert reader.library.fetch("v1") == folder
    page = (folder / "report.html").stat()
    assert page.st_ino == inode
    assert page.st_mtime > time.time() - 60  # known to be the last one


@pytest.mark.parametrize("name", ["report.html", "manifest.json", "video.mp4"])
@pytest.mark.parametrize("damage", [b"", b"shorter or longer"])
def test_what_a_person_damaged_is_brought_again(machine: Machine, name: str, damage: bytes) -> None:
    shelf = machine("one")
    shelf.show(files={"video.mp4": b"film"})
    before, folder = shelf.shown(), shelf.library.fetch("v1")
    assert folder
    (folder / name).unlink()
    if damage:
        (folder / name).write_bytes(damage)
    assert shelf.shown() == before


def test_a_page_that_somebody_deleted_is_said_to_be_gone(project: Project, machine: Machine) -> None:
    place = machine("one").show(files={"video.mp4": b"film"})
    assert health.shown(project) == {"v1"}
    project.bucket("reports").remove([f"{place.partition('/reports/')[2]}/report.html"])
    with pytest.raises(SetupError, match="The page of v1 is gone from Supabase; `retry v1` writes it again"):
        machine("two").library.fetch("v1")


def test_a_page_one_of_whose_files_is_gone_does_not_count_as_shown(
    project: Project, machine: Machine, supabase_connection: Any
) -> None:
    machine("one").show(files={"video.mp4": b"film", "clips/01.mp4": b"clip"})
    ((bucket, name),) = supabase_connection.execute(
        "select o.bucket_id, o.name from storage.objects o join published_files f on f.object = o.name"
        " where f.path = 'clips/01.mp4'"
    ).fetchall()
    project.bucket(bucket).remove([name])
    assert health.shown(project) == frozenset()


def test_a_page_that_storage_gives_damaged_is_not_shown(project: Project, machine: Machine) -> None:
    folder = machine("one").show().partition("/reports/")[2]
    project.bucket("reports").upload(f"{folder}/report.html", b"<p>pace</p>", {"upsert": "true"})
    with pytest.raises(StoreError, match=r"report\.html is not what was published"):
        machine("two").library.fetch("v1")


@pytest.mark.parametrize("function", ["library_publish", "library_left"])
def test_a_crash_leaves_the_old_or_the_new_and_what_it_left_goes(
    project: Project,
    machine: Machine,
    supabase_connection: "psycopg.Connection[Any]",
    function: str,
) -> None:
    shelf = machine("one")
    shelf.show(page="old")
    with DownAt(project, function) as down, pytest.raises(TransientError):
        seen_by(down, shelf).publish(shelf.publication(page="new"), folder=shelf.home)
    shown = b"old" if function == "library_publish" else b"new"
    assert shelf.shown()["report.html"] == shown
    assert shelf.library.leftovers(before_s=time.time() - 3600) == []
    assert shelf.library.leftovers(before_s=time.time() + 3600) == ["v1"]
    age(supabase_connection, 2)
    assert shelf.library.sweep("v1").count == 2  # a page and a manifest
    assert shelf.library.leftovers(before_s=time.time() + 3600) == []
    assert shelf.shown()["report.html"] == shown


def test_publishing_again_after_a_crash_mends_it(project: Project, machine: Machine) -> None:
    shelf = machine("one")
    given = shelf.publication(page="new")
    with DownAt(project, "library_publish") as down, pytest.raises(TransientError):
        seen_by(down, shelf).publish(given, folder=shelf.home)
    assert shelf.library.fetch("v1") is None
    shelf.library.publish(given, folder=shelf.home)
    assert shelf.shown()["report.html"] == b"new"
    assert shelf.library.leftovers(before_s=time.time() + 3600) == []


def test_what_a_killed_reader_left_on_this_machine_is_swept(machine: Machine) -> None:
    shelf = machine("one")
    shelf.show()
    left = shelf.home / "library" / ".v1.0123abcd"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half")
    os.utime(left, (time.time() - 7200,) * 2)
    assert shelf.library.leftovers(before_s=time.time() + 3600) == ["v1"]
    assert shelf.library.sweep("v1").freed_bytes == 4
    assert "report.html" in shelf.shown()


def test_many_readers_on_one_machine_get_whole_folders_while_a_page_is_replaced(machine: Machine) -> None:
    publisher, reader = machine("one"), machine("two")
    publisher.show(page="0", files={"n.txt": b"0"})

    def read() -> str:
        folder = reader.open().fetch("v1")
        assert folder
        return folder.name

    with ThreadPoolExecutor(4) as pool:
        for turn in range(1, 4):
            reading = [pool.submit(read) for _ in range(4)]
            publisher.show(page=f"{turn}", files={"n.txt": b"%d" % turn})
            assert {each.result() for each in reading} == {"v1"}
    shown = reader.shown()
    assert (shown["report.html"], shown["n.txt"]) == (b"3", b"3")
    names = {path.name for path in (reader.home / "library").iterdir()}
    assert names == {"v1"}


def test_a_file_that_is_gone_is_one_sentence(
    project: Project, machine: Machine, supabase_connection: "psycopg.Connection[Any]"
) -> None:
    machine("one").show(files={"video.mp4": b"film"}, said=None)
    stored = supabase_connection.execute("select name from storage.objects where bucket_id = 'clips'")
    project.bucket("clips").remove([name for (name,) in stored.fetchall()])
    with pytest.raises(SetupError, match="is gone"):
        machine("two").library.fetch("v1")


def test_what_a_dead_attempt_asked_for_replaces_no_later_one(project: Project, machine: Machine) -> None:
    shelf = machine("one")
    with Late(project, "library_publish") as late:
        with pytest.raises(TransientError):
            seen_by(late, shelf).publish(
                shelf.publication(page="dead", files={"dead.txt": b"1"}), folder=shelf.home
            )
        shelf.show(page="later")
        late.do()
    shown = machine("two").shown()
    assert shown["report.html"] == b"later"
    assert "dead.txt" not in shown
    assert shelf.library.leftovers(before_s=time.time() + 3600) == []


def test_what_a_dead_attempt_asked_for_is_refused_when_its_page_is_gone(
    project: Project, machine: Machine, supabase_connection: "psycopg.Connection[Any]"
) -> None:
    shelf = machine("one")
    with Late(project, "library_publish") as late:
        with pytest.raises(TransientError):
            seen_by(late, shelf).publish(shelf.publication(page="dead"), folder=shelf.home)
        age(supabase_connection, 2)
        assert shelf.library.sweep("v1").count == 2
        with pytest.raises(BusyError, match="page of v1 went away"):
            late.do()
    assert shelf.library.fetch("v1") is None


def test_of_two_attempts_at_once_the_one_that_began_later_is_shown(
    project: Project, machine: Machine
) -> None:
    earlier, later = machine("one"), machine("two")
    given, then = earlier.publication(page="earlier"), later.publication(page="later")

    def publish() -> None:
        later.library.publish(then, folder=later.home)

    with Meanwhile(project, "library_publish", publish) as meanwhile:
        place = seen_by(meanwhile, earlier).publish(given, folder=earlier.home)
    assert machine("three").shown()["report.html"] == b"later"
    page = project.bucket("reports").download(f"{place.partition('/reports/')[2]}/report.html")
    assert page == b"later"
    assert earlier.library.leftovers(before_s=time.time() + 3600) == []


def test_an_earlier_attempt_that_ends_takes_nothing_from_a_later_one(
    project: Project, machine: Machine
) -> None:
    earlier, later = machine("one"), machine("two")
    given, then = earlier.publication(page="earlier"), later.publication(page="later")

    def upload() -> None:
        with pytest.raises(TransientError):
            seen_by(late, later).publish(then, folder=later.home)

    with (
        Late(project, "library_publish") as late,
        Meanwhile(project, "library_publish", upload) as meanwhile,
    ):
        seen_by(meanwhile, earlier).publish(given, folder=earlier.home)
        assert machine("three").shown()["report.html"] == b"earlier"
        assert earlier.library.sweep("v1") == Cleaned()
        late.do()
    assert machine("three").shown()["report.html"] == b"later"


@pytest.mark.parametrize("path", ["/etc/a", "../a", "a/../b", "a//b", "./a", "a/", "", "..\\a"])
def test_the_table_of_shown_files_takes_no_path_out_of_the_folder(
    machine: Machine, supabase_connection: "psycopg.Connection[Any]", path: str
) -> None:
    machine("one").show()
    with pytest.raises(psycopg.errors.CheckViolation):
        supabase_connection.execute("update public.published_files set path = %s", (path,))
    supabase_connection.execute("update public.published_files set path = 'clips/..a ..\n.txt'")


@pytest.mark.parametrize("path", ["{here}/victim", "../../../../../victim"])
def test_a_path_out_of_the_folder_that_a_project_names_is_not_written(
    project: Project, machine: Machine, tmp_path: Path, path: str
) -> None:
    machine("one").show()

    class Evil(Project):
        def call(self, function: str, /, *, reply_s: float | None = None, **arguments: object) -> Any:
            answer = super().call(function, reply_s=reply_s, **arguments)
            if function == "library_place":
                answer["files"][0]["path"] = path.format(here=tmp_path)
            return answer

    with Evil(project.access) as evil, pytest.raises(SetupError, match="no path inside a folder"):
        seen_by(evil, machine("a/b/two")).fetch("v1")
    assert not list(tmp_path.rglob("victim"))
    assert list((tmp_path / "a" / "b" / "two" / "library").iterdir()) == []
