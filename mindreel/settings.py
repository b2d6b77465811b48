"""One frozen tree, read from the environment once, by entry points."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from mindreel.contracts.batch import CsvLimits
from mindreel.contracts.buckets import Buckets, SupabaseAccess
from mindreel.contracts.notice import signing_key
from mindreel.contracts.sites import SiteRules
from mindreel.contracts.video import Limits
from mindreel.errors import InputError

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_DASHBOARDS = ("supabase.com", "www.supabase.com", "app.supabase.com", "app.supabase.io")
_UNFIT_FOR_NAMES = re.compile(r"[^a-z0-9.-]")
"""Characters of a host and port that no folder should have in its name."""


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
class BatchSettings:
    """How CSV files are taken."""

    scan_interval_s: float = 60.0
    """Between two looks into the inbox."""
    scan_jitter_s: float = 5.0
    """Spreads the looks of many installations on one cluster."""
    limits: CsvLimits = field(default_factory=CsvLimits)
    max_playlist: int = 200
    """Videos taken of one playlist or channel."""
    patience_s: float = 24 * 3600.0
    """How long a row waits for a site that refuses everybody, or is down."""


@dataclass(frozen=True)
class RetentionSettings:
    """What is removed, and when; 0 keeps it for ever."""

    artifacts_s: float = 0.0
    """After its video's last run: files by key, from which the library was made and later runs save time."""
    orphans_s: float = 24 * 3600.0
    """Temporary files and artifacts that belong to nothing, after their last change."""
    interval_s: float = 24 * 3600.0
    """Between two clean-ups."""


@dataclass(frozen=True)
class WebhookSettings:
    """Who is told of finished videos and batches."""

    url: str = field(default="", repr=False)
    """Empty: nobody. It may carry a token, so it is never logged."""
    key: bytes = field(default=b"", repr=False)
    """Signs what is sent; never logged."""


@dataclass(frozen=True)
class Settings:
    """Everything a person can set; `MINDREEL_*` variables, see docs/settings.md."""

    home: Path
    """All state lies under here: database, artifacts, library, models, temporary files, logs."""
    limits: Limits = field(default_factory=Limits)
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    batch: BatchSettings = field(default_factory=BatchSettings)
    sites: SiteRules = field(default_factory=SiteRules)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    supabase: SupabaseAccess | None = None
    """Where rows, files and vectors are kept; None keeps them under `home`."""
    cache_bytes: int = 20 * 1024**3
    """Of artifacts that are kept on this machine, when they belong to Supabase."""
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
    def cache(self) -> Path:
        """Copies of artifacts that Supabase keeps."""
        return self.home / "cache"

    @property
    def inbox(self) -> Path:
        """CSV files are dropped here, where no bucket is their inbox."""
        return self.home / "inbox"

    @property
    def library(self) -> Path:
        """One readable folder a video, where no project keeps them."""
        return self.home / "library"

    @property
    def pages(self) -> Path:
        """What was brought here of the project that is named: its videos' pages, and reports of batches."""
        host = urlsplit(self.supabase.url).netloc if self.supabase is not None else ""
        return self.home / "pages" / _UNFIT_FOR_NAMES.sub("-", host.lower())

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
        batch=_batch(env),
        sites=_sites(env),
        retention=_retention(env),
        webhook=_webhook(env),
        supabase=_supabase(env),
        cache_bytes=int(_number(env, "MINDREEL_CACHE_BYTES", 20 * 1024**3)),
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


def _batch(env: Mapping[str, str]) -> BatchSettings:
    default = BatchSettings()
    return BatchSettings(
        scan_interval_s=_number(env, "MINDREEL_SCAN_INTERVAL_S", default.scan_interval_s, least=1),
        scan_jitter_s=_number(env, "MINDREEL_SCAN_JITTER_S", default.scan_jitter_s),
        limits=CsvLimits(
            max_bytes=int(_number(env, "MINDREEL_CSV_MAX_BYTES", default.limits.max_bytes, least=1)),
            max_rows=int(_number(env, "MINDREEL_CSV_MAX_ROWS", default.limits.max_rows, least=1)),
        ),
        max_playlist=int(_number(env, "MINDREEL_MAX_PLAYLIST", default.max_playlist, least=1)),
        patience_s=_number(env, "MINDREEL_SITE_PATIENCE_S", default.patience_s, least=1),
    )


