"""Which processor and which number format the recogniser runs on."""

import ctypes
import os
from dataclasses import dataclass
from importlib import metadata

import ctranslate2  # type: ignore[import-untyped]  # it ships no types

from mindreel.errors import InputError, SetupError

_GPU_WORKERS = 2
_CUBLAS = "libcublas.so.12"
_CUBLAS_WHEEL = "nvidia-cublas-cu12"


@dataclass(frozen=True)
class Device:
    """Where a model runs."""

    name: str
    """cpu or cuda."""
    compute_type: str
    """One of CTranslate2's, e.g. int8."""
    note: str = ""
    """Why it is not what the machine seems to offer."""


def choose(device: str, compute_type: str) -> Device:
    """The device for `device` (auto, cpu, cuda) and `compute_type` (auto or CTranslate2's own names).

    `auto` takes a GPU when CTranslate2 sees one and its library loads. Raises `SetupError` when a GPU is
    asked for and there is none, `InputError` for a compute type the device does not know.
    """
    problem = "" if device == "cpu" else _cuda_problem()
    if device == "cuda" and problem:
        raise SetupError(f"Speech recognition on the GPU is not possible: {problem}; or use the device cpu.")
    name = "cpu" if device == "cpu" or problem else "cuda"
    note = problem if name != device and _gpus() else ""
    return Device(name, _compute_type(name, compute_type), note)


def chunks_at_once(device: Device) -> int:
    """How many chunks one model is best given at a time: one a core, two on a GPU."""
    if device.name == "cuda":
        return _GPU_WORKERS
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _compute_type(device: str, wanted: str) -> str:
    known = ctranslate2.get_supported_compute_types(device)
    if wanted == "auto":
        preferred = ("int8",) if device == "cpu" else ("float16", "int8_float32", "float32")
        return next((kind for kind in preferred if kind in known), "default")
    if wanted not in known and wanted != "default":
        names = ", ".join(sorted(known))
        raise InputError(
            f"The compute type {wanted!r} does not exist on {device}; use auto or one of {names}."
        )
    return wanted


def _gpus() -> int:
    try:
        return int(ctranslate2.get_cuda_device_count())
    except RuntimeError:  # a driver that is too old
        return 0


def _cuda_problem() -> str:
    if not _gpus():
        return "CTranslate2 sees no NVIDIA GPU (check the driver with nvidia-smi)"
    for library in (_CUBLAS, _cublas_in_wheel()):
        try:
            ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
        except OSError:
            continue
        return ""
    return f"{_CUBLAS} cannot be loaded (pip install {_CUBLAS_WHEEL})"


def _cublas_in_wheel() -> str:
    """The library inside NVIDIA's wheel, which the system's loader does not find by itself."""
    try:
        return str(metadata.distribution(_CUBLAS_WHEEL).locate_file(f"nvidia/cublas/lib/{_CUBLAS}"))
    except metadata.PackageNotFoundError:
        return _CUBLAS
