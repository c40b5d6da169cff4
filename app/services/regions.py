"""Regions, each with the stream that its commits are ordered by."""

import secrets

import sqlalchemy as sa

from app.container import Container
from app.db import registers
from app.db.idempotency import Request, once
from app.db.tables import EventRow, RegionRow, StreamRow
from app.db.unit_of_work import UnitOfWork
from app.services.written import Written, commit
from domain.actors import Action, Actor
from domain.errors import InvalidInput, VersionChanged
from domain.events import Kind
from domain.identifiers import EVERYWHERE, RegionId


async def create_region(
    container: Container,
    actor: Actor | None,
    region_id: RegionId,
    code: str,
    name: str,
    request: Request | None = None,
    address: str | None = None,
) -> Written[RegionId]:
    """A region with its own stream. Raises AlreadyExists and IdempotencyMismatch."""

    async def act(work: UnitOfWork) -> Written[RegionId]:
        async def create() -> dict[str, int]:
            await work.add(RegionRow(id=region_id, code=code, name=name))
            await open_stream(work, region_id)
            work.touch(Kind.REGION, region_id, EVERYWHERE)
            work.audit(actor, Action.REGISTER_WRITE, "region", region_id, address=address)
            return {"id": region_id}

        await once(work, request, create)
        return await commit(work, Kind.REGION, region_id, EVERYWHERE)

    return await container.act(act)


async def change_region(
    container: Container,
    actor: Actor | None,
    region_id: RegionId,
    code: str,
    name: str,
    expected_version: int,
    address: str | None = None,
) -> Written[RegionId]:
    """Another code and name. Raises NotFound, VersionChanged, InvalidInput and AlreadyExists."""
    if region_id == EVERYWHERE:
        raise InvalidInput("Regio 0 is van iedereen en blijft zoals zij is.", "region_id")

    async def act(work: UnitOfWork) -> Written[RegionId]:
        row = await registers.lock_region(work, region_id)
        if row.version != expected_version:
            raise VersionChanged(row.version)
        row.code, row.name = code, name
        row.version += 1
        work.touch(Kind.REGION, region_id, EVERYWHERE)
        work.audit(actor, Action.REGISTER_WRITE, "region", region_id, address=address)
        return await commit(work, Kind.REGION, region_id, EVERYWHERE)

    return await container.act(act)


async def open_stream(work: UnitOfWork, region_id: RegionId) -> None:
    """The stream of a new region, with the event that every stream begins with."""
    tag = secrets.randbits(32)
    work.session.add(StreamRow(region_id=region_id, epoch=1, number=0, tag=tag))
    work.session.add(
        EventRow(
            region_id=region_id,
            number=0,
            epoch=1,
            tag=tag,
            kind=Kind.STREAM_OPENED,
            subject_id=str(region_id),
            at=work.now,
            data=sa.null(),
        )
    )
    await work.session.flush()