def _sites(env: Mapping[str, str]) -> SiteRules:
    default = SiteRules()
    return SiteRules(
        max_concurrent=int(_number(env, "MINDREEL_SITE_CONCURRENCY", default.max_concurrent, least=1)),
        min_interval_s=_number(env, "MINDREEL_SITE_INTERVAL_S", default.min_interval_s),
        first_pause_s=_number(env, "MINDREEL_SITE_PAUSE_S", default.first_pause_s, least=1),
    )


def _retention(env: Mapping[str, str]) -> RetentionSettings:
    default = RetentionSettings()
    return RetentionSettings(
        artifacts_s=86400 * _number(env, "MINDREEL_KEEP_ARTIFACTS_DAYS", default.artifacts_s / 86400),
        orphans_s=86400 * _number(env, "MINDREEL_KEEP_ORPHANS_DAYS", default.orphans_s / 86400),
        interval_s=3600 * _number(env, "MINDREEL_CLEANUP_HOURS", default.interval_s / 3600, least=1),
    )


def _webhook(env: Mapping[str, str]) -> WebhookSettings:
    url, secret = env.get("MINDREEL_WEBHOOK_URL", "").strip(), env.get("MINDREEL_WEBHOOK_SECRET", "")
    if url and not url.lower().startswith(("http://", "https://")):
        raise InputError(
            "MINDREEL_WEBHOOK_URL is no http(s) address; it looks like https://example.org/hook."
        )
    if url and not secret:
        raise InputError(
            "MINDREEL_WEBHOOK_URL is set without MINDREEL_WEBHOOK_SECRET, which signs what is sent."
        )
    return WebhookSettings(url, signing_key(secret)) if url else WebhookSettings()


def _supabase(env: Mapping[str, str]) -> SupabaseAccess | None:
    url, key = (env.get(name, "").strip() for name in ("SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"))
    buckets, public = _buckets(env), _public(env)
    if not url and not key:
        return None
    if not url or not key:
        given, missing = ("URL", "SERVICE_ROLE_KEY") if url else ("SERVICE_ROLE_KEY", "URL")
        raise InputError(
            f"SUPABASE_{given} is set without SUPABASE_{missing}; set both, or neither to keep everything "
            "in MINDREEL_HOME."
        )
    is_explicit = bool(env.get("MINDREEL_PUBLIC_BUCKETS", "").strip())
    return SupabaseAccess(_address(url), key, buckets, public, is_explicit)


def _address(url: str) -> str:
    """Scheme, host and port. What is wrong is said without repeating an address that may hold a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _no_address("its host or port makes no sense") from None
    if host in _DASHBOARDS:
        raise _no_address("it is the dashboard's; the project's is in its settings under Data API")
    if parts.scheme not in ("http", "https") or not host:
        raise _no_address("it does not begin with https:// and a host")
    if "@" in parts.netloc:
        raise _no_address("it has a user name or password")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _no_address("it has a path or more behind the host; leave that out")
    return f"{parts.scheme}://{parts.netloc}"


def _no_address(why: str) -> InputError:
    return InputError(
        f"SUPABASE_URL is no address of a project: {why}. It looks like https://abcdefgh.supabase.co."
    )


def _buckets(env: Mapping[str, str]) -> Buckets:
    """Names in the project: each by a variable of its own, else with the prefix."""
    prefix = env.get("MINDREEL_BUCKET_PREFIX", "").strip()
    names = {
        each.name: env.get(f"MINDREEL_BUCKET_{each.name.upper()}", "").strip() or f"{prefix}{each.name}"
        for each in fields(Buckets)
    }
    for field_name, name in names.items():
        if not _BUCKET.fullmatch(name):
            raise InputError(
                f"The bucket for {field_name} would be called {name!r}; use small ASCII letters, digits, "
                "dots and hyphens, 63 at most (MINDREEL_BUCKET_PREFIX)."
            )
    if len(set(names.values())) < len(names):
        raise InputError("Two buckets have the same name (MINDREEL_BUCKET_*); give each its own.")
    return Buckets(**names)


def _public(env: Mapping[str, str]) -> frozenset[str]:
    known = {each.name for each in fields(Buckets)}
    text = env.get("MINDREEL_PUBLIC_BUCKETS", "thumbnails")
    wanted = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    if wanted - known - {"none"}:
        raise InputError(
            f"MINDREEL_PUBLIC_BUCKETS names {', '.join(sorted(wanted - known))}; there are "
            f"{', '.join(sorted(known))}, and none."
        )
    return wanted & known


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


def _number(env: Mapping[str, str], name: str, default: float, *, least: float = 0) -> float:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not least <= value < float("inf"):
        must = "a number that is not negative" if not least else f"a number from {least:g}"
        raise InputError(f"{name} is {text!r}; it must be {must}.")
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
