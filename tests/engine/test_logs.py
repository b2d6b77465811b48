from pathlib import Path

from mindreel.engine import logs


def test_a_log_that_has_grown_moves_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    logs.rotate(log, max_bytes=3)
    for text in ("first", "second", "third", "fourth"):
        log.write_text(text)
        logs.rotate(log, max_bytes=3, kept=2)
    assert not log.exists()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "worker.log.1": "fourth",
        "worker.log.2": "third",
    }


def test_a_small_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("abc")
    logs.rotate(log, max_bytes=3)
    assert log.read_text() == "abc"


def test_the_last_line_is_the_last_with_text_in_it_since_the_start(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    assert logs.last_line(log) == ""
    log.write_bytes(b"old\n")
    start = logs.size(log)
    assert logs.last_line(log, since=start) == ""
    log.write_bytes("old\nfirst\nüber alles \xff\n\n  \n".encode("latin-1"))
    assert logs.last_line(log, since=start) == "�ber alles �"


def test_an_endless_line_is_cut(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("x" * 100_000)
    assert len(logs.last_line(log)) <= 301
