import json

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.store.supabase.text import stored, told

TEXT = st.text(st.sampled_from("\0␀0a'☕")) | st.text(st.characters(exclude_categories=["Cs"]))


@given(
    value=st.recursive(
        TEXT | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    )
)
def test_any_json_value_comes_back_as_it_was_and_holds_no_nul_on_the_way(value: object) -> None:
    assert told(stored(value)) == value
    assert "\\u0000" not in json.dumps(stored(value)).replace("\\\\", "")


def test_a_lone_surrogate_is_made_visible_for_good() -> None:
    assert told(stored(["caf\udce9", ("\0\udce9",)])) == [r"caf\udce9", ["\0\\udce9"]]


def test_signs_that_somebody_typed_in_the_database_stay() -> None:
    assert told("a ␀ b␀") == "a ␀ b␀"


@pytest.mark.parametrize("text", ["\0", "a␀b\0c"])
def test_postgres_takes_it(
    supabase_connection: "psycopg.Connection[tuple[str, list[str]]]", text: str
) -> None:
    """As text and inside jsonb, both of which refuse NUL."""
    found = supabase_connection.execute(
        "select %s::text, %s::jsonb", (stored(text), json.dumps([stored(text)]))
    ).fetchone()
    assert found
    assert (told(found[0]), told(found[1])) == (text, [text])
