"""What the catalog in Supabase promises beyond the contract: its tables, its leases, how often it calls."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.contracts.codec import to_json
from mindreel.contracts.stages import NAMES, overall_percent
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.errors import BusyError, SetupError, StoreError
from mindreel.store.supabase import waiting
from mindreel.store.supabase.catalog import SupabaseCatalog
from mindreel.store.supabase.project import Project
from tests.support.supabase.fixtures import Supabase

Table = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def catalog(project: Project) -> SupabaseCatalog:
    return SupabaseCatalog(project)


def _begin(catalog: SupabaseCatalog, video_id: str = "v", *, run_id: str = "", tenant: str = "") -> None:
    request = VideoRequest("talk.mp4", VideoIdentity(video_id, "file", "/talk.mp4"), tenant=tenant)
    catalog.begin(
        video_id,
        source="talk.mp4",
        platform="file",
        workflow_id=f"video-{video_id}",
        run_id=run_id,
        request_json=to_json(request, indent=None).decode(),
    )


def _queue(project: Project, video_id: str = "v", **more: Any) -> None:
    project.call("catalog_queue", video_id=video_id, source="s", platform="file", title="", **more)


class TestJobs:
    """One for each run."""

    def test_a_job_follows_its_run(self, catalog: SupabaseCatalog, table: Table) -> None:
        _begin(catalog, run_id="1", tenant="acme")
        catalog.advance("v", stage="audio", percent=25.0)
        (job,) = table("jobs", "id")
        assert (job["video_id"], job["workflow_id"], job["run_id"]) == ("v", "video-v", "1")
        assert (job["status"], job["stage"], job["percent"], job["attempts"]) == ("running", "audio", 25.0, 1)
        assert (job["tenant"], job["priority"]) == ("acme", 3)
        assert job["estimate_s"] > 0
        assert job["ended_at"] is None
        catalog.finish("v", status="failed", reasons=("It is gone.", "x"), error_class="not_found")
        (job,) = table("jobs", "id")
        assert (job["status"], job["percent"], job["estimate_s"]) == ("failed", 25.0, None)
        assert (job["error_class"], job["error_message"]) == ("not_found", "It is gone.")
        assert job["queued_at"] == job["began_at"] < job["ended_at"] == job["updated_at"]

    def test_every_run_has_its_own(self, catalog: SupabaseCatalog, table: Table) -> None:
        for run_id in "12":
            _begin(catalog, run_id=run_id)
            catalog.finish("v", status="completed", reasons=())
        jobs = table("jobs", "id")
        assert [(job["run_id"], job["attempts"], job["percent"]) for job in jobs] == [
            ("1", 1, 100),
            ("2", 2, 100),
        ]

    def test_a_run_that_is_told_twice_has_one_job_and_goes_on(
        self, catalog: SupabaseCatalog, table: Table
    ) -> None:
        _begin(catalog, run_id="1")
        before = catalog.get("v")
        _begin(catalog, run_id="1")
        assert catalog.get("v") == before
        catalog.finish("v", status="completed", reasons=())
        _begin(catalog, run_id="1")
        assert [job["status"] for job in table("jobs", "id")] == ["completed"]
        row = catalog.get("v")
        assert row
        assert row.status == "completed"

    def test_threads_that_tell_the_same_run_make_one_job(
        self, catalog: SupabaseCatalog, table: Table
    ) -> None:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: _begin(catalog, run_id="1"), range(16)))
        assert [job["status"] for job in table("jobs", "id")] == ["running"]

    def test_a_run_that_never_ended_is_closed_by_the_next(
        self, catalog: SupabaseCatalog, table: Table
    ) -> None:
        _begin(catalog, run_id="1")
        _begin(catalog, run_id="2")
        first, second = table("jobs", "id")
        assert (first["status"], first["error_class"]) == ("failed", "internal")
        assert "a later run took over" in first["error_message"]
        assert (second["status"], second["ended_at"]) == ("running", None)

    def test_a_run_that_was_reset_has_its_own(self, catalog: SupabaseCatalog, table: Table) -> None:
        _begin(catalog, run_id="1")
        catalog.advance("v", stage="audio", percent=25.0, run_id="2")
        catalog.finish("v", status="failed", reasons=("Late.",), run_id="1")
        catalog.finish("v", status="completed", reasons=(), run_id="2")
        first, second = table("jobs", "id")
        assert (first["status"], first["run_id"]) == ("failed", "1")
        assert (second["status"], second["run_id"], second["workflow_id"]) == ("completed", "2", "video-v")

    def test_a_queued_job_becomes_the_run(
        self, project: Project, catalog: SupabaseCatalog, table: Table
    ) -> None:
        _queue(project, tenant="acme", priority=1)
        _queue(project, tenant="acme", priority=2)
        (job,) = table("jobs", "id")
        assert (job["status"], job["workflow_id"], job["began_at"]) == ("queued", None, None)
        _begin(catalog, run_id="1")
        (begun,) = table("jobs", "id")
        assert (begun["status"], begun["run_id"], begun["attempts"]) == ("running", "1", 1)
        assert (begun["tenant"], begun["priority"]) == ("acme", 2)
        assert begun["queued_at"] == job["queued_at"] < begun["began_at"]

    def test_sixteen_threads_leave_no_job_open(self, catalog: SupabaseCatalog, table: Table) -> None:
        def run(number: int) -> None:
            for video_id in (f"v{number}", "shared"):
                _begin(catalog, video_id, run_id=f"{number}")
                catalog.advance(video_id, stage="audio", percent=number)
                catalog.finish(video_id, status="partial", reasons=())

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(run, range(64)))
        jobs = table("jobs", "id")
        assert {job["run_id"] for job in jobs if job["video_id"] == "shared"} == {str(n) for n in range(64)}
        assert sorted(job["attempts"] for job in jobs if job["video_id"] == "shared") == list(range(1, 65))
        assert all(job["ended_at"] for job in jobs)
        assert len(jobs) == 128


class TestQueue:
    """What the ledger asks of the database."""

    def test_a_video_that_waits_keeps_what_was_known(
        self, project: Project, catalog: SupabaseCatalog
    ) -> None:
        _begin(catalog)
        catalog.describe("v", title="Talk ␀")
        catalog.finish("v", status="failed", reasons=("x",), error_class="input", stage="audio")
        _queue(project)
        row = catalog.get("v")
        assert row
        assert (row.status, row.stage, row.percent, row.reasons) == ("queued", "resolve", 0, ())
        assert (row.title, row.error_class, row.began_at) == ("Talk ␀", "", None)

    def test_a_running_video_goes_on(self, project: Project, catalog: SupabaseCatalog, table: Table) -> None:
        _begin(catalog, run_id="1")
        before = catalog.get("v")
        _queue(project)
        assert catalog.get("v") == before
        assert [job["status"] for job in table("jobs", "id")] == ["running"]

    def test_only_a_waiting_video_is_refused(
        self, project: Project, catalog: SupabaseCatalog, table: Table
    ) -> None:
        _queue(project, "a")
        _begin(catalog, "b")
        for video_id in "abc":
            project.call("catalog_refuse", video_id=video_id, error_class="input", message="No.")
        refused = catalog.get("a")
        assert refused
        assert (refused.status, refused.reasons, refused.error_class) == ("failed", ("No.",), "input")
        assert [(job["status"], job["error_message"]) for job in table("jobs", "id")] == [
            ("failed", "No."),
            ("running", ""),
        ]


class TestVideos:
    """Columns that only people and dashboards read."""

    def test_every_stage_has_its_processing_status(self, project: Project, table: Table) -> None:
        catalog = SupabaseCatalog(project)
        _begin(catalog)
        shown = []
        for stage in NAMES:
            catalog.advance("v", stage=stage, percent=0.0)
            shown.append(table("videos", "id")[0]["processing_status"])
        assert list(dict.fromkeys(shown)) == [
            "downloading",
            "extracting_audio",
            "transcribing",
            "generating_embeddings",
            "analyzing",
            "mindmapping",
            "clipping",
            "storing",
        ]

    @pytest.mark.parametrize(
        ("status", "processed"),
        [("completed", True), ("partial", True), ("expanded", False), ("failed", False)],
    )
    def test_the_end_is_told_in_all_of_them(
        self, catalog: SupabaseCatalog, table: Table, status: str, *, processed: bool
    ) -> None:
        _begin(catalog)
        (row,) = table("videos", "id")
        assert (row["is_processed"], row["outcome"]) == (False, None)
        catalog.finish("v", status=status, reasons=())
        (row,) = table("videos", "id")
        assert (row["processing_status"], row["outcome"], row["is_processed"]) == (status, status, processed)

    def test_an_end_that_there_is_not_is_refused(self, catalog: SupabaseCatalog) -> None:
        _begin(catalog)
        with pytest.raises(SetupError, match="check constraint"):
            catalog.finish("v", status="splendid", reasons=())

    def test_changes_have_their_moments_in_the_order_in_which_they_can_be_seen(
        self,
        supabase_connection: "psycopg.Connection[Any]",
        catalog: SupabaseCatalog,
        table: Table,
    ) -> None:
        """A report goes by the last moment: one that comes to light later must not be earlier."""
        _begin(catalog, "a")
        with ThreadPoolExecutor() as pool:
            with supabase_connection.transaction():
                supabase_connection.execute("select public.catalog_advance('a', 'audio', 20, 2)")
                other = pool.submit(_begin, catalog, "b")
                time.sleep(0.3)
                assert not other.done()
                assert [row["id"] for row in table("videos", "id")] == ["a"]
            other.result()
        first, second = table("videos", "id")
        assert first["changed_at"] < second["changed_at"]

    def test_percent_alone_waits_for_nobody(
        self, supabase_connection: "psycopg.Connection[Any]", catalog: SupabaseCatalog
    ) -> None:
        _begin(catalog)
        with supabase_connection.transaction():
            supabase_connection.execute("select public.catalog_lock()")
            catalog.advance("v", stage="resolve", percent=1.5)
            row = catalog.get("v")
        assert row
        assert row.percent == 1.5


class TestHolding:
    """A lease in the database, because a holder may die."""

    def test_a_dead_holder_holds_nobody_for_long(self, project: Project, catalog: SupabaseCatalog) -> None:
        project.call("catalog_hold", video_id="v", holder="of the dead", lease_s=0.2)
        _begin(catalog)
        row = catalog.get("v")
        assert row
        assert row.status == "running"

    def test_a_living_holder_is_told_after_a_while(
        self, project: Project, catalog: SupabaseCatalog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(waiting, "_LONGEST_S", 0.05)
        _begin(catalog)
        with catalog.holding("v"):
            for change in (
                lambda: _begin(catalog),
                lambda: _queue(project),
                lambda: catalog.finish("v", status="failed", reasons=()),
                lambda: catalog.describe("v", title="x"),
                lambda: catalog.holding("v").__enter__(),
                lambda: project.call("catalog_refuse", video_id="v", error_class="", message=""),
            ):
                with pytest.raises(BusyError, match="v is being cleaned up"):
                    change()
            _begin(catalog, "another")
        catalog.describe("v", title="x")

    def test_a_holder_that_took_too_long_is_told(self, project: Project) -> None:
        catalog = SupabaseCatalog(project, lease_s=0.0)
        with pytest.raises(BusyError, match="took so long"), catalog.holding("v"):
            pass

    def test_a_living_holder_holds_for_longer_than_its_lease(self, project: Project) -> None:
        catalog = SupabaseCatalog(project, lease_s=0.6)
        with ThreadPoolExecutor() as pool:
            with catalog.holding("v"):
                begun = pool.submit(_begin, catalog)
                time.sleep(1.5)
                assert not begun.done()
                assert catalog.get("v") is None
            begun.result()

    def test_a_holder_whose_lease_cannot_be_renewed_goes_on_and_is_told(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reach, catalog = project.call, SupabaseCatalog(project, lease_s=0.3)

        def call(function: str, **arguments: Any) -> object:
            if function == "catalog_renew":
                raise StoreError("Supabase is out of reach.")
            return reach(function, **arguments)

        monkeypatch.setattr(project, "call", call)
        with pytest.raises(BusyError, match="took so long"), catalog.holding("v"):
            time.sleep(0.5)
        _begin(catalog)

    def test_a_lease_that_ran_out_cannot_be_renewed(self, project: Project) -> None:
        """Somebody may have begun a run meanwhile."""
        project.call("catalog_hold", video_id="v", holder="slow", lease_s=0.0)
        assert project.call("catalog_renew", video_id="v", holder="slow", lease_s=60.0) is False
        project.call("catalog_hold", video_id="v", holder="another", lease_s=60.0)
        assert project.call("catalog_renew", video_id="v", holder="slow", lease_s=60.0) is False
        assert project.call("catalog_renew", video_id="v", holder="another", lease_s=60.0) is True

    def test_what_a_store_did_not_confirm_may_still_happen_and_nobody_begins_before_the_lease_ends(
        self, project: Project, table: Table
    ) -> None:
        catalog = SupabaseCatalog(project, lease_s=0.6)
        with pytest.raises(StoreError, match="no answer"), catalog.holding("v"):
            raise StoreError("There was no answer.")
        assert len(table("video_holds", "video_id")) == 1
        with pytest.raises(SetupError, match="denied"), catalog.holding("another"):
            raise SetupError("Permission denied.")
        assert [hold["video_id"] for hold in table("video_holds", "video_id")] == ["v"]
        _begin(catalog)
        row = catalog.get("v")
        assert row
        assert row.status == "running"

    def test_a_hold_that_is_asked_for_twice_is_one(self, project: Project, table: Table) -> None:
        """The reply was lost."""
        for _ in range(2):
            project.call("catalog_hold", video_id="v", holder="mine", lease_s=300.0)
        assert len(table("video_holds", "video_id")) == 1
        assert project.call("catalog_release", video_id="v", holder="another's") is False
        assert project.call("catalog_release", video_id="v", holder="mine") is True
        assert table("video_holds", "video_id") == []

    def test_leases_that_ended_are_swept(self, project: Project, table: Table) -> None:
        project.call("catalog_hold", video_id="old", holder="t", lease_s=0.0)
        project.call("catalog_hold", video_id="new", holder="t", lease_s=300.0)
        assert [hold["video_id"] for hold in table("video_holds", "video_id")] == ["new"]


class TestProgress:
    """It is told twice a second by every step of every worker."""

    def test_few_of_many_calls_go_out(self, project: Project, supabase_stack: Supabase, table: Table) -> None:
        catalog = SupabaseCatalog(project, advance_every_s=3600.0)
        _begin(catalog)
        for hundredth in range(101):
            catalog.advance("v", stage="download", percent=overall_percent("download", hundredth / 100))
        sent = [each for each in supabase_stack.requests() if each["path"].endswith("/catalog_advance")]
        assert len(sent) == 2
        (row,) = table("videos", "id")
        assert row["percent"] == pytest.approx(overall_percent("download", 1.0))

    def test_a_run_that_begins_again_is_told_at_once(self, project: Project) -> None:
        catalog = SupabaseCatalog(project, advance_every_s=3600.0)
        for _ in range(2):
            _begin(catalog)
            catalog.advance("v", stage="download", percent=5.0)
            row = catalog.get("v")
            assert row
            assert (row.stage, row.percent) == ("download", 5.0)
            catalog.finish("v", status="failed", reasons=())

    def test_a_project_out_of_reach_is_a_passing_trouble_and_the_end_is_told_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Steps go on without; the next beat tries once more, but not each of them."""
        calls = []
        with Project(SupabaseAccess("http://127.0.0.1:9", "key")) as project:
            reach, catalog = project.call, SupabaseCatalog(project, advance_every_s=3600.0)

            def call(function: str, **arguments: Any) -> object:
                calls.append(function)
                return reach(function, **arguments)

            monkeypatch.setattr(project, "call", call)
            for percent in (5.0, 6.0, overall_percent("download", 1.0), overall_percent("download", 1.0)):
                with suppress(BusyError):
                    catalog.advance("v", stage="download", percent=percent)
        assert len(calls) == 3
