"""What files turn out to be."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mindreel.errors import NotAVideoError, SourceNotFoundError
from mindreel.media.probe import probe

Make = Callable[..., Path]


def test_an_mp4_is_read(plain: Path) -> None:
    info = probe(plain)
    assert info.video is not None
    assert (info.video.codec, info.video.width, info.video.height) == ("h264", 320, 180)
    assert info.video.frame_rate == 25
    assert info.duration_s == pytest.approx(8.0, abs=0.05)
    assert [track.codec for track in info.audio] == ["aac"]
    assert not info.faststart


def test_faststart_is_seen(plain: Path, tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    ffmpeg("-i", plain, "-c", "copy", "-movflags", "+faststart", tmp_path / "fast.mp4")
    assert probe(tmp_path / "fast.mp4").faststart


def test_ntsc_rate_is_exact(make_video: Make) -> None:
    video = probe(make_video("ntsc.mkv", rate="30000/1001", seconds=3, sound=False)).video
    assert video is not None
    assert (video.frame_rate_num, video.frame_rate_den) == (30000, 1001)


def test_a_phone_video_has_the_size_it_is_shown_with(
    plain: Path, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    ffmpeg("-display_rotation", 90, "-i", plain, "-c", "copy", tmp_path / "phone.mp4")
    video = probe(tmp_path / "phone.mp4").video
    assert video is not None
    assert (video.width, video.height, abs(video.rotation_deg)) == (180, 320, 90)


def test_a_cover_picture_is_no_video(tmp_path: Path, ffmpeg: Callable[..., None]) -> None:
    song = tmp_path / "song.mp3"
    ffmpeg(
        "-f", "lavfi", "-i", "sine=d=2", "-f", "lavfi", "-i", "color=red:s=64x64:d=0.04",
        "-map", 0, "-map", 1, "-c:v", "mjpeg", "-disposition:v", "attached_pic", song,
    )  # fmt: skip
    info = probe(song)
    assert info.video is None
    assert len(info.audio) == 1


def test_a_live_recording_without_duration_is_measured(
    make_video: Make, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    webm = make_video(
        "vp9.webm", codecs=("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), seconds=2
    )
    ffmpeg("-i", webm, "-c", "copy", "-live", 1, "-f", "webm", "pipe:1", "-f", "webm", tmp_path / "live.webm")
    assert probe(tmp_path / "live.webm").duration_s == pytest.approx(2.0, abs=0.1)


def test_a_transport_stream_whose_key_frames_are_far_apart_is_read(
    make_video: Make, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    video = make_video("sparse.mp4", "-g", "1000")
    ffmpeg("-i", video, "-c", "copy", tmp_path / "sparse.ts")
    assert probe(tmp_path / "sparse.ts").duration_s == pytest.approx(8.0, abs=0.1)


def test_names_with_spaces_quotes_chinese_and_emoji_are_opened(plain: Path, tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s a "视频" 😀 50%: a,b;[c].mp4'
    shutil.copy(plain, odd)
    assert probe(odd).video is not None


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="no file"):
        probe(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"Dear diary, this is text.\n" * 50, "is a text file"),
        ("Liebes Tagebuch, größer. 你好\n".encode() * 40, "is a text file"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
        (b"ffconcat version 1.0\nfile other.mp4\n", "is a playlist"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is a picture"),
        (bytes(range(256)) * 20, "not a video or audio file, or it is damaged"),
    ],
)
def test_what_is_no_media_is_told_in_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "claims.mp4"
    path.write_bytes(content)
    with pytest.raises(NotAVideoError, match=sentence) as caught:
        probe(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["list.mp4", "list.m3u8", "list.mp3", "list.ts"])
def test_a_playlist_opens_no_other_file_whatever_its_name(name: str, plain: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:8\n#EXTINF:8,\n{plain}\n#EXT-X-ENDLIST\n")
    with pytest.raises(NotAVideoError, match="is a playlist"):
        probe(path)


@pytest.mark.parametrize("flags", ["+faststart", "0", "+frag_keyframe+empty_moov"])
def test_a_download_that_stopped_early_is_noticed(
    flags: str, plain: Path, tmp_path: Path, ffmpeg: Callable[..., None]
) -> None:
    whole, part = tmp_path / "whole.mp4", tmp_path / "part.mp4"
    ffmpeg("-i", plain, "-c", "copy", "-movflags", flags, whole)
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    with pytest.raises(NotAVideoError, match="cut off"):
        probe(part)


def test_a_matroska_download_that_stopped_early_is_noticed(make_video: Make, tmp_path: Path) -> None:
    whole = make_video("whole.mkv", seconds=4)
    part = tmp_path / "part.mkv"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(NotAVideoError, match="cut off"):
        probe(part)
