"""Sound for recognising speech, and sound for listening, in one pass over the file."""

import re
from dataclasses import dataclass
from pathlib import Path

import av
import ffmpeg

from mindreel.contracts.media import AudioStream, MediaInfo
from mindreel.contracts.progress import Reporter
from mindreel.errors import InputError
from mindreel.media.opening import file_argument, open_media
from mindreel.media.timeline import seeked_input
from mindreel.media.tools import run_ffmpeg

SPEECH_RATE_HZ = 16_000
LISTEN_BITRATE = "128k"
GAPLESS_CONTAINERS = ("mov", "matroska")
ISO_639_2 = {
    "ar": "ara", "cs": "ces cze", "da": "dan", "de": "deu ger", "el": "ell gre", "en": "eng", "es": "spa",
    "fi": "fin", "fr": "fra fre", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind", "it": "ita",
    "ja": "jpn", "ko": "kor", "nl": "nld dut", "no": "nor nob", "pl": "pol", "pt": "por",
    "ro": "ron rum", "ru": "rus",
    "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "zho chi cmn",
}  # fmt: skip


@dataclass(frozen=True)
class AudioFiles:
    """The sound of a video; second 0 of both files is second 0 of the video."""

    speech: Path
    """16 kHz mono 16-bit WAV."""
    listen: Path
    """AAC in m4a, faststart."""
    remarks: tuple[str, ...]


def extract_audio(
    media: Path, info: MediaInfo, directory: Path, *, reporter: Reporter, language: str | None = None
) -> AudioFiles:
    """Write `speech.wav` and `audio.m4a` into `directory` from the best track of `media`.

    The track spoken in `language` (ISO 639-1) is taken, else the default one, else the first. Raises
    `InputError` when `info` has no audio, `SetupError` when the disk is full, `CancelledError`.
    """
    if not info.audio:
        raise InputError(f"{media.name} has no sound, so there is nothing to extract.")
    track = choose_track(info.audio, language)
    speech, listen = directory / "speech.wav", directory / "audio.m4a"
    copied = track.codec == "aac" and info.container.startswith(GAPLESS_CONTAINERS)
    copied = copied and _starts_at_zero(media, track)
    run_ffmpeg(
        _arguments(media, track, speech, listen, copied=copied),
        duration_s=info.duration_s,
        reporter=reporter,
        what=f"extract the sound of {media.name}",
    )
    return AudioFiles(speech, listen, _remarks(info.audio, track, language))


def choose_track(tracks: tuple[AudioStream, ...], language: str | None) -> AudioStream:
    """The track in `language`, else the default one, else the first."""
    for track in tracks:
        if language and _speaks(track, language):
            return track
    return next((track for track in tracks if track.default), tracks[0])


def _speaks(track: AudioStream, language: str) -> bool:
    """True when the tag (ISO 639-1 or -2, or BCP 47 as in `pt-BR`) names `language`."""
    tag = re.split(r"[-_]", (track.language or "").lower())[0]
    return bool(tag) and tag in (language.lower(), *ISO_639_2.get(language.lower(), "").split())


def _arguments(media: Path, track: AudioStream, speech: Path, listen: Path, *, copied: bool) -> list[str]:
    source = ffmpeg.input("source")[f"a:{track.index}"]
    inputs, shift_s = seeked_input(media, 0.0, "-vn", "-sn")
    whole = source.filter("asetpts", f"PTS-{shift_s:.6f}/TB").filter(
        "aresample", **{"async": 1, "first_pts": 0}
    )
    branches = whole.filter_multi_output("asplit", 2)
    wav = {"ar": SPEECH_RATE_HZ, "ac": 1, "c:a": "pcm_s16le", "f": "wav"}
    m4a = {"movflags": "+faststart", "map_metadata": -1, "map_chapters": -1, "f": "ipod"}
    outputs = [
        (whole if copied else branches[0]).output(file_argument(speech), **wav),
        source.output(file_argument(listen), **m4a, **{"c:a": "copy"})
        if copied
        else branches[1].output(file_argument(listen), **m4a, **_encoding(track)),
    ]
    compiled: list[str] = ffmpeg.merge_outputs(*outputs).get_args()
    return [*inputs, *compiled[2:]]  # ours opens the file with whitelists


def _encoding(track: AudioStream) -> dict[str, object]:
    return {"c:a": "aac", "b:a": LISTEN_BITRATE, "ac": min(track.channels, 2), "ar": 48_000}


def _starts_at_zero(media: Path, track: AudioStream) -> bool:
    """Whether copied packets would keep the video's time zero: m4a would drop a later start."""
    with open_media(media) as container:
        stream = container.streams.audio[track.index]
        begin = (stream.start_time or 0) * float(stream.time_base or 0)
        return abs(begin - (container.start_time or 0) / av.time_base) < 0.02  # noqa: PLR2004 - under a frame of AAC


def _remarks(tracks: tuple[AudioStream, ...], track: AudioStream, language: str | None) -> tuple[str, ...]:
    if len(tracks) == 1:
        return ()
    if language and _speaks(track, language):
        why = f"it is the one in “{language}”"
    elif track.default:
        why = "it is the default one"
    else:
        why = "it is the first one"
    named = f" ({track.language})" if track.language else ""
    used = f"track {track.index + 1}{named} was used because {why}"
    return (f"The video has {len(tracks)} audio tracks; {used}.",)
