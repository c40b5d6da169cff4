"""What hangs on organisations and locations, and how it changes hands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.db.case_owners import move_places, open_cases
from app.db.tables import (
    HomeCareTeamRow,
    KeyRow,
    LocationRow,
    OrganisationRegionRow,
    OrganisationRow,
    PoolRow,
    SourceRow,
)
from app.db.unit_of_work import UnitOfWork
from domain.events import Kind
from domain.identifiers import RegionId

Belonging = type[LocationRow] | type[PoolRow] | type[HomeCareTeamRow]

#: What has a code of its owner's, which no other of that owner has.
_WITH_CODES: dict[Kind, type[PoolRow] | type[HomeCareTeamRow]] = {
    Kind.POOL: PoolRow,
    Kind.HOME_CARE_TEAM: HomeCareTeamRow,
}
#: All that an organisation has, in the order of locks.
_BELONGINGS: dict[Kind, Belonging] = {Kind.LOCATION: LocationRow, **_WITH_CODES}
_PLURALS = {
    Kind.LOCATION: "locations",
    Kind.POOL: "pools",
    Kind.HOME_CARE_TEAM: "home_care_teams",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A coordination point that serves some of the PC4s that were asked about."""

    id: UUID
    name: str
    pc4s: list[str]


async def in_use(
    work: UnitOfWork, organisation_id: UUID, regions: Collection[int] | None = None
) -> dict[str, int]:
    """How many active locations, pools and teams, open referrals and offers an organisation has, without
    those it has none of."""
    counts = await open_cases(work, organisation_id, regions)
    for kind, table in _BELONGINGS.items():
        query = select(sa.func.count()).where(
            col(table.organisation_id) == organisation_id, col(table.status) == "active"
        )
        if regions is not None:
            query = query.where(col(table.region_id).in_(regions))
        counts[_PLURALS[kind]] = (await work.session.exec(query)).one()
    return {name: count for name, count in counts.items() if count}


async def active_pools_at(work: UnitOfWork, location_id: UUID) -> int:
    """How many pools of whoever are active at a location."""
    query = select(sa.func.count()).where(
        col(PoolRow.location_id) == location_id, col(PoolRow.status) == "active"
    )
    return (await work.session.exec(query)).one()


async def servers_of(
    work: UnitOfWork, pc4s: Collection[str], regions: Iterable[RegionId], but: UUID | None
) -> list[Server]:
    """The other active coordination points in these regions that serve one of these PC4s."""
    connection = await work.session.connection()
    rows = await connection.execute(
        sa.text(
            "SELECT o.id, o.name, ARRAY(SELECT unnest(o.pc4s) INTERSECT"
            " SELECT unnest(CAST(:pc4s AS text[])) ORDER BY 1) AS pc4s FROM organisation o"
            " WHERE o.status = 'active' AND o.id IS DISTINCT FROM CAST(:but AS uuid)"
            " AND o.pc4s && CAST(:pc4s AS text[]) AND EXISTS (SELECT FROM organisation_region m"
            " WHERE m.organisation_id = o.id AND m.region_id = ANY(CAST(:regions AS smallint[])))"
            " ORDER BY o.name, o.id"
        ),
        {"pc4s": sorted(pc4s), "regions": sorted(regions), "but": but},
    )
    return [Server(row.id, row.name, row.pc4s) for row in rows]


async def set_regions(
    work: UnitOfWork, organisation_id: UUID, joined: Iterable[int], left: Collection[int] = ()
) -> None:
    """Makes an organisation work in some regions more, and in some no more."""
    for number in sorted(joined):
        work.session.add(OrganisationRegionRow(organisation_id=organisation_id, region_id=number))
    if left:
        await work.session.exec(
            sa.delete(OrganisationRegionRow).where(
                col(OrganisationRegionRow.organisation_id) == organisation_id,
                col(OrganisationRegionRow.region_id).in_(left),
            )
        )


async def lock_open_keys(work: UnitOfWork, organisation_id: UUID) -> list[KeyRow]:
    """An organisation's keys that are not revoked, locked by id."""
    query = (
        select(KeyRow)
        .where(col(KeyRow.organisation_id) == organisation_id, col(KeyRow.revoked_at).is_(None))
        .order_by(col(KeyRow.id))
        .with_for_update()
    )
    return list((await work.session.exec(query)).all())


async def shared_codes(work: UnitOfWork, one: UUID, other: UUID) -> dict[str, list[str]]:
    """The codes that two organisations both use, for their pools and for their teams."""
    found = {}
    for kind, table in _WITH_CODES.items():
        theirs = select(table.external_id).where(col(table.organisation_id) == other)
        query = (
            select(table.external_id)
            .where(col(table.organisation_id) == one, col(table.external_id).in_(theirs))
            .order_by(col(table.external_id))
        )
        codes = list((await work.session.exec(query)).all())
        if codes:
            found[_PLURALS[kind]] = codes
    return found


async def move_all(work: UnitOfWork, of: UUID, to: UUID) -> None:
    """Gives all that an organisation has, ended or not, to another one, and tells so."""
    for kind, table in _BELONGINGS.items():
        await _move(work, kind, table, of, to)
    for owned in (SourceRow, KeyRow):
        await work.session.exec(
            sa.update(owned).where(col(owned.organisation_id) == of).values(organisation_id=to)
        )


async def move_pools_at(work: UnitOfWork, location_id: UUID, of: UUID, to: UUID) -> None:
    """Gives what an organisation has at a location to another one, and tells so."""
    at = col(PoolRow.location_id) == location_id
    await move_places(work, to, pool_ids=await _move(work, Kind.POOL, PoolRow, of, to, at))


async def _move(
    work: UnitOfWork,
    kind: Kind,
    table: Belonging,
    of: UUID,
    to: UUID,
    *where: sa.ColumnElement[bool],
) -> list[UUID]:
    connection = await work.session.connection()
    mine = (col(table.organisation_id) == of, *where)
    locked = (
        sa.select(col(table.id))
        .where(*mine)
        .order_by(col(table.id))
        .with_for_update(key_share=True)
    )
    ids = list((await connection.execute(locked)).scalars())
    moved = await connection.execute(
        sa.update(table)
        .where(col(table.id).in_(ids))
        .values(organisation_id=to, version=col(table.version) + 1)
        .returning(col(table.id), col(table.region_id))
    )
    for subject_id, region_id in sorted((row.id, row.region_id) for row in moved):
        work.touch(kind, subject_id, region_id)
    return ids


async def keep_names_apart(work: UnitOfWork, of: OrganisationRow, to: UUID) -> None:
    """Adds an organisation's name to those of its sources that another one has a source of too."""
    query = (
        select(SourceRow)
        .where(col(SourceRow.organisation_id).in_([of.id, to]))
        .order_by(col(SourceRow.id))
        .with_for_update()
    )
    sources = list((await work.session.exec(query)).all())
    taken = {source.name for source in sources if source.organisation_id == to}
    names = {source.name for source in sources}
    for source in sources:
        if source.organisation_id == to or source.name not in taken:
            continue
        wanted, number = f"{source.name} ({of.name})", 1
        while wanted in names:
            number += 1
            wanted = f"{source.name} ({of.name}, {number})"
        names.add(wanted)
        source.name = wanted
    await work.session.flush()
