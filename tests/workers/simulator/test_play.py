"""Providers played against a real API: what they say arrives, and what goes wrong stays theirs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app import demo_file
from app.demo_file import DemoFile, DemoKey
from app.demo_region import ORGANISATIONS
from app.services import demo, keys, pools
from app.services.demo import fill
from app.settings import Settings
from domain.actors import Role
from domain.capacity import Figures
from domain.care_types import CareType
from domain.identifiers import KeyId
from domain.posting import PostingSchedule
from tests.factories.world import World, counts
from tests.support.database import Database
from tests.support.serving import Serving
from workers.simulator.acts import Confirm, Phone, Repeat, Report
from workers.simulator.client import Desk, KeyRefusedError, Line
from workers.simulator.habits import MONDAY_AT_EIGHT, Habit, Played
from workers.simulator.play import NothingToPlayError, play, since_monday
from workers.simulator.players import Context, GoneError, Tally
from workers.simulator.pool_players import PoolPlayer

#: A coordination point, people who type, a feed with beds that take no report.
SMALL = tuple(o for o in ORGANISATIONS if o.agb in ("75990010", "42990006", "47990007"))
FEED = Played("41000000", "A", CareType.GRZ, 12, PostingSchedule.DAILY_TWICE, Habit.FEED)


@pytest.fixture
async def region(settings: Settings, api: Serving, monkeypatch: pytest.MonkeyPatch) -> DemoFile:
    """A demo region, smaller, and on the API's board."""
    monkeypatch.setattr(demo, "ORGANISATIONS", SMALL)
    await fill(settings, settings.demo_file)
    content = demo_file.read(settings.demo_file)
    assert content is not None
    async with api.client(content.keys[0].key) as client, asyncio.timeout(10):
        while len((await client.get("/v1/pools")).json().get("items", ())) < 14:
            await asyncio.sleep(0.05)
    return content


@asynccontextmanager
async def playing(
    api: Serving, content: DemoFile, tally: Tally
) -> AsyncIterator[asyncio.Task[None]]:
    """Plays fast meanwhile."""
    task = asyncio.create_task(
        play(api.base_url, content.keys, 1, 3000, Context(tally), MONDAY_AT_EIGHT)
    )
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def pools_of(api: Serving, content: DemoFile) -> list[dict[str, Any]]:
    """All pools, as the coordination point sees them."""
    async with api.client(content.keys[0].key) as client:
        found: list[dict[str, Any]] = (await client.get("/v1/pools")).json()["items"]
        return found


async def test_every_pool_is_posted_and_lives(api: Serving, region: DemoFile) -> None:
    tally = Tally()
    async with playing(api, region, tally) as task, asyncio.timeout(30):
        while True:
            assert not task.done()
            pools = await pools_of(api, region)
            played = [pool for pool in pools if pool["care_types"] != ["mfb"]]
            versions = [pool["capacity"]["version"] for pool in played]
            if min(versions) >= 1 and sum(version >= 3 for version in versions) >= 8:
                break
            await asyncio.sleep(0.1)
    assert len(played) == 13
    assert tally["accepted"] > 20
    assert tally["409"] == 0  # beds that are followed one by one were left alone
    for pool in played:
        figures = pool["capacity"]
        if figures["source"] == "phone":
            assert figures["free"] is not None
        elif pool["external_id"].startswith(("DM", "BH")):
            assert (figures["operable"], figures["source"]) == (None, "api")
            assert figures["free"] is not None
        else:
            assert figures["physical"] >= figures["operable"] >= figures["occupied"]
            # This feed's clock is ahead; what it says is put right.
            assert figures["observed_at"] <= figures["received_at"]


async def test_a_revoked_key_ends_its_provider_and_the_last_one_ends_the_play(
    api: Serving, region: DemoFile, database: Database
) -> None:
    assert api.container is not None
    by_agb = {
        row["agb"]: row["id"]
        for row in await database.all(
            "SELECT o.agb, k.id FROM api_key k JOIN organisation o ON o.id = k.organisation_id"
            " WHERE k.role = 'provider-capacity'"
        )
    }
    tally = Tally()
    async with playing(api, region, tally) as task, asyncio.timeout(30):
        while tally["accepted"] < 20:
            await asyncio.sleep(0.02)
        await keys.revoke_key(api.container, None, by_agb["42990006"])
        before = tally["accepted"]
        while tally["accepted"] < before + 20:
            assert not task.done()
            await asyncio.sleep(0.02)
        await keys.revoke_key(api.container, None, by_agb["47990007"])
        with pytest.raises(NothingToPlayError, match="weigert de sleutels"):
            await task


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "geen sleutel met de rol provider-capacity"),
        ([(Role.COORDINATOR, "vt_onbekend")], "geen sleutel met de rol provider-capacity"),
        ([(Role.PROVIDER_CAPACITY, "vt_onbekend")], "weigert de sleutels"),
    ],
)
async def test_without_a_key_that_opens_it_says_what_to_do(
    api: Serving, given: list[tuple[Role, str]], told: str
) -> None:
    shown = [
        DemoKey(role=role, organisation="Zorg", agb="47990001", key=key) for role, key in given
    ]
    with pytest.raises(NothingToPlayError, match=told):
        await asyncio.wait_for(play(api.base_url, shown, 1, 60, Context()), 10)


async def test_a_provider_without_pools_has_nothing_to_play(api: Serving, world: World) -> None:
    key = DemoKey(
        role=Role.PROVIDER_CAPACITY, organisation="Zorg", agb=world.other.agb, key=world.other.key
    )
    with pytest.raises(NothingToPlayError, match="kent geen plaatsen"):
        await asyncio.wait_for(play(api.base_url, [key], 1, 60, Context()), 10)


