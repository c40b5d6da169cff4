"""The sending loop: nobody waits for one that hangs, nothing goes out twice, and it outlives failures."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.container import Container, running
from app.services.word import sending
from app.services.word.sending import Ways
from app.settings import Settings
from app.word.signatures import signed_headers
from domain.errors import Unavailable
from tests.factories.word import make_delivery, make_endpoint, make_mailbox, ways
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.receiving import mailbox, receiving
from workers import sending as sending_loop
from workers.sending import send_forever


@asynccontextmanager
async def at_work(*containers: Container, to: Ways) -> AsyncIterator[None]:
    """Loops that send, one for each container."""
    loops = [asyncio.create_task(send_forever(one, 0.02, to)) for one in containers]
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        ended = await asyncio.gather(*loops, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended)


async def until(database: Database, state: str, count: int) -> None:
    """Waits until so many deliveries are in a state."""
    query = "SELECT count(*) FROM delivery WHERE state = $1"
    async with asyncio.timeout(10):
        while await database.value(query, state) < count:
            await asyncio.sleep(0.01)


async def test_one_that_hangs_holds_up_nobody_and_gets_few_at_a_time(
    world: World, database: Database
) -> None:
    async with receiving(lambda _: None) as hanging, receiving() as quick:
        slow = await make_endpoint(world, hanging.url())
        for _ in range(6):
            await make_delivery(world, endpoint_id=slow)
        other = await make_endpoint(world, quick.url())
        for _ in range(6):
            await make_delivery(world, endpoint_id=other)
        async with at_work(world.container, to=ways()):
            await quick.until(6)
            await until(database, "verstuurd", 6)
            assert hanging.open == 2
        assert (len(hanging.got), quick.most_open <= 2) == (2, True)
    # Whoever looks a minute later sends them again.
    waiting = await database.all("SELECT attempts FROM delivery WHERE state = 'wacht' ORDER BY 1")
    assert [row["attempts"] for row in waiting] == [0, 0, 0, 0, 1, 1]


async def test_however_many_fail_and_hang_the_others_have_their_room(
    world: World, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_MOST_WEBHOOKS", "_MOST_TO_FAILING"):
        monkeypatch.setattr(sending_loop, name, 2)
    async with receiving(lambda _: (500, {})) as failing, receiving() as quick:
        for _ in range(4):
            endpoint_id = await make_endpoint(world, failing.url())
            for _ in range(2):
                await make_delivery(world, endpoint_id=endpoint_id)
        async with at_work(world.container, to=ways()):
            await failing.until(8)
            # From now on they don't even answer.
            failing.answer = lambda _: None
            clock.turn(timedelta(seconds=13))
            await failing.until(10)
            await make_delivery(world, endpoint_id=await make_endpoint(world, quick.url()))
            await until(database, "verstuurd", 1)
            assert (failing.open, len(quick.got)) == (2, 1)


async def test_two_workers_send_each_delivery_once(
    world: World, settings: Settings, clock: Clock, database: Database
) -> None:
    mailboxes = [
        await make_mailbox(world),
        await make_mailbox(world, "b@zorg.example", world.other.organisation_id),
    ]
    async with receiving() as receiver, mailbox() as box:
        endpoints = [await make_endpoint(world, receiver.url(f"/{n}")) for n in range(3)]
        for n in range(30):
            await make_delivery(world, endpoint_id=endpoints[n % 3])
            await make_delivery(world, setting_id=mailboxes[n % 2], digest=n > 9)
        async with (
            running(settings, clock.now) as other,
            at_work(world.container, other, to=ways(box.port)),
        ):
            await until(database, "verstuurd", 60)
        sent = Counter(got.id for got in receiver.got)
        subjects = Counter(str(mail["subject"]) for mail in box.mails)
    assert set(sent.values()) == {1}
    assert len(sent) == 30
    assert subjects == {
        "Verkeerstoren: nieuwe aanvraag 2026-00123 (acuut)": 10,
        "Verkeerstoren: overzicht van 10 meldingen": 2,
    }
    assert {row["attempts"] for row in await database.all("SELECT attempts FROM delivery")} == {1}


async def test_mail_rests_while_its_server_is_away_and_goes_on_when_it_is_back(
    world: World, clock: Clock, database: Database
) -> None:
    setting_id = await make_mailbox(world)
    for _ in range(8):
        await make_delivery(world, setting_id=setting_id)
    async with mailbox() as box:
        pass
    with capture_logs() as logs:
        async with at_work(world.container, to=ways(box.port)):
            async with asyncio.timeout(10):
                while not [log for log in logs if log["event"] == "mail not delivered"]:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            assert len([log for log in logs if log["event"] == "mail not delivered"]) <= 4
            async with mailbox(port=box.port) as again:
                clock.turn(timedelta(minutes=2))
                await until(database, "verstuurd", 8)
                assert len(again.mails) == 8
    assert "intake@zorg.example" not in str(logs)


async def test_a_defect_or_a_failing_database_ends_nothing_but_itself(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as receiver:
        endpoint_id = await make_endpoint(world, receiver.url())
        bad, *good = [await make_delivery(world, endpoint_id=endpoint_id) for _ in range(3)]
        take = sending.take
        failures: list[Exception] = [Unavailable(), ValueError("defect")]

        async def failing_take(*arguments: Any, **options: Any) -> sending.Taken:
            if failures:
                raise failures.pop(0)
            return await take(*arguments, **options)

        def failing_headers(secrets: Sequence[str], message_id: UUID, *more: Any) -> dict[str, str]:
            if message_id == bad:
                raise ValueError("defect")
            return signed_headers(secrets, message_id, *more)

        monkeypatch.setattr(sending, "take", failing_take)
        monkeypatch.setattr(sending, "signed_headers", failing_headers)
        with capture_logs() as logs:
            async with at_work(world.container, to=ways()):
                await until(database, "verstuurd", 2)
                async with asyncio.timeout(10):
                    while not await database.value(
                        "SELECT last_error FROM delivery WHERE id = $1", bad
                    ):
                        await asyncio.sleep(0.01)
    assert {UUID(got.id) for got in receiver.got} == set(good)
    found = await database.one(
        "SELECT state, attempts, last_error FROM delivery WHERE id = $1", bad
    )
    assert tuple(found) == ("wacht", 1, "defect")
    told = [log["event"] for log in logs]
    assert told[:2] == ["sending put off", "sending failed"]
    assert "word failed" in told


async def test_what_was_sent_and_could_not_be_marked_is_sent_again_under_the_same_id(
    world: World, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, lost = world.container.act, [1]

    async with receiving() as receiver:
        await make_delivery(world, endpoint_id=await make_endpoint(world, receiver.url()))

        async def losing(to_do: Any) -> Any:
            if receiver.got and lost:
                lost.pop()
                raise Unavailable
            return await act(to_do)

        monkeypatch.setattr(Container, "act", lambda _, to_do: losing(to_do))
        with capture_logs() as logs:
            async with at_work(world.container, to=ways()):
                async with asyncio.timeout(10):
                    while lost:
                        await asyncio.sleep(0.01)
                clock.turn(sending.LEASE)
                await until(database, "verstuurd", 1)
    assert len(receiver.got) == 2
    assert len({got.id for got in receiver.got}) == 1
    assert [log["event"] for log in logs][:1] == ["word not marked"]
