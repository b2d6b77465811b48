import base64
import os
from dataclasses import replace
from pathlib import Path

from mindreel.bootstrap import build
from mindreel.engine import state
from mindreel.engine.locks import FileLock
from mindreel.engine.state import EngineState
from mindreel.settings import load


def test_an_engine_is_known_by_the_settings_its_workers_heed(tmp_path: Path) -> None:
    home = {"MINDREEL_HOME": str(tmp_path)}
    mine = build.current(load({**home, "MINDREEL_ALLOW_PRIVATE_HOSTS": "1"}), background=True)
    theirs = build.current(load({**home, "MINDREEL_MODEL": "small"}), background=False)
    same = build.current(
        load({**home, "MINDREEL_MODEL": "base", "MINDREEL_IDLE_MINUTES": "1"}), background=True
    )

    assert build.other_settings(mine, theirs) == ["MINDREEL_ALLOW_PRIVATE_HOSTS", "MINDREEL_MODEL"]
    assert build.other_settings(same, build.current(load(home), background=True)) == []


def test_a_webhook_is_told_apart_and_never_written_in_clear(tmp_path: Path) -> None:
    home = {"MINDREEL_HOME": str(tmp_path), "MINDREEL_WEBHOOK_URL": "https://example.org/hook?key=sesame"}
    horse, staple = "correcthorse" * 3, "batterystaple" * 4
    mine = build.current(load({**home, "MINDREEL_WEBHOOK_SECRET": horse}), background=True)
    theirs = build.current(load({**home, "MINDREEL_WEBHOOK_SECRET": staple}), background=True)

    build.remember(tmp_path, mine)

    assert build.other_settings(mine, theirs) == ["MINDREEL_WEBHOOK_SECRET"]
    written = (tmp_path / "engine.build.json").read_text()
    assert "sesame" not in written
    assert horse not in written
    assert base64.b64decode(horse).hex() not in written


def test_every_setting_of_batches_that_workers_heed_is_compared(tmp_path: Path) -> None:
    heeded = (
        "CSV_MAX_BYTES", "CSV_MAX_ROWS", "MAX_PLAYLIST", "SITE_PATIENCE_S", "SITE_CONCURRENCY",
        "SITE_INTERVAL_S", "SITE_PAUSE_S", "KEEP_ARTIFACTS_DAYS", "KEEP_ORPHANS_DAYS",
    )  # fmt: skip
    changed = {f"MINDREEL_{name}": "7" for name in heeded}
    kept_by_schedules = {"MINDREEL_SCAN_INTERVAL_S": "7", "MINDREEL_CLEANUP_HOURS": "7"}
    home = {"MINDREEL_HOME": str(tmp_path)}
    mine = build.current(load(home), background=True)

    theirs = build.current(load({**home, **changed, **kept_by_schedules}), background=True)

    assert build.other_settings(mine, theirs) == sorted(changed)


def test_each_store_has_a_temporal_database_of_its_own_and_only_its_engine_is_seen(tmp_path: Path) -> None:
    embedded = load({"MINDREEL_HOME": str(tmp_path)})
    access = {"SUPABASE_URL": "https://abc.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": "key"}
    variables = {"MINDREEL_HOME": str(tmp_path), **access}
    project = load(variables)
    another_key = load({**variables, "SUPABASE_SERVICE_ROLE_KEY": "renewed"})
    others = [
        load({**variables, "SUPABASE_URL": "https://def.supabase.co"}),
        load({**variables, "MINDREEL_BUCKET_PREFIX": "acme-"}),
    ]

    names = [build.database_of(each) for each in (embedded, project, *others)]

    assert names[0] == "temporal.db"
    assert len(set(names)) == len(names)
    assert build.database_of(another_key) == names[1]
    lock = FileLock(state.lock_file(tmp_path))
    with lock:
        assert lock.acquire()
        lock.write_pid(os.getpid())
        state.save(tmp_path, EngineState(os.getpid(), "127.0.0.1:1", "", "", ""))
        build.remember(tmp_path, build.current(project, background=True))
        assert build.engine_of(project) == build.engine_of(another_key) == state.running(tmp_path)
        assert [build.engine_of(each) for each in (embedded, *others)] == [None, None, None]


def test_what_was_remembered_counts_for_the_engine_that_said_it(tmp_path: Path) -> None:
    mine = build.current(load({"MINDREEL_HOME": str(tmp_path)}), background=True)

    assert build.of_engine(tmp_path, mine.pid) is None
    build.remember(tmp_path, mine)
    assert build.of_engine(tmp_path, mine.pid) == mine
    assert build.of_engine(tmp_path, mine.pid + 1) is None
    build.remember(tmp_path, replace(mine, code=1))
    assert build.of_engine(tmp_path, mine.pid) == replace(mine, code=1)
