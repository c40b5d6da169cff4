"""The board as HTML, kept up to date: each row is rendered when it changes, once for all who look.

Reads the region's board and nothing else. What changes by an event is found in the stream after the
feed's own position; what changes by the clock alone, by the moment until which each row holds.
"""

import asyncio
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import orjson
import structlog
from markupsafe import Markup

from api.web.board import sums
from api.web.board.rows import RowWriter
from app.live.messages import Message, moment
from app.live.pool_views import PoolView
from app.live.resume import Continue, Wait
from app.live.team_views import TeamView
from domain.care_types import CareType
from domain.events import Kind, Position
from domain.identifiers import EVERYWHERE, RegionId

if TYPE_CHECKING:
    from app.container import Container
    from app.live.board import RegionBoard

#: Screens get changes at most this often; the longer sending takes, the longer the rest after it.
TICK_SECONDS = 0.05
_TICK_REST = 2
#: Without any event the clock is looked at this often.
LOOK_SECONDS = 1.0
BEAT_SECONDS = 10.0
#: Rows that went are remembered for who comes back; who missed more takes the list anew.
_MOST_GONE = 5_000
#: Changes that a wall screen may tell of.
_MOST_RECENT = 8

log = structlog.get_logger()


class Viewer(Protocol):
    """Where patches go. Both calls return at once."""

    def write(self, message: Message) -> None:
        """Sends, or closes who doesn't read."""

    def close_restarting(self) -> None:
        """Sends the viewer away to come back."""


@dataclass(slots=True)
class Row:
    """A row as it stands on the page: its group, its HTML, and the number of its last change."""

    group: str
    order: tuple[object, ...]
    html: str
    seq: int


@dataclass(frozen=True, slots=True)
class Change:
    """A pool's balance became another one: `was`, None for unknown."""

    at: datetime
    pool: PoolView
    was: int | None


