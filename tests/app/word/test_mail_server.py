"""Mail is handed over to a real server, in each of the ways to reach one; what goes wrong is told apart."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from app.settings import Settings
from app.word.mail_server import MailRefused, MailServer, MailUnknown, ServerAway
from app.word.mails import mail_of
from tests.factories.word import HAPPENED_AT, mail_due, notice
from tests.support.receiving import Mailbox, mailbox, tls_of_receivers

TO = "intake@zorg.example"


def server(box: Mailbox, scheme: str = "smtp", sign_in: str = "") -> MailServer:
    """How the mailbox is reached, by settings."""
    host = "127.0.0.1" if scheme == "smtp" else "localhost"
    settings = Settings(
        smtp_url=f"{scheme}://{sign_in}{host}:{box.port}",
        mail_from="toren@toren.example",
        base_url="https://toren.example",
        var=Path("nowhere"),
    )
    found = MailServer.of(settings, tls_of_receivers())
    assert found is not None
    return found


def mail() -> EmailMessage:
    """Some mail."""
    return mail_of(
        mail_due([notice()]), TO, "toren@toren.example", "https://t.example", HAPPENED_AT
    )


def test_without_a_mail_server_there_is_none() -> None:
    assert MailServer.of(Settings(smtp_url="", mail_from="", var=Path("nowhere"))) is None


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls", "smtps"])
async def test_a_mail_arrives_encrypted_and_signed_in_where_the_settings_say_so(
    scheme: str,
) -> None:
    sign_in = "" if scheme == "smtp" else "toren:goed%20p%40ssword@"
    async with mailbox(scheme) as box:
        await server(box, scheme, sign_in).send(mail(), TO)
    (got,) = box.mails
    assert got["subject"] == "Verkeerstoren: nieuwe aanvraag 2026-00123 (acuut)"
    assert "vóór" in got.get_content()
    assert (box.envelopes[0].mail_from, box.envelopes[0].rcpt_tos) == ("toren@toren.example", [TO])
    assert box.encrypted == [scheme != "smtp"]
    assert box.signed_in == ([] if scheme == "smtp" else ["toren"])


async def test_trouble_of_the_server_says_nothing_about_the_mail() -> None:
    async with mailbox() as box:
        pass
    with pytest.raises(ServerAway, match="mailserver-weg"):
        await server(box).send(mail(), TO)
    async with mailbox("smtps") as box:
        with pytest.raises(ServerAway):
            await server(box, "smtps", "toren:fout@").send(mail(), TO)
    async with mailbox("smtp") as box:
        # It offers no encryption, and without it nothing is said to it.
        with pytest.raises(ServerAway):
            await server(box, "smtp+starttls", "toren:goed%20p%40ssword@").send(mail(), TO)
        assert (box.mails, box.signed_in) == ([], [])


async def test_what_the_server_refuses_is_for_good_or_for_now() -> None:
    async with mailbox() as box:
        for attribute in ("refuse_recipient", "refuse_message"):
            for answer, permanent in (("550 nee", True), ("451 later", False)):
                setattr(box, attribute, answer)
                with pytest.raises(MailRefused, match=f"smtp-{answer[:3]}") as refused:
                    await server(box).send(mail(), TO)
                assert refused.value.permanent is permanent
                setattr(box, attribute, None)
        assert box.mails == []


async def test_of_a_server_that_hangs_with_the_mail_nobody_knows() -> None:
    async with mailbox() as box:
        box.hangs = True
        hanging = server(box)
        with pytest.raises(MailUnknown, match="afgebroken"):
            await MailServer(
                **{name: getattr(hanging, name) for name in MailServer.__slots__} | {"seconds": 0.2}
            ).send(mail(), TO)
