import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from mindreel.contracts.video import Limits
from mindreel.sources import child, collections, download, resolve
from mindreel.sources.messages import Failed, Job, Result, as_error, encode, read_job
from mindreel.sources.process import decode
from tests.support.loopback_site import LoopbackSite


class Recorder:
    """A reporter that remembers what it was told and can ask for a stop once bytes flow."""

    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.notes: list[str] = []
        self.cancel_at = 2.0
        """The fraction from which on a stop is asked for; 2 for never."""

    def progress(self, fraction: float, note: str = "") -> None:
        self.fractions.append(fraction)
        self.notes.append(note)

    def wait_cancelled(self, seconds: float) -> bool:
        del seconds
        return any(fraction >= self.cancel_at for fraction in self.fractions)


@pytest.fixture
def reporter() -> Recorder:
    return Recorder()


@pytest.fixture
def same_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the child's work in this process: the same job and code, without starting Python each time."""

    def work(job: Job, reporter: Recorder, *, watch: object) -> Result:
        del watch
        result = child._work(read_job(encode(job)), lambda step: reporter.progress(step.fraction, step.note))
        heard = decode(encode(result))
        if isinstance(heard, Failed):
            raise as_error(heard)
        assert isinstance(heard, Result)
        return heard

    for module in (download, resolve, collections):
        monkeypatch.setattr(module, "run_child", work)


@pytest.fixture(scope="session")
def talk_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Four seconds of moving picture and tone, H.264 and AAC."""
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    command += ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=4"]
    command += ["-f", "lavfi", "-i", "sine=frequency=440:duration=4", "-shortest"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


@pytest.fixture
def site(tmp_path: Path, talk_bytes: bytes) -> Iterator[LoopbackSite]:
    """A web site that offers `talk.mp4` in every way."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "talk.mp4").write_bytes(talk_bytes)
    with LoopbackSite(folder) as running:
        yield running


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def limits() -> Limits:
    """Loopback allowed, and no demand on the disk of the machine that runs the tests."""
    return Limits(allow_private_hosts=True, min_free_bytes=0)
