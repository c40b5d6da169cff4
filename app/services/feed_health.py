"""How feeds do: for their owner, and for the operator who releases them from the sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db import feed_health as rows
from app.db.event_log import Connection
from app.db.feed_health import Counts, PostingDay, Stands
from app.db.feed_warnings import PoolWarning, read_warnings
from app.db.sandbox_reports import Place, SandboxReport, read_sandbox_reports
from app.db.sources import SourceRecord
from app.services import sources
from domain.actors import Actor
from domain.feed_health import due_moments
from domain.posting import GRACE, PostingSchedule

#: The longest period that is looked back over.
MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Health:
    """How a source did from since until until.

    last_report_at: when something last came in, looking back a month or by what still stands.
    stands: `pools`, `beds` and `teams` that it reported last.
    """

    source: SourceRecord
    since: datetime
    until: datetime
    last_report_at: datetime | None
    counts: Counts
    warnings: dict[str, int] = field(default_factory=dict)
    stands: dict[str, Stands] = field(default_factory=dict)
    postings: Sequence[PostingDay] = ()

    @property
    def missed_days(self) -> list[date]:
        """Days on which something that was due didn't come."""
        return [day.day for day in self.postings if day.missed]


async def source_health(container: Container, actor: Actor, source_id: UUID, days: int) -> Health:
    """How a source did over these last days. Raises NotFound, also when it is somebody else's."""
    source = await sources.get_source(container, actor, source_id)
    (health,) = await _healths(container, [source], days)
    return health


async def feed_health(
    container: Container, actor: Actor, days: int, *, after: UUID | None, limit: int
) -> list[Health]:
    """The same of every source that the caller may see, by id."""
    found = await sources.list_sources(container, actor, after=after, limit=limit)
    return await _healths(container, found, days)


async def latest_warnings(
    container: Container, actor: Actor, source_id: UUID, days: int, *, limit: int
) -> list[PoolWarning]:
    """The warnings on a source's reports by pool, over these last days. Raises NotFound."""
    source = await sources.get_source(container, actor, source_id)
    until = container.now()
    since = until - timedelta(days=days)
    return await container.read(
        lambda connection: read_warnings(connection, source.id, since, until, limit)
    )


async def sandbox_reports(
    container: Container, actor: Actor, source_id: UUID, *, before: Place | None, limit: int
) -> list[SandboxReport]:
    """What a source reported in the sandbox this last month, the newest first. Raises NotFound."""
    source = await sources.get_source(container, actor, source_id)
    until = container.now()
    since = until - timedelta(days=MOST_DAYS)
    return await container.read(
        lambda connection: read_sandbox_reports(connection, source.id, since, until, before, limit)
    )


async def _healths(container: Container, found: Sequence[SourceRecord], days: int) -> list[Health]:
    until = container.now()
    since = until - timedelta(days=days)
    ids = [source.id for source in found]
    # Until a moment's grace is over nobody is late.
    due = [
        (schedule.value, moment)
        for schedule in PostingSchedule
        for moment in due_moments(schedule, since, until - GRACE)
    ]

    async def query(connection: Connection) -> list[Health]:
        counts = await rows.count_reports(connection, ids, since, until)
        warnings = await rows.count_warnings(connection, ids, since, until)
        stands = await rows.count_standing(connection, ids, until)
        postings = await rows.count_postings(connection, ids, since, until, due)
        silent = [id_ for id_ in ids if id_ not in counts]
        longest = until - timedelta(days=MOST_DAYS)
        before = await rows.count_reports(connection, silent, longest, until) if silent else {}
        return [
            Health(
                source=source,
                since=since,
                until=until,
                last_report_at=_last(
                    counts.get(source.id),
                    before.get(source.id),
                    *stands.get(source.id, {}).values(),
                ),
                counts=counts.get(source.id, Counts()),
                warnings=warnings.get(source.id, {}),
                stands=stands.get(source.id, {}),
                postings=postings.get(source.id, ()),
            )
            for source in found
        ]

    return await container.read(query)


def _last(*found: Counts | Stands | None) -> datetime | None:
    moments = [one.last_at for one in found if one is not None and one.last_at is not None]
    return max(moments, default=None)
