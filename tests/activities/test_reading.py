"""Artifacts come back as values, or a sentence says why not."""

from dataclasses import replace

import pytest

from activities.reading import read
from activities.step import Steps
from mindreel.contracts.codec import to_json
from mindreel.contracts.media import Span
from mindreel.errors import SetupError


def test_what_was_stored_is_read(steps: Steps) -> None:
    ref = steps.store.put_bytes("v/a/span.json", to_json(Span(1.5, 2.0)), "application/json")
    assert read(steps.store, ref, Span) == Span(1.5, 2.0)


def test_a_lost_artifact_is_said_to_be_lost(steps: Steps) -> None:
    ref = steps.store.put_bytes("v/a/span.json", to_json(Span(1.5, 2.0)), "application/json")
    with pytest.raises(SetupError, match="gone from the store; run the video again"):
        read(steps.store, replace(ref, key="v/a/other.json"), Span)


def test_an_artifact_of_another_version_is_said_to_be_one(steps: Steps) -> None:
    ref = steps.store.put_bytes("v/a/span.json", b'{"start_s": 1.5}', "application/json")
    with pytest.raises(SetupError, match=r"another version of mindreel; run .* --force"):
        read(steps.store, ref, Span)
