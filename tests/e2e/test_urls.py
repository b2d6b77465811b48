"""The same from an address: a page, a stream; and private addresses only where they are allowed."""

import shutil
import subprocess

import imageio_ffmpeg
import pytest

from tests.support.command import TALK, Mindreel
from tests.support.loopback_site import LoopbackSite

pytestmark = pytest.mark.slow


def test_a_page_and_a_stream_give_the_same_as_the_file(mindreel: Mindreel, site: LoopbackSite) -> None:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    part = site.directory / "talk.mp4"
    subprocess.run([ffmpeg, "-v", "error", "-i", TALK, "-t", "75", "-c", "copy", part], check=True)
    stream = site.add_hls(part, ffmpeg)
    urls = [site.url("page/talk.mp4"), site.url(stream)]
    done = mindreel("run", "--json", "--clips", "2", *urls, MINDREEL_ALLOW_PRIVATE_HOSTS="1")
    assert done.code == 0, done.err
    for result in done.results:
        assert result["outcome"] == "completed", result["reasons"]
        assert {"video", "transcript", "analysis", "mindmap", "clip_01", "report"} <= set(result["artifacts"])
    assert mindreel.left_behind() == []


def test_a_private_address_is_refused_with_one_sentence(mindreel: Mindreel, site: LoopbackSite) -> None:
    shutil.copy(TALK, site.directory)
    done = mindreel("run", "--json", site.url("talk.mp4"))
    assert done.code == 1
    (reason,) = done.result["reasons"]
    assert "MINDREEL_ALLOW_PRIVATE_HOSTS" in reason
    assert site.gets("talk.mp4") == 0
