"""A region's norms: read, set, and looked back at."""

from collections.abc import Sequence

from app.container import Container
from app.db import norms as stored
from app.db.norms import NormSet
from app.db.registers import lock_region
from app.db.tables import NormSetRow
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor, Target, may
from domain.errors import NotFound, VersionChanged
from domain.identifiers import RegionId
from domain.norms import Norms


async def get_norms(container: Container, actor: Actor, region_id: RegionId) -> NormSet:
    """What holds in a region. Raises NotFound, also for a region that isn't the caller's."""
    if not may(actor, Action.NORM_READ, Target(region_id)):
        raise NotFound
    found = await container.read(lambda connection: stored.read_norm_set(connection, region_id))
    if found is None:
        raise NotFound
    return found


async def norm_history(
    container: Container, actor: Actor, region_id: RegionId, *, before: int | None, limit: int
) -> Sequence[NormSet]:
    """The sets of a region, the newest first, from before a version on. Raises NotFound as above."""
    await get_norms(container, actor, region_id)
    return await container.read(
        lambda connection: stored.read_norm_history(connection, region_id, before, limit)
    )


async def set_norms(
    container: Container,
    actor: Actor | None,
    region_id: RegionId,
    norms: Norms,
    expected_version: int,
    note: str | None = None,
    address: str | None = None,
) -> NormSet:
    """Other norms for a region, for the clocks that start from now on; 0 expects the defaults.

    Raises NotFound and VersionChanged.
    """

    async def act(work: UnitOfWork) -> NormSet:
        # One after the other, so that nobody's norms are overwritten unseen.
        await lock_region(work, region_id)
        _, version = await stored.norms_in(work, region_id)
        if version != expected_version:
            raise VersionChanged(version)
        new = NormSet(version + 1, norms, work.now, actor.id if actor else None, note)
        await work.add(
            NormSetRow(
                region_id=region_id,
                version=new.version,
                norms=norms.to_json(),
                set_at=work.now,
                set_by=new.set_by,
                note=note,
            )
        )
        work.audit(actor, Action.NORM_WRITE, "norms", region_id, address=address)
        await work.commit()
        return new

    return await container.act(act)
