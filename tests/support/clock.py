"""A clock that tests turn."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Runs as the real one does, from where it was turned to."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The moment it shows."""
        return datetime.now(UTC) + self._offset

    def turn(self, by: timedelta) -> None:
        """Turns it on, or back."""
        self._offset += by

    def set(self, to: datetime) -> None:
        """Turns it to a moment, from where it runs on."""
        self._offset = to - datetime.now(UTC)
