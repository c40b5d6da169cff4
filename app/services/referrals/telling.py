"""What an act tells whom: kept while it goes on, made into notices from the rows as it leaves them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from app.db.cases import Case
from app.db.tables import HandoverRow, OfferRow
from domain.alerts import AlertKind
from domain.care_types import CareType
from domain.cases import HandoverState
from domain.needs import Urgency
from domain.notices import (
    TOLD_OF_ALERT,
    TOLD_OF_HANDOVER,
    Hearer,
    Notice,
    NoticeData,
    NoticeKind,
    Told,
    is_urgent,
    told_of,
)
from domain.referrals import ReferralState, Step


@dataclass(frozen=True, slots=True)
class _About:
    """What somebody is told of. One organisation hears of the same thing once: of how it was last."""

    region_id: int
    organisation_id: UUID
    kind: NoticeKind
    referral_id: UUID
    offer_id: UUID | None
    handover_id: UUID | None
    alert: AlertKind | None


@dataclass(frozen=True, slots=True)
class _Telling:
    hearer: Hearer
    case: Case
    offer: OfferRow | None
    step: Step | None
    handover: HandoverState | None
    afterwards: bool


@dataclass(slots=True)
class Tellings:
    """Of one act. `by`: the organisation that acts, which is told nothing; None: a clock."""

    by: UUID | None
    _told: dict[_About, _Telling] = field(default_factory=dict)

    def of_step(self, case: Case, step: Step, offer: OfferRow | None, *, afterwards: bool) -> None:
        """A step was taken. afterwards: long after it happened, so it wakes nobody."""
        told = told_of(step, of_offer=offer is not None, direct=offer in case.direct)
        self._add(told, case, offer=offer, step=step, afterwards=afterwards)

    def of_alert(self, case: Case, alert: AlertKind, offer: OfferRow | None) -> None:
        """An alert was raised."""
        self._add(TOLD_OF_ALERT[alert], case, offer=offer, alert=alert)

    def of_handover(self, case: Case, handover: HandoverRow) -> None:
        """A hand-over was offered, answered or withdrawn."""
        told = TOLD_OF_HANDOVER[HandoverState(handover.state)]
        self._add(told, case, handover=handover)

    def notices(self) -> Iterator[Notice]:
        """What was told, by the rows as they are now."""
        for about, telling in self._told.items():
            referral = telling.case.referral
            offer, is_referrer = telling.offer, telling.hearer is Hearer.VERWIJZER
            care_type = offer.care_type if offer else None
            care_type = care_type or referral.care_type_triaged or referral.care_type_asked
            urgency = Urgency(referral.urgency)
            asked = about.kind is NoticeKind.AANVRAAG
            answer_by = offer.deadline_at if offer else referral.triage_by
            yield Notice(
                region_id=about.region_id,
                organisation_id=about.organisation_id,
                kind=about.kind,
                urgent=not telling.afterwards and is_urgent(about.kind, urgency, about.alert),
                data=NoticeData(
                    number=referral.number,
                    care_type=CareType(care_type) if care_type else None,
                    urgency=urgency,
                    step=None if is_referrer else telling.step,
                    state=ReferralState(referral.state) if is_referrer else None,
                    alert=about.alert,
                    handover=telling.handover,
                    deadline_at=answer_by if asked else None,
                ),
                referral_id=about.referral_id
                if telling.hearer in (Hearer.EIGENAAR, Hearer.VERWIJZER)
                else None,
                offer_id=about.offer_id,
                handover_id=about.handover_id,
            )

    def _add(
        self,
        told: Told,
        case: Case,
        *,
        offer: OfferRow | None = None,
        handover: HandoverRow | None = None,
        alert: AlertKind | None = None,
        step: Step | None = None,
        afterwards: bool = False,
    ) -> None:
        for hearer, kind in told:
            for organisation_id, region_id, about in _who(hearer, case, offer, handover):
                if organisation_id is None or organisation_id == self.by:
                    continue
                key = _About(
                    region_id=region_id,
                    organisation_id=organisation_id,
                    kind=kind,
                    referral_id=case.id,
                    offer_id=about.id if about else None,
                    handover_id=handover.id if handover else None,
                    alert=alert,
                )
                self._told[key] = _Telling(
                    hearer,
                    case,
                    about,
                    step,
                    HandoverState(handover.state) if handover else None,
                    afterwards,
                )


def _who(
    hearer: Hearer, case: Case, offer: OfferRow | None, handover: HandoverRow | None
) -> Iterable[tuple[UUID | None, int, OfferRow | None]]:
    """Organisations with the region and the offer that they hear in and of."""
    referral = case.referral
    match hearer:
        case Hearer.AANBIEDER:
            return [(offer.provider_id, offer.region_id, offer)] if offer else []
        case Hearer.GEVRAAGDEN:
            return [(one.provider_id, one.region_id, one) for one in case.open_offers]
        case Hearer.EIGENAAR:
            return [(referral.owner_id, referral.region_id, offer)]
        case Hearer.VERWIJZER:
            return [(referral.requested_by_id, referral.region_id, None)]
        case Hearer.AFZENDER:
            assert handover is not None
            return [(handover.from_id, handover.from_region_id, None)]
        case Hearer.ONTVANGER:
            assert handover is not None
            return [(handover.to_id, handover.to_region_id, None)]
