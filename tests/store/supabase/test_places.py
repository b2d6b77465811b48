"""In which bucket artifacts lie."""

import ast
from pathlib import Path

import pytest

from mindreel.contracts.buckets import Buckets
from mindreel.store.supabase.places import Place, artifact_buckets, object_name, place_of
from mindreel.store.supabase.project import Project

_ACTIVITIES = Path(__file__).parents[3] / "activities"
_DEFAULT = Buckets()
_FINGERPRINT = "0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "bucket", "kind"),
    [
        ("download-{}/media.mp4", "videos", "video"),
        ("audio-{}/speech.wav", "audio", "audio"),
        ("audio-{}/audio.m4a", "audio", "audio"),
        ("thumbnail-{}/thumbnail.jpg", "thumbnails", "thumbnail"),
        ("plan-speech-{}/chunks.json", "transcripts", "transcript"),
        ("chunk-{}/chunk.json", "transcripts", "transcript"),
        ("transcript-{}/transcript.srt", "transcripts", "transcript"),
        ("clip-{}/clip-01.mp4", "clips", "clip"),
        ("clip-{}/clip-01.json", "clips", "clip"),
        ("plan-clips-{}/plan.json", "reports", "plan-clips"),
        ("resolve-{}/info.json", "reports", "resolve"),
        ("analysis-{}/analysis.json", "reports", "analysis"),
        ("mindmap-{}/mindmap.md", "reports", "mindmap"),
        ("index-{}/vectors.f32", "reports", "index"),
        ("quality-{}/quality.json", "reports", "quality"),
    ],
)
def test_each_step_has_its_bucket(name: str, bucket: str, kind: str) -> None:
    step = name.removesuffix(name[name.index("-{}") :])
    assert place_of(f"web-1/{name.format(_FINGERPRINT)}", _DEFAULT) == Place(bucket, kind, step)


def test_the_steps_above_are_those_that_there_are() -> None:
    """A new step is given a bucket on purpose."""
    found = set()
    for path in _ACTIVITIES.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Step":
                found |= {
                    word.value.value
                    for word in call.keywords
                    if word.arg == "name" and isinstance(word.value, ast.Constant)
                }
    told = "download audio thumbnail plan-speech chunk transcript clip"
    others = "plan-clips resolve analysis mindmap index quality publish"
    assert found == set(told.split()) | set(others.split())


@pytest.mark.parametrize("step", ["download", "thumbnail", "clip"])
def test_records_of_steps_lie_with_the_reports(step: str) -> None:
    place = place_of(f"web-1/{step}-{_FINGERPRINT}/result.json", _DEFAULT)
    assert place == Place("reports", "record", step)


def test_nothing_but_pictures_comes_into_the_bucket_that_may_be_public() -> None:
    assert place_of(f"web-1/thumbnail-{_FINGERPRINT}/notes.txt", _DEFAULT).bucket == "reports"


@pytest.mark.parametrize("key", ["a", "web-1/x", "web-1/download/media.mp4", f"a/clip-{_FINGERPRINT}/b/c"])
def test_what_is_no_steps_lies_with_the_reports(key: str) -> None:
    assert place_of(key, _DEFAULT).bucket == "reports"


def test_each_content_of_a_key_has_a_name_of_its_own_in_storage() -> None:
    key = f"web-1/download-{_FINGERPRINT}/media.mp4"
    assert object_name(key, "ab" * 32) == f"{key}/abababababababab-media.mp4"
    assert object_name(key, "cd" * 32) == f"{key}/cdcdcdcdcdcdcdcd-media.mp4"


@pytest.mark.parametrize("key", ["a", "v/s", f"web-1/clip-{_FINGERPRINT}/clip-01.mp4", "v/a..b/-/_.tar.gz"])
def test_the_database_gives_the_same_names(project: Project, key: str) -> None:
    sha256 = "0123456789abcdef" * 4
    name = object_name(key, sha256)
    assert project.call("artifact_object", key=key, sha256=sha256) == name
    is_a_steps = project.call("artifact_is_object", name=name)
    assert is_a_steps == key.startswith("web-1")
    assert not project.call("artifact_is_object", name=key)


def test_buckets_are_called_as_the_settings_say() -> None:
    named = Buckets(inbox="acme-inbox", videos="acme-videos")
    assert place_of(f"web-1/download-{_FINGERPRINT}/media.mp4", named).bucket == "acme-videos"
    assert artifact_buckets(named) == [
        "acme-videos",
        "audio",
        "thumbnails",
        "transcripts",
        "clips",
        "reports",
    ]
