"""What a board shows is taken over as it is, so that a play that begins again goes on from there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app import demo_file
from app.demo_file import DemoFile
from app.demo_region import ORGANISATIONS, TEAMS
from app.services import demo
from app.services.demo import fill
from app.settings import Settings
from domain.actors import Role
from domain.calendar import AMSTERDAM
from tests.support.serving import Serving
from workers.simulator.acts import Report, SayBed, SayTeam, SetStop
from workers.simulator.client import Desk, Line
from workers.simulator.habits import MONDAY_AT_EIGHT
from workers.simulator.play import cast_players, look
from workers.simulator.players import Context, Player, StopPlayer
from workers.simulator.region import Region

#: A coordination point, people with a pool of beds, a feed, and teams of a third.
FEW = tuple(o for o in ORGANISATIONS if o.agb in ("75990010", "45990004", "06990008", "42990006"))


@pytest.fixture
async def content(settings: Settings, api: Serving, monkeypatch: pytest.MonkeyPatch) -> DemoFile:
    """A demo region, smaller, and on the API's board."""
    monkeypatch.setattr(demo, "ORGANISATIONS", FEW)
    monkeypatch.setattr(demo, "TEAMS", tuple(team for team in TEAMS if team.agb == "42990006"))
    await fill(settings, settings.demo_file)
    written = demo_file.read(settings.demo_file)
    assert written is not None
    return written


@asynccontextmanager
async def desks(api: Serving, content: DemoFile) -> AsyncIterator[tuple[list[Desk], list[Desk]]]:
    """Those of the providers, and of the coordination point."""
    async with httpx.AsyncClient(base_url=api.base_url) as http:
        line = Line(http)
        yield (
            [Desk(line, key) for key in content.keys if key.role is Role.PROVIDER_CAPACITY],
            [Desk(line, key) for key in content.keys if key.role is Role.COORDINATOR],
        )


async def test_a_play_that_begins_again_finds_what_the_one_before_said(
    api: Serving, content: DemoFile
) -> None:
    context = Context()
    async with desks(api, content) as (providers, points):
        region = await _seen(providers, context, pools=19)
        players = cast_players(region, providers, points, 1, context)
        first = [visit for player in players for visit in await _first_words(player)]
        stops = next(player for player in players if isinstance(player, StopPlayer))
        setting = next(act for visit in stops.visits(1, MONDAY_AT_EIGHT) for act in visit.acts)
        assert isinstance(setting, SetStop)
        await stops.do(setting)
        assert context.tally["unexpected"] == 0
        while True:
            again = await _seen(providers, context, pools=19)
            if again.stopped(stops.desk.agb) == {setting.location}:
                break
        assert first
        for act in first:
            _assert_shown(again, act)


async def _seen(providers: list[Desk], context: Context, pools: int) -> Region:
    """The region, once the board shows all of it."""
    while True:
        region = await look(providers, context)
        assert region is not None
        if len(region.all("pool")) == pools and len(region.all("home-care-team")) == 4:
            return region


async def _first_words(player: Player) -> list[tuple[str, str, object]]:
    """Says what is said at the start; whose and of what it was."""
    said: list[tuple[str, str, object]] = []
    for visit in player.visits(1, MONDAY_AT_EIGHT):
        if visit.at > MONDAY_AT_EIGHT:
            return said
        for act in visit.acts:
            await player.do(act)
            said.append((player.desk.agb, player.name, act))
    return said


def _assert_shown(region: Region, said: tuple[str, str, object]) -> None:
    agb, name, act = said
    match act:
        case Report():
            (shown,) = (pool.shown for _, pool in region.pools(agb, 1) if pool.code == name)
            assert shown == replace(act.figures, available_from=None)
        case SayBed():
            (beds,) = (beds for _, beds, _ in region.beds(agb) if beds.code == name)
            assert beds.beds[act.code] == act
        case SayTeam():
            (team,) = (team for _, team in region.teams(agb) if team.code == name)
            assert team.shown == act
        case _:
            raise AssertionError(act)


async def test_calls_go_to_pools_in_the_postcodes_that_a_point_serves(
    api: Serving, content: DemoFile
) -> None:
    context = Context()
    async with desks(api, content) as (providers, points):
        region = await _seen(providers, context, pools=19)
        served = region.served_by(points[0].agb)
        assert served == set(region.all("pool"))
        assert region.served_by("47990099") == set()


def test_days_are_counted_from_the_day_of_the_snapshot() -> None:
    context = Context()
    today = context.now().astimezone(AMSTERDAM).date()
    assert context.day(0) == today.isoformat()
    assert context.day(3) == (today + timedelta(days=3)).isoformat()
    assert context.day(None) is None
