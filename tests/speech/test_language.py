"""In which places the language is heard, and what is concluded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.contracts.media import Span
from mindreel.errors import InputError
from mindreel.speech.language import FIRST, PLACES, is_clear, places, refuse_unknown, verdict


def test_a_foreign_jingle_does_not_decide() -> None:
    """Eight seconds of English before a minute of German."""
    heard_at = places((Span(0.0, 8.0), Span(9.0, 70.0)))
    heard = [{"en": 0.95, "de": 0.05} if place.end_s <= 8.5 else {"en": 0.1, "de": 0.9} for place in heard_at]
    assert verdict(heard)[0] == "de"


def test_all_places_are_heard_when_the_first_disagree() -> None:
    assert not is_clear([{"en": 0.9}, {"de": 0.9}, {"de": 0.9}])
    assert not is_clear([{"en": 0.5}, {"en": 0.6}, {"en": 0.5}])
    assert is_clear([{"en": 0.95, "de": 0.05}] * FIRST)


def test_the_first_places_avoid_beginning_and_end() -> None:
    found = places((Span(0.0, 3600.0),))
    assert [round(place.start_s, -2) for place in found[:FIRST]] == [1200, 2400]
    assert len(found) == PLACES
    assert found[FIRST].start_s < 600
    assert found[-1].start_s > 3000


def test_no_speech_is_no_place() -> None:
    assert places(()) == ()


@given(st.lists(st.tuples(st.floats(0.1, 30), st.floats(0.2, 400)), min_size=1, max_size=8))
def test_places_lie_inside_the_speech(parts: list[tuple[float, float]]) -> None:
    spans, now_s = [], 0.0
    for gap_s, length_s in parts:
        spans.append(Span(now_s + gap_s, now_s + gap_s + length_s))
        now_s += gap_s + length_s
    found = places(spans)
    assert 1 <= len(found) <= PLACES
    for place in found:
        assert 0 < place.duration_s <= 30.0 + 1e-6
        assert any(s.start_s - 1e-6 <= place.start_s and place.end_s <= s.end_s + 1e-6 for s in spans)


def test_a_model_of_english_alone_refuses_another_language() -> None:
    with pytest.raises(InputError, match=r"model base\.en knows English only, not the language 'de'; take"):
        refuse_unknown("de", known=["en"], label="base.en")
    refuse_unknown("en", known=["en"], label="base.en")
    refuse_unknown("de", known=["de", "en"], label="base")
