"""The day on which histories play: a Wednesday, in winter time."""

from datetime import UTC, datetime, timedelta

NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """A moment of that day, in UTC: `at("10:30")`."""
    hours, minutes = text.split(":")
    return NINE.replace(hour=int(hours), minute=int(minutes))
