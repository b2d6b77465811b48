"""How ffmpeg is run."""

import threading
import time
from pathlib import Path

import pytest

from mindreel.contracts.progress import QuietReporter
from mindreel.errors import CancelledError, MindreelError, SetupError
from mindreel.media.tools import ffmpeg_path, run_ffmpeg

ENDLESS = ("-re", "-f", "lavfi", "-i", "testsrc=s=64x64", "-f", "null", "-")


class Recorder:
    """Keeps what was told; is cancelled after some asking."""

    def __init__(self, asks_before_cancel: int = 10**9) -> None:
        self.told: list[float] = []
        self._asks = asks_before_cancel

    def progress(self, fraction: float, note: str = "") -> None:  # noqa: ARG002 - a Reporter
        self.told.append(fraction)

    def wait_cancelled(self, seconds: float) -> bool:
        time.sleep(seconds)
        self._asks -= 1
        return self._asks < 0


def test_progress_rises_to_the_end_of_its_span(tmp_path: Path) -> None:
    recorder = Recorder()
    drawn = ("-f", "lavfi", "-i", "testsrc=s=640x360:d=20", "-c:v", "libx264", str(tmp_path / "a.mp4"))
    run_ffmpeg(drawn, duration_s=20, reporter=recorder, span=(0.2, 0.6))
    assert recorder.told == sorted(recorder.told)
    assert min(recorder.told) >= 0.2
    assert recorder.told[-1] == 0.6


def test_cancelling_ends_the_child_process() -> None:
    with pytest.raises(CancelledError):
        run_ffmpeg(ENDLESS, duration_s=100, reporter=Recorder(asks_before_cancel=2))
    assert not [line for line in _children() if "testsrc=s=64x64" in line]


def test_a_run_without_a_reporters_word_goes_on_in_its_own_thread_until_cancelled() -> None:
    recorder = Recorder(asks_before_cancel=3)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            run_ffmpeg(ENDLESS, duration_s=100, reporter=recorder)
        except CancelledError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=20)
    assert len(failed) == 1


def test_a_failure_says_what_and_why(tmp_path: Path) -> None:
    with pytest.raises(MindreelError, match=r"ffmpeg could not read it: .*No such file"):
        run_ffmpeg(
            ("-i", str(tmp_path / "none.mp4"), "-f", "null", "-"),
            duration_s=1,
            reporter=QuietReporter(),
            what="read it",
        )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_a_full_disk_is_told_as_a_full_disk() -> None:
    drawn = ("-f", "lavfi", "-i", "testsrc=d=1", "-f", "rawvideo", "/dev/full")
    with pytest.raises(SetupError, match="disk is full"):
        run_ffmpeg(drawn, duration_s=1, reporter=QuietReporter())


def test_a_configured_ffmpeg_that_is_not_there_is_a_setup_error() -> None:
    with pytest.raises(SetupError, match="/no/such/ffmpeg"):
        ffmpeg_path("/no/such/ffmpeg")


def _children() -> list[str]:
    return [
        path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.exists()
    ]
