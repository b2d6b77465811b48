import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import av
import imageio_ffmpeg
import pytest

from mindreel.contracts.video import Limits, SourceInfo
from mindreel.errors import (
    CancelledError,
    InputError,
    LimitExceededError,
    MindreelError,
    NotAVideoError,
    SetupError,
    TransientError,
)
from mindreel.sources import forked, process
from mindreel.sources.download import download
from mindreel.sources.identity import identify
from tests.sources.conftest import Recorder
from tests.support.loopback_site import LoopbackSite

_STARTED_ONLY = """
from mindreel.sources import forked
forked.FORK_SERVERS.fork = lambda *_: None
"""
_DOWNLOAD_SCRIPT = """
import sys
from pathlib import Path
from mindreel.contracts.progress import QuietReporter
from mindreel.contracts.video import Limits, SourceInfo
from mindreel.sources.download import download
from mindreel.sources.identity import identify

limits = Limits(allow_private_hosts=True, min_free_bytes=0)
download(identify(sys.argv[1]), SourceInfo("x"), Path(sys.argv[2]), limits, reporter=QuietReporter())
"""


@pytest.fixture
def certificate(tmp_path: Path, unavailable: Callable[[str], NoReturn]) -> Path:
    """Key and certificate for 127.0.0.1, signed by nobody else."""
    openssl = shutil.which("openssl")
    if openssl is None:
        unavailable("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    certificate.write_text(key.read_text() + certificate.read_text())
    return certificate


@pytest.fixture(params=["forked", "started"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A script's first lines for either way of getting a child; this process goes the same way."""
    if request.param == "forked":
        return ""
    monkeypatch.setattr(forked.FORK_SERVERS, "fork", lambda *_: None)
    return _STARTED_ONLY


def _download(source: str, limits: Limits, directory: Path, reporter: Recorder | None = None) -> Path:
    info = SourceInfo(title="A talk")
    return download(identify(source), info, directory, limits, reporter=reporter or Recorder())


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def _seconds(path: Path) -> float:
    with av.open(str(path)) as media:
        assert media.streams.video
        assert media.streams.audio
        return (media.duration or 0) / 1_000_000


def test_a_file_arrives_whole_with_true_progress(
    site: LoopbackSite, limits: Limits, scratch: Path, reporter: Recorder, talk_bytes: bytes
) -> None:
    path = _download(site.url("talk.mp4"), limits, scratch, reporter)
    assert path == scratch / "media.mp4"
    assert path.read_bytes() == talk_bytes
    assert _names(scratch) == ["media.mp4"]
    assert reporter.fractions == sorted(reporter.fractions)
    assert reporter.fractions[-1] == 1
    assert reporter.notes[-1].startswith(f"{len(talk_bytes)} bytes")


@pytest.mark.usefixtures("same_process")
def test_https_goes_through_the_guard_and_certificates_are_checked(
    site: LoopbackSite, limits: Limits, tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with LoopbackSite(site.directory, tls) as secure:
        with pytest.raises(InputError, match=r"certificate of 127\.0\.0\.1 is not valid"):
            _download(secure.url("talk.mp4"), limits, tmp_path / "untrusted")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert _download(secure.url("talk.mp4"), limits, tmp_path / "trusted").is_file()


@pytest.mark.usefixtures("same_process")
@pytest.mark.parametrize("kind", ["hls", "dash"])
def test_streams_of_segments_become_one_file(
    kind: str, site: LoopbackSite, limits: Limits, scratch: Path, reporter: Recorder
) -> None:
    add = site.add_hls if kind == "hls" else site.add_dash
    path = _download(
        site.url(add(site.directory / "talk.mp4", imageio_ffmpeg.get_ffmpeg_exe())), limits, scratch, reporter
    )
    assert _seconds(path) == pytest.approx(4, abs=0.2)
    assert _names(scratch) == ["media.mp4"]
    assert max(reporter.fractions) == 1


@pytest.mark.usefixtures("same_process")
def test_a_missing_segment_is_a_failure_and_no_gap(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    stream = site.add_hls(site.directory / "talk.mp4", imageio_ffmpeg.get_ffmpeg_exe())
    (site.directory / "talk-hls" / "part001.ts").unlink()
    with pytest.raises(MindreelError, match="HTTP 404"):
        _download(site.url(stream), limits, scratch)


def test_a_finished_download_is_not_fetched_again(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    first = _download(site.url("talk.mp4"), limits, scratch)
    fetched = site.requests.total()
    assert _download(site.url("talk.mp4"), limits, scratch) == first
    assert site.requests.total() == fetched


@pytest.mark.usefixtures("start")
def test_cancel_ends_the_child_and_the_next_attempt_goes_on_where_it_stopped(
    site: LoopbackSite, limits: Limits, scratch: Path, reporter: Recorder, talk_bytes: bytes
) -> None:
    reporter.cancel_at = 0.2
    with pytest.raises(CancelledError):
        _download(site.url("slow/talk.mp4"), limits, scratch, reporter)
    (part,) = scratch.iterdir()
    had = part.stat().st_size
    assert part.suffix == ".part"
    assert 0 < had < len(talk_bytes)
    assert not _running_children()

    site.slow_bytes_per_s = 100_000_000
    path = _download(site.url("slow/talk.mp4"), limits, scratch)
    assert path.read_bytes() == talk_bytes
    assert ("/slow/talk.mp4", f"bytes={had}-") in site.ranges


@pytest.mark.usefixtures("same_process")
def test_a_connection_that_breaks_is_taken_up_again(
    site: LoopbackSite, limits: Limits, scratch: Path, talk_bytes: bytes
) -> None:
    path = _download(site.url("cut/talk.mp4"), limits, scratch)
    assert path.read_bytes() == talk_bytes
    assert [path for path, _ in site.ranges] == ["/cut/talk.mp4"], "only the missing part is fetched again"


@pytest.mark.usefixtures("same_process")
def test_a_download_that_never_completes_is_transient_and_kept_for_later(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    with pytest.raises(TransientError, match=r"more expected.*; try again later\.$"):
        _download(site.url("alwayscut/talk.mp4"), limits, scratch)
    assert [Path(name).suffix for name in _names(scratch)] == [".part"]


@pytest.mark.usefixtures("same_process")
def test_an_expired_media_address_is_asked_for_once_more(
    site: LoopbackSite, limits: Limits, scratch: Path, talk_bytes: bytes
) -> None:
    path = _download(site.url("page/forbidden-once/talk.mp4"), limits, scratch)
    assert path.read_bytes() == talk_bytes
    assert site.gets("page/forbidden-once/talk.mp4") == 2


@pytest.mark.usefixtures("same_process")
def test_a_server_that_says_it_is_busy_is_asked_again_later(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    busy = f"jsonld/x?media={site.url('status/429')}%3Fretry_after%3D30"
    with pytest.raises(TransientError) as caught:
        _download(site.url(busy), limits, scratch)
    assert caught.value.retry_after_s == 30


@pytest.mark.usefixtures("same_process")
def test_a_stream_without_length_is_stopped_at_the_limit(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    with pytest.raises(LimitExceededError, match=r"more than the limit of 3\.0 MB"):
        _download(site.url("endless/talk.mp4"), replace(limits, max_bytes=3_000_000), scratch)
    assert _names(scratch) == []


@pytest.mark.usefixtures("same_process")
def test_a_page_that_claims_to_be_a_video_is_refused(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    with pytest.raises(NotAVideoError, match="holds no video but a web page"):
        _download(site.url("text/talk.mp4"), limits, scratch)
    assert _names(scratch) == []


@pytest.mark.usefixtures("same_process")
def test_a_playlist_that_hides_in_a_segment_opens_no_file_of_this_machine(
    site: LoopbackSite, limits: Limits, scratch: Path, tmp_path: Path, talk_bytes: bytes
) -> None:
    (tmp_path / "secret.mp4").write_bytes(talk_bytes)
    inner = f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{tmp_path / 'secret.mp4'}\n#EXT-X-ENDLIST\n"
    (site.directory / "inner.ts").write_text(inner)
    outer = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\ninner.ts\n#EXT-X-ENDLIST\n"
    (site.directory / "outer.m3u8").write_text(outer)
    with pytest.raises(NotAVideoError):
        _download(site.url("outer.m3u8"), limits, scratch)
    assert _names(scratch) == []


@pytest.mark.usefixtures("same_process")
def test_a_full_disk_says_so(site: LoopbackSite, limits: Limits, scratch: Path) -> None:
    (scratch / "media-mp4.mp4.part").symlink_to("/dev/full")
    with pytest.raises(SetupError, match="disk is full"):
        _download(site.url("talk.mp4"), limits, scratch)


@pytest.mark.usefixtures("same_process")
def test_too_little_space_stops_a_stream_of_unknown_length(
    site: LoopbackSite, limits: Limits, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk looks large enough at the beginning, because nobody said how much will come."""
    for module in ("download", "extraction"):
        monkeypatch.setattr(f"mindreel.sources.{module}.check_free_space", lambda *_: None)
    with pytest.raises(SetupError, match="must stay free"):
        _download(site.url("endless/talk.mp4"), replace(limits, min_free_bytes=2**60), scratch)
    assert [Path(name).suffix for name in _names(scratch)] == [".part"]


def test_the_first_of_several_that_is_too_large_is_refused_before_it_is_fetched(
    site: LoopbackSite, limits: Limits, tmp_path: Path
) -> None:
    url = site.url("feed/talk.mp4,other.mp4")
    with pytest.raises(LimitExceededError, match="more than the limit of 1000 bytes"):
        _download(url, replace(limits, max_bytes=1000), tmp_path / "media")


def test_a_server_that_falls_silent_is_given_up(
    site: LoopbackSite, limits: Limits, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "STALL_S", 4.0)
    with pytest.raises(TransientError, match="sent nothing for 4 s"):
        _download(site.url("hang/talk.mp4"), limits, scratch)
    assert not _running_children()


def test_a_broken_yt_dlp_is_told_in_a_sentence(
    site: LoopbackSite, limits: Limits, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "yt_dlp"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise TypeError('unexpected page')")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    with pytest.raises(SetupError, match=r"yt-dlp broke on this page \(TypeError: unexpected page\)"):
        _download(site.url("talk.mp4"), limits, scratch)


@pytest.mark.usefixtures("start")
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_that_is_killed_from_outside_is_worth_another_attempt(
    site: LoopbackSite, limits: Limits, scratch: Path
) -> None:
    class Killer(Recorder):
        def progress(self, fraction: float, note: str = "") -> None:
            del note
            if fraction:
                for child in _running_children():
                    os.kill(child, signal.SIGKILL)

    with pytest.raises(TransientError, match=r"ended from outside \(SIGKILL\)"):
        _download(site.url("slow/talk.mp4"), limits, scratch, Killer())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_child_dies_with_its_parent(site: LoopbackSite, scratch: Path, start: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", start + _DOWNLOAD_SCRIPT, site.url("slow/talk.mp4"), str(scratch)]
    )
    while not list(scratch.glob("*.part")):
        assert parent.poll() is None
        time.sleep(0.05)
    (child,) = _running_children(parent.pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    while _is_running(child):  # the test's own timeout is the limit
        time.sleep(0.05)


def test_a_local_file_is_copied_and_stays_where_it_is(
    limits: Limits, scratch: Path, tmp_path: Path, reporter: Recorder, talk_bytes: bytes
) -> None:
    original = tmp_path / "Vortrag über 🎥 'x'.MP4"
    original.write_bytes(talk_bytes)
    path = _download(str(original), limits, scratch, reporter)
    assert path == scratch / "media.mp4"
    assert path.read_bytes() == original.read_bytes() == talk_bytes
    assert not path.samefile(original)
    assert reporter.fractions[-1] == 1
    assert _names(scratch) == ["media.mp4"]


def test_a_local_file_that_changed_is_refused(
    limits: Limits, scratch: Path, tmp_path: Path, talk_bytes: bytes
) -> None:
    original = tmp_path / "talk.mp4"
    original.write_bytes(talk_bytes)
    video = identify(str(original))
    original.write_bytes(talk_bytes + b"\0")
    with pytest.raises(InputError, match="has changed since this run began"):
        download(video, SourceInfo("x"), scratch, limits, reporter=Recorder())
    assert _names(scratch) == []


def test_copying_stops_when_asked(limits: Limits, scratch: Path, tmp_path: Path, reporter: Recorder) -> None:
    original = tmp_path / "talk.mp4"
    original.write_bytes(bytes(10_000_000))
    reporter.cancel_at = 0.2
    with pytest.raises(CancelledError):
        _download(str(original), limits, scratch, reporter)


def test_a_full_disk_stops_the_copy_of_a_local_file(
    limits: Limits, scratch: Path, tmp_path: Path, talk_bytes: bytes
) -> None:
    original = tmp_path / "talk.mp4"
    original.write_bytes(talk_bytes)
    (scratch / "media.mp4.part").symlink_to("/dev/full")
    with pytest.raises(SetupError, match="disk is full"):
        _download(str(original), limits, scratch)
    assert _names(scratch) == []


def _running_children(pid: int | None = None) -> list[int]:
    """Downloading children of a process, ours by default, that have not ended, forked ones included."""
    started = _children(pid or os.getpid())
    servers = [child for child in started if b"mindreel.sources.fork_server" in _command(child)]
    forked = [child for server in servers for child in _children(server)]
    return [child for child in started + forked if child not in servers and _is_running(child)]


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.exists():
        return []
    return [int(text) for task in tasks.iterdir() for text in (task / "children").read_text().split()]


def _is_running(pid: int) -> bool:
    """A forked child keeps the command of its server."""
    return re.search(rb"mindreel\.sources\.(child|fork_server)", _command(pid)) is not None


def _command(pid: int) -> bytes:
    """Empty for a process that has ended, waited for or not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
