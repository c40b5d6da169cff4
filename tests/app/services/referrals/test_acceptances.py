"""Acceptances that come in together: one commit, each judged by itself, none lost and none twice."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from app.container import running
from app.services.referrals import acceptances
from app.services.referrals.acceptances import Accepting
from app.services.referrals.acting import Done
from app.services.referrals.answers import Acceptance
from app.settings import Settings
from domain.actors import Actor
from domain.errors import (
    InvalidInput,
    NoPlaceLeft,
    NotFound,
    OfferEnded,
    OutcomeUnknown,
    Unavailable,
)
from domain.needs import Urgency
from tests.factories.parties import intake_desk
from tests.factories.referrals import column, offered, with_places
from tests.factories.world import World, counts, make_pool
from tests.support.clock import Clock
from tests.support.conserved import check_conserved
from tests.support.database import Database
from tests.support.trouble import end_backends, holding_pool, line_to, until, until_waiting


def yes(actor: Actor, offer_id: object, **given: object) -> Accepting:
    """An acceptance on its way in."""
    return Accepting(actor, offer_id, Acceptance(**given), None, None)  # type: ignore[arg-type]


async def test_what_comes_in_together_is_one_commit_and_refuses_only_what_must_be(
    world: World, database: Database
) -> None:
    await with_places(world, 2)
    desk = await intake_desk(world)
    stranger = replace(desk, organisation_id=world.other.organisation_id)
    offers = [(await offered(world))[1][0] for _ in range(5)]
    await acceptances.accept(world.container, desk, offers[0], Acceptance())
    found = await acceptances.accept_all(
        world.container,
        [
            yes(desk, offers[0]),
            yes(stranger, offers[1]),
            yes(desk, uuid4()),
            yes(desk, offers[2], bed_id=None, text="Kamer 4"),
            yes(desk, offers[3]),
            yes(desk, offers[4], over_free=True),
        ],
    )
    kinds = (OfferEnded, NotFound, NotFound, Done, NoPlaceLeft, Done)
    assert [type(one) for one in found] == list(kinds)
    done = [one for one in found if isinstance(one, Done)]
    assert len({one.position for one in done}) == 1
    assert [one.offer.id for one in done if one.offer] == [offers[2], offers[4]]
    assert await world.balance() == -1
    await check_conserved(world.container)
    noted = "SELECT text FROM referral_text WHERE kind = 'note' AND text LIKE 'Kamer%'"
    assert [row["text"] for row in await database.all(noted)] == ["Kamer 4"]
    audited = await database.all("SELECT object_id FROM audit WHERE action = 'offer.answer'")
    referrals = [await column(world, "offer", offers[one], "referral_id") for one in (0, 2, 4)]
    assert [row["object_id"] for row in audited] == [str(one) for one in referrals]
    posted = await column(world, "offer", offers[2], "posted_at_answer ->> 'pool_id'")
    assert posted == str(world.pool_id)


async def test_two_offers_of_one_referral_in_one_run_promise_one_place(world: World) -> None:
    elsewhere = await make_pool(world.container, world.location_id)
    await with_places(world, 3)
    await world.settled()
    await world.report(counts(3, 0), pool_id=elsewhere)
    await world.settled()
    desk = await intake_desk(world)
    _, (first, second) = await offered(world, world.pool_id, elsewhere, urgency=Urgency.ACUUT)
    found = await acceptances.accept_all(
        world.container, [yes(desk, second), yes(desk, first), yes(desk, second)]
    )
    assert [type(one) for one in found] == [Done, OfferEnded, OfferEnded]
    assert await column(world, "offer", first, "ending") == "elders-geaccepteerd"
    assert await column(world, "pool", world.pool_id, "balance") == 3
    assert await column(world, "pool", elsewhere, "balance") == 2
    await check_conserved(world.container)


async def test_many_at_once_are_few_commits_and_a_refusal_holds_up_nobody(
    world: World, database: Database
) -> None:
    await with_places(world, 6)
    desk = await intake_desk(world)
    offers = [(await offered(world))[1][0] for _ in range(8)]
    found = await asyncio.gather(
        *(
            acceptances.accept(world.container, desk, offer_id, Acceptance())
            for offer_id in [*offers, uuid4()]
        ),
        return_exceptions=True,
    )
    assert [type(one) for one in found].count(Done) == 6
    assert [type(one) for one in found].count(NoPlaceLeft) == 2
    assert isinstance(found[-1], NotFound)
    assert len({one.position for one in found if isinstance(one, Done)}) <= 3
    assert await world.balance() == 0
    await check_conserved(world.container)


async def test_who_hangs_up_while_its_run_goes_on_has_accepted_all_the_same(
    world: World, database: Database
) -> None:
    await with_places(world, 2)
    desk = await intake_desk(world)
    _, (offer_id,) = await offered(world)
    async with holding_pool(database, world.pool_id):
        task = asyncio.create_task(
            acceptances.accept(world.container, desk, offer_id, Acceptance())
        )
        await until_waiting(database)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def promised() -> bool:
        return await column(world, "offer", offer_id, "state") == "toegezegd"

    await until(promised)
    with pytest.raises(OfferEnded):
        await acceptances.accept(world.container, desk, offer_id, Acceptance())
    await check_conserved(world.container)


async def test_a_connection_lost_before_the_commit_means_that_nothing_happened(
    world: World, database: Database
) -> None:
    await with_places(world, 1)
    desk = await intake_desk(world)
    _, (offer_id,) = await offered(world)
    async with holding_pool(database, world.pool_id):
        task = asyncio.create_task(
            acceptances.accept(world.container, desk, offer_id, Acceptance())
        )
        await end_backends(database, *await until_waiting(database))
        with pytest.raises(Unavailable):
            await task
    assert await column(world, "offer", offer_id, "state") == "gevraagd"
    await acceptances.accept(world.container, desk, offer_id, Acceptance())
    await check_conserved(world.container)


async def test_an_answer_that_gets_lost_around_the_commit_is_outcome_unknown_and_safe_to_repeat(
    world: World, database: Database, settings: Settings, clock: Clock
) -> None:
    await with_places(world, 2)
    desk = await intake_desk(world)
    _, (offer_id,) = await offered(world)
    async with line_to(database.url) as line:
        through = settings.model_copy(update={"database_url": line.url})
        async with running(through, clock.now) as container:
            await container.follower.until_ready()
            line.lose_answers(after=b"COMMIT")
            with pytest.raises(OutcomeUnknown):
                await acceptances.accept(container, desk, offer_id, Acceptance())
            line.restore()

    async def promised() -> bool:
        return await column(world, "offer", offer_id, "state") == "toegezegd"

    await until(promised)
    with pytest.raises(OfferEnded):
        await acceptances.accept(world.container, desk, offer_id, Acceptance())
    assert await world.balance() == 1
    await check_conserved(world.container)


async def test_what_is_wrong_with_one_changes_nothing_of_it(world: World, clock: Clock) -> None:
    await with_places(world, 2)
    desk = await intake_desk(world)
    offers = [(await offered(world))[1][0] for _ in range(2)]
    ahead = Accepting(desk, offers[0], Acceptance(), None, clock.now().replace(year=2099))
    found = await acceptances.accept_all(world.container, [ahead, yes(desk, offers[1])])
    assert [type(one) for one in found] == [InvalidInput, Done]
    assert await column(world, "offer", offers[0], "version") == 1
    assert await column(world, "offer", offers[0], "seen_at") is None
    assert await world.balance() == 1


async def test_runs_of_several_processes_promise_no_more_than_there_is(world: World) -> None:
    await with_places(world, 3)
    desk = await intake_desk(world)
    offers = [(await offered(world))[1][0] for _ in range(6)]
    runs = await asyncio.gather(
        *(
            acceptances.accept_all(world.container, [yes(desk, one) for one in some])
            for some in (offers[:2], offers[2:4], offers[4:], offers[:3])
        )
    )
    found = [one for run in runs for one in run]
    assert [type(one) for one in found].count(Done) == 3
    assert await world.balance() == 0
    await check_conserved(world.container)
