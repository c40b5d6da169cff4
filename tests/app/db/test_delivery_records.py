"""The one statement counts what is counted offer by offer."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db.delivery_records import RegionalRecord, read_records
from app.services import regions
from domain.delivery_records import Period
from domain.identifiers import RegionId
from tests.factories.world import TWO, World, make_pool
from tests.support.database import Database
from tests.support.delivering import any_told, counted, write

#: The clock goes back on 25 October.
SINCE, DAYS = datetime(2026, 10, 10, 12, tzinfo=UTC), 30
PERIODS = [
    Period(date(2026, 10, 1), date(2026, 11, 15)),
    Period(date(2026, 10, 12), date(2026, 10, 24)),
    Period(date(2026, 10, 25), date(2026, 10, 25)),
    Period(date(2025, 1, 1), date(2025, 1, 1)),
]


async def test_the_counts_are_those_of_each_offer_by_itself(
    container: Container, world: World, database: Database
) -> None:
    draw = random.Random(6)
    await regions.create_region(container, None, TWO, "twee", "Twee")
    providers = sorted([world.provider.organisation_id, world.other.organisation_id])
    elsewhere = await make_pool(container, world.location_id)
    told = [any_told(draw, providers, elsewhere, SINCE, DAYS) for _ in range(400)]
    await write(database, world.pool_id, told)
    for period in PERIODS:
        for now in (SINCE + timedelta(days=10), SINCE + timedelta(days=60)):
            expected = [
                (region_id, record)
                for provider_id in providers
                for region_id in (1, 2)
                if (record := counted(told, region_id, provider_id, period, now)) is not None
            ]
            found = await _read(container, period, now)
            assert [(one.region_id, one.record) for one in found] == expected
            # Or little would have been compared.
            if period is PERIODS[0]:
                assert all(
                    min(r.refused_while_free.count, r.not_arrived.count) for _, r in expected
                )
    # A page follows on the last one, and only what is asked for is told.
    now = SINCE + timedelta(days=60)
    whole = await _read(container, PERIODS[0], now)
    last = whole[1]
    after = last.record.organisation_id, last.region_id
    assert await _read(container, PERIODS[0], now, limit=2) == whole[:2]
    assert await _read(container, PERIODS[0], now, after=after) == whole[2:]
    assert await _read(container, PERIODS[0], now, regions={TWO}) == whole[1::2]
    assert await _read(container, PERIODS[0], now, regions=set()) == []
    assert await _read(container, PERIODS[0], now, each_of=providers[:1]) == whole[:2]
    assert await _read(container, PERIODS[0], now, each_of=providers) == []


async def _read(
    container: Container,
    period: Period,
    now: datetime,
    *,
    regions: set[RegionId] | None = None,
    each_of: Sequence[UUID] = (),
    after: tuple[UUID, RegionId] | None = None,
    limit: int = 100,
) -> list[RegionalRecord]:
    return await container.read(
        lambda connection: read_records(
            connection,
            period,
            now,
            regions=regions,
            each_of=each_of,
            after=after,
            limit=limit,
        )
    )
