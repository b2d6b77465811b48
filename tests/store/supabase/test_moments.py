import pytest

from mindreel.store.supabase.moments import for_people, to_compare


@pytest.mark.parametrize(
    ("timestamp", "people", "compare"),
    [
        ("2026-11-20T12:52:50+00:00", "2026-11-20T12:52:50.000+00:00", "2026-11-20T12:52:50.000000+00:00"),
        ("2026-11-20T12:52:50.4+00:00", "2026-11-20T12:52:50.400+00:00", "2026-11-20T12:52:50.400000+00:00"),
        (
            "2026-11-20T18:22:50.440169+05:30",
            "2026-11-20T12:52:50.440+00:00",
            "2026-11-20T12:52:50.440169+00:00",
        ),
    ],
)
def test_times_read_as_in_the_embedded_store(timestamp: str, people: str, compare: str) -> None:
    """Whatever the database's time zone, and however many digits it leaves out."""
    assert (for_people(timestamp), to_compare(timestamp)) == (people, compare)
