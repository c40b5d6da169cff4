"""An evening of referrals in the demo region, played as fast as it goes: nobody gets lost."""

import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import httpx
import pytest

from app import demo_file
from app.container import Container
from app.demo_region import ORGANISATIONS, TEAMS
from app.services import demo
from app.services.demo import fill
from app.services.referrals import sweeps
from app.settings import Settings
from domain.actors import Role
from domain.calendar import AMSTERDAM, at_local
from domain.needs import Urgency
from tests.support.clock import Clock
from tests.support.conserved import check_conserved
from tests.support.database import Database
from tests.support.serving import Serving
from workers.simulator import casting, coordinating, intake, referring, searching
from workers.simulator.acts import Visit
from workers.simulator.casting import cast_desks
from workers.simulator.client import Desk, Line
from workers.simulator.play import cast_players, look
from workers.simulator.players import Context, Player
from workers.simulator.referral_players import Beat
from workers.simulator.ward import HOUR

#: Both coordination points, who refers, and seven providers: every manner of answering is there.
CAST = (
    *("75990010", "75990040", "06990041", "53990011"),
    *("47990002", "45990004", "47990005", "42990006", "47990007", "75990009", "42990014"),
)
SEED = 5
BEGIN, END = 17.5 * HOUR, 19.25 * HOUR
BEAT = Beat(speed=1, look_every=timedelta(minutes=6), gap=0)


@dataclass
class Decisions:
    """What desks decided, with what they decided it by."""

    taken: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], Any]] = field(
        default_factory=list
    )

    def listen(self, module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keeps what a function decides from here on."""
        decide = getattr(module, name)

        def kept(*given: Any, **named: Any) -> Any:
            known = tuple(deepcopy(one) if isinstance(one, dict) else one for one in given)
            answer = decide(*given, **named)
            self.taken.append((decide, known, named, answer))
            return answer

        monkeypatch.setattr(module, name, kept)


@dataclass
class Evening:
    """A region that is played by a turned clock."""

    container: Container
    clock: Clock
    database: Database
    desks: Sequence[Player]
    lines: Sequence[Desk]
    context: Context
    statuses: Counter[int]
    monday: datetime
    decisions: Decisions

    async def play(self) -> None:
        """Plays it, the worker's clocks along."""
        parts = [_part(player) for player in self.desks]
        clocks = BEGIN
        for player, visit in heapq.merge(*parts, key=lambda item: item[1].at):
            if visit.at > END:
                return
            self.clock.set(max(self.clock.now(), self.monday + visit.at))
            while clocks < visit.at:
                clocks += timedelta(minutes=3)
                swept = await sweeps.sweep(self.container)
                assert not swept.failed
            for act in visit.acts:
                await player.do(act)


def _part(player: Player) -> Iterator[tuple[Player, Visit[Any]]]:
    for visit in player.visits(SEED, BEGIN):
        yield player, visit


@pytest.fixture
async def evening(
    settings: Settings,
    api: Serving,
    clock: Clock,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Evening]:
    """A smaller region in which every pool has just been posted, before the first call."""
    few = tuple(organisation for organisation in ORGANISATIONS if organisation.agb in CAST)
    monkeypatch.setattr(demo, "ORGANISATIONS", few)
    monkeypatch.setattr(demo, "TEAMS", tuple(team for team in TEAMS if team.agb in CAST))
    often = {kind: 3 * hourly for kind, hourly in casting._HOURLY.items()}
    monkeypatch.setattr(casting, "_HOURLY", often)
    # Else nobody would have come by the end.
    monkeypatch.setattr(intake, "_COMES_IN", dict.fromkeys(Urgency, (0.2, 0.6)))
    decisions = Decisions()
    for module, name in (
        (coordinating, "decide"),
        (coordinating, "triage_by"),
        (searching, "ask_by"),
        (intake, "decide"),
        (referring, "decide"),
    ):
        decisions.listen(module, name, monkeypatch)
    await fill(settings, settings.demo_file)
    content = demo_file.read(settings.demo_file)
    assert content is not None
    assert api.container is not None
    head = await database.value("SELECT number FROM stream WHERE region_id = 1")
    assert await api.container.board.regions[1].reach(head, 10)  # type: ignore[index]
    context = Context(now=clock.now)
    statuses: Counter[int] = Counter()

    async def count(response: httpx.Response) -> None:
        statuses[response.status_code] += 1

    today = clock.now().astimezone(AMSTERDAM).date()
    monday = at_local(today + timedelta(days=7 - today.weekday()), time(0))
    clock.set(monday + BEGIN)
    hooks = {"response": [count]}
    async with httpx.AsyncClient(base_url=api.base_url, timeout=20, event_hooks=hooks) as http:
        line = Line(http)
        lines = [Desk(line, key) for key in content.keys]
        posting = [desk for desk in lines if desk.role is Role.PROVIDER_CAPACITY]
        region = await look(posting, context)
        assert region is not None
        for player in cast_players(region, posting, [], SEED, context):
            for visit in player.visits(SEED, BEGIN):
                if visit.at > BEGIN:
                    break
                for act in visit.acts:
                    await player.do(act)
        desks = cast_desks(region, lines, SEED, BEAT, context)
        yield Evening(
            *(api.container, clock, database, desks, lines, context),
            *(statuses, monday, decisions),
        )


async def test_an_evening_of_referrals_loses_nobody(evening: Evening) -> None:
    await evening.play()

    assert not any(status >= 500 for status in evening.statuses), evening.statuses
    assert not any(desk.key_refused for desk in evening.lines)
    rows = await check_conserved(evening.container)
    done = evening.context.done
    told = dict(done), Counter(row["state"] for row in rows["offer"])
    waiting = [row for row in rows["referral"] if row["ended_at"] is None]
    assert waiting, told
    assert all(row["owner_id"] and row["next_action"] for row in waiting)
    assert done["admitted"] > 0, told
    assert done["refused"] > 0, told
    assert any(row["state"] == "verlopen" for row in rows["offer"]), told
    assert len(waiting) < 60, told
    assert {what for what in done if ": " in what} <= {
        "offered: argument-required",
        "accepted: no-place-left",
        "accepted-by-phone: no-place-left",
        "held: no-place-left",
    }, told

    again = [decide(*known, **named) for decide, known, named, _ in evening.decisions.taken]
    assert again == [answer for *_, answer in evening.decisions.taken]
    assert len(again) > 200
