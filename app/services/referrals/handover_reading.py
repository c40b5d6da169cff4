"""Who sees what of a hand-over. Reading is audited, as of every referral."""

from dataclasses import dataclass
from uuid import UUID

from app.container import Container
from app.db import handover_reads
from app.db.handover_reads import StoredHandover
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor, Target, may
from domain.cases import HandoverState
from domain.errors import NotFound
from domain.identifiers import OrganisationId, RegionId


@dataclass(frozen=True, slots=True)
class SeenHandover:
    """A hand-over as somebody may see it.

    needs: what is needed too, of a person in an age band. owner: the referral is the caller's, so the
    birth year as well.
    """

    handover: StoredHandover
    needs: bool
    owner: bool


async def get_handover(
    container: Container, actor: Actor, handover_id: UUID, address: str | None = None
) -> SeenHandover:
    """One hand-over. Raises NotFound: there is none, or it is between others."""
    found = await container.read(
        lambda connection: handover_reads.read_handover(connection, handover_id)
    )
    seen = seen_by(actor, found) if found is not None else None
    if seen is None:
        raise NotFound
    await _audit(container, actor, "handover", handover_id, address)
    return seen


async def list_handovers(
    container: Container,
    actor: Actor,
    *,
    to_it: bool | None,
    is_open: bool | None,
    before: UUID | None,
    limit: int,
    address: str | None = None,
) -> list[SeenHandover]:
    """Hand-overs to the caller's coordination point, from it, or both (to_it None); newest first."""
    found = await container.read(
        lambda connection: handover_reads.read_handovers(
            connection,
            actor.organisation_id,
            to_it=to_it,
            is_open=is_open,
            before=before,
            limit=limit,
        )
    )
    await _audit(container, actor, "handovers", actor.organisation_id, address)
    return [seen for one in found if (seen := seen_by(actor, one)) is not None]


def seen_by(actor: Actor, handover: StoredHandover) -> SeenHandover | None:
    """What the actor sees of it; None: nothing, it is between others."""

    def mine(region_id: int, organisation_id: UUID) -> bool:
        target = Target(RegionId(region_id), OrganisationId(organisation_id))
        return may(actor, Action.REFERRAL_READ, target)

    received = mine(handover.to_region_id, handover.to_id)
    if not received and not mine(handover.from_region_id, handover.from_id):
        return None
    owner = mine(handover.to_region_id, handover.owner_id)
    offered = handover.state == HandoverState.AANGEBODEN
    return SeenHandover(handover, needs=owner or (received and offered), owner=owner)


async def _audit(
    container: Container, actor: Actor, kind: str, object_id: UUID, address: str | None
) -> None:
    async def act(work: UnitOfWork) -> None:
        work.audit(
            actor, Action.REFERRAL_READ, kind, object_id, address=address, purpose="referral"
        )
        await work.commit()

    await container.act(act)
