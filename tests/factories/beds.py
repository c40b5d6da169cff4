"""Beds for tests: as the domain has them, and a pool of real ones."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from app.db.beds import BedPlace
from app.security.keys import Credential
from app.services import bed_reports, beds
from app.services.beds import NewBed
from app.services.observations import Receipt, Told
from domain.beds import Bed, BedReport, BedState, Hold
from domain.care_types import CareType, ClosedReason
from domain.identifiers import BedId, PoolId
from tests.factories.world import Party, World, make_pool
from tests.support.database import Database

MORNING = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)

FREE = BedReport(BedState.FREE)
OCCUPIED = BedReport(BedState.OCCUPIED)
CLEANING = BedReport(BedState.CLEANING)
CLOSED = BedReport(BedState.CLOSED, ClosedReason.PERSONEEL)

days = st.dates(date(2026, 11, 18), date(2026, 11, 22))
bed_reports_of = st.one_of(
    st.sampled_from([FREE, OCCUPIED, CLEANING]),
    st.sampled_from(ClosedReason).map(lambda reason: BedReport(BedState.CLOSED, reason)),
    days.map(lambda day: replace(OCCUPIED, expected_discharge=day)),
)


@st.composite
def any_beds(draw: st.DrawFn) -> Bed:
    """A bed in any state, never reported too, held or not."""
    hold = draw(st.none() | st.sampled_from(Hold))
    if draw(st.integers(0, 4)) == 0:
        return Bed(None, hold)
    observed_at = MORNING + timedelta(minutes=draw(st.integers(0, 60)))
    until = observed_at + timedelta(hours=draw(st.integers(1, 3)))
    return Bed(draw(bed_reports_of), hold, observed_at, until)


async def make_beds(world: World, count: int, pool_id: PoolId | None = None) -> list[BedId]:
    """A pool of so many beds, B1 and on, at the world's location, or more beds of one."""
    if pool_id is None:
        pool_id = await make_pool(world.container, world.location_id, CareType.MFB)
    made = [
        await beds.create_bed(world.container, None, pool_id, NewBed(f"B{n}", f"Bed {n}"))
        for n in range(1, count + 1)
    ]
    await world.settled()
    return [written.id for written in made]


async def place_of(world: World, bed_id: BedId) -> BedPlace:
    """Where a bed is."""
    return await beds.find_bed(world.container, bed_id)


async def say(
    world: World,
    bed_id: BedId,
    said: BedReport,
    *,
    by: Party | Credential | None = None,
    address: str | None = None,
    **told: object,
) -> Receipt:
    """Reports a bed through the service; the rest is as in `Told`."""
    return await bed_reports.report_bed(
        world.container,
        by if isinstance(by, Credential) else await world.credential(by or world.provider),
        await place_of(world, bed_id),
        said,
        Told(**told),  # type: ignore[arg-type]
        address=address,
    )


async def hold(database: Database, bed_id: BedId, what: Hold | None) -> None:
    """What a claim or a promise does to its bed; the act itself comes with referrals. No event."""
    async with database.connect() as connection:
        await connection.execute("UPDATE bed SET hold = $2 WHERE id = $1", bed_id, what)


async def sandboxed(world: World, party: Party | None = None) -> Credential:
    """A party's credential, by default the provider's, while its source counts for nothing yet."""
    credential = await world.credential(party or world.provider)
    assert credential.source is not None
    return replace(credential, source=replace(credential.source, sandbox=True))
