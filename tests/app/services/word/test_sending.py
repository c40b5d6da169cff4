"""What is due goes out, and what became of it is kept: with real receivers, on a turned clock."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from app.security.outbound import Outbound
from app.services.referrals import filing, triages
from app.services.referrals.triages import Triage
from app.services.word import endpoints, sending, spreading
from app.services.word.sending import Ways
from app.services.word.settings import set_setting
from app.word.signatures import new_secret
from domain.care_types import CareType
from domain.cases import TextKind
from domain.notices import NoticeKind
from domain.sending import AFTER
from domain.word_settings import Choice, WordSetting
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    actor_of,
    make_intake,
    offered,
    with_places,
)
from tests.factories.word import make_delivery, make_endpoint, ways
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.delivered import row, send_due
from tests.support.receiving import Receiver, mailbox, receiving, tls_of_receivers


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of webhooks."""
    async with receiving() as started:
        yield started


async def test_a_webhook_arrives_under_its_id_signed_with_every_secret_that_is_good(
    world: World, clock: Clock, database: Database, receiver: Receiver
) -> None:
    secret, previous = new_secret(), new_secret()
    endpoint_id = await make_endpoint(
        world,
        receiver.url("/haak"),
        secret=secret,
        previous=previous,
        previous_until=clock.now() + timedelta(hours=1),
    )
    first = await make_delivery(world, endpoint_id=endpoint_id)
    assert await send_due(world.container, ways()) == 1
    (got,) = receiver.got
    for known in (secret, previous):
        assert Webhook(known).verify(got.body, got.headers)["data"]["kind"] == "aanvraag"
    assert (got.id, got.headers["content-type"]) == (str(first), "application/json")
    assert await row(database, first) == ("verstuurd", 1, None)
    clock.turn(timedelta(hours=2))
    await make_delivery(world, endpoint_id=endpoint_id)
    await send_due(world.container, ways())
    assert receiver.got[1].headers["webhook-signature"].count("v1,") == 1


async def test_an_attempt_is_counted_and_the_next_put_off_before_anything_is_sent(
    world: World, clock: Clock, database: Database, receiver: Receiver
) -> None:
    delivery_id = await make_delivery(world, endpoint_id=await make_endpoint(world, receiver.url()))
    assert (
        len((await sending.take(world.container, (), webhooks=1, failing=0, mails=1)).webhooks) == 1
    )
    assert await row(database, delivery_id) == ("wacht", 1, None)
    assert await send_due(world.container, ways()) == 0
    clock.turn(sending.LEASE)
    assert await send_due(world.container, ways()) == 1
    assert await row(database, delivery_id) == ("verstuurd", 2, None)


