"""What a person sets is heeded or refused with a sentence, and all of it is told in docs/settings.md."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mindreel.contracts.video import Limits
from mindreel.errors import InputError
from mindreel.settings import Settings, SpeechSettings, load
from tests.support.command import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
DEFAULTS = dict(re.findall(r"^\| `(MINDREEL_\w+)` \| `?([^|`]+)`? \|", PAGE, re.MULTILINE))


class Watched(dict[str, str]):
    """An environment that remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """Nothing is set."""
        self.read.add(name)
        return default


def read_by_settings() -> set[str]:
    environment = Watched()
    load(environment)
    return environment.read


def read_elsewhere() -> set[str]:
    """Names in `os.environ.get(NAME)`, `os.environ[NAME]` and `os.getenv(NAME)`, literal or a constant's."""
    found: set[str] = set()
    for room in ("mindreel", "activities", "workflows", "schedules"):
        for path in (ROOT / room).rglob("*.py"):
            found.update(_reads(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _reads(tree: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        argument = _asked_for(node)
        if isinstance(argument, ast.Name):
            argument = constants.get(argument.id)
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _asked_for(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
        return node.slice
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
        return node.args[0]
    return None


def test_every_variable_that_is_read_is_in_the_page() -> None:
    read = read_by_settings() | read_elsewhere()
    assert {"MINDREEL_HOME", "MINDREEL_DEBUG", "OTEL_EXPORTER_OTLP_ENDPOINT", "DISPLAY"} <= read
    assert {name for name in read - {"PYTHONPATH"} if f"`{name}`" not in PAGE} == set()


def test_the_page_tells_of_no_variable_of_ours_that_nobody_reads() -> None:
    read = read_by_settings() | read_elsewhere()
    assert DEFAULTS.keys() <= read


@pytest.mark.parametrize("name", [name for name, default in DEFAULTS.items() if default.strip() != "none"])
def test_the_defaults_in_the_page_are_the_ones_in_effect(name: str) -> None:
    assert load({name: DEFAULTS[name]}) == load({})


def test_without_any_variable_the_defaults_hold() -> None:
    assert load({}) == Settings(home=Path("mindreel-data").resolve())


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert load(dict.fromkeys(read_by_settings(), "")) == load({})


def test_everything_can_be_set() -> None:
    settings = load(
        {
            "MINDREEL_HOME": "/data",
            "MINDREEL_MODEL": "small",
            "MINDREEL_DEVICE": "CPU",
            "MINDREEL_COMPUTE_TYPE": "int8",
            "MINDREEL_SPEECH_WORKERS": "3",
            "MINDREEL_MAX_BYTES": "1e9",
            "MINDREEL_MAX_DURATION_S": "60.5",
            "MINDREEL_MIN_FREE_BYTES": "5",
            "MINDREEL_MAX_HEIGHT": "720",
            "MINDREEL_COOKIES_FILE": "/cookies.txt",
            "MINDREEL_ALLOW_PRIVATE_HOSTS": "1",
            "MINDREEL_IDLE_MINUTES": "0.5",
            "MINDREEL_LOG_FORMAT": "json",
            "TEMPORAL_ADDRESS": "temporal:7233",
        }
    )
    assert settings == Settings(
        home=Path("/data"),
        limits=Limits(10**9, 60.5, 5, allow_private_hosts=True, max_height=720, cookies_file="/cookies.txt"),
        speech=SpeechSettings("small", "cpu", "int8", 3),
        temporal_external=True,
        idle_minutes=0.5,
        log_format="json",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MINDREEL_MAX_BYTES", "8GB"),
        ("MINDREEL_MAX_BYTES", "-1"),
        ("MINDREEL_MAX_DURATION_S", "nan"),
        ("MINDREEL_MAX_DURATION_S", "inf"),
        ("MINDREEL_DEVICE", "gpu"),
        ("MINDREEL_LOG_FORMAT", "xml"),
        ("MINDREEL_HOME", "~nobody-of-that-name/videos"),
        ("MINDREEL_COOKIES_FILE", "~nobody-of-that-name/cookies.txt"),
        ("MINDREEL_ALLOW_PRIVATE_HOSTS", "maybe"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"^{name} is '{value}'; it must be "):
        load({name: value})


@pytest.mark.parametrize("value", ["0", "false", "No"])
def test_private_hosts_stay_refused_when_somebody_says_so(value: str) -> None:
    assert not load({"MINDREEL_ALLOW_PRIVATE_HOSTS": value}).limits.allow_private_hosts


def test_paths_hold_wherever_later_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine reads them in a process whose folder is the one of the first command."""
    (tmp_path / "my model").mkdir()
    monkeypatch.chdir(tmp_path)
    settings = load(
        {"MINDREEL_HOME": "d", "MINDREEL_COOKIES_FILE": "cookies.txt", "MINDREEL_MODEL": "my model"}
    )
    assert settings.home == tmp_path / "d"
    assert settings.limits.cookies_file == str(tmp_path / "cookies.txt")
    assert settings.speech.model == str(tmp_path / "my model")


def test_a_home_may_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({"MINDREEL_HOME": "~/videos"}).home == tmp_path / "videos"
    assert load(os.environ).home == load().home


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("ref.example.org", "does not begin with https://"),
        ("postgresql://postgres:word@db.example.org:5432/postgres", "does not begin with https://"),
        ("https://ref.example.org/rest/v1", "has a path or more behind the host"),
        ("https://ref.example.org?apikey=word", "has a path or more behind the host"),
        ("https://user:word@ref.example.org", "has a user name or password"),
        ("https://supabase.com/dashboard/project/abcdefgh", "is the dashboard's"),
        ("https://ref.example.org:port", "host or port makes no sense"),
        ("https://[ref", "host or port makes no sense"),
    ],
)
def test_an_address_that_is_no_project_s_is_refused_by_what_is_wrong_and_not_repeated(
    url: str, wrong: str
) -> None:
    with pytest.raises(InputError, match=f"SUPABASE_URL is no address of a project: .*{wrong}") as refused:
        load({"SUPABASE_URL": url, "SUPABASE_SERVICE_ROLE_KEY": "key"})
    assert url not in str(refused.value)


@pytest.mark.parametrize("name", ["SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"])
def test_one_half_of_a_project_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is set without SUPABASE_"):
        load({name: "https://abcdefgh.supabase.co"})


def test_names_of_buckets_have_the_prefix_but_where_they_are_given() -> None:
    access = load(
        {
            "SUPABASE_URL": "https://abcdefgh.supabase.co/",
            "SUPABASE_SERVICE_ROLE_KEY": "key",
            "MINDREEL_BUCKET_PREFIX": "acme-",
            "MINDREEL_BUCKET_CLIPS": "shorts",
            "MINDREEL_PUBLIC_BUCKETS": "none",
        }
    ).supabase
    assert access is not None
    assert access.url == "https://abcdefgh.supabase.co"
    assert (access.public, access.public_is_explicit) == (frozenset(), True)
    assert access.buckets.names == (
        *("acme-inbox", "acme-videos", "acme-audio", "acme-thumbnails"),
        *("acme-transcripts", "shorts", "acme-reports"),
    )
    assert access.public == frozenset()
    assert "key" not in repr(access)


def test_two_buckets_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="Two buckets have the same name"):
        load({"MINDREEL_BUCKET_CLIPS": "videos"})
