"""Reading and writing of API keys."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import KeyRow, OrganisationRow, SourceRow
from app.db.unit_of_work import UnitOfWork
from app.security.keys import Credential, Source
from domain.actors import Actor, Role
from domain.capacity import SourceKind, Terms
from domain.errors import AlreadyExists, NotFound
from domain.identifiers import OrganisationId, RegionId, SourceId

_FIND = """
SELECT k.id, k.name, k.role, k.organisation_id, s.id AS source_id, s.kind, s.lag_minutes,
    s.includes_holds, s.released_at IS NULL AS sandbox,
    ARRAY(SELECT m.region_id FROM organisation_region m
          WHERE m.organisation_id = k.organisation_id) AS regions
FROM api_key k LEFT JOIN source s ON s.id = k.source_id
WHERE k.hash = $1 AND k.revoked_at IS NULL
"""


async def find_credential(connection: Connection, hashed: bytes) -> Credential | None:
    """The credential of a key that is not revoked."""
    row = await connection.fetchrow(_FIND, hashed)
    if row is None:
        return None
    actor = Actor(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        regions=frozenset(RegionId(number) for number in row["regions"]),
    )
    if row["source_id"] is None:
        return Credential(actor, None)
    terms = Terms(timedelta(minutes=row["lag_minutes"]), row["includes_holds"])
    source = Source(SourceId(row["source_id"]), SourceKind(row["kind"]), terms, row["sandbox"])
    return Credential(actor, source)


async def lock_key(work: UnitOfWork, key_id: UUID) -> KeyRow:
    """A key's row, locked. Raises NotFound."""
    row = (
        await work.session.exec(select(KeyRow).where(col(KeyRow.id) == key_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


async def list_keys(work: UnitOfWork) -> list[tuple[KeyRow, OrganisationRow]]:
    """All keys with their organisations, newest first."""
    query = (
        select(KeyRow, OrganisationRow)
        .join(OrganisationRow, col(OrganisationRow.id) == col(KeyRow.organisation_id))
        .order_by(sa.desc(col(KeyRow.created_at)), sa.desc(col(KeyRow.id)))
    )
    return list((await work.session.exec(query)).all())


async def source_by_name(work: UnitOfWork, organisation_id: UUID, name: str) -> SourceRow | None:
    """An organisation's source with a given name."""
    query = select(SourceRow).where(
        col(SourceRow.organisation_id) == organisation_id, col(SourceRow.name) == name
    )
    return (await work.session.exec(query)).one_or_none()


#: What an organisation's sources are called that no key made: what it types or reads in itself.
_OWN_SOURCES = {
    SourceKind.FILE: "spreadsheet",
    SourceKind.PAGE: "pagina",
    SourceKind.PHONE: "telefoon op de pagina",
}


async def own_source(work: UnitOfWork, organisation_id: UUID, kind: SourceKind) -> Source:
    """An organisation's own source of a kind, made with its first report. Raises AlreadyExists."""
    name = _OWN_SOURCES[kind]
    await (await work.session.connection()).execute(
        insert(SourceRow)
        .values(
            organisation_id=organisation_id,
            kind=kind,
            name=name,
            lag_minutes=0,
            includes_holds=False,
            released_at=work.now,
        )
        .on_conflict_do_nothing()
    )
    row = await source_by_name(work, organisation_id, name)
    if row is None or row.kind != kind:
        raise AlreadyExists(f"Een andere bron van deze organisatie heet al '{name}'.")
    return Source(SourceId(row.id), kind, Terms())
