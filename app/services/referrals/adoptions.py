"""Adopting a proposal, whole or in part: each item an offer of its own, looked at afresh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.container import Container
from app.db import proposals as stored
from app.db.cases import Case
from app.db.proposals import StoredItem
from app.live.board import RegionBoard
from app.live.board_checks import pool_candidate
from app.services.referrals import needs, plans, rounds
from app.services.referrals.act import Act
from app.services.referrals.acting import acting, require
from app.services.referrals.proposals import get_proposal
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.triages import BOARD_CHECK_COUNTS_FOR
from app.services.referrals.waiting_list import checked_again, not_yet, wanted
from domain.actors import Action, Actor
from domain.care_types import CareType
from domain.errors import InvalidInput, NotFound, OutcomeUnknown, Problem, Unavailable
from domain.identifiers import PoolId, RegionId
from domain.matching.board_checks import failure_json
from domain.matching.criteria import Criterion, failures
from domain.matching.proposals import Adopted
from domain.referrals import ReferralState

#: What stands in the way where somebody else was first.
_GONE = frozenset({Criterion.VOL, Criterion.TEKORT, Criterion.VROEGSTE_OPNAME})


@dataclass(frozen=True, slots=True)
class ItemAdopted:
    """What came of one item. offer_id: of this time, or of an earlier one. failures: what stands in
    the way of the place now.
    """

    referral_id: UUID
    outcome: Adopted
    offer_id: UUID | None = None
    failures: Sequence[Mapping[str, Any]] = ()


class _NotNow(Exception):
    """Nothing is to be done for an item, and why."""

    def __init__(
        self,
        outcome: Adopted,
        offer_id: UUID | None = None,
        failures: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(outcome)
        self.outcome, self.offer_id, self.failures = outcome, offer_id, failures


async def adopt(
    container: Container,
    actor: Actor,
    proposal_id: UUID,
    referral_ids: Sequence[UUID] | None = None,
    *,
    address: str | None = None,
) -> list[ItemAdopted]:
    """Asks the providers of these items, by default of all that have a place; first first.

    However old the proposal is, each item is looked at again, and what can't be any more is told. An
    item is a commit of its own and is offered once, whoever repeats it: after a failure halfway the
    whole may be sent again. Raises NotAllowed, NotFound, Unavailable and InvalidInput (somebody who
    isn't in this proposal).
    """
    proposal = await get_proposal(container, actor, proposal_id, address)
    require(actor, Action.REFERRAL_WRITE, proposal.region_id, proposal.owner_id)
    known = {item.referral_id for item in proposal.items}
    for index, referral_id in enumerate(referral_ids or ()):
        if referral_id not in known:
            raise InvalidInput("Deze aanmelding staat niet in dit voorstel.", f"/items/{index}")
    chosen = [
        item
        for item in proposal.items
        if (item.together if referral_ids is None else item.referral_id in referral_ids)
    ]
    return [await _adopt(container, actor, proposal_id, item, address) for item in chosen]


async def _adopt(
    container: Container,
    actor: Actor,
    proposal_id: UUID,
    item: StoredItem,
    address: str | None,
) -> ItemAdopted:
    referral_id, place = item.referral_id, item.together
    if place is None:
        return ItemAdopted(referral_id, Adopted.GEEN_PLAATS)
    care_type = CareType(place.care_type)

    async def do(act: Act, case: Case) -> UUID:
        earlier = await stored.offer_of(act.work, proposal_id, referral_id)
        if earlier is not None:
            raise _NotNow(Adopted.GEVRAAGD, earlier)
        _check_waits(case)
        board = container.board.regions.get(RegionId(case.referral.region_id))
        if board is None:
            raise Unavailable
        await _check_care(board, act, case, care_type)
        not_again = await stored.not_again(act.work, [referral_id])
        if place.pool_id in not_again.get(referral_id, ()):
            raise _NotNow(Adopted.AL_GEWEIGERD)
        await _check_place(board, act, case, place.pool_id, care_type)
        round_ = Round([AskedPlace(pool_id=place.pool_id)], care_type)
        (row,) = await rounds.offered(container, act, case, round_)
        await stored.mark_adopted(act.work, proposal_id, referral_id, row.id, actor.id)
        return row.id

    try:
        done = await acting(
            container,
            actor,
            Action.REFERRAL_WRITE,
            referral_id,
            do,
            address=address,
            pools=(place.pool_id,),
        )
    except _NotNow as why:
        return ItemAdopted(referral_id, why.outcome, why.offer_id, why.failures)
    except NotFound:
        return ItemAdopted(referral_id, Adopted.NIET_MEER_VAN_U)
    except (Unavailable, OutcomeUnknown):
        raise
    except Problem:
        # The pool was closed, serves other care, or the board changed after it was looked at.
        return ItemAdopted(referral_id, Adopted.PAST_NIET_MEER)
    return ItemAdopted(referral_id, Adopted.GEVRAAGD, done.id)


def _check_waits(case: Case) -> None:
    """Raises _NotNow unless this one is still waiting, with nobody else at work on it."""
    if case.promised is not None or ReferralState(case.referral.state).ended:
        raise _NotNow(Adopted.WACHT_NIET_MEER)
    if case.open_offers:
        raise _NotNow(Adopted.AL_GEVRAAGD)
    if case.referral.state not in stored.WAITS_IN:
        raise _NotNow(Adopted.WACHT_NIET_MEER)
    if case.referral.needs_triage:
        raise _NotNow(Adopted.OPNIEUW_TRIEREN)
    if case.handover is not None:
        raise _NotNow(Adopted.OVERDRACHT_LOOPT)
    if case.claims:
        raise _NotNow(Adopted.PLEK_VASTGEHOUDEN)


async def _check_care(board: RegionBoard, act: Act, case: Case, care_type: CareType) -> None:
    """Raises _NotNow when triage wants other care by now, or an MFB isn't to be had."""
    around = await stored.besides(act.work, [case.id], act.now - BOARD_CHECK_COUNTS_FOR)
    if care_type not in wanted(case.referral, around[case.id]):
        raise _NotNow(Adopted.ANDERE_ZORG)
    again = checked_again(board, [case.referral], around, act.now)
    why = not_yet(care_type, again[case.id])
    if why is not None:
        raise _NotNow(Adopted(why))


async def _check_place(
    board: RegionBoard, act: Act, case: Case, pool_id: UUID, care_type: CareType
) -> None:
    """Raises _NotNow unless the place still fits, and is more than others are being asked for.

    The pool is locked, so of two who adopt at once the second sees what the first asked.
    """
    region_id = RegionId(case.referral.region_id)
    asked_for = await stored.asked_for(act.work, region_id)
    agreed = await stored.agreed(act.work, region_id)
    # From here on nothing is waited for, so that all of it is of one moment of the board.
    need = needs.matched(case.referral)
    candidate = pool_candidate(board, PoolId(pool_id), act.now)
    if candidate is None:
        raise _NotNow(Adopted.PAST_NIET_MEER)
    crossed = failures(need, care_type, candidate, act.now)
    if crossed:
        gone = all(one.criterion in _GONE for one in crossed)
        outcome = Adopted.PLAATS_WEG if gone else Adopted.PAST_NIET_MEER
        raise _NotNow(outcome, failures=[failure_json(one) for one in crossed])
    free = plans.free_places(board, need, care_type, pool_id, agreed, act.now)
    # What was promised a moment ago has left the locked row before the board tells of it.
    unheard = max(0, (candidate.balance or 0) - (act.places[pool_id].left or 0))
    if free - unheard <= asked_for.get(pool_id, 0):
        raise _NotNow(Adopted.PLAATS_WEG)
