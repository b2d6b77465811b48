import socket
from pathlib import Path

from mindreel.engine import ports
from mindreel.engine.ports import Ports


def test_a_home_keeps_its_ports(tmp_path: Path) -> None:
    first = ports.choose(tmp_path)
    other = Ports(grpc=first.grpc + 500, ui=first.ui + 500, http=first.http + 500)
    ports.remember(tmp_path, other)
    assert ports.choose(tmp_path) == other


def test_only_the_busy_port_changes(tmp_path: Path) -> None:
    ports.remember(tmp_path, Ports(grpc=7633, ui=8633, http=7638))
    with socket.create_server(("127.0.0.1", 8633)):
        chosen = ports.choose(tmp_path)
    assert (chosen.grpc, chosen.http) == (7633, 7638)
    assert chosen.ui != 8633
    assert ports.is_free(chosen.ui)


def test_a_listener_on_all_addresses_is_seen(tmp_path: Path) -> None:
    ports.remember(tmp_path, Ports(grpc=7643, ui=8643, http=7648))
    with socket.create_server(("0.0.0.0", 7643)):  # noqa: S104 - that is the case under test
        assert ports.choose(tmp_path).grpc != 7643


def test_a_damaged_memory_is_no_obstacle(tmp_path: Path) -> None:
    for damaged in ("", "{", '{"grpc": "x"}', '{"grpc": 99999999, "ui": -1, "http": 0}'):
        (tmp_path / "ports.json").write_text(damaged)
        chosen = ports.choose(tmp_path)
        assert all(1024 < port < 32768 for port in (chosen.grpc, chosen.ui, chosen.http))
