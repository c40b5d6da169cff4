"""What went out, or didn't: looked at by who may do something about it, and sent again."""

from uuid import UUID

from app.container import Container
from app.db import deliveries, webhook_endpoints
from app.db.deliveries import StoredDelivery
from app.db.unit_of_work import UnitOfWork
from app.services.word.owning import require_own
from domain.actors import Action, Actor
from domain.deliveries import DeliveryState, EndpointState
from domain.errors import NotFound


async def list_deliveries(
    container: Container,
    actor: Actor,
    state: DeliveryState,
    *,
    organisation_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[StoredDelivery]:
    """Deliveries of an organisation (None: the caller's; for an operator everybody's) in a state, the
    newest first. Raises NotFound.
    """
    whose = require_own(actor, Action.WORD_READ, organisation_id)
    return await container.read(
        lambda connection: deliveries.read_deliveries(
            connection, whose, state, before=before, limit=limit
        )
    )


async def resend(
    container: Container, actor: Actor, delivery_id: UUID, address: str | None = None
) -> None:
    """Sends a delivery again, now and under the same id, whatever became of it before.

    Raises NotFound, also when its endpoint was ended.
    """

    async def act(work: UnitOfWork) -> None:
        row, organisation_id = await deliveries.lock_delivery(work, delivery_id)
        require_own(actor, Action.WORD_WRITE, organisation_id)
        if row.endpoint_id is not None:
            endpoint = await webhook_endpoints.lock_endpoint(work, row.endpoint_id)
            if endpoint.state == EndpointState.ENDED:
                raise NotFound
        row.state, row.attempts = DeliveryState.WACHT, 0
        row.next_at, row.sent_at = work.now, None
        work.session.add(row)
        work.audit(actor, Action.WORD_WRITE, "delivery", delivery_id, address=address)
        await work.commit()

    await container.act(act)


async def resend_dead(
    container: Container,
    actor: Actor,
    organisation_id: UUID | None,
    address: str | None = None,
) -> int:
    """Sends everything again that was given up on and can still go somewhere; how many.

    Of an organisation; None: the caller's, or for an operator everybody's. Raises NotFound.
    """
    whose = require_own(actor, Action.WORD_WRITE, organisation_id)

    async def act(work: UnitOfWork) -> int:
        count = await deliveries.revive_dead(work, whose)
        # As one act: which they were, each of them tells by its own attempts.
        work.audit(actor, Action.WORD_WRITE, "deliveries", whose or "all", address=address)
        await work.commit()
        return count

    return await container.act(act)
