"""How well a feed does what was agreed: when its posting was due."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.posting import EARLY, PostingSchedule, next_due

#: How long after its observation, and after its source's own lag, a report may come in.
LATE_AFTER = timedelta(minutes=15)


def due_moments(schedule: PostingSchedule, since: datetime, until: datetime) -> Iterator[datetime]:
    """The posting moments after since, up to and with until."""
    # A figure observed at since less EARLY covers the moments up to since.
    moment = next_due(schedule, since - EARLY)
    while moment <= until:
        yield moment.astimezone(UTC)
        moment = next_due(schedule, moment - EARLY)
