"""Times of Postgres as our contracts write them."""

from datetime import UTC, datetime


def for_people(timestamp: str) -> str:
    """ISO 8601, UTC, milliseconds; of a timestamptz in JSON, whose zone is the database's choice."""
    return _utc(timestamp).isoformat(timespec="milliseconds")


def to_compare(timestamp: str) -> str:
    """ISO 8601, UTC, microseconds, which tell two changes apart; such texts sort as their times do."""
    return _utc(timestamp).isoformat(timespec="microseconds")


def _utc(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp).astimezone(UTC)
