"""The whole waiting list at once: a proposal for a coordination point's part of a region, kept as it was."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app import matching_weights
from app.container import Container
from app.db import proposals as stored
from app.db.event_log import Connection
from app.db.idempotency import Request, once
from app.db.proposals import StoredProposal
from app.db.tables import ProposalItemRow, ProposalRow
from app.db.unit_of_work import UnitOfWork
from app.live.board import RegionBoard
from app.services.referrals import plans
from app.services.referrals.acting import require
from app.services.referrals.plans import Obstacles, Planned
from app.services.referrals.reading import audit
from app.services.referrals.waiting_list import Listed, WaitingList, waiting_list
from domain.actors import Action, Actor
from domain.calendar import AMSTERDAM
from domain.errors import NotFound, Unavailable
from domain.identifiers import EVERYWHERE, RegionId
from domain.matching.assignment import VERSION
from domain.matching.proposals import Place, Unplaced


async def propose(
    container: Container,
    actor: Actor,
    region_id: RegionId,
    request: Request | None = None,
    *,
    address: str | None = None,
) -> StoredProposal:
    """Looks at all who wait at once. Nobody is asked anything: that is what adopting it does.

    Raises NotAllowed, NotFound (a region where the caller doesn't work), Unavailable and
    IdempotencyMismatch.
    """
    require(actor, Action.PROPOSAL_WRITE, region_id, actor.organisation_id)

    async def act(work: UnitOfWork) -> UUID:
        async def made() -> dict[str, str]:
            return {"id": str(await _make(container, work, actor, region_id, address))}

        answer, _ = await once(work, request, made)
        await work.commit()
        return UUID(answer["id"])

    proposal_id = await container.act(act)
    return await get_proposal(container, actor, proposal_id, address)


async def get_proposal(
    container: Container, actor: Actor, proposal_id: UUID, address: str | None = None
) -> StoredProposal:
    """A proposal as it was made, and what was adopted of it. Raises NotAllowed and NotFound."""

    async def read(connection: Connection) -> StoredProposal:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = await stored.read_proposal(connection, proposal_id)
        if found is None:
            raise NotFound
        require(actor, Action.REFERRAL_READ, found.region_id, found.owner_id)
        return found

    proposal = await container.read(read)
    await audit(container, actor, "proposal", proposal_id, address)
    return proposal


async def _make(
    container: Container,
    work: UnitOfWork,
    actor: Actor,
    region_id: RegionId,
    address: str | None,
) -> UUID:
    board = container.board.regions.get(region_id)
    if board is None:
        raise Unavailable
    asked_for = await stored.asked_for(work, region_id)
    agreed = await stored.agreed(work, region_id)
    waits = await waiting_list(work, board, region_id, actor.organisation_id)
    everywhere = container.board.regions.get(EVERYWHERE)
    looked = plans.look(board, everywhere, waits.listed, asked_for, agreed, work.now)
    # Numbers only from here on, for which nobody else has to wait.
    planned = await asyncio.to_thread(plans.plan, waits.listed, looked)
    unfit = [
        one
        for one, placed in zip(waits.listed, planned, strict=True)
        if placed.unplaced is Unplaced.NIETS_PAST
    ]
    obstacles = await _obstacles(container, board, unfit)
    row = ProposalRow(
        region_id=region_id,
        owner_id=actor.organisation_id,
        made_at=work.now,
        made_by=actor.id,
        position=str(looked.position),
        algorithm=VERSION,
        left_out=[
            {"referral_id": str(referral_id), "reason": reason}
            for referral_id, reason in waits.left_out.items()
        ],
    )
    await work.add(row)
    await work.insert_many(ProposalItemRow, _items(row, waits, planned, obstacles))
    work.audit(
        actor, Action.PROPOSAL_WRITE, "proposal", row.id, address=address, purpose="referral"
    )
    return row.id


async def _obstacles(
    container: Container, board: RegionBoard, unfit: Sequence[Listed]
) -> dict[UUID, Obstacles]:
    """Why nothing fits for these. One at a time, so that nobody else waits for all of them.

    The board goes on meanwhile; of whom something fits by now, nothing is told.
    """
    weights = matching_weights.current(container.now().astimezone(AMSTERDAM).date())
    everywhere = container.board.regions.get(EVERYWHERE)
    found: dict[UUID, Obstacles] = {}
    for one in unfit:
        await asyncio.sleep(0)
        obstacles = plans.obstacles(board, everywhere, one, weights, container.now())
        if obstacles is not None:
            found[one.waiting.id] = obstacles
    return found


def _items(
    row: ProposalRow,
    waits: WaitingList,
    planned: Sequence[Planned],
    obstacles: Mapping[UUID, Obstacles],
) -> list[dict[str, Any]]:
    return [
        {
            "proposal_id": row.id,
            "referral_id": listed.waiting.id,
            "rank": rank,
            "urgency": listed.waiting.urgency,
            "filed_at": listed.waiting.filed_at,
            "waited_minutes": listed.waiting.waited_minutes(row.made_at),
            "norm_minutes": listed.waiting.norm_minutes,
            "wrong_bed_days": listed.waiting.wrong_bed_days(row.made_at),
            **_columns("", one.together),
            **_columns("alone_", one.alone),
            "unplaced": one.unplaced,
            **_told(obstacles.get(listed.waiting.id)),
        }
        for rank, (listed, one) in enumerate(zip(waits.listed, planned, strict=True), start=1)
    ]


def _columns(prefix: str, place: Place | None) -> dict[str, Any]:
    return {
        f"{prefix}pool_id": place and place.pool_id,
        f"{prefix}care_type": place and place.care_type,
        f"{prefix}km": place and place.km,
    }


def _told(obstacles: Obstacles | None) -> dict[str, Any]:
    return {
        "failed": obstacles and obstacles.failed,
        "near": obstacles and obstacles.near,
    }
