"""Mail that says that something happened and where to look."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import uuid4

import pytest

from app.word.mails import mail_of
from app.word.texts import (
    ALERT_TEXTS,
    HANDOVER_TEXTS,
    KIND_TEXTS,
    STATE_TEXTS,
    STEP_TEXTS,
    what_happened,
)
from domain.alerts import AlertKind
from domain.cases import HandoverState
from domain.notices import (
    _TOLD_OF_OFFER_STEP,
    TOLD_OF_STEP,
    NoticeData,
    NoticeKind,
)
from domain.referrals import ReferralState
from tests.factories.word import OFFERED, mail_due, notice

BASE = "https://toren.example"
NOW = datetime(2026, 11, 22, 12, 6, tzinfo=UTC)


def read(*notices: object, digest: bool = False) -> EmailMessage:
    """A mail as a reader's program gets it."""
    due = mail_due(notices, digest=digest)  # type: ignore[arg-type]  # what a mail reads of them
    sent = mail_of(due, "intake@zorg.example", "toren@toren.example", BASE, NOW).as_bytes()
    assert sent.isascii()
    mail = message_from_bytes(sent, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_mail_says_what_of_which_kind_and_until_when_in_dutch_and_in_amsterdam() -> None:
    mail = read(notice())
    assert mail["subject"] == "Verkeerstoren: nieuwe aanvraag 2026-00123 (acuut)"
    what = "Nieuwe aanvraag 2026-00123 (acuut), eerstelijnsverblijf laag complex"
    assert mail.get_content().splitlines()[:5] == [
        f"{what}, antwoord vóór zondag 22 november 13:35.",
        "",
        "Gemeld zondag 22 november 13:05.",
        "",
        "Bekijk het in Verkeerstoren: https://toren.example/meldingen",
    ]
    assert mail.get_content_type() == "text/plain"


def test_its_headers_are_those_of_a_machine_that_wants_no_answer() -> None:
    urgent = read(notice())
    assert urgent["from"] == "Verkeerstoren <toren@toren.example>"
    assert urgent["to"] == "intake@zorg.example"
    assert urgent["auto-submitted"] == "auto-generated"
    assert urgent["importance"] == "high"
    assert read(notice(urgent=False))["importance"] is None
    assert urgent["date"].datetime == NOW


def test_the_same_deliveries_have_the_same_message_id_and_others_another() -> None:
    due = mail_due([notice(), notice()], digest=True)
    one = replace(due, ids=due.ids[:1], notices=due.notices[:1])
    other = replace(due, ids=[due.ids[0], mail_due([notice()]).ids[0]])
    ids = [
        mail_of(each, "a@b.nl", "toren@toren.example", BASE, NOW)["message-id"]
        for each in (due, replace(due), one, other)
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert ids[2] == f"<{due.ids[0]}@toren.example>"


def test_a_digest_is_a_line_for_each() -> None:
    stale = notice(NoticeKind.CAPACITEIT_OUD, NoticeData(alert=AlertKind.CAPACITEIT_ONBEVESTIGD))
    mail = read(notice(), stale, digest=True)
    assert mail["subject"] == "Verkeerstoren: overzicht van 2 meldingen"
    what = "nieuwe aanvraag 2026-00123 (acuut), eerstelijnsverblijf laag complex"
    assert mail.get_content().splitlines()[:2] == [
        f"- zondag 22 november 13:05: {what}, antwoord vóór zondag 22 november 13:35",
        "- zondag 22 november 13:05: cijfers zijn niet meer bevestigd",
    ]
    assert read(stale)["subject"] == "Verkeerstoren: cijfers zijn niet meer bevestigd"
    assert f"{BASE}/mijn-capaciteit" in read(stale).get_content()
    referral_id = uuid4()
    followed = NoticeData(state=ReferralState.GEACCEPTEERD)
    mail = read(notice(NoticeKind.STATUS, followed, referral_id=referral_id))
    assert f"{BASE}/mijn-aanmeldingen/{referral_id}" in mail.get_content()


@pytest.mark.parametrize("address", ["a@b.nl\r\nBcc: c@d.nl", "a@b.nl, c@d.nl", "geen adres"])
def test_nothing_but_one_address_gets_into_a_header(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        mail_of(mail_due([notice()]), address, "toren@toren.example", BASE, NOW)


def test_everything_that_can_be_told_has_words() -> None:
    told = {
        step for step, hearers in (*TOLD_OF_STEP.items(), *_TOLD_OF_OFFER_STEP.items()) if hearers
    }
    as_told = {NoticeData(step=step).step for step in told}
    assert as_told <= set(STEP_TEXTS)
    assert set(STATE_TEXTS) == set(ReferralState)
    assert set(ALERT_TEXTS) == set(AlertKind)
    assert set(HANDOVER_TEXTS) == set(HandoverState)
    assert set(KIND_TEXTS) == set(NoticeKind)
    assert what_happened(NoticeKind.STATUS, NoticeData()) == "nieuws over een aanmelding"
    assert what_happened(NoticeKind.AANVRAAG, OFFERED) == "nieuwe aanvraag"
    followed = NoticeData(state=ReferralState.OVERLEDEN)
    assert what_happened(NoticeKind.STATUS, followed) == "aanmelding afgesloten"
