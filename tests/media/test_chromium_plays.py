"""Smart cuts play in a real browser, across their joins."""

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Page, sync_playwright

from mindreel.contracts.clips import ClipPlan
from mindreel.contracts.progress import QuietReporter
from mindreel.media.cut import cut_clip
from mindreel.media.probe import probe

NAMES = ("chromium", "chromium-browser", "google-chrome")

SOURCES = {"plain.mp4": (), "deeper.mkv": ("-bf", "8", "-x264-params", "b-adapt=2")}
SEEK = """async (second) => {
  const video = document.querySelector('video');
  video.currentTime = second;
  await new Promise((done, failed) => {
    video.onseeked = done; video.onerror = () => failed(video.error.message); });
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 36;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 64, 36);
  return Array.from(context.getImageData(0, 0, 64, 36).data).filter((_, place) => place % 4 == 1);
}"""
PLAY = """async () => {
  const video = document.querySelector('video');
  video.currentTime = 0; video.muted = true; video.playbackRate = 4;
  await new Promise((done, failed) => {
    video.onended = done; video.onerror = () => failed(video.error.message); video.play(); });
  return { time: video.currentTime, width: video.videoWidth, error: video.error,
           frames: video.getVideoPlaybackQuality().totalVideoFrames };
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and its address on loopback."""
    folder = tmp_path_factory.mktemp("served")
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        pass


@pytest.fixture(scope="module")
def page(unavailable: Callable[[str], NoReturn]) -> Iterator[Page]:
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        unavailable("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page()
        if not page.evaluate("MediaSource.isTypeSupported('video/mp4; codecs=avc1.640028')"):
            chromium.close()
            unavailable("this Chromium plays no h264")
        yield page
        chromium.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_a_smart_cut_plays_and_seeks_across_its_joins(  # noqa: PLR0917 - fixtures
    name: str,
    page: Page,
    served: tuple[Path, str],
    make_video: Callable[..., Path],
    plan: Callable[..., ClipPlan],
    ffmpeg: Callable[..., None],
) -> None:
    folder, address = served
    source = make_video(name, *SOURCES[name])
    wanted = plan(1.23, 7.11, name=name.replace(".", "-"))
    clip, report = cut_clip(source, probe(source), wanted, folder, reporter=QuietReporter())
    assert report.method == "smart"
    exact = folder / f"exact-{clip.name}"
    exactly = f"trim=start={report.start_s - 0.01}:end={report.end_s - 0.01},setpts=PTS-STARTPTS"
    ffmpeg("-i", source, "-an", "-vf", exactly, "-c:v", "libx264", "-crf", 10, "-pix_fmt", "yuv420p", exact)
    join_s = 2.0 - report.start_s
    moments = [0.02, join_s - 0.06, join_s - 0.02, join_s + 0.02, join_s + 0.06, 3.02, 5.78, 5.86]
    page.goto(address)
    seen = {}
    for file in (clip, exact):
        page.set_content(f"<video src='{address}/{file.name}' preload='auto'></video>")
        seen[file] = [page.evaluate(SEEK, second) for second in moments]
        played = page.evaluate(PLAY)
        assert played["error"] is None
        assert played["width"] == 320
        assert played["time"] == pytest.approx(report.end_s - report.start_s, abs=0.05)
    for ours, wished in zip(seen[clip], seen[exact], strict=True):
        assert sum(abs(one - other) for one, other in zip(ours, wished, strict=True)) / len(ours) < 6
