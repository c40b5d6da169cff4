"""A provider says yes. Acceptances that come in together are one commit, each judged by itself.

A region's stream lets one commit through at a time, so many small ones would only wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.combiner import Combiner
from app.container import Container
from app.db import cases
from app.db.acceptances import PlainRows
from app.db.cases import Case
from app.db.norms import norms_in
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import offers, places
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, audit, check_time, done, finish_all
from app.services.referrals.answers import Acceptance, accepted
from domain.actors import Action, Actor
from domain.errors import AlreadyExists, NotFound, Problem
from domain.identifiers import RegionId
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

    What the database itself refuses concerns them all: then each is done alone.
    """

    async def act(work: UnitOfWork) -> Sequence[Done | Exception]:
        return await _accept_all(container, work, items)

    try:
        return await container.act(act)
    except (AlreadyExists, NotFound) as refused:
        if len(items) == 1:
            return [refused]
        return [answer for item in items for answer in await accept_all(container, [item])]


async def _accept_all(
    container: Container, work: UnitOfWork, items: Sequence[Accepting]
) -> Sequence[Done | Exception]:
    referral_of = await cases.referrals_of_offers(work, [item.offer_id for item in items])
    rows = PlainRows(work)
    found = await rows.lock_cases(referral_of.values())
    case_of = [found.get(referral_of.get(item.offer_id, item.offer_id)) for item in items]
    wanted: set[UUID] = set()
    for item, case in zip(items, case_of, strict=True):
        if case is not None:
            wanted |= offers.pools_of(case.offer(item.offer_id)) | case.pool_ids
    locked = await places.with_beds(work, await rows.lock_pools(wanted))
    norms: dict[int, tuple[Norms, int]] = {}
    answers: list[Problem | tuple[Act, Case]] = []
    for item, case in zip(items, case_of, strict=True):
        if case is None:
            answers.append(NotFound())
            continue
        region_id = RegionId(case.referral.region_id)
        if region_id not in norms:
            norms[region_id] = await norms_in(work, region_id)
        act = Act(work, item.actor, *norms[region_id], item.address, item.happened_at, locked)
        try:
            check_time(item.happened_at, work.now)
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
