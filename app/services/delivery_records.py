"""Records of delivering: read for any period, and counted anew for the board."""

from functools import partial
from uuid import UUID

from app.container import Container
from app.db import delivery_records as rows
from app.db.delivery_records import RegionalRecord
from app.db.partitions import region_ids
from app.db.registers import lock_region
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor, Scope, scope_of
from domain.delivery_records import Period, last_days
from domain.identifiers import EVERYWHERE, RegionId


async def delivery_records(
    container: Container,
    actor: Actor,
    period: Period,
    *,
    organisation_id: UUID | None,
    after: tuple[UUID, RegionId] | None,
    limit: int,
) -> list[RegionalRecord]:
    """The records that the caller may see, by organisation and region: of its regions, or its own.

    organisation_id: of this one alone, should the caller see it.
    """
    scope = scope_of(actor, Action.DELIVERY_READ)
    asked = [organisation_id] if organisation_id is not None else []
    own = [actor.organisation_id] if scope is Scope.OWN else []
    return await container.read(
        lambda connection: rows.read_records(
            connection,
            period,
            container.now(),
            regions=None if scope is Scope.ALL else actor.regions,
            each_of=[*asked, *own],
            after=after,
            limit=limit,
        )
    )


async def count_anew(container: Container) -> int:
    """Counts the last days of every region, and tells what changed; of so many providers."""
    changed = 0
    for region_id in await container.read(region_ids):
        if region_id != EVERYWHERE:
            changed += await container.act(partial(_count_anew, region_id))
    return changed


async def _count_anew(region_id: RegionId, work: UnitOfWork) -> int:
    # One after the other: who comes second finds nothing that changed.
    await lock_region(work, region_id)
    changed = await rows.keep_records(work, region_id, last_days(work.now))
    await work.commit()
    return changed
