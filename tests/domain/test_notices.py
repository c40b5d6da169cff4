"""Who hears of what, written out a second time, and the little that a notice may say."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args, get_type_hints
from uuid import UUID, uuid4

import pytest

from domain.alerts import AlertKind
from domain.care_types import CareType
from domain.cases import HandoverState
from domain.needs import Urgency
from domain.notices import (
    KIND_LABELS,
    TOLD_OF_ALERT,
    TOLD_OF_HANDOVER,
    TOLD_OF_STEP,
    NoticeData,
    NoticeKind,
    Told,
    is_urgent,
    told_of,
)
from domain.referrals import ReferralState, Step

#: What each step, hand-over and alert says to whom; those that aren't here say nothing to anybody.
#: `*`: about one offer; `**`: to a team that the referrer asked itself.
WRITTEN_OUT = """
filed               eigenaar:aanvraag verwijzer:status
needs-changed       gevraagden:aanvraag
asked               verwijzer:vraag
asked*              eigenaar:vraag
answered            eigenaar:vraag-beantwoord
answered*           aanbieder:vraag-beantwoord
triaged             verwijzer:status
offered             aanbieder:aanvraag
offer-accepted      eigenaar:antwoord aanbieder:antwoord verwijzer:status
offer-refused       eigenaar:antwoord aanbieder:antwoord
offer-refused**     eigenaar:antwoord aanbieder:antwoord verwijzer:status
offer-withdrawn     aanbieder:ingetrokken
offer-expired       aanbieder:verlopen eigenaar:verlopen
offer-expired**     aanbieder:verlopen eigenaar:verlopen verwijzer:status
counter-proposed    eigenaar:antwoord aanbieder:antwoord
counter-proposed**  eigenaar:antwoord aanbieder:antwoord verwijzer:status
counter-accepted    eigenaar:antwoord aanbieder:antwoord verwijzer:status
counter-declined    eigenaar:antwoord aanbieder:antwoord
counter-declined**  eigenaar:antwoord aanbieder:antwoord verwijzer:status
client-agreed       aanbieder:antwoord
client-declined     aanbieder:ingetrokken verwijzer:status
doctor-agreed       eigenaar:antwoord aanbieder:antwoord
doctor-declined     eigenaar:ingetrokken aanbieder:ingetrokken verwijzer:status
promise-released    eigenaar:ingetrokken aanbieder:ingetrokken verwijzer:status
appointed           eigenaar:antwoord aanbieder:antwoord
admitted            eigenaar:status aanbieder:status verwijzer:status
not-arrived         eigenaar:status aanbieder:status verwijzer:status
discharge-ready     eigenaar:status
discharged          eigenaar:status verwijzer:status
stay-kept           verwijzer:status
no-place            verwijzer:status
handover-accepted   verwijzer:status
withdrawn           eigenaar:ingetrokken verwijzer:status
died                verwijzer:status
closed              verwijzer:status
"""
TABLE = {
    step: {tuple(pair.split(":")) for pair in pairs}
    for step, *pairs in map(str.split, WRITTEN_OUT.strip().splitlines())
}


def written(told: Told) -> set[tuple[str, ...]]:
    """Hearers and kinds as texts."""
    return {(str(hearer), str(kind)) for hearer, kind in told}


def test_each_step_tells_whom_the_table_says_and_no_step_is_forgotten() -> None:
    assert set(TOLD_OF_STEP) == set(Step)
    for step in Step:
        of_referral = TABLE.get(step, set())
        assert written(told_of(step, of_offer=False)) == of_referral, step
        of_offer = TABLE.get(f"{step}*", of_referral)
        assert written(told_of(step, of_offer=True)) == of_offer, step
        direct = TABLE.get(f"{step}**", of_offer)
        assert written(told_of(step, of_offer=True, direct=True)) == direct, step


def test_a_handover_is_told_to_its_other_side_and_an_alert_to_who_has_the_referral_in_hand() -> (
    None
):
    assert {state: written(told) for state, told in TOLD_OF_HANDOVER.items()} == {
        HandoverState.AANGEBODEN: {("ontvanger", "overdracht")},
        HandoverState.GEACCEPTEERD: {("afzender", "overdracht-antwoord")},
        HandoverState.GEWEIGERD: {("afzender", "overdracht-antwoord")},
        HandoverState.INGETROKKEN: {("ontvanger", "ingetrokken")},
    }
    silent = {AlertKind.OVERDRACHT_GEWEIGERD, AlertKind.CAPACITEIT_ONBEVESTIGD}
    for kind in AlertKind:
        expected = set() if kind in silent else {("eigenaar", "alarm")}
        assert written(TOLD_OF_ALERT[kind]) == expected, kind


def test_every_kind_has_a_label() -> None:
    assert set(KIND_LABELS) == set(NoticeKind)


@pytest.mark.parametrize(
    ("kind", "urgency", "alert", "urgent"),
    [
        (NoticeKind.AANVRAAG, Urgency.ACUUT, None, True),
        (NoticeKind.AANVRAAG, Urgency.SPOED, None, False),
        (NoticeKind.STATUS, Urgency.ACUUT, None, False),
        (NoticeKind.ALARM, Urgency.SPOED, AlertKind.ACUUT_NIET_GEZIEN, True),
        (NoticeKind.ALARM, Urgency.ACUUT, AlertKind.ALLE_GEWEIGERD, True),
        (NoticeKind.ALARM, Urgency.SPOED, AlertKind.ALLE_GEWEIGERD, False),
        # Weeks later its referral is still called acuut.
        (NoticeKind.ALARM, Urgency.ACUUT, AlertKind.EVALUATIE, False),
        (NoticeKind.CAPACITEIT_OUD, None, None, False),
    ],
)
def test_only_what_cannot_wait_is_urgent(
    kind: NoticeKind, urgency: Urgency | None, alert: AlertKind | None, urgent: bool
) -> None:
    assert is_urgent(kind, urgency, alert) is urgent


def test_a_notice_has_no_room_for_anything_but_codes_moments_and_a_number() -> None:
    allowed = {CareType, Urgency, Step, ReferralState, AlertKind, HandoverState, datetime, UUID}
    types = get_type_hints(NoticeData)
    for one in fields(NoticeData):
        (held,) = set(get_args(types[one.name])) - {type(None)}
        assert held in allowed or one.name == "number", one.name
    for number in ("HONINGDROP", "2611-00012 mevrouw X", "079 555 19 37", ""):
        assert NoticeData(number=number) == NoticeData()


def test_that_somebody_died_or_refused_is_told_as_less() -> None:
    assert NoticeData(step=Step.DIED).step is Step.CLOSED
    assert NoticeData(step=Step.CLIENT_DECLINED).step is Step.OFFER_WITHDRAWN
    assert NoticeData(state=ReferralState.OVERLEDEN).state is ReferralState.AFGESLOTEN


def test_what_is_written_is_read_back_and_an_unknown_member_is_passed_over() -> None:
    full = NoticeData(
        number="2611-00012",
        care_type=CareType.GRZ,
        urgency=Urgency.ACUUT,
        step=Step.OFFERED,
        state=ReferralState.AANGEBODEN,
        alert=AlertKind.EVALUATIE,
        handover=HandoverState.AANGEBODEN,
        deadline_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        valid_until=datetime(2026, 11, 22, 13, tzinfo=UTC),
        endpoint_id=uuid4(),
    )
    assert set(full.to_json()) == {one.name for one in fields(NoticeData)}
    assert NoticeData.from_json({**full.to_json(), "later": "iets"}) == full
    assert NoticeData().to_json() == {}
