""".env.example names every setting of the compose file, explains it, and holds no secret."""

import re

from tests.deploy.compose import SECRETS, variables
from tests.support.command import ROOT

TEXT = (ROOT / ".env.example").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
COMPOSES_OWN = {"COMPOSE_FILE", "COMPOSE_PROFILES"}
SET_BY_THE_IMAGE = {"MINDREEL_HOME": "a volume", "MINDREEL_DEVICE": "which of the services it is"}
NOT_OF_WORKERS = {"MINDREEL_IDLE_MINUTES", "MINDREEL_DEBUG"}

_SETTING = re.compile(r"((?:^# .*\n)+)^#?([A-Z_]+)=(.*)$", re.MULTILINE)


def settings() -> dict[str, tuple[str, str]]:
    """Name to (what stands above it, value)."""
    return {name: (above, value) for above, name, value in _SETTING.findall(TEXT)}


def test_it_names_every_variable_of_the_compose_file_and_no_other() -> None:
    """What it does not name nobody finds; what only it names has no effect."""
    assert settings().keys() - COMPOSES_OWN == variables()


def test_each_setting_is_explained_right_above() -> None:
    """In a sentence."""
    named = re.findall(r"^#?([A-Z_]+)=", TEXT, re.MULTILINE)
    assert named == list(settings())
    for name, (above, _value) in settings().items():
        assert above.rstrip().endswith("."), name


def test_every_setting_that_workers_heed_can_be_set() -> None:
    """Those of docs/settings.md, but for what the image itself decides and what is of the embedded engine."""
    documented = set(re.findall(r"^\| `((?:MINDREEL|SUPABASE)_\w+)`", PAGE, re.MULTILINE))
    assert documented - settings().keys() == SET_BY_THE_IMAGE.keys() | NOT_OF_WORKERS


def test_every_setting_of_workers_is_told_in_the_settings_page() -> None:
    """The page has the whole story."""
    of_workers = {name for name in settings() if name.startswith(("MINDREEL_", "SUPABASE_", "OTEL_"))}
    assert of_workers - set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE)) == {"MINDREEL_TAG"}


def test_values_that_are_shown_are_the_defaults() -> None:
    """Taking the # away changes nothing; examples stand where there is no default."""
    defaults = dict(re.findall(r"^\| `(MINDREEL_\w+)` \| `([^|`]+)` \|", PAGE, re.MULTILINE))
    defaults["MINDREEL_LOG_FORMAT"] = "json"  # the image's
    shown = {name: value for name, (_above, value) in settings().items() if name in defaults}
    assert shown == {name: defaults[name] for name in shown}


def test_secrets_are_empty() -> None:
    """And what is empty is a secret, or names a project."""
    empty = {name for name, (_above, value) in settings().items() if not value}
    assert set(SECRETS) <= empty
    assert empty - set(SECRETS) == {"SUPABASE_URL", "MINDREEL_BUCKET_PREFIX", "OTEL_EXPORTER_OTLP_HEADERS"}


def test_copied_as_it_is_it_sets_nothing_that_empty_would_break() -> None:
    """An empty key or TLS flag of Temporal's makes its client speak TLS."""
    active = dict(re.findall(r"^([A-Z_]+)=(.*)$", TEXT, re.MULTILINE))
    assert active == {
        "COMPOSE_FILE": "docker-compose.temporal.yml",
        "TEMPORAL_DB_PASSWORD": "",
        "SUPABASE_URL": "",
        "SUPABASE_SERVICE_ROLE_KEY": "",
        "MINDREEL_WEBHOOK_SECRET": "",
    }


def test_what_is_copied_from_it_never_reaches_an_image() -> None:
    """The build sees only what .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert not any(rule.startswith("!.") for rule in rules)
