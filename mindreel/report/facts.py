"""The files a person may take away, and what is known of the media."""

from pathlib import PurePosixPath

from mindreel.contracts.media import AudioStream, MediaInfo, VideoStream
from mindreel.report import formats
from mindreel.report.inputs import ReportInput

_FILE_TITLES = {
    "video": "Video",
    "audio": "Audio",
    "srt": "Subtitles, SRT",
    "vtt": "Subtitles, WebVTT",
    "text": "Transcript as plain text",
    "transcript": "Transcript with word times, JSON",
    "analysis": "Analysis, JSON",
    "mindmap": "Mind map, Markdown",
    "thumbnail": "Picture",
    "manifest": "Manifest of all files",
}


def player_file(report: ReportInput) -> tuple[str, str] | None:
    """(`video` or `audio`, encoded path) of what the player plays; None when no media file is there."""
    wanted = ("video", "audio") if report.media.video else ("audio", "video")
    for kind in wanted:
        if path := report.files.get(kind):
            picture = report.media.video is not None and kind == "video"
            return "video" if picture else "audio", formats.href(path)
    return None


def file_rows(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """(what it is, file name, encoded path), the known kinds first."""
    order = {kind: place for place, kind in enumerate(_FILE_TITLES)}
    kinds = sorted(files, key=lambda kind: order.get(kind, len(order)))
    return [
        (_FILE_TITLES.get(kind, kind), PurePosixPath(files[kind]).name, formats.href(files[kind]))
        for kind in kinds
    ]


def media_facts(media: MediaInfo) -> list[tuple[str, str]]:
    """What the file is, as label and text."""
    facts = [
        ("Length", formats.clock(media.duration_s)),
        ("Picture", _picture(media.video) if media.video else "none"),
        ("Sound", ", ".join(_sound(track) for track in media.audio) or "none"),
    ]
    if media.size_bytes:
        facts.append(("Size", formats.size(media.size_bytes)))
    return facts


def _picture(video: VideoStream) -> str:
    rate = f"{float(video.frame_rate):.2f}".rstrip("0").rstrip(".")
    return f"{video.width} × {video.height}, {rate} frames a second, {video.codec}"  # noqa: RUF001 - a real multiplication sign


def _sound(track: AudioStream) -> str:
    channels = {1: "mono", 2: "stereo"}.get(track.channels, f"{track.channels} channels")
    language = f" ({track.language})" if track.language else ""
    return f"{channels}, {track.sample_rate_hz / 1000:g} kHz, {track.codec}{language}"