class BoardFeed:
    """A region's board in one language."""

    def __init__(self, container: "Container", region_id: RegionId, language: str) -> None:
        self.region_id = region_id
        self.language = language
        self.id = ""
        self.seq = 0
        self.rows: dict[str, Row] = {}
        self.sums: dict[str, Row] = {}
        self.pools: dict[str, PoolView] = {}
        self.teams: dict[str, TeamView] = {}
        self.recent: deque[Change] = deque(maxlen=_MOST_RECENT)
        self._container = container
        self._writer = RowWriter(language)
        self._region: RegionBoard | None = None
        self._registers: Position | None = None
        self._position: Position | None = None
        self._latest: datetime | None = None
        self._next = float("inf")
        self._gone: deque[tuple[int, str]] = deque(maxlen=_MOST_GONE)
        self._viewers: set[Viewer] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def gemeenten(self) -> dict[str, str]:
        """Names of the gemeenten that postcodes are known of, by code."""
        return self._writer.gemeenten

    @property
    def gemeente_of_pc4(self) -> Mapping[str, str | None]:
        """The gemeente of each PC4, by code."""
        return self._writer.gemeente_of_pc4

    def sync(self) -> None:
        """Brings every row up to the board and the clock, and tells who looks what changed.

        Raises KeyError while the region isn't loaded yet.
        """
        region = self._container.board.regions[self.region_id]
        try:
            self._catch_up(region, self._container.now())
        except Exception:
            # Half of it may have been taken in: the next one begins anew.
            self._region = None
            raise

    def _catch_up(self, region: "RegionBoard", now: datetime) -> None:
        pools, teams = self._changed(region, now)
        if pools is None:
            self._begin(region, now)
            return
        stamp = now.timestamp()
        if stamp >= self._next:
            pools |= {key for key, view in self.pools.items() if view.holds_until <= now}
            teams |= {key for key, view in self.teams.items() if view.holds_until <= now}
        self._position, self._latest = region.position, now
        if pools or teams:
            rows, summed, gone = self._take(region, pools, teams, now)
            if rows or summed or gone:
                self._tell(self._patch(rows, summed, gone))

    def since(self, feed: str, seq: int) -> Message | None:
        """What a viewer missed since a number of this feed; None: it has to take the list anew."""
        if feed != self.id or not 0 <= seq <= self.seq:
            return None
        if self._gone.maxlen == len(self._gone) and self._gone[0][0] > seq:
            return None
        rows = [key for key, row in self.rows.items() if row.seq > seq]
        changed = [key for key, row in self.sums.items() if row.seq > seq]
        gone = self._gone_since(seq + 1)
        return self._patch(rows, changed, gone)

    def groups(self) -> list[tuple[str, Markup, Markup]]:
        """The groups in order: code, heading and rows."""
        by_group: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows.values():
            by_group[row.group].append(row)
        return [
            (
                group,
                _joined([self.sums[f"g-{group}"]]),
                _joined(sorted(by_group[group], key=lambda row: row.order)),
            )
            for group in self.group_order()
        ]

    def tiles(self) -> Markup:
        """The tiles above the list."""
        keys = ["t-", *(f"t-{group}" for group in self.group_order())]
        return _joined(self.sums[key] for key in keys if key in self.sums)

    def group_order(self) -> list[str]:
        """The care types that the region has, home care last."""
        order = [*sums.GROUPS, CareType.WIJKVERPLEGING]
        return [group.value for group in order if f"g-{group.value}" in self.sums]

    def join(self, viewer: Viewer) -> None:
        """From here on the viewer hears of every change."""
        self._viewers.add(viewer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        self._viewers.discard(viewer)
        if not self._viewers and self._task is not None:
            self._task.cancel()
            self._task = None

    def reload(self) -> Message:
        """Tells a page to take the list anew."""
        return self._message("reload", {})

    def beat(self) -> Message:
        """Tells how far the board is complete."""
        return self._message("beat", {})

    async def _run(self) -> None:
        try:
            beaten = time.monotonic()
            while True:
                region = self._container.board.regions.get(self.region_id)
                if region is None or self._position is None:
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    await region.reach(self._position.number + 1, LOOK_SECONDS)
                started = time.monotonic()
                if self.region_id in self._container.board.regions:
                    self.sync()
                if started - beaten >= BEAT_SECONDS:
                    beaten = started
                    self._tell(self.beat())
                await asyncio.sleep(max(TICK_SECONDS, _TICK_REST * (time.monotonic() - started)))
        except Exception:
            log.exception("board feed failed", region=self.region_id)
            for viewer in tuple(self._viewers):
                viewer.close_restarting()

    def _changed(self, region: "RegionBoard", now: datetime) -> tuple[set[str] | None, set[str]]:
        """The pools and teams that events may have changed; None: nobody can tell."""
        if region is not self._region or self._position is None or self._postcodes_changed():
            return None, set()
        if self._latest is not None and now < self._latest:
            return None, set()
        told: dict[str, set[str]] = defaultdict(set)
        at = self._position
        while at != region.position:
            found = region.ring.after(at)
            if not isinstance(found, Continue) or not found.events:
                return None, set()
            for event in found.events:
                kind, subject_id = event.subject
                told[kind].add(subject_id)
            at = found.events[-1].position
        # A pool or team may come to light by its location or organisation alone.
        located, owned = told[Kind.LOCATION] | told[Kind.ADMISSION_STOP], told[Kind.ORGANISATION]
        pools = told[Kind.POOL] | told[Kind.CAPACITY] | region.pool_views.standing(located, owned)
        teams = told[Kind.HOME_CARE_TEAM] | told[Kind.HOME_CARE] | region.team_views.standing(owned)
        return pools, teams

    def _postcodes_changed(self) -> bool:
        """Whether what is everybody's may name gemeenten otherwise."""
        registers = self._container.board.regions.get(EVERYWHERE)
        at, self._registers = self._registers, registers.position if registers else None
        while registers is not None and at != registers.position:
            found = Wait() if at is None else registers.ring.after(at)
            if not isinstance(found, Continue) or not found.events:
                return True
            if any(event.subject[0] == Kind.POSTCODE for event in found.events):
                return True
            at = found.events[-1].position
        return False

    def _begin(self, region: "RegionBoard", now: datetime) -> None:
        """Everything anew. Who looks has to take the list anew too."""
        self._region, self._position, self._latest = region, region.position, now
        self.id, self.seq = secrets.token_hex(6), 0
        self.rows, self.sums, self.pools, self.teams = {}, {}, {}, {}
        self._gone.clear()
        registers = self._container.board.regions.get(EVERYWHERE)
        self._registers = registers.position if registers else None
        self._writer.learn_postcodes(registers)
        pools = {str(view.id) for view in region.pool_views.all(now)}
        teams = {str(view.id) for view in region.team_views.all(now)}
        self._take(region, pools, teams, now)
        self._tell(self.reload())

    def _take(
        self, region: "RegionBoard", pools: set[str], teams: set[str], now: datetime
    ) -> tuple[list[str], list[str], list[str]]:
        """Renders these pools and teams and the sums that they are in.

        Answers which rows and sums came out otherwise, and which went.
        """
        self.seq += 1
        touched: set[str] = set()
        for pool_id, pool in region.pool_views.some(pools, now).items():
            old = self.pools.pop(pool_id, None)
            touched.update(care.value for view in (old, pool) if view for care in view.care_types)
            if pool is not None:
                self.pools[pool_id] = pool
            if old is not None and pool is not None and old.balance != pool.balance:
                self.recent.appendleft(Change(now, pool, old.balance))
            self._replace(
                {f"p-{pool_id}-{care}" for care in (old.care_types if old else ())},
                self._writer.pool_rows(pool, now) if pool else {},
            )
        for team_id, team in region.team_views.some(teams, now).items():
            known = self.teams.pop(team_id, None)
            touched.add(CareType.WIJKVERPLEGING.value)
            if team is not None:
                self.teams[team_id] = team
            self._replace(
                {f"w-{team_id}"} if known else set(),
                self._writer.team_row(team, now) if team else {},
            )
        self._sum(touched, now)
        changed = [key for key, row in self.rows.items() if row.seq == self.seq]
        summed = [key for key, row in self.sums.items() if row.seq == self.seq]
        holds = [view.holds_until for view in self.pools.values()]
        holds += [view.holds_until for view in self.teams.values()]
        self._next = min(holds).timestamp() if holds else float("inf")
        return changed, summed, self._gone_since(self.seq)

    def _replace(self, old: set[str], new: dict[str, tuple[str, tuple[object, ...], str]]) -> None:
        for key in old - new.keys():
            if self.rows.pop(key, None) is not None:
                self._gone.append((self.seq, key))
        for key, (group, order, html) in new.items():
            known = self.rows.get(key)
            if known is None or known.html != html:
                self.rows[key] = Row(group, order, html, self.seq)

    def _sum(self, touched: Iterable[str], now: datetime) -> None:
        wanted = set(touched)
        for care in sums.GROUPS:
            if care.value in wanted:
                views = [view for view in self.pools.values() if care in view.care_types]
                self._put_sum(care, sums.of_pools(views) if views else None, now)
        if CareType.WIJKVERPLEGING.value in wanted:
            total = sums.of_teams(self.teams.values(), self._writer.gemeente_of_pc4)
            self._put_sum(CareType.WIJKVERPLEGING, total if self.teams else None, now)
        self._put("t-", self._writer.tile(None, sums.of_all(self.pools.values())))

    def _put_sum(self, care: CareType, total: sums.GroupSum | None, now: datetime) -> None:
        if total is None:
            for key in (f"g-{care.value}", f"t-{care.value}"):
                if self.sums.pop(key, None) is not None:
                    self._gone.append((self.seq, key))
            return
        self._put(f"g-{care.value}", self._writer.heading(care, total, now))
        self._put(f"t-{care.value}", self._writer.tile(care, total))

    def _put(self, key: str, html: str) -> None:
        known = self.sums.get(key)
        if known is None or known.html != html:
            self.sums[key] = Row(key[2:], (), html, self.seq)

    def _gone_since(self, seq: int) -> list[str]:
        if not self._gone or self._gone[-1][0] < seq:
            return []
        there = self.rows.keys() | self.sums.keys()
        return [key for number, key in self._gone if number >= seq and key not in there]

    def _patch(self, rows: list[str], changed: list[str], gone: list[str]) -> Message:
        return self._message(
            "patch",
            {
                "rows": [[key, self.rows[key].group, self.rows[key].html] for key in rows],
                "sums": [[key, self.sums[key].html] for key in changed],
                "gone": gone,
            },
        )

    def _message(self, kind: str, content: dict[str, object]) -> Message:
        assert self._region is not None
        facts: dict[str, object] = {
            "type": kind,
            "feed": self.id,
            "seq": self.seq,
            "position": str(self._position),
            "server_time": moment(self._container.now()),
            "complete_at": moment(self._region.complete_at),
        }
        return Message(kind, self._position, orjson.dumps(facts | content).decode())

    def _tell(self, message: Message) -> None:
        for viewer in tuple(self._viewers):
            viewer.write(message)


def _joined(rows: Iterable[Row]) -> Markup:
    return Markup("".join(row.html for row in rows))  # noqa: S704 - RowWriter's templates escape


class BoardFeeds:
    """The feeds of this process, made when first asked for."""

    def __init__(self) -> None:
        self._feeds: dict[tuple[RegionId, str], BoardFeed] = {}

    def get(self, container: "Container", region_id: RegionId, language: str) -> BoardFeed:
        """A region's feed in a language, up to date. Raises KeyError while the region isn't loaded."""
        key = (region_id, language)
        feed = self._feeds.get(key)
        if feed is None:
            feed = BoardFeed(container, region_id, language)
        feed.sync()
        self._feeds[key] = feed
        return feed
