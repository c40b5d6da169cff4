"""Reading and locking of regions, organisations, locations and pools.

Locks are taken in this order: regions → organisations → locations → pools, each by id.
"""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from app.db.event_log import Connection
from app.db.states import STATES
from app.db.tables import (
    LocationRow,
    OrganisationRegionRow,
    OrganisationRow,
    PoolRow,
    RegionRow,
    StreamRow,
)
from app.db.unit_of_work import UnitOfWork
from domain.errors import AlreadyClosed, InvalidInput, NotFound
from domain.events import Kind, Position
from domain.identifiers import RegionId

Row = TypeVar("Row", bound=SQLModel)
Ended = TypeVar("Ended", OrganisationRow, LocationRow, PoolRow)


async def lock_regions(work: UnitOfWork, numbers: Iterable[int] | None = None) -> None:
    """Locks regions' rows, None: all, so that who serves which PC4 there is decided one by one.

    Before any other lock. Raises InvalidInput when there is no such region.
    """
    query = select(RegionRow.id).order_by(col(RegionRow.id)).with_for_update(key_share=True)
    if numbers is not None:
        wanted = set(numbers)
        found = (await work.session.exec(query.where(col(RegionRow.id).in_(wanted)))).all()
        for unknown in sorted(wanted - set(found)):
            raise InvalidInput(f"Regio {unknown} bestaat niet.", "/regions")
    else:
        await work.session.exec(query)


async def lock_region(work: UnitOfWork, region_id: int) -> RegionRow:
    """A region's row, locked to be changed. Raises NotFound."""
    return await _locked(work, RegionRow, region_id)


async def lock_organisation(work: UnitOfWork, organisation_id: UUID) -> OrganisationRow:
    """An organisation's row, locked to be changed. Raises NotFound and AlreadyClosed."""
    return _active(await _locked(work, OrganisationRow, organisation_id))


async def get_organisation(work: UnitOfWork, organisation_id: UUID) -> OrganisationRow:
    """An organisation that gets something: it can't be closed, merged or moved until the commit.

    Raises NotFound and AlreadyClosed.
    """
    return _active(await _locked(work, OrganisationRow, organisation_id, share=True))


async def regions_of(work: UnitOfWork, organisation_id: UUID) -> list[RegionId]:
    """The regions an organisation works in, in order."""
    query = (
        select(OrganisationRegionRow.region_id)
        .where(col(OrganisationRegionRow.organisation_id) == organisation_id)
        .order_by(col(OrganisationRegionRow.region_id))
    )
    return [RegionId(number) for number in (await work.session.exec(query)).all()]


async def lock_location(work: UnitOfWork, location_id: UUID) -> LocationRow:
    """A location's row, locked to be changed. Raises NotFound and AlreadyClosed."""
    return _active(await _locked(work, LocationRow, location_id))


async def get_location(work: UnitOfWork, location_id: UUID) -> LocationRow:
    """A location that gets something: it can't be closed or change owner until the commit.

    Raises NotFound and AlreadyClosed.
    """
    return _active(await _locked(work, LocationRow, location_id, share=True))


async def lock_pool(work: UnitOfWork, pool_id: UUID) -> PoolRow:
    """A pool's row, locked as the hot statement locks it; it may be closed. Raises NotFound."""
    return await _locked(work, PoolRow, pool_id)


async def lock_active_pool(work: UnitOfWork, pool_id: UUID) -> PoolRow:
    """A pool's row, locked to be changed. Raises NotFound and AlreadyClosed."""
    return _active(await lock_pool(work, pool_id))


async def _locked(
    work: UnitOfWork, table: type[Row], row_id: UUID | int, *, share: bool = False
) -> Row:
    query = (
        select(table)
        .where(sa.inspect(table).primary_key[0] == row_id)
        .with_for_update(read=share, key_share=not share)
        # What this transaction read before it had the lock may have been changed.
        .execution_options(populate_existing=True)
    )
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _active(row: Ended) -> Ended:
    if row.status == "ended":
        raise AlreadyClosed
    return row


async def state_of(work: UnitOfWork, kind: Kind, subject_id: object) -> dict[str, Any]:
    """A subject's state as this transaction leaves it, in whichever region it is."""
    await work.session.flush()
    connection = await work.session.connection()
    state = STATES[kind]
    # An organisation may be in no region at all.
    source = "organisation o" if kind is Kind.ORGANISATION else state.source
    found: dict[str, Any] = (
        await connection.execute(
            sa.text(
                f"SELECT {state.json} FROM {source}"
                f" WHERE {state.key} = CAST(CAST(:id AS text) AS {state.key_type})"
            ),
            {"id": str(subject_id)},
        )
    ).scalar_one()
    return found


async def head_of(work: UnitOfWork, region_id: RegionId) -> Position:
    """Where a region's stream stands: a board there shows all that was committed before."""
    row = await work.session.get_one(StreamRow, region_id)
    return Position(region_id, row.epoch, row.number, row.tag)


async def pool_state(connection: Connection, pool_id: UUID) -> tuple[RegionId, str] | None:
    """A pool's region and register state as JSON text, for one the board hasn't heard of yet."""
    row = await connection.fetchrow(
        "SELECT region_id, row_to_json(p) AS data FROM pool p WHERE id = $1", pool_id
    )
    return (RegionId(row["region_id"]), row["data"]) if row else None


async def pool_id_by_external_id(connection: Connection, agb: str, external_id: str) -> UUID | None:
    """A pool's id by its owner's AGB-code, or that of one merged into it, and the owner's own code."""
    found: UUID | None = await connection.fetchval(
        "WITH RECURSIVE owner AS ("
        "SELECT id, merged_into FROM organisation WHERE agb = $1 UNION"
        " SELECT o.id, o.merged_into FROM organisation o JOIN owner ON o.id = owner.merged_into"
        ") SELECT p.id FROM pool p JOIN owner ON owner.id = p.organisation_id"
        " WHERE p.external_id = $2",
        agb,
        external_id,
    )
    return found
