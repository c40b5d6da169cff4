"""Vasthouden: a place held for a referral for some minutes, so that nobody else gives it away."""

from datetime import datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db import claims, matches, offers
from app.db.cases import Case
from app.db.idempotency import Request
from app.db.tables import ClaimRow
from app.live.alternatives import alternatives
from app.services.referrals import needs, places
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, check_seeking
from domain.actors import Action, Actor
from domain.errors import AlreadyExists, InvalidInput, NoPlaceLeft, NotFound
from domain.identifiers import RegionId
from domain.offers import ClaimState
from domain.referrals import Step


async def claim(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    pool_id: UUID,
    bed_id: UUID | None = None,
    request: Request | None = None,
    *,
    match_id: UUID | None = None,
    address: str | None = None,
) -> Done:
    """Holds a place. Of two who press at the same time one gets it; the other hears until when it is
    held and what else there is, never for whom.

    match_id: the match that it goes by, which is kept then. Raises NotFound, WrongState, NoPlaceLeft,
    AlreadyExists (held for this referral already) and InvalidInput.
    """

    async def do(act: Act, case: Case) -> UUID:
        check_seeking(case, Step.CLAIMED)
        target = await offers.find_pool(act.work, pool_id)
        if target is None or not target.active or target.region_id != case.referral.region_id:
            raise InvalidInput("Deze plaatsen zijn er niet (meer) in deze regio.", "/pool_id")
        if any(held.pool_id == pool_id for held in case.claims):
            raise AlreadyExists("Voor deze aanmelding wordt hier al een plek vastgehouden.")
        try:
            bed = places.hold(act.work, act.places[pool_id], bed_id)
        except NoPlaceLeft as problem:
            until = await claims.held_until(act.work, pool_id, bed_id)
            raise NoPlaceLeft(
                problem.free,
                until,
                _alternatives(container, case, pool_id),
            ) from None
        row = ClaimRow(
            referral_id=case.id,
            pool_id=pool_id,
            bed_id=bed,
            state=ClaimState.OPEN,
            claimed_at=act.now,
            claimed_by=act.by,
            expires_at=act.now + timedelta(minutes=act.norms.claim_minutes),
        )
        await act.work.add(row)
        await matches.mark_acted(act.work, case.id, match_id, [row.id])
        case.claims.append(row)
        act.step(
            case,
            Step.CLAIMED,
            data={
                "claim": str(row.id),
                "pool": str(pool_id),
                "bed": str(bed) if bed else None,
                "expires_at": _text(row.expires_at),
            },
        )
        return row.id

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
        request=request,
        pools=(pool_id,),
    )


async def release(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    claim_id: UUID,
    *,
    address: str | None = None,
) -> Done:
    """Lets go of a held place before its time. Raises NotFound."""

    async def do(act: Act, case: Case) -> UUID:
        for held in case.claims:
            if held.id == claim_id:
                act.end_claim(case, held, ClaimState.RELEASED)
                act.step(case, Step.CLAIM_RELEASED, data=_told(held))
                return claim_id
        raise NotFound

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
    )


def expired(act: Act, case: Case, held: ClaimRow) -> None:
    """The clock lets go of a held place. Its pool is locked."""
    act.end_claim(case, held, ClaimState.EXPIRED)
    act.step(case, Step.CLAIM_EXPIRED, data=_told(held))


def _told(held: ClaimRow) -> dict[str, str]:
    return {"claim": str(held.id), "pool": str(held.pool_id)}


def _alternatives(container: Container, case: Case, pool_id: UUID) -> list[dict[str, object]]:
    board = container.board.regions.get(RegionId(case.referral.region_id))
    if board is None:
        return []
    need = needs.matched(case.referral)
    return alternatives(board, need, pool_id, container.now())


def _text(moment: datetime) -> str:
    return moment.isoformat()
