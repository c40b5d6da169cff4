"""Several who look at the clocks, or act beside them: each clock is fired once, and nothing is held up."""

import asyncio
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.container import Container
from app.db import sweeps as due
from app.db.cases import Case
from app.db.tables import OfferRow
from app.services.referrals import (
    answers,
    claims,
    desk,
)
from app.services.referrals.act import Act
from app.services.referrals.sweeps import sweep
from domain.errors import OfferEnded, Unavailable
from domain.needs import Urgency
from domain.offers import Refusal
from tests.factories.referrals import (
    accepted,
    actor_of,
    column,
    offered,
    triaged,
    with_places,
)
from tests.factories.world import REGION, TWO, World, make_pool
from tests.support.clock import Clock
from tests.support.clocks import ANSWER, MINUTE, by_the_clock, open_alerts, swept
from tests.support.database import Database

ACUUT = Urgency.ACUUT


async def asked_in_two_places(world: World) -> tuple[UUID, list[UUID]]:
    """An acuut referral for which two providers are asked at once."""
    return await offered(
        world, world.pool_id, await make_pool(world.container, world.location_id), urgency=ACUUT
    )


async def test_two_last_offers_that_expire_together_escalate_once(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    together = [await asked_in_two_places(world) for _ in range(3)]
    apart, (refused, _) = await asked_in_two_places(world)
    await answers.refuse(container, await actor_of(world), refused, Refusal.GEEN_PLEK)
    clock.turn(ANSWER[ACUUT])
    looked = await asyncio.gather(*(swept(container) for _ in range(4)))
    assert sum(looked) == 4
    for referral_id, _ in together:
        assert await open_alerts(database, referral_id) == {"niemand-antwoordde"}
        assert await by_the_clock(database, referral_id) == {"offer-expired geen-antwoord": 2}
        assert await column(world, "referral", referral_id, "state") == "getrieerd"
    # Somebody said no there, which is something else than silence.
    assert await open_alerts(database, apart) == {"alle-geweigerd"}
    assert await by_the_clock(database, apart) == {"offer-expired geen-antwoord": 1}
    assert await database.value("SELECT count(*) FROM alert WHERE kind <> 'mogelijk-dubbel'") == 4


async def test_acceptance_and_expiry_meet(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 10)
    accepted_first, (offer_id,) = await offered(world, urgency=ACUUT)
    clock.turn(ANSWER[ACUUT] + MINUTE)
    await accepted(world, offer_id)
    assert await swept(container) == 0
    assert await column(world, "referral", accepted_first, "state") == "geaccepteerd"
    assert await column(world, "offer", offer_id, "late") is True
    _, (offer_id,) = await offered(world, urgency=ACUUT)
    clock.turn(ANSWER[ACUUT] + MINUTE)
    assert await swept(container) == 1
    with pytest.raises(OfferEnded) as ended:
        await accepted(world, offer_id)
    assert ended.value.facts["reason"] == "geen-antwoord"
    # Whoever is first of the two, the other finds what it left.
    racing = [await offered(world, urgency=ACUUT) for _ in range(6)]
    clock.turn(ANSWER[ACUUT] + MINUTE)
    outcomes = await asyncio.gather(
        *(accepted(world, offer_id) for _, (offer_id,) in racing[:3]),
        swept(container),
        *(accepted(world, offer_id) for _, (offer_id,) in racing[3:]),
        return_exceptions=True,
    )
    await swept(container)
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert all(isinstance(one, OfferEnded) for one in refused)
    states = [
        (
            await column(world, "referral", referral_id, "state"),
            await column(world, "offer", offer_id, "state"),
            tuple(await by_the_clock(database, referral_id)),
            tuple(await open_alerts(database, referral_id)),
        )
        for referral_id, (offer_id,) in racing
    ]
    too_late = ("getrieerd", "verlopen", ("offer-expired geen-antwoord",), ("niemand-antwoordde",))
    in_time = ("geaccepteerd", "toegezegd", (), ())
    assert sorted(states) == [in_time] * (6 - len(refused)) + [too_late] * len(refused)
    assert await world.balance() == 10 - 1 - (6 - len(refused))


async def test_what_somebody_else_works_on_is_taken_the_next_time(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    held_id, _ = await offered(world)
    other_id, _ = await offered(world)
    clock.turn(ANSWER[Urgency.SPOED])
    async with database.connect() as connection, connection.transaction():
        await connection.execute("SELECT FROM referral WHERE id = $1 FOR NO KEY UPDATE", held_id)
        async with asyncio.timeout(5):
            assert await swept(container) == 1
        assert await column(world, "referral", other_id, "state") == "getrieerd"
        assert await column(world, "referral", held_id, "state") == "aangeboden"
    assert await swept(container) == 1
    assert await column(world, "referral", held_id, "state") == "getrieerd"


async def test_what_was_read_of_a_clock_is_judged_again_under_the_lock(
    container: Container, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral_id, _ = await offered(world)
    version = await column(world, "referral", referral_id, "version")

    async def a_moment_ago(*_given: object) -> list[tuple[UUID, int]]:
        return [(referral_id, REGION)]

    monkeypatch.setattr(due, "lock_due", a_moment_ago)
    assert (await sweep(container)).count == 0
    assert await column(world, "referral", referral_id, "version") == version
    assert (
        await database.value(
            "SELECT count(*) FROM audit WHERE object_id = $1 AND role = 'system'", str(referral_id)
        )
        == 0
    )


async def test_one_bad_case_holds_up_no_other(
    container: Container, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad_id, (bad_offer,) = await offered(world)
    good = [(await offered(world))[0] for _ in range(2)]
    clock.turn(ANSWER[Urgency.SPOED])
    expired = answers.expired
    failure: Exception = AssertionError("defect")

    async def failing(container: Container, act: Act, case: Case, row: OfferRow) -> None:
        await expired(container, act, case, row)
        if row.id == bad_offer:
            raise failure

    monkeypatch.setattr(answers, "expired", failing)
    with capture_logs() as logs:
        found = await sweep(container)
    assert (found.count, list(found.failed)) == (2, [bad_id])
    assert [(log["log_level"], log.get("referral")) for log in logs] == [
        ("warning", None),
        ("error", str(bad_id)),
    ]
    assert {await column(world, "referral", one, "state") for one in good} == {"getrieerd"}
    assert await column(world, "referral", bad_id, "state") == "aangeboden"
    found = await sweep(container, {bad_id})
    assert (found.count, found.failed) == (0, ())
    # Without a database nothing is known of any of them: no case is to blame.
    failure = Unavailable()
    with capture_logs() as logs, pytest.raises(Unavailable):
        await sweep(container)
    assert logs == []
    monkeypatch.undo()
    assert await swept(container) == 1
    assert await column(world, "referral", bad_id, "state") == "getrieerd"


async def test_batches_are_taken_from_what_is_due_longest_and_one_region_at_a_time(
    container: Container, world: World, clock: Clock
) -> None:
    elsewhere = await World.create(container, TWO)
    oldest = [(await offered(world))[0]]
    clock.turn(MINUTE)
    there = [(await offered(elsewhere))[0]]
    clock.turn(MINUTE)
    youngest = [(await offered(world))[0] for _ in range(2)]

    async def waiting() -> list[UUID]:
        every = [*oldest, *there, *youngest]
        return [
            one for one in every if await column(world, "referral", one, "state") == "aangeboden"
        ]

    clock.turn(ANSWER[Urgency.SPOED])
    found = await sweep(container, most=2)
    assert (found.count, found.more, await waiting()) == (1, True, [*there, *youngest])
    found = await sweep(container, most=4)
    assert (found.count, found.more, await waiting()) == (1, True, youngest)
    found = await sweep(container, most=3)
    assert (found.count, found.more, await waiting()) == (2, False, [])


async def test_two_workers_fire_each_clock_once(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 10)
    coordinator = await actor_of(world)
    for _ in range(3):
        await offered(world, urgency=ACUUT)
        held = (await triaged(world, ACUUT)).referral_id
        await claims.claim(container, coordinator, held, world.pool_id)
        await desk.call_back(container, coordinator, held, container.now() + MINUTE)
    clock.turn(15 * MINUTE)

    async def worker() -> None:
        for _ in range(12):
            await sweep(container, most=1)

    await asyncio.gather(worker(), worker())
    clock.turn(16 * MINUTE)
    await asyncio.gather(worker(), worker())
    done = await database.all(
        "SELECT step || coalesce(' ' || reason, '') AS what, count(*), count(DISTINCT referral_id)"
        " FROM referral_step WHERE role = 'system' GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in done] == [
        ("alerted acuut-niet-gezien", 3, 3),
        ("alerted terugbellen", 3, 3),
        ("claim-expired", 3, 3),
        ("offer-expired geen-antwoord", 3, 3),
    ]
    assert await world.balance() == 10
