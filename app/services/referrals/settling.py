"""What follows from a case as an act leaves it: the next action, what the watchdog says, who hears."""

from datetime import datetime

from app.db.cases import Case
from app.services.referrals.act import Act
from domain.alerts import BY_THE_CLOCK, OF_A_ROUND, AlertKind, Watched, watch
from domain.events import Kind
from domain.needs import Urgency
from domain.next_actions import Outstanding, next_of
from domain.offers import OfferState
from domain.referrals import ReferralState, Step

S = ReferralState


def settle(act: Act, case: Case) -> None:
    """What follows from the rows as the act leaves them: the next action, the alerts, who hears."""
    referral, state = case.referral, ReferralState(case.referral.state)
    if state.ended:
        act.clear_alerts(case, AlertKind)
        referral.watch_at = referral.call_back_at = referral.review_at = None
        referral.next_targets = None
    elif state not in (S.GETRIEERD, S.TIJDELIJK_GEPLAATST):
        act.clear_alerts(case, OF_A_ROUND)
    promised = case.promised
    # Of a promise, else of the other proposals.
    open_answers = [promised] if promised is not None else case.open_offers
    answered = [offer.answered_at for offer in open_answers if offer.answered_at is not None]
    seen = watch(
        Watched(
            state=state,
            urgency=Urgency(referral.urgency),
            filed_at=referral.filed_at,
            unhandled_since=_unhandled_since(case),
            needs_triage=referral.needs_triage,
            triage_by=referral.triage_by,
            target_at=referral.target_at,
            call_back_at=referral.call_back_at,
            admission_at=promised.admission_at if promised else None,
            promised_at=promised.promised_at if promised else None,
            answered_at=min(answered, default=None),
            review_at=referral.review_at,
        ),
        act.now,
        act.norms,
    )
    for kind in BY_THE_CLOCK:
        if kind in seen.alerts and act.raise_alert(case, kind) and act.actor is None:
            act.step(case, Step.ALERTED, reason=kind)
    act.clear_alerts(case, BY_THE_CLOCK - seen.alerts)
    referral.watch_at = seen.look_again_at
    _set_next(act, case)
    act.work.touch(Kind.REFERRAL, referral.id, referral.region_id, referral.owner_id)
    act.work.touch(Kind.REFERRAL_STATUS, referral.id, referral.region_id, referral.requested_by_id)


def _unhandled_since(case: Case) -> datetime | None:
    """Since when somebody should have it in hand; None: somebody has, or a team that was asked
    straight away is to answer first."""
    referral = case.referral
    asked = case.direct
    if referral.handler_id is not None or any(OfferState(row.state).is_open for row in asked):
        return None
    ended = [row.ended_at for row in asked if row.ended_at is not None]
    return max([referral.handler_since, *ended]) if referral.handler_since else None


def _set_next(act: Act, case: Case) -> None:
    referral, promised = case.referral, case.promised
    raised = {AlertKind(alert.kind) for alert in case.alerts}
    deadlines = [o.deadline_at for o in case.open_offers if o.state == OfferState.GEVRAAGD]
    found = next_of(
        Outstanding(
            state=ReferralState(referral.state),
            triaged=referral.triaged,
            needs_triage=referral.needs_triage,
            offered_before=bool(case.offers),
            deadline=min(deadlines, default=None) or referral.target_at,
            unseen=AlertKind.ACUUT_NIET_GEZIEN in raised,
            counter_to_referrer=any(
                offer.state == OfferState.TEGENVOORSTEL for offer in case.direct
            ),
            question_open=any(question.offer_id for question in case.questions),
            handover_open=case.handover is not None,
            appointment=promised is not None and bool(promised.appointment),
            admission_at=promised.admission_at if promised else None,
            overdue_admission=AlertKind.NIET_AANGEKOMEN in raised,
            triage_by=referral.triage_by,
            review_at=referral.review_at,
        )
    )
    waits_on = found.waits_on if found else None
    if waits_on != referral.waits_on:
        referral.waits_since = act.now
    referral.next_action = found.action if found else None
    referral.next_at = found.at if found else None
    referral.waits_on = waits_on
