"""The clocks: what is due is done once, at its moment, whoever looks and however many look at once."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.container import Container
from app.db import sweeps as due
from app.services.norms import set_norms
from app.services.referrals import (
    answers,
    claims,
    desk,
    offers,
    stays,
    sweeps,
    triages,
)
from app.services.referrals.answers import Acceptance
from app.services.referrals.offers import AskedPlace, Round
from app.services.referrals.stays import Appointment, Arrival
from app.services.referrals.sweeps import sweep
from app.services.referrals.triages import Triage
from domain.actors import Actor
from domain.care_types import CareType
from domain.errors import OfferEnded, Unavailable
from domain.needs import Urgency
from domain.norms import Norms
from domain.offers import Refusal
from tests.factories.parties import intake_desk
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    accepted,
    actor_of,
    column,
    filed,
    offered,
    triaged,
    with_places,
)
from tests.factories.world import REGION, TWO, World, make_pool
from tests.support.clock import Clock
from tests.support.database import Database

ACUUT = Urgency.ACUUT
ANSWER = {ACUUT: timedelta(minutes=30), Urgency.SPOED: timedelta(hours=4)}
MINUTE = timedelta(minutes=1)


async def swept(container: Container, put_off: tuple[UUID, ...] = ()) -> int:
    """Everything that is due, batch after batch; of how many cases."""
    count = 0
    while True:
        found = await sweep(container, put_off)
        count += found.count
        if not found.more:
            return count


async def open_alerts(database: Database, referral_id: UUID) -> set[str]:
    """What somebody is told about a referral at this moment; they are all much alike here."""
    rows = await database.all(
        "SELECT kind FROM alert WHERE referral_id = $1 AND cleared_at IS NULL"
        " AND kind <> 'mogelijk-dubbel'",
        referral_id,
    )
    assert len({row["kind"] for row in rows}) == len(rows)
    return {row["kind"] for row in rows}


async def by_the_clock(database: Database, referral_id: UUID) -> Counter[str]:
    """What the clock did to a referral, with its reason, by its history."""
    rows = await database.all(
        "SELECT step, reason, actor_id FROM referral_step WHERE referral_id = $1 AND role = 'system'",
        referral_id,
    )
    assert all(row["actor_id"] is None for row in rows)
    return Counter(f"{row['step']} {row['reason'] or ''}".strip() for row in rows)


async def asked_in_two_places(world: World) -> tuple[UUID, list[UUID]]:
    """An acuut referral for which two providers are asked at once."""
    return await offered(
        world, world.pool_id, await make_pool(world.container, world.location_id), urgency=ACUUT
    )


async def test_an_offer_that_nobody_answers_ends_at_its_deadline(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    referral_id, (offer_id,) = await offered(world)
    deadline = await column(world, "offer", offer_id, "deadline_at")
    assert isinstance(deadline, datetime)
    clock.set(deadline - MINUTE)
    assert await swept(container) == 0
    assert await column(world, "offer", offer_id, "state") == "gevraagd"
    before = await container.read(
        lambda connection: connection.fetchval("SELECT number FROM stream WHERE region_id = 1")
    )
    clock.set(deadline)
    assert await swept(container) == 1
    assert await swept(container) == 0
    offer = await database.one("SELECT * FROM offer WHERE id = $1", offer_id)
    assert (offer["state"], offer["ending"], offer["refusal"]) == (
        "verlopen",
        "geen-antwoord",
        None,
    )
    referral = await database.one("SELECT * FROM referral WHERE id = $1", referral_id)
    assert (referral["state"], referral["next_action"]) == ("getrieerd", "verder-zoeken")
    assert referral["waits_on"] == "coordinatiepunt"
    assert await open_alerts(database, referral_id) == {"niemand-antwoordde"}
    assert await by_the_clock(database, referral_id) == {"offer-expired geen-antwoord": 1}
    told = await database.all(
        "SELECT kind, owner_id FROM event WHERE number > $1 ORDER BY 1", before
    )
    assert {(row["kind"], row["owner_id"]) for row in told} == {
        ("referral", world.coordinator.organisation_id),
        ("offer", world.provider.organisation_id),
    }
    audit = await database.all(
        "SELECT role FROM audit WHERE object_id = $1 AND role = 'system'", str(referral_id)
    )
    assert len(audit) == 1


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


async def test_an_acuut_offer_that_nobody_looks_at_is_to_be_phoned_about(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    pool_ids = world.pool_id, await make_pool(container, world.location_id)
    referral_id, (first, second) = await offered(world, *pool_ids, urgency=ACUUT)
    spoed, _ = await offered(world)
    coordinator = await actor_of(world)
    clock.turn(9 * MINUTE)
    assert await swept(container) == 0
    await offers.see(container, await intake_desk(world, world.provider), second)
    clock.turn(MINUTE)
    assert await swept(container) == 1
    assert await swept(container) == 0
    alert = await database.one("SELECT * FROM alert WHERE kind = 'acuut-niet-gezien'")
    assert (alert["referral_id"], alert["offer_id"]) == (referral_id, first)
    assert alert["owner_id"] == world.coordinator.organisation_id
    assert await column(world, "referral", referral_id, "next_action") == "aanbieder-bellen"
    assert await by_the_clock(database, referral_id) == {"alerted acuut-niet-gezien": 1}
    assert await by_the_clock(database, spoed) == {}
    version = await column(world, "offer", first, "version")
    assert version == 1, "its provider has nothing new to see"
    await answers.refuse(container, coordinator, first, Refusal.GEEN_PLEK)
    assert await open_alerts(database, referral_id) == set()
    assert await column(world, "referral", referral_id, "next_action") == "antwoord-afwachten"


async def test_a_held_place_comes_back_when_its_time_is_over(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 3)
    coordinator = await actor_of(world)
    held = [(await triaged(world)).referral_id for _ in range(2)]
    for referral_id in held:
        await claims.claim(container, coordinator, referral_id, world.pool_id)
    assert await world.balance() == 1
    clock.turn(30 * MINUTE)
    # Together, in one commit: the pool's row counts them one by one.
    assert (await sweep(container)).count == 2
    assert await world.balance() == 3
    assert await swept(container) == 0
    for referral_id in held:
        assert await by_the_clock(database, referral_id) == {"claim-expired": 1}
        assert await column(world, "referral", referral_id, "state") == "getrieerd"
    assert await database.value("SELECT count(*) FROM claim WHERE state = 'expired'") == 2


async def asked_with_another_to_follow(world: World, coordinator: Actor) -> UUID:
    """A spoed referral with one place asked, and whom to ask next."""
    referral_id = (await triaged(world)).referral_id
    next_pool = await make_pool(world.container, world.location_id)
    await world.settled()
    round_ = Round(
        [AskedPlace(pool_id=world.pool_id)],
        argument="gevraagd in een test",
        following=[AskedPlace(pool_id=next_pool)],
    )
    await offers.offer(world.container, coordinator, referral_id, round_)
    return referral_id


async def test_the_next_round_begins_by_itself_where_the_norms_say_so(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    coordinator = await actor_of(world)
    by_itself = {**Norms().next_round, Urgency.SPOED: True}
    by_hand = await asked_with_another_to_follow(world, coordinator)
    clock.turn(ANSWER[Urgency.SPOED])
    assert await swept(container) == 1
    assert await open_alerts(database, by_hand) == {"niemand-antwoordde"}
    await set_norms(container, None, REGION, replace(Norms(), next_round=by_itself), 0)
    going_on = await asked_with_another_to_follow(world, coordinator)
    clock.turn(ANSWER[Urgency.SPOED])
    assert await swept(container) == 1
    assert await column(world, "referral", going_on, "state") == "aangeboden"
    assert await open_alerts(database, going_on) == set()
    assert await by_the_clock(database, going_on) == {
        "offer-expired geen-antwoord": 1,
        "offered": 1,
    }
    clock.turn(ANSWER[Urgency.SPOED])
    assert await swept(container) == 1
    # Nobody is left to ask.
    assert await open_alerts(database, going_on) == {"niemand-antwoordde"}
    # A board that isn't there yet can't say whether the next one may be asked.
    unseen = await asked_with_another_to_follow(world, coordinator)
    clock.turn(ANSWER[Urgency.SPOED])
    board = container.board.regions.pop(REGION)
    try:
        assert await swept(container) == 1
    finally:
        container.board.regions.setdefault(REGION, board)
    assert await column(world, "referral", unseen, "state") == "getrieerd"
    assert "niemand-antwoordde" in await open_alerts(database, unseen)


async def test_the_watchdog_tells_each_thing_once_at_its_moment(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 3)
    coordinator, house = await actor_of(world), await intake_desk(world, world.provider)
    begun = container.now()
    referral_id = (await filed(world)).referral_id

    async def come(alert: str, at: timedelta, *, instead_of: str | None = None) -> None:
        """Turns to just before a moment and to the moment: the alert holds from then on."""
        before = await open_alerts(database, referral_id)
        clock.set(begun + at - MINUTE)
        assert await swept(container) == 0
        clock.set(begun + at + MINUTE)
        assert await swept(container) == 1
        assert await open_alerts(database, referral_id) == before - {instead_of} | {alert}
        assert await swept(container) == 0
        again = await column(world, "referral", referral_id, "watch_at")
        assert again is None or (isinstance(again, datetime) and again > container.now())

    async def gone(alert: str) -> None:
        assert alert not in await open_alerts(database, referral_id)

    await desk.leave(container, coordinator, referral_id)
    await come("geen-eigenaar", 30 * MINUTE)
    await desk.take(container, coordinator, referral_id)
    await gone("geen-eigenaar")
    await come("triage-te-laat", 60 * MINUTE)
    given = Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG)
    await triages.triage(container, coordinator, referral_id, given)
    await gone("triage-te-laat")
    await desk.call_back(container, coordinator, referral_id, begun + 90 * MINUTE)
    await come("terugbellen", 90 * MINUTE)
    await desk.call_back(container, coordinator, referral_id, None)
    await gone("terugbellen")
    target = timedelta(hours=48)
    await come("doeltijd-nadert", target * 0.67)
    await come("doeltijd-voorbij", target, instead_of="doeltijd-nadert")
    _, (offer_id,) = await offered(world, referral_id=referral_id)
    await accepted(world, offer_id, Acceptance(over_free=True))
    agreed = timedelta(hours=60)
    await stays.appoint(container, coordinator, offer_id, Appointment(begun + agreed))
    await come("niet-aangekomen", agreed + 120 * MINUTE)
    assert await column(world, "referral", referral_id, "next_action") == "opname-navragen"
    clock.set(begun + timedelta(hours=63))
    await stays.admit(container, coordinator, offer_id, Arrival())
    assert await open_alerts(database, referral_id) == set()
    await come("evaluatie", timedelta(hours=63, days=21))
    await desk.review(container, house, referral_id, None)
    assert await open_alerts(database, referral_id) == set()
    told = (
        *("geen-eigenaar", "triage-te-laat", "terugbellen", "doeltijd-nadert"),
        *("doeltijd-voorbij", "niet-aangekomen", "evaluatie"),
    )
    assert await by_the_clock(database, referral_id) == {f"alerted {kind}": 1 for kind in told}


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

    async def failing(container: Container, act: object, case: object, row: object) -> None:
        await expired(container, act, case, row)  # type: ignore[arg-type]
        if row.id == bad_offer:  # type: ignore[attr-defined]
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
    assert await swept(container, (bad_id,)) == 0
    # Without a database nothing is known of any of them: no case is to blame.
    failure = Unavailable()
    with pytest.raises(Unavailable):
        await sweep(container)
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
    found = await sweep(container, most=3)
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


async def test_a_figure_that_nobody_confirms_is_told_of_once_until_there_is_a_newer_one(
    container: Container, world: World, clock: Clock, database: Database
) -> None:
    await with_places(world, 3)
    other_id = await make_pool(container, world.location_id)
    assert await sweeps.tell_stale(container) == 0
    valid_until = await column(world, "pool", world.pool_id, "valid_until")
    assert isinstance(valid_until, datetime)
    clock.set(valid_until + 59 * MINUTE)
    assert await sweeps.tell_stale(container) == 0
    clock.turn(MINUTE)
    told = await asyncio.gather(*(sweeps.tell_stale(container) for _ in range(3)))
    assert sum(told) == 1
    assert await sweeps.tell_stale(container) == 0
    alert = await database.one("SELECT * FROM alert WHERE cleared_at IS NULL")
    assert (alert["kind"], alert["pool_id"]) == ("capaciteit-onbevestigd", world.pool_id)
    assert (alert["region_id"], alert["owner_id"], alert["referral_id"]) == (REGION, None, None)
    await with_places(world, 4)
    assert await sweeps.tell_stale(container) == 1
    assert await database.value("SELECT count(*) FROM alert WHERE cleared_at IS NULL") == 0
    # One of which nothing was ever told has no figure that could grow old.
    assert await column(world, "pool", other_id, "valid_until") is None
    assert await database.value("SELECT count(*) FROM alert") == 1