@pytest.fixture
async def player(api: Serving, world: World) -> AsyncIterator[PoolPlayer]:
    """Plays the world's pool, as a feed."""
    party = world.provider
    key = DemoKey(role=Role.PROVIDER_CAPACITY, organisation="Zorg", agb=party.agb, key=party.key)
    async with httpx.AsyncClient(base_url=api.base_url) as http:
        yield PoolPlayer(Desk(Line(http), key), str(world.pool_id), FEED, Context())


async def test_each_way_of_reporting_has_its_outcome(
    player: PoolPlayer, world: World, database: Database
) -> None:
    await player.do(Report(counts(10, 8)))
    await player.do(Repeat())
    await player.do(Report(counts(10, 7), age=timedelta(minutes=1)))
    await player.do(Report(replace(counts(10, 8), occupied=11), wrong=True))
    await player.do(Confirm(counts(10, 8)))
    assert player.context.tally == {
        "accepted": 1,
        "repeated": 1,
        "superseded": 1,
        "400": 1,
        "confirmed": 1,
    }
    row = await database.one("SELECT occupied, report_version FROM pool")
    assert tuple(row) == (8, 2)


async def test_who_was_overtaken_by_a_phone_call_posts_instead_of_confirming(
    player: PoolPlayer, world: World, database: Database
) -> None:
    await player.do(Report(counts(10, 8)))
    await world.report(Figures(free=0), by=world.coordinator)
    await player.do(Confirm(counts(10, 8)))
    assert player.context.tally == {"accepted": 2, "412": 1}
    row = await database.one("SELECT occupied, free, report_version FROM pool")
    assert tuple(row) == (8, None, 3)


async def test_figures_that_were_never_said_are_posted_and_not_confirmed(
    player: PoolPlayer, database: Database
) -> None:
    await player.do(Confirm(counts(10, 8)))
    await player.do(Confirm(counts(10, 7)))
    assert player.context.tally == {"accepted": 2}
    assert await database.value("SELECT occupied FROM pool") == 7


async def test_a_clock_that_is_ahead_is_put_right(
    api: Serving, world: World, database: Database
) -> None:
    key = DemoKey(
        role=Role.PROVIDER_CAPACITY,
        organisation="Zorg",
        agb=world.provider.agb,
        key=world.provider.key,
    )
    ahead = replace(FEED, clock_ahead=timedelta(minutes=12))
    async with httpx.AsyncClient(base_url=api.base_url) as http:
        player = PoolPlayer(Desk(Line(http), key), str(world.pool_id), ahead, Context())
        await player.do(Report(counts(10, 8)))
    assert player.context.tally == {"accepted": 1}
    row = await database.one("SELECT stated_at, observed_at FROM pool")
    assert row["stated_at"] - row["observed_at"] > timedelta(minutes=11)
    assert abs(datetime.now(UTC) - row["observed_at"]) < timedelta(minutes=1)


async def test_a_person_tells_when_places_come_free(player: PoolPlayer, database: Database) -> None:
    await player.do(Report(Figures(free=0), available_in_days=3))
    row = await database.one("SELECT free, available_from FROM pool")
    assert row["free"] == 0
    assert timedelta(2) <= row["available_from"] - datetime.now(UTC).date() <= timedelta(4)


async def test_the_coordination_point_types_what_it_heard_with_its_source(
    api: Serving, world: World, database: Database
) -> None:
    async with httpx.AsyncClient(base_url=api.base_url) as http:
        line = Line(http)
        own, point = (
            Desk(line, DemoKey(role=role, organisation="Zorg", agb=party.agb, key=party.key))
            for role, party in (
                (Role.PROVIDER_CAPACITY, world.provider),
                (Role.COORDINATOR, world.coordinator),
            )
        )
        player = PoolPlayer(own, str(world.pool_id), FEED, Context(), point)
        await player.do(Phone(Figures(free=2), "gebeld met de afdeling"))
        assert player.context.tally == {"phoned": 1}
        row = await database.one("SELECT free, source_kind FROM pool")
        assert tuple(row) == (2, "phone")
        assert await database.value("SELECT note FROM pool_report") == "gebeld met de afdeling"
        await keys.revoke_key(world.container, None, world.coordinator.key_id)
        while not point.key_refused:
            await player.do(Phone(Figures(free=1), "gebeld met de afdeling"))
        # The provider itself is played on.
        await player.do(Report(counts(10, 8)))
    assert player.context.tally["accepted"] == 1


def test_the_play_begins_at_the_hour_of_the_week_that_it_is() -> None:
    sunday = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert since_monday(sunday) == timedelta(days=6, hours=23, minutes=30)


async def test_a_pool_that_went_to_somebody_else_is_played_no_more(
    player: PoolPlayer, world: World
) -> None:
    await player.do(Report(counts(10, 8)))
    await pools.transfer_pool(world.container, None, world.pool_id, world.other.organisation_id)
    with pytest.raises(GoneError):
        await player.do(Report(counts(10, 7)))


async def test_a_revoked_key_is_told(player: PoolPlayer, world: World) -> None:
    async def report_on() -> None:
        while True:
            await player.do(Report(counts(10, 7)))

    await player.do(Report(counts(10, 8)))
    await keys.revoke_key(world.container, None, KeyId(world.provider.key_id))
    with pytest.raises(KeyRefusedError):
        await asyncio.wait_for(report_on(), 10)
