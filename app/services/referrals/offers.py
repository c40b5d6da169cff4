"""What acts on an offer share: whose it is, whether it is open, seen and taken back."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from app.container import Container
from app.db import offers
from app.db.cases import Case, referral_of_offer
from app.db.tables import OfferRow
from app.db.unit_of_work import UnitOfWork
from app.live.board import RegionBoard
from app.live.posted_facts import facts_of_pool, facts_of_team
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, require
from domain.actors import Action, Actor
from domain.alerts import AlertKind
from domain.cases import TextKind
from domain.errors import (
    InvalidInput,
)
from domain.identifiers import PoolId, TeamId
from domain.matching.criteria import Criterion
from domain.offers import BY_A_PERSON, Ending, OfferState, check_answerable
from domain.referrals import ReferralState, Step

#: Asking is how one gets to know more, so these alone need no argument; all are kept with the offer.
_ASKED_TO_KNOW = frozenset({Criterion.ONBEKEND, Criterion.ONBEVESTIGD, Criterion.STOPLICHT})


async def withdraw(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    ending: Ending,
    text: str | None = None,
    *,
    address: str | None = None,
) -> Done:
    """Takes an offer back that nobody accepted; a promise is let go of by `decisions.release`.

    Raises NotFound, OfferEnded and InvalidInput.
    """
    check_ending(ending)

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        check_open(row)
        act.end_offer(case, row, OfferState.INGETROKKEN, ending, Step.OFFER_WITHDRAWN)
        act.say(case, TextKind.NOTE, text, row.id)
        return offer_id

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        finder(offer_id),
        do,
        address=address,
    )


async def see(
    container: Container, actor: Actor, offer_id: UUID, *, address: str | None = None
) -> Done:
    """The provider has looked at it. Seeing it again changes nothing more. Raises NotFound."""

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        if row.seen_at is None and OfferState(row.state).can_be_answered:
            row.seen_at = act.at
            act.clear_alerts(case, {AlertKind.ACUUT_NIET_GEZIEN}, row)
            act.step(case, Step.OFFER_SEEN, offer=row)
        return offer_id

    return await acting(
        container,
        actor,
        Action.OFFER_SEE,
        finder(offer_id),
        do,
        address=address,
        may_do=lambda case: _require_asked(actor, case, offer_id),
    )


def _require_asked(actor: Actor, case: Case, offer_id: UUID) -> None:
    """Raises NotFound unless the offer was asked of the caller's organisation: nobody looks for another."""
    row = case.offer(offer_id)
    require(actor, Action.OFFER_SEE, row.region_id, row.provider_id)


def check_ending(ending: Ending) -> None:
    """Raises InvalidInput for a reason that only an act of another kind can have."""
    if ending not in BY_A_PERSON:
        raise InvalidInput("Deze reden geeft de dienst zelf.", "/reason")


def check_open(row: OfferRow) -> None:
    """Raises OfferEnded unless the offer still waits for an answer."""
    check_answerable(OfferState(row.state), row.refusal or row.ending, row.ended_at)


def require_provider(actor: Actor, case: Case, offer_id: UUID, action: Action) -> None:
    """Raises NotFound unless the offer is the caller's to act on: asked of it, or made by it."""
    row = case.offer(offer_id)
    own = row.provider_id == actor.organisation_id
    owner_id = row.provider_id if own else case.referral.owner_id
    require(actor, action, row.region_id, owner_id)


def finder(offer_id: UUID) -> Callable[[UnitOfWork], Awaitable[UUID]]:
    """What finds the referral of an offer, for `acting`."""
    return lambda work: referral_of_offer(work, offer_id)


def pools_of(row: OfferRow) -> set[UUID]:
    """The pools that an offer may be promised a place of."""
    return {one for one in (row.pool_id, row.proposed_pool_id) if one is not None}


async def check_own_place(act: Act, row: OfferRow, pool_id: UUID, bed_id: UUID | None) -> None:
    """Raises InvalidInput unless a pool that is proposed is the provider's, here, and for this care."""
    found = await offers.find_pool(act.work, pool_id)
    if (
        found is None
        or not found.active
        or found.provider_id != row.provider_id
        or found.region_id != row.region_id
        or row.care_type not in found.care_types
    ):
        raise InvalidInput("Stel een eigen plaats voor, voor dezelfde zorg.", "/pool_id")
    if bed_id is not None and not await offers.has_bed(act.work, pool_id, bed_id):
        raise InvalidInput("Dit bed hoort niet bij deze plaatsen.", "/bed_id")


def posted_of(board: RegionBoard | None, row: OfferRow, act: Act) -> dict[str, Any] | None:
    """What the board tells now of the place of an offer."""
    if board is None:
        return None
    if row.pool_id is not None:
        if row.pool_id in act.posted:
            return act.posted[row.pool_id]
        facts = facts_of_pool(board, PoolId(row.pool_id), act.now)
        return None if facts is None else facts.to_json()
    if row.team_id is not None:
        told = facts_of_team(board, TeamId(row.team_id), act.now)
        return None if told is None else told.to_json()
    return None


def is_seeking(case: Case) -> bool:
    """Whether nothing is promised yet and nobody is asked."""
    return ReferralState(case.referral.state) in (
        ReferralState.GETRIEERD,
        ReferralState.TIJDELIJK_GEPLAATST,
    )
