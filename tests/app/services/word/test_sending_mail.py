"""Mail that is due goes out: at once or as a digest, to who still wants it, and again when it must."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.services import people
from app.services.word import sending
from domain.actors import Role
from tests.factories.people import make_person
from tests.factories.word import make_delivery, make_mailbox, ways
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.delivered import row, send_due
from tests.support.receiving import mailbox


async def test_mail_arrives_and_what_waits_for_a_digest_comes_in_one(
    world: World, clock: Clock, database: Database
) -> None:
    provider = await make_mailbox(world)
    coordinator = await make_mailbox(
        world, "post@coordinatie.example", world.coordinator.organisation_id
    )
    at_once = await make_delivery(world, setting_id=provider)
    together = [await make_delivery(world, setting_id=provider, digest=True) for _ in range(3)]
    other = await make_delivery(world, setting_id=coordinator, digest=True)
    # Whoever holds a mailbox takes all that waits for it, so that it isn't two mails.
    async with database.connect() as holder, holder.transaction():
        await holder.execute("SELECT FROM word_setting WHERE id = $1 FOR NO KEY UPDATE", provider)
        taken = await sending.take(world.container, (), webhooks=0, failing=0, mails=1)
        assert [mail.ids for mail in taken.mails] == [[at_once]]
        taken = await sending.take(world.container, (), webhooks=0, failing=0, mails=1)
        assert [mail.ids for mail in taken.mails] == [[other]]
    clock.turn(sending.LEASE)
    async with mailbox() as box:
        assert await send_due(world.container, ways(box.port)) == 3
    subjects = sorted((str(mail["to"]), str(mail["subject"])) for mail in box.mails)
    assert subjects == [
        ("intake@zorg.example", "Verkeerstoren: nieuwe aanvraag 2026-00123 (acuut)"),
        ("intake@zorg.example", "Verkeerstoren: overzicht van 3 meldingen"),
        ("post@coordinatie.example", "Verkeerstoren: nieuwe aanvraag 2026-00123 (acuut)"),
    ]
    for one in together:
        assert await row(database, one) == ("verstuurd", 1, None)
    for one in (at_once, other):
        assert await row(database, one) == ("verstuurd", 2, None)
    assert f"<{at_once}@toren.example>" in {mail["message-id"] for mail in box.mails}


async def test_mail_that_is_refused_for_good_is_not_tried_again_and_the_rest_is(
    world: World, clock: Clock, database: Database
) -> None:
    setting_id = await make_mailbox(world)
    async with mailbox() as box:
        box.refuse_recipient = "550 onbekend"
        unknown = await make_delivery(world, setting_id=setting_id)
        await send_due(world.container, ways(box.port))
        assert await row(database, unknown) == ("dood", 1, "smtp-550")
        box.refuse_recipient = "451 later"
        later = await make_delivery(world, setting_id=setting_id)
        await send_due(world.container, ways(box.port))
        assert await row(database, later) == ("wacht", 1, "smtp-451")
        box.refuse_recipient = None
        clock.turn(timedelta(seconds=12))
        await send_due(world.container, ways(box.port))
        assert await row(database, later) == ("verstuurd", 2, None)
    away = await make_delivery(world, setting_id=setting_id)
    # Somebody sends it again, which counts from nought, while an attempt is under way.
    taken = await sending.take(world.container, (), webhooks=0, failing=0, mails=1)
    await database.all("UPDATE delivery SET attempts = 0, next_at = $1", clock.now())
    await sending.send_mail(world.container, ways(box.port).mail_server, taken.mails[0])
    assert await row(database, away) == ("wacht", 0, "mailserver-weg")
    clock.turn(timedelta(seconds=75))
    for _ in range(12):  # more often than any schedule is long
        await send_due(world.container, ways(box.port))
        clock.turn(timedelta(seconds=75))
    assert await row(database, away) == ("wacht", 0, "mailserver-weg")


async def test_a_digest_that_is_sent_again_is_the_same_mail(
    world: World, clock: Clock, database: Database
) -> None:
    setting_id = await make_mailbox(world)

    async def two_more() -> list[UUID]:
        made = [await make_delivery(world, setting_id=setting_id, digest=True) for _ in range(2)]
        return sorted(made)

    async with mailbox() as box:
        server = ways(box.port).mail_server

        async def sent(refusal: str | None = None) -> Sequence[UUID]:
            box.refuse_recipient = refusal
            taken = await sending.take(world.container, (), webhooks=0, failing=0, mails=9)
            (mail,) = taken.mails
            await sending.send_mail(world.container, server, mail)
            return mail.ids

        first = await two_more()
        assert await sent("451 later") == first
        more = await two_more()
        assert await sent("451 later") == more
        clock.turn(timedelta(seconds=13))
        new = await two_more()
        assert {tuple(await sent()) for _ in range(3)} == set(map(tuple, (first, more, new)))
    assert len({mail["message-id"] for mail in box.mails}) == len(box.mails) == 3


async def test_mail_that_has_nowhere_to_go_lapses_or_dies_with_a_reason(
    world: World, database: Database
) -> None:
    provider = await make_mailbox(world, None)
    gone = await make_delivery(world, setting_id=provider)
    wrong_id = await make_mailbox(world, "a,b@zorg.example", world.other.organisation_id)
    wrong = await make_delivery(world, setting_id=wrong_id)
    async with mailbox() as box:
        await send_due(world.container, ways(box.port))
    assert box.mails == []
    no_server = await make_delivery(
        world,
        setting_id=await make_mailbox(world, "a@b.example", world.coordinator.organisation_id),
    )
    await send_due(world.container, ways())
    left = await make_person(world.container, Role.COORDINATOR, world.coordinator.organisation_id)
    own = await make_mailbox(
        world, "eigen@zorg.example", world.coordinator.organisation_id, left.id
    )
    theirs = [await make_delivery(world, setting_id=own, digest=digest) for digest in (True, False)]
    elsewhere = people.NewMembership(world.other.organisation_id, Role.COORDINATOR)
    await people.set_memberships(world.container, None, left.id, [elsewhere])
    async with mailbox() as box:
        await send_due(world.container, ways(box.port))
    assert box.mails == []
    found = [(await row(database, one))[0::2] for one in (gone, wrong, no_server, *theirs)]
    assert found == [
        ("vervallen", "geen-adres"),
        ("dood", "onbruikbaar-adres"),
        ("vervallen", "geen-mailserver"),
        *[("vervallen", "geen-adres")] * 2,
    ]
