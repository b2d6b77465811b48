"""Bad input is one clear sentence and an exit code, and leaves nothing behind."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from tests.support.command import TALK, Mindreel
from tests.support.loopback_site import LoopbackSite

pytestmark = pytest.mark.slow


def ffmpeg(*arguments: str | Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True)


def picture(seconds: float) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=25:duration={seconds}")


def only_sentence(result: dict[str, Any]) -> str:
    (reason,) = result["reasons"]
    assert "\n" not in reason
    assert "Traceback" not in reason
    assert reason.rstrip().endswith((".", ")"))
    return str(reason)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "notes.mp4").write_text("These are my notes, not a video.\n" * 200)
    (tmp_path / "disguised.mp4").write_text("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    (tmp_path / "cut.mp4").write_bytes(TALK.read_bytes()[: TALK.stat().st_size // 2])
    ffmpeg(*picture(3), "-pix_fmt", "yuv420p", tmp_path / "mute.mp4")
    ffmpeg(*picture(8), "-f", "lavfi", "-i", "anullsrc=r=44100", "-shortest", tmp_path / "silent.mp4")
    ffmpeg("-i", TALK, "-t", "1", "-c:v", "libx264", "-preset", "ultrafast", tmp_path / "second.mp4")
    return tmp_path


REFUSED = {
    "missing.mp4": "no file",
    "empty.mp4": "empty",
    "notes.mp4": "text",
    "disguised.mp4": "playlist",
    "cut.mp4": "cut off",
}


def test_files_that_are_no_videos_are_refused(mindreel: Mindreel, files: Path) -> None:
    done = mindreel("run", "--json", *[files / name for name in REFUSED])
    assert done.code == 1
    for result, (name, word) in zip(done.results, REFUSED.items(), strict=True):
        assert result["outcome"] == "failed", name
        sentence = only_sentence(result)
        assert name in sentence
        assert word in sentence.lower(), sentence
        assert result["library"] is None
    assert mindreel.left_behind() == []


def test_videos_in_which_nothing_is_said_are_partial_and_say_so(mindreel: Mindreel, files: Path) -> None:
    done = mindreel("run", "--json", files / "mute.mp4", files / "silent.mp4", files / "second.mp4")
    assert done.code == 3, done.err
    mute, silent, second = done.results
    for result in (mute, silent, second):
        assert result["outcome"] == "partial"
        assert Path(result["library"], "report.html").exists()
    assert "no audio" in " ".join(mute["reasons"])
    assert "Nobody speaks" in " ".join(silent["reasons"])
    assert "clip" in " ".join(second["reasons"]) or "Nobody speaks" in " ".join(second["reasons"])
    assert mindreel.left_behind() == []


ANSWERS = {
    "status/404": "404",
    "status/403": "403",
    "none": "no video",
    "text/talk.mp4": "web page",
}


def test_addresses_without_a_video_are_refused(mindreel: Mindreel, site: LoopbackSite) -> None:
    shutil.copy(TALK, site.directory)
    urls = [site.url(path) for path in ANSWERS]
    done = mindreel("run", "--json", *urls, MINDREEL_ALLOW_PRIVATE_HOSTS="1")
    assert done.code == 1
    for result, (path, word) in zip(done.results, ANSWERS.items(), strict=True):
        assert result["outcome"] == "failed", path
        assert word in only_sentence(result).lower()
    assert mindreel.left_behind() == []


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path, unavailable: Any) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=170M", "tmpfs", disk], check=False).returncode:
        unavailable("mounting a small disk needs root")
    small = Mindreel(disk / "home", {"MINDREEL_MIN_FREE_BYTES": "0"})
    try:
        (tmp_path / "large.mp4").write_bytes(TALK.read_bytes() + bytes(400 * 1024 * 1024))
        done = small("run", "--json", tmp_path / "large.mp4")
        assert done.code == 1
        assert "disk" in only_sentence(done.result)
        assert small.left_behind() == []
    finally:
        small("down")
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.parametrize("name", ["my talk.mp4", 'it\'s "quoted".mp4', "演讲 第一部分.mp4", "talk 🎬.mp4"])
def test_any_file_name_will_do(mindreel: Mindreel, tmp_path: Path, name: str) -> None:
    """Each is the same video as the sample, so it is reused and takes a moment."""
    shutil.copy(TALK, tmp_path / name)
    done = mindreel("run", "--json", tmp_path / name)
    assert done.code == 0, done.err
    assert done.result["source"] == str(tmp_path / name)


def test_an_unknown_option_is_bad_usage(mindreel: Mindreel) -> None:
    done = mindreel("run", TALK, "--clips", "many")
    assert done.code == 2
    assert "Traceback" not in done.err
