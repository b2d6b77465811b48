"""The same work has the same key everywhere, other work another."""

import pytest

from activities.keys import fingerprint
from mindreel.contracts.media import Span


def test_a_fingerprint_is_the_same_on_every_machine() -> None:
    assert fingerprint("write", 1, ("a", 1.5, None, Span(0.0, 2.0))) == "406cf6da8c4e0d83"


def test_what_cannot_be_part_of_a_key_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be part of a key"):
        fingerprint("write", 1, (object(),))
