"""Triages as bare rows, as they are kept."""

from datetime import timedelta
from uuid import UUID

from app.db.tables import TriageRow
from app.db.unit_of_work import UnitOfWork
from domain.identifiers import RegionId
from domain.triage.replay import PastTriage
from tests.factories.world import World


async def keep(
    world: World, referral_id: UUID, past: PastTriage, region_id: RegionId, ago: timedelta
) -> None:
    """A triage as it is kept, so long ago."""

    async def act(work: UnitOfWork) -> None:
        await work.add(
            TriageRow(
                referral_id=referral_id,
                region_id=region_id,
                rules_version=past.version,
                urgency="spoed",
                facts=dict(past.facts),
                advice={"outcomes": list(past.outcomes), "asks": []},
                chosen="elv-laag",
                deviates=False,
                at=work.now - ago,
            )
        )
        await work.commit()

    await world.container.act(act)
