"""An act on a case under way: what it records, says, ends and tells; `settling.py` does the rest."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.cases import Case
from app.db.ids import id_in_order
from app.db.tables import AlertRow, ClaimRow, HandoverRow, OfferRow
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import places
from app.services.referrals.places import Places
from app.services.referrals.telling import Tellings
from domain import referrals as rules
from domain.actors import Actor
from domain.alerts import AlertKind
from domain.cases import TextKind
from domain.events import Kind
from domain.norms import Norms
from domain.offers import Awaiting, ClaimState, Ending, OfferState
from domain.referrals import OfferStanding, ReferralState, Step

S = ReferralState


@dataclass(slots=True)
class Act:
    """An act under way. `actor` None: a clock did it. happened_at: what it tells of, by default now.

    posted: what the board tells of pools, where that was asked for several acts at once.
    """

    work: UnitOfWork
    actor: Actor | None
    norms: Norms
    norms_version: int
    address: str | None = None
    happened_at: datetime | None = None
    places: dict[UUID, Places] = field(default_factory=dict)
    posted: Mapping[UUID, dict[str, object] | None] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    begun: set[UUID] = field(default_factory=set)
    told: Tellings = field(init=False)

    def __post_init__(self) -> None:
        self.told = Tellings(self.actor.organisation_id if self.actor else None)

    @property
    def now(self) -> datetime:
        """The moment of the act, one for all of it."""
        return self.work.now

    @property
    def at(self) -> datetime:
        """When what is recorded happened."""
        return self.happened_at or self.work.now

    @property
    def by(self) -> UUID | None:
        """Who does it; None: a clock."""
        return self.actor.id if self.actor else None

    @property
    def person(self) -> Actor:
        """Who does it, where no clock can."""
        assert self.actor is not None
        return self.actor

    def step(
        self,
        case: Case,
        step: Step,
        *,
        offer: OfferRow | None = None,
        to: ReferralState | None = None,
        reason: str | None = None,
        data: Mapping[str, Any] | None = None,
        text: tuple[TextKind, str | None] | None = None,
        told: bool = True,
    ) -> UUID:
        """Records a step and moves the referral: to a state, or to where its offers bring it.

        told: False: it is nothing that anybody has to hear of. Raises WrongState when the referral's
        state doesn't allow it. Answers with the step's id.
        """
        referral = case.referral
        before = ReferralState(referral.state)
        rules.check_step(step, before)
        after = to or self._resting(case, before)
        rules.check_led(step, before, after)
        self._begin(case)
        referral.state = after
        if offer is not None:
            self.touch_offer(offer)
        if told:
            self.told.of_step(case, step, offer, afterwards=self.happened_at is not None)
        step_id = id_in_order(self.now, len(self.steps))
        self.steps.append(
            {
                "id": step_id,
                "referral_id": referral.id,
                "offer_id": offer.id if offer else None,
                "step": step,
                "before": before,
                "after": after,
                "version": referral.version,
                "happened_at": self.at,
                "recorded_at": self.now,
                "actor_id": self.by,
                "actor_name": self.actor.name if self.actor else None,
                "role": self.actor.role if self.actor else "system",
                "organisation_id": self.actor.organisation_id if self.actor else None,
                "reason": reason,
                "data": dict(data) if data else None,
            }
        )
        if text is not None:
            self.say(case, text[0], text[1], step_id)
        return step_id

    def say(
        self, case: Case, kind: TextKind, text: str | None, about_id: UUID | None = None
    ) -> None:
        """Keeps what was typed, in the one place for it; nothing typed is nothing kept."""
        if text is None or not text.strip():
            return
        self.texts.append(
            {
                "id": uuid.uuid4(),
                "referral_id": case.id,
                "kind": kind,
                "about_id": about_id,
                "text": text.strip(),
                "at": self.at,
                "by": self.by,
            }
        )

    def touch_offer(self, offer: OfferRow) -> None:
        """The offer's provider hears that it changed."""
        offer.version += 1
        self.work.touch(Kind.OFFER, offer.id, offer.region_id, offer.provider_id)

    def touch_handover(self, case: Case, handover: HandoverRow) -> None:
        """The coordination point that it is offered to hears of it, in its own region."""
        self.told.of_handover(case, handover)
        handover.version += 1
        self.work.session.add(handover)
        self.work.touch(Kind.HANDOVER, handover.id, handover.to_region_id, handover.to_id)

    def raise_alert(
        self,
        case: Case,
        kind: AlertKind,
        *,
        offer: OfferRow | None = None,
        data: dict[str, Any] | None = None,
    ) -> bool:
        """Tells the coordination point once; False when it was told already and that still stands."""
        offer_id = offer.id if offer else None
        if any(alert.kind == kind and alert.offer_id == offer_id for alert in case.alerts):
            return False
        referral = case.referral
        alert = AlertRow(
            id=uuid.uuid4(),
            region_id=referral.region_id,
            owner_id=referral.owner_id,
            referral_id=referral.id,
            offer_id=offer_id,
            kind=kind,
            data=data,
            raised_at=self.now,
        )
        self.work.session.add(alert)
        case.alerts.append(alert)
        self.told.of_alert(case, kind, offer)
        return True

    def clear_alerts(
        self, case: Case, kinds: Iterable[AlertKind], offer: OfferRow | None = None
    ) -> None:
        """These hold no longer; with an offer only those about it."""
        wanted = set(kinds)
        for alert in [a for a in case.alerts if AlertKind(a.kind) in wanted]:
            if offer is None or alert.offer_id == offer.id:
                alert.cleared_at = self.now
                self.work.session.add(alert)
                case.alerts.remove(alert)

    async def lock_places(self, pool_ids: Iterable[UUID]) -> None:
        """Locks pools, all that the act needs at once, so that they are taken in order of id."""
        assert not self.places, "all pools of an act are locked together"
        self.places = await places.lock_places(self.work, pool_ids)

    def end_offer(
        self,
        case: Case,
        offer: OfferRow,
        state: OfferState,
        ending: Ending,
        step: Step | None = None,
        to: ReferralState | None = None,
    ) -> None:
        """Ends an open offer, giving back the place if it was promised. Its pool is locked then."""
        if offer.state == OfferState.TOEGEZEGD and offer.pool_id is not None:
            assert offer.promised_at is not None
            places.unpromise(self.work, self.places[offer.pool_id], offer.bed_id, offer.promised_at)
        offer.state, offer.ending, offer.ended_at = state, ending, self.now
        offer.awaiting = None
        self.clear_alerts(case, {AlertKind.ACUUT_NIET_GEZIEN}, offer)
        for question in [q for q in case.questions if q.offer_id == offer.id]:
            question.answered_at = self.now
            self.work.session.add(question)
            case.questions.remove(question)
        if step is not None:
            self.step(case, step, offer=offer, reason=ending, to=to)
        else:
            # It ends with all that was going on for its referral, which one step records.
            self.touch_offer(offer)
            self.told.of_step(
                case, Step.OFFER_WITHDRAWN, offer, afterwards=self.happened_at is not None
            )

    def end_claims(self, case: Case, state: ClaimState = ClaimState.RELEASED) -> None:
        """Lets go of what is held for the referral; the pools are locked."""
        for claim in list(case.claims):
            self.end_claim(case, claim, state)

    def end_claim(self, case: Case, claim: ClaimRow, state: ClaimState) -> None:
        """Ends one claim; what is used by a promise has gone over into that."""
        if state is not ClaimState.USED:
            places.unhold(self.work, self.places[claim.pool_id], claim.bed_id)
        claim.state, claim.ended_at = state, self.now
        self.work.session.add(claim)
        case.claims.remove(claim)

    def _begin(self, case: Case) -> None:
        if case.id not in self.begun:
            self.begun.add(case.id)
            case.referral.version += 1

    def _resting(self, case: Case, before: ReferralState) -> ReferralState:
        """Where a referral is by its offers, once a coordination point has triaged it."""
        by_offers = before in rules.BY_OFFERS or before is S.GEEN_PLEK
        if not by_offers:
            return before
        after = rules.standing(
            [
                OfferStanding(
                    OfferState(offer.state), Awaiting(offer.awaiting) if offer.awaiting else None
                )
                for offer in case.offers
            ],
            temporary=case.stay is not None and case.stay.temporary,
        )
        resting = after in (S.GETRIEERD, S.TIJDELIJK_GEPLAATST)
        # Once more in vain doesn't take anybody off the register.
        return S.GEEN_PLEK if resting and case.referral.no_place_since is not None else after