async def test_a_receiver_that_fails_for_days_is_tried_ever_later_then_paused_and_told_of(
    world: World, clock: Clock, database: Database, receiver: Receiver
) -> None:
    statuses = [500, 404, 302, 400, 503, 502, 401, 429, 500]
    receiver.answer = lambda _: (statuses[len(receiver.got) - 1], {"location": "http://10.0.0.1/"})
    endpoint_id = await make_endpoint(world, receiver.url())
    delivery_id = await make_delivery(world, endpoint_id=endpoint_id)
    with capture_logs() as logs:
        for attempt, after in enumerate(AFTER, 1):
            assert await send_due(world.container, ways()) == 1
            assert await row(database, delivery_id) == (
                "wacht",
                attempt,
                f"http-{statuses[attempt - 1]}",
            )
            clock.turn(after - timedelta(seconds=1))
            assert await send_due(world.container, ways()) == 0
            clock.turn(after * 0.2 + timedelta(seconds=2))
        later = await make_delivery(world, endpoint_id=endpoint_id)
        clock.turn(timedelta(seconds=-1))
        await send_due(world.container, ways())
    assert await row(database, delivery_id) == ("dood", 9, "http-500")
    assert {got.id for got in receiver.got} == {str(delivery_id)}
    assert len({got.body for got in receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 9
    # What else waited is given up on with it, and its organisation hears of it.
    assert (await row(database, later))[0::2] == ("dood", "eindpunt-gepauzeerd")
    assert await paused(database, endpoint_id)
    told = await database.one("SELECT * FROM notice WHERE kind = 'eindpunt-gepauzeerd'")
    assert told["organisation_id"] == world.provider.organisation_id
    assert str(endpoint_id) in told["data"]
    assert [log["event"] for log in logs][-2:] == [
        "webhook not delivered",
        "webhook endpoint paused",
    ]
    assert receiver.url() not in str(logs)


async def test_one_that_takes_others_is_not_paused_for_what_it_never_took(
    world: World, clock: Clock, database: Database, receiver: Receiver
) -> None:
    endpoint_id = await make_endpoint(world, receiver.url())
    never = await make_delivery(world, endpoint_id=endpoint_id)
    receiver.answer = lambda got: (500 if got.id == str(never) else 200, {})
    for after in AFTER:
        await send_due(world.container, ways())
        clock.turn(after * 1.2)
    await make_delivery(world, endpoint_id=endpoint_id)
    clock.turn(timedelta(seconds=1))
    taken = await sending.take(world.container, (), webhooks=0, failing=2, mails=0)
    assert [due.id for due in taken.webhooks] == [never]
    await send_due(world.container, ways())
    await sending.send_webhook(world.container, ways().outbound, taken.webhooks[0])
    assert (await row(database, never))[0] == "dood"
    assert not await paused(database, endpoint_id)


async def test_one_that_is_gone_is_paused_at_once(
    world: World, database: Database, receiver: Receiver
) -> None:
    receiver.answer = lambda _: (410, {})
    endpoint_id = await make_endpoint(world, receiver.url())
    deliveries = [await make_delivery(world, endpoint_id=endpoint_id) for _ in range(3)]
    await send_due(world.container, ways())
    assert await paused(database, endpoint_id)
    errors = [(await row(database, one))[0::2] for one in deliveries]
    assert errors == [("dood", "http-410"), *[("dood", "eindpunt-gepauzeerd")] * 2]
    assert len(receiver.got) == 1
    # What an address says that it no longer has, says nothing of the new one.
    moved = await make_endpoint(world, receiver.url())
    old, new = [await make_delivery(world, endpoint_id=moved) for _ in range(2)]
    (due,) = (await sending.take(world.container, (), webhooks=1, failing=0, mails=0)).webhooks
    await database.all(
        "UPDATE webhook_endpoint SET url = $2 WHERE id = $1", moved, receiver.url("/nieuw")
    )
    await sending.send_webhook(world.container, ways().outbound, due)
    assert not await paused(database, moved)
    assert [(await row(database, one))[0] for one in (old, new)] == ["dood", "wacht"]


async def test_endpoints_that_fail_leave_room_for_the_others(
    world: World, clock: Clock, receiver: Receiver
) -> None:
    receiver.answer = lambda got: (500 if got.path == "/faalt" else 200, {})
    fails = [await make_endpoint(world, receiver.url("/faalt")) for _ in range(3)]
    for endpoint_id in fails:
        await make_delivery(world, endpoint_id=endpoint_id)
    await send_due(world.container, ways())
    clock.turn(timedelta(seconds=13))
    for endpoint_id in fails:
        await make_delivery(world, endpoint_id=endpoint_id)
    good = await make_endpoint(world, receiver.url())
    for _ in range(2):
        await make_delivery(world, endpoint_id=good)
    for _ in range(2):
        taken = await sending.take(world.container, (), webhooks=3, failing=1, mails=0)
        assert [due.failing for due in taken.webhooks] == [False, True]
        assert taken.webhooks[0].endpoint_id == good
        assert taken.webhooks[1].endpoint_id in fails
    taken = await sending.take(world.container, (), webhooks=3, failing=9, mails=0)
    assert {due.endpoint_id for due in taken.webhooks} <= set(fails)
    assert all(due.failing for due in taken.webhooks)


async def test_what_a_receiver_asks_and_where_nothing_may_go(
    world: World, clock: Clock, database: Database, receiver: Receiver
) -> None:
    receiver.answer = lambda _: (429, {"retry-after": "7200"})
    endpoint_id = await make_endpoint(world, receiver.url())
    asked = await make_delivery(world, endpoint_id=endpoint_id)
    await send_due(world.container, ways())
    clock.turn(timedelta(minutes=59))
    assert await send_due(world.container, ways()) == 0
    clock.turn(timedelta(minutes=2))
    guarded = Ways(Outbound((), tls_of_receivers()), None)
    assert await send_due(world.container, guarded) == 1
    assert await row(database, asked) == ("wacht", 2, "adres-geweigerd")
    assert len(receiver.got) == 1


async def paused(database: Database, endpoint_id: UUID) -> bool:
    """Whether an endpoint is paused, with a version that tells it from before."""
    found = await database.one(
        "SELECT state, version FROM webhook_endpoint WHERE id = $1", endpoint_id
    )
    assert found["version"] == (2 if found["state"] == "paused" else 1)
    return bool(found["state"] == "paused")


async def test_from_an_act_to_a_mailbox_and_an_endpoint_nothing_of_a_person_goes_along(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    container, coordinator = world.container, await actor_of(world)
    await with_places(world, 1)
    caplog.set_level("DEBUG")
    async with mailbox() as box:
        container.settings = container.settings.model_copy(
            update={
                "smtp_url": f"smtp://127.0.0.1:{box.port}",
                "mail_from": "toren@toren.example",
                "webhook_networks": "127.0.0.0/8",
            }
        )
        desk = await intake_desk(world)
        wants = WordSetting("intake@zorg.example", dict.fromkeys(NoticeKind, Choice.METEEN))
        await set_setting(container, desk, world.provider.organisation_id, wants, 0)
        await endpoints.create_endpoint(container, desk, endpoints.Endpoint(receiver.url()))
        with capture_logs() as logs:
            intake = make_intake()
            texts = {
                **dict.fromkeys(intake.texts, "HONINGDROP"),
                TextKind.CALLBACK: "079 555 19 37",
            }
            typed = replace(intake, texts=texts)
            filed = await filing.file(container, coordinator, typed)
            triage = Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG)
            await triages.triage(container, coordinator, filed.referral_id, triage)
            await offered(world, referral_id=filed.referral_id)
            assert await spreading.spread(container) > 0
            assert await send_due(container, Ways.of(container.settings, tls_of_receivers())) == 2
    sent = [
        str(box.mails[0]),
        box.mails[0].get_content(),
        str(receiver.got),
        str(logs),
        caplog.text,
    ]
    assert "Nieuwe aanvraag" in sent[1]
    assert '"care_type":"elv-laag"' in sent[2]
    for personal in ("HONINGDROP", "079 555 19 37", "vrouw", "birth_year", "pc4"):
        assert personal not in "".join(sent), personal
