from dataclasses import replace
from pathlib import Path

from mindreel.bootstrap import build
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


def test_what_was_remembered_counts_for_the_engine_that_said_it(tmp_path: Path) -> None:
    mine = build.current(load({"MINDREEL_HOME": str(tmp_path)}), background=True)

    assert build.of_engine(tmp_path, mine.pid) is None
    build.remember(tmp_path, mine)
    assert build.of_engine(tmp_path, mine.pid) == mine
    assert build.of_engine(tmp_path, mine.pid + 1) is None
    build.remember(tmp_path, replace(mine, code=1))
    assert build.of_engine(tmp_path, mine.pid) == replace(mine, code=1)
