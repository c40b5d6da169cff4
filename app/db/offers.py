"""Reading what offers are about, within an act: whose a place is, and when its desk answers."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import BedRow, HomeCareTeamRow, LocationRow, PoolRow
from app.db.unit_of_work import UnitOfWork
from domain.care_types import CareType
from domain.hours import WeeklyHours


@dataclass(frozen=True, slots=True)
class Target:
    """A place, or a team, as the register has it."""

    id: UUID
    provider_id: UUID
    region_id: int
    care_types: frozenset[CareType]
    active: bool
    intake_hours: WeeklyHours | None = None
    wlz_contract: bool = False


async def find_pool(work: UnitOfWork, pool_id: UUID) -> Target | None:
    """A pool to offer to."""
    query = (
        select(PoolRow, LocationRow)
        .join(LocationRow, col(LocationRow.id) == col(PoolRow.location_id))
        .where(col(PoolRow.id) == pool_id)
    )
    found = (await work.session.exec(query)).one_or_none()
    if found is None:
        return None
    pool, location = found
    return Target(
        id=pool.id,
        provider_id=pool.organisation_id,
        region_id=pool.region_id,
        care_types=frozenset(map(CareType, pool.care_types)),
        active=pool.status == "active",
        intake_hours=_hours(location.intake_hours),
        wlz_contract=location.wlz_contract,
    )


async def find_team(work: UnitOfWork, team_id: UUID) -> Target | None:
    """A team to offer to."""
    row = await work.session.get(HomeCareTeamRow, team_id)
    if row is None:
        return None
    return Target(
        id=row.id,
        provider_id=row.organisation_id,
        region_id=row.region_id,
        care_types=frozenset({CareType.WIJKVERPLEGING}),
        active=row.status == "active",
    )


async def intake_hours(work: UnitOfWork, pool_id: UUID | None) -> WeeklyHours | None:
    """When the desk of a pool's location answers; None: nobody told, or it is no pool."""
    if pool_id is None:
        return None
    query = (
        select(LocationRow.intake_hours)
        .join(PoolRow, col(PoolRow.location_id) == col(LocationRow.id))
        .where(col(PoolRow.id) == pool_id)
    )
    return _hours((await work.session.exec(query)).one_or_none())


async def has_wlz_contract(work: UnitOfWork, pool_id: UUID) -> bool:
    """Whether the zorgkantoor pays Wlz care where a pool is."""
    query = sa.select(col(LocationRow.wlz_contract)).join(
        PoolRow, col(PoolRow.location_id) == col(LocationRow.id)
    )
    connection = await work.session.connection()
    found = await connection.execute(query.where(col(PoolRow.id) == pool_id))
    return bool(found.scalar_one_or_none())


def _hours(data: object) -> WeeklyHours | None:
    return None if data is None else WeeklyHours.from_json(data)


async def has_bed(work: UnitOfWork, pool_id: UUID, bed_id: UUID) -> bool:
    """Whether an active bed is one of a pool's."""
    bed = await work.session.get(BedRow, bed_id)
    return bed is not None and bed.pool_id == pool_id and bed.status == "active"


async def ids_of_round(connection: Connection, offer_id: UUID) -> list[UUID]:
    """The offers that were made together with one, itself included, in order."""
    rows = await connection.fetch(
        "SELECT s.id FROM offer o JOIN offer s ON s.referral_id = o.referral_id AND s.round = o.round"
        " WHERE o.id = $1 ORDER BY s.id",
        offer_id,
    )
    return [row["id"] for row in rows]
