"""One frozen tree, read from the environment once, by entry points."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mindreel.contracts.video import Limits
from mindreel.errors import InputError


@dataclass(frozen=True)
class SpeechSettings:
    """How speech is recognised."""

    model: str = "base"
    """`base` comes with mindreel; another name is fetched from the hub, a path is used as it is."""
    device: str = "auto"
    """auto (a GPU when there is one), cpu or cuda."""
    compute_type: str = "auto"
    """auto (int8 on CPU, float16 on GPU) or any of CTranslate2's."""
    workers: int = 0
    """Chunks transcribed at once by one worker; 0 means one per core."""


@dataclass(frozen=True)
class Settings:
    """Everything a person can set; `MINDREEL_*` variables, see docs/settings.md."""

    home: Path
    """All state lies under here: database, artifacts, library, models, temporary files, logs."""
    limits: Limits = field(default_factory=Limits)
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    temporal_external: bool = False
    """True when `TEMPORAL_ADDRESS` or a Temporal profile names a cluster; else the server is embedded."""
    idle_minutes: float = 30.0
    """How long a background engine stays after its last work; `up` stays until it is stopped."""
    log_format: str = "console"
    """console or json."""

    @property
    def artifacts(self) -> Path:
        """Content by key."""
        return self.home / "artifacts"

    @property
    def library(self) -> Path:
        """One readable folder a video."""
        return self.home / "library"

    @property
    def models(self) -> Path:
        """Assembled or fetched models."""
        return self.home / "models"

    @property
    def scratch(self) -> Path:
        """Temporary files of running activities."""
        return self.home / "tmp"

    @property
    def logs(self) -> Path:
        """Logs of the engine's processes."""
        return self.home / "logs"

    @property
    def catalog(self) -> Path:
        """The embedded catalog and search index (SQLite)."""
        return self.home / "catalog.db"


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises `InputError` naming the variable that makes no sense."""
    env = os.environ if env is None else env
    return Settings(
        home=_path("MINDREEL_HOME", env.get("MINDREEL_HOME") or "mindreel-data"),
        limits=_limits(env),
        speech=SpeechSettings(
            model=_model(env),
            device=_choice(env, "MINDREEL_DEVICE", ("auto", "cpu", "cuda")),
            compute_type=env.get("MINDREEL_COMPUTE_TYPE") or "auto",
            workers=int(_number(env, "MINDREEL_SPEECH_WORKERS", 0)),
        ),
        temporal_external=bool(env.get("TEMPORAL_ADDRESS") or env.get("TEMPORAL_PROFILE")),
        idle_minutes=_number(env, "MINDREEL_IDLE_MINUTES", 30.0),
        log_format=_choice(env, "MINDREEL_LOG_FORMAT", ("console", "json")),
    )


def _limits(env: Mapping[str, str]) -> Limits:
    default = Limits()
    cookies = env.get("MINDREEL_COOKIES_FILE")
    return Limits(
        max_bytes=int(_number(env, "MINDREEL_MAX_BYTES", default.max_bytes)),
        max_duration_s=_number(env, "MINDREEL_MAX_DURATION_S", default.max_duration_s),
        min_free_bytes=int(_number(env, "MINDREEL_MIN_FREE_BYTES", default.min_free_bytes)),
        allow_private_hosts=_flag(env, "MINDREEL_ALLOW_PRIVATE_HOSTS"),
        max_height=int(_number(env, "MINDREEL_MAX_HEIGHT", default.max_height)),
        cookies_file=str(_path("MINDREEL_COOKIES_FILE", cookies)) if cookies else None,
    )


def _path(name: str, text: str) -> Path:
    """Absolute: workers keep the working directory of the first command, and later ones run elsewhere."""
    try:
        return Path(text).expanduser().resolve()
    except RuntimeError as error:
        raise InputError(f"{name} is {text!r}; it must be a path, and there is no such user.") from error


def _model(env: Mapping[str, str]) -> str:
    """A name or hub id as it is; a folder absolute."""
    text = env.get("MINDREEL_MODEL") or SpeechSettings.model
    if text == SpeechSettings.model:
        return text
    folder = _path("MINDREEL_MODEL", text)
    return str(folder) if folder.is_dir() else text


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InputError(f"{name} is {text!r}; it must be a number that is not negative.")
    return value


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value not in ("", "0", "false", "no", "1", "true", "yes"):
        raise InputError(f"{name} is {value!r}; it must be 1 or 0.")
    return value in ("1", "true", "yes")


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = (env.get(name) or choices[0]).strip().lower()
    if value not in choices:
        raise InputError(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value
