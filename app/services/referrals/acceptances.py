"""A provider says yes. Acceptances that come in together are one commit, each judged by itself.

A region's stream lets one commit through at a time, so many small ones would only wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.combiner import Combiner
from app.container import Container
from app.db.cases import Case
from app.db.norms import norms_in
from app.db.plain_rows import PlainRows
from app.db.unit_of_work import UnitOfWork
from app.live.posted_facts import facts_of_pools
from app.services.referrals import offers, places
from app.services.referrals.act import Act
from app.services.referrals.acting import (
    Done,
    audit,
    check_not_before,
    check_time,
    done,
    finish_all,
)
from app.services.referrals.answers import Acceptance, accepted
from domain.actors import Action, Actor
from domain.errors import NotFound, OutcomeUnknown, Problem, Unavailable
from domain.identifiers import PoolId, RegionId
from domain.norms import Norms


@dataclass(frozen=True, slots=True)
class Accepting:
    """An acceptance on its way in."""

    actor: Actor
    offer_id: UUID
    given: Acceptance
    address: str | None
    happened_at: datetime | None


async def accept(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    given: Acceptance,
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Takes an acceptance in: the place is promised, and all others who were asked are told no.

    Late is fine until the offer was ended by an act. Raises NotFound, OfferEnded, WrongState,
    NoPlaceLeft and InvalidInput.
    """
    item = Accepting(actor, offer_id, given, address, happened_at)

    async def run(items: Sequence[Accepting]) -> Sequence[Done | Exception]:
        return await accept_all(container, items)

    combined: Combiner[Accepting, Done] = container.acceptances
    return await combined.submit(item, run)


async def accept_all(
    container: Container, items: Sequence[Accepting]
) -> Sequence[Done | Exception]:
    """Judges these in order and commits what is accepted, together; an answer for each.

    What the database itself refuses, or a defect of ours, undoes them all: then each is done alone.
    """

    async def act(work: UnitOfWork) -> Sequence[Done | Exception]:
        return await _accept_all(container, work, items)

    try:
        return await container.act(act)
    except (Unavailable, OutcomeUnknown):
        raise
    except Exception as refused:
        if len(items) == 1:
            return [refused]
        return [answer for item in items for answer in await accept_all(container, [item])]


async def _accept_all(
    container: Container, work: UnitOfWork, items: Sequence[Accepting]
) -> Sequence[Done | Exception]:
    rows = PlainRows(work)
    case_of = await rows.lock_cases(item.offer_id for item in items)
    wanted: set[UUID] = set()
    for offer_id, found in case_of.items():
        wanted |= offers.pools_of(found.offer(offer_id)) | found.pool_ids
    locked = await places.with_beds(work, await rows.lock_pools(wanted))
    posted = _posted(container, case_of, work.now)
    norms: dict[int, tuple[Norms, int]] = {}
    answers: list[Problem | tuple[Act, Case]] = []
    for item in items:
        case = case_of.get(item.offer_id)
        if case is None:
            answers.append(NotFound())
            continue
        region_id = RegionId(case.referral.region_id)
        if region_id not in norms:
            norms[region_id] = await norms_in(work, region_id)
        act = Act(
            work, item.actor, *norms[region_id], item.address, item.happened_at, locked, posted
        )
        try:
            check_time(item.happened_at, work.now)
            check_not_before(case, item.happened_at)
            offers.require_provider(item.actor, case, item.offer_id, Action.OFFER_ANSWER)
            accepted(container, act, case, case.offer(item.offer_id), item.given)
        except Problem as problem:
            answers.append(problem)
        else:
            audit(act, Action.OFFER_ANSWER, case)
            answers.append((act, case))
    positions = await finish_all(
        [one for one in answers if not isinstance(one, Problem)], rows.write
    )
    return [
        one if isinstance(one, Problem) else done(one[1], item.offer_id, positions, work.now)
        for one, item in zip(answers, items, strict=True)
    ]


def _posted(
    container: Container, case_of: Mapping[UUID, Case], now: datetime
) -> dict[UUID, dict[str, object] | None]:
    """What the boards tell of the pools of these offers."""
    pools: dict[int, set[PoolId]] = {}
    for offer_id, case in case_of.items():
        offer = case.offer(offer_id)
        if offer.pool_id is not None:
            pools.setdefault(offer.region_id, set()).add(PoolId(offer.pool_id))
    found: dict[UUID, dict[str, object] | None] = {}
    for region_id, pool_ids in pools.items():
        board = container.board.regions.get(RegionId(region_id))
        if board is not None:
            for pool_id, facts in facts_of_pools(board, pool_ids, now).items():
                found[pool_id] = facts.to_json() if facts is not None else None
    return found
