"""The board's feed: who takes every patch has what a newly begun feed shows, and nothing is lost between."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import orjson
import pytest

from api.web.board import feed as feeds
from api.web.board.feed import BoardFeed
from app.container import Container
from app.db.event_log import LoggedEvent, Subject
from app.live.board import Board, RegionBoard
from app.live.messages import Message
from app.live.pool_views import PoolState
from domain.care_types import CareType
from domain.events import Kind
from domain.identifiers import EVERYWHERE
from tests.factories.places import NOW, PC4S, MadeRegion
from tests.factories.stream import REGION, position


@dataclass(eq=False)
class Page:
    """A page as its script keeps it: what it shows, and how far it is."""

    feed: BoardFeed
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)
    at: tuple[str, int] = ("", 0)
    reloads: int = 0
    restarted: int = 0

    def load(self) -> None:
        """Takes the list anew."""
        self.rows = {key: (row.group, row.html) for key, row in self.feed.rows.items()}
        self.sums = {key: row.html for key, row in self.feed.sums.items()}
        self.at = (self.feed.id, self.feed.seq)
        self.reloads += 1

    def write(self, message: Message) -> None:
        """Takes a message in."""
        told = json.loads(message.text)
        if told["type"] == "reload":
            self.load()
            return
        if told["type"] == "patch":
            assert told["feed"] == self.at[0]
            self.rows.update({key: (group, html) for key, group, html in told["rows"]})
            self.sums.update(dict(told["sums"]))
            for key in told["gone"]:
                self.rows.pop(key, None)
                self.sums.pop(key, None)
            # What a page has no room for makes it take the list anew; here it may not happen.
            assert {group for group, _ in self.rows.values()} == {
                key[2:] for key in self.sums if key.startswith("g-")
            }
        self.at = (told["feed"], told["seq"])

    def close_restarting(self) -> None:
        """The server sends us away."""
        self.restarted += 1

    @property
    def shown(self) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
        """What a reader sees."""
        return self.rows, self.sums


class Region:
    """A made-up region whose board is shown, with a clock that is turned."""

    def __init__(self, seed: int) -> None:
        self.made = MadeRegion(random.Random(seed))
        self.made.fill(organisations=9, locations=20, pools=60, teams=40)
        self.now = NOW
        self.board = Board()
        self.board.regions[REGION] = self.made.board()
        self.board.regions[EVERYWHERE] = RegionBoard(
            position(0, region=EVERYWHERE), list(self.postcodes("0637", "0518")), NOW
        )
        self.container = cast(Container, SimpleNamespace(board=self.board, now=lambda: self.now))
        self.feed = self.begun()

    def begun(self) -> BoardFeed:
        """A feed that begins now."""
        found = BoardFeed(self.container, REGION, "nl")
        found.sync()
        return found

    def postcodes(self, *gemeenten: str) -> Iterator[Subject]:
        """The postcodes, spread over these gemeenten."""
        for number, pc4 in enumerate(PC4S):
            code = gemeenten[number % len(gemeenten)]
            data = {"pc4": pc4, "gemeente": code, "gemeente_name": f"Naam {code}"}
            yield Subject(Kind.POSTCODE, pc4, orjson.dumps(data).decode())

    def happen(self, count: int) -> None:
        """So many events."""
        self.board.regions[REGION].apply(list(self.made.events(count)), self.now)

    def pass_by(self, minutes: int) -> None:
        """Turns the clock."""
        self.now += timedelta(minutes=minutes)
        self.made.now = self.now

    def check(self, page: Page) -> None:
        """The page shows what one that begins now does, and the sums are those of their parts."""
        fresh = Page(self.begun())
        fresh.load()
        assert page.shown == fresh.shown


@pytest.mark.parametrize("seed", range(3))
def test_an_old_list_with_its_patches_is_a_new_list_whatever_happens(seed: int) -> None:
    region = Region(seed)
    draw = region.made.draw
    page, away = Page(region.feed), Page(region.feed)
    page.load()
    away.load()
    region.feed._viewers.add(page)
    for turn in range(40):
        region.happen(draw.choice([0, 1, 3, 40]))
        region.pass_by(draw.choice([0, 0, 1, 29, 240, 900]))
        region.feed.sync()
        region.check(page)
        if draw.random() < 0.3:
            missed = region.feed.since(*away.at)
            assert missed is not None, "its number is known"
            away.write(missed)
            assert away.shown == page.shown, f"lost while away, turn {turn}"
    assert page.reloads == 1, "patches were enough"
    assert {key.split("-")[0] for key in page.rows} == {"p", "w"}


def test_the_first_who_look_need_not_take_the_list_twice() -> None:
    region = Region(11)
    before = region.feed.id
    region.feed.sync()
    assert region.feed.id == before


def test_a_number_of_another_feed_or_from_too_long_ago_takes_the_list_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "_MOST_GONE", 3)
    region = Region(12)
    here = (region.feed.id, region.feed.seq)
    assert region.feed.since(*here) is not None
    for feed, seq in (("", 0), ("elsewhere", here[1]), (here[0], here[1] + 1), (here[0], -1)):
        assert region.feed.since(feed, seq) is None
    for _ in range(12):
        region.happen(40)
        region.feed.sync()
    assert len(region.feed._gone) == 3
    assert region.feed.since(*here) is None
    assert region.feed.since(region.feed.id, region.feed._gone[-1][0]) is not None


def test_what_can_not_be_told_in_patches_makes_everybody_take_the_list_anew() -> None:
    region = Region(13)
    page = Page(region.feed)
    page.load()
    region.feed._viewers.add(page)

    def reloaded() -> bool:
        before = page.reloads, region.feed.id
        region.feed.sync()
        region.check(page)
        return (page.reloads, region.feed.id) != before

    registers = region.board.regions[EVERYWHERE]
    renamed = [
        LoggedEvent(
            position(number, region=EVERYWHERE), Kind.POSTCODE, subject.subject_id, None, NOW, data
        )
        for number, subject in enumerate(region.postcodes("0637", "9999"), start=1)
        if (data := subject.data)
    ]
    registers.apply(renamed, NOW)
    assert reloaded(), "a gemeente has another name"
    region.board.regions[REGION] = region.made.board()
    assert reloaded(), "the board was built anew, as after a restore"
    region.now -= timedelta(hours=2)
    assert reloaded(), "the clock was set back"
    assert not reloaded()


def test_sums_are_those_of_their_parts_and_a_place_for_several_kinds_of_care_counts_once() -> None:
    region = Region(14)
    differed = 0
    for _ in range(5):
        pools = region.feed.pools.values()
        free = Counter[CareType]()
        for view in pools:
            for care in view.care_types:
                free[care] += view.free if view.state is PoolState.NOW else 0
        once = sum(view.free for view in pools if view.state is PoolState.NOW)
        differed += once < free.total()
        assert f"</svg>{once}</span>" in region.feed.sums["t-"].html
        for care, count in free.items():
            tile = region.feed.sums[f"t-{care}"].html
            assert (f'#s-vrij"/></svg>{count}</span>' in tile) is (count > 0)
        region.happen(60)
        region.pass_by(240)
        region.feed.sync()
    assert differed, "some places serve several kinds"


def test_a_change_of_figures_is_told_on_the_wall_with_what_it_was() -> None:
    region = Region(15)
    was = {key: view.balance for key, view in region.feed.pools.items()}
    region.happen(60)
    region.feed.sync()
    assert region.feed.recent
    for change in region.feed.recent:
        assert change.was == was[str(change.pool.id)]
        assert change.was != change.pool.balance


async def test_who_looks_hears_of_events_and_of_the_clock_and_a_defect_sends_them_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(feeds, "BEAT_SECONDS", 0.05)
    region = Region(16)
    page = Page(region.feed)
    page.load()
    region.feed.join(page)

    async def until_seq(after: int) -> None:
        async with asyncio.timeout(10):
            while page.at[1] <= after:
                await asyncio.sleep(0.005)

    seq = page.at[1]
    region.happen(5)
    await until_seq(seq)
    region.check(page)
    seq = page.at[1]
    region.now = min(view.holds_until for view in region.feed.pools.values())
    await until_seq(seq)
    region.check(page)

    def broken() -> datetime:
        raise RuntimeError

    region.container.now = broken
    async with asyncio.timeout(10):
        while not page.restarted:
            await asyncio.sleep(0.005)
    region.container.now = lambda: region.now
    region.feed.leave(page)
    # Half of something may have been taken in, so the feed begins anew.
    before = region.feed.id
    region.feed.sync()
    assert region.feed.id != before
    page.load()
    region.feed.join(page)
    region.happen(5)
    await until_seq(page.at[1])
    region.feed.leave(page)
    assert region.feed._task is None
