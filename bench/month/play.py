"""Plays a month: an agenda of what happens when, the houses' own lives, and what is asked of them."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Protocol
from uuid import UUID

from app.container import Container
from app.demo_region.others import SERVED
from app.services import delivery_records, reports
from app.services.referrals import endings, filing, matches, sweeps, triages
from app.services.referrals.triages import Triage
from bench.month.arrivals import Arrival, arrivals, leaves_at
from bench.month.houses import House, Posts, Ward
from bench.month.region import OTHERS, REGION, Region, Scale
from domain.calendar import AMSTERDAM, at_local
from domain.cases import Closure
from domain.events import Position
from domain.needs import Need, Urgency
from domain.posting import PostingSchedule
from workers.simulator.acts import seeded

Do = Callable[[], Awaitable[object]]

#: A Monday at midnight in Amsterdam.
BEGINS = at_local(date(2027, 1, 4), time(0))
_SWEEP_EVERY = timedelta(minutes=30)
_LOOK_EVERY = timedelta(hours=6)
_COUNT_EVERY = timedelta(days=1)
_FEED_EVERY = timedelta(hours=3)
_PEOPLE_POST_AT = (9, 15)
_FORGETS = {Posts.TWICE: 0.1, Posts.SELDOM: 0.5}
#: Whoever has no promise after so long found another way.
_GIVES_UP = {
    Urgency.ACUUT: timedelta(days=2),
    Urgency.SPOED: timedelta(days=4),
    Urgency.REGULIER: timedelta(days=21),
}


class Clock:
    """Stands still between two things that happen, but for a thousandth at each look."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The moment it shows."""
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass(eq=False, slots=True)
class Case:
    """A referral as the coordination point has it in hand.

    waits: nobody is being asked, and no place is promised. ask_again: from when on a pool may be asked
    (again) for it.
    """

    id: UUID
    number: str
    arrival: Arrival
    need: Need
    filed_at: datetime
    target_at: datetime
    waits: bool = True
    ended: bool = False
    ask_again: dict[UUID, datetime] = field(default_factory=dict)

    @property
    def urgency(self) -> Urgency:
        """How urgent it is."""
        return self.arrival.told.urgency

    @property
    def order(self) -> tuple[int, datetime]:
        """What is most urgent first, then who waits longest."""
        return tuple(Urgency).index(self.urgency), self.filed_at

    def may_ask(self, ward: Ward, now: datetime) -> bool:
        """Whether it wasn't asked there a while ago."""
        return self.ask_again.get(ward.pool_id, now) <= now


class Way(Protocol):
    """A way of placing people."""

    name: str

    def begin(self, play: "Play") -> None:
        """Before the first arrival."""

    def waits(self, play: "Play", case: Case) -> None:
        """A case came in, or nobody is being asked for it any more."""


class Play:
    """One month in one way."""

    def __init__(
        self, container: Container, clock: Clock, region: Region, way: Way, scale: Scale, seed: int
    ) -> None:
        self.container = container
        self.region = region
        self.way = way
        self.seed = seed
        self.begins = clock.at
        self.until = clock.at + timedelta(days=scale.days)
        self.cases: list[Case] = []
        self.occupied: list[float] = []
        self._scale = scale
        self._clock = clock
        self._agenda: list[tuple[datetime, int, Do]] = []
        self._numbers = count()
        self._head = 0
        self._asked: dict[UUID, Do] = {}

    @property
    def now(self) -> datetime:
        """The moment that it is."""
        return self._clock.now()

    def plan(self, at: datetime, do: Do) -> None:
        """Something will happen; what was due already happens next."""
        heapq.heappush(self._agenda, (at, next(self._numbers), do))

    async def run(self) -> None:
        """Plays all of it."""
        for house in {ward.house.agb: ward.house for ward in self.region.wards}.values():
            self._plan_posts(house)
        for ward in self.region.wards:
            for leaves in ward.stays:
                self.plan(leaves, _leaving(ward, leaves))
            self._plan_others(ward)
        self._plan_arrivals()
        self.repeat(_SWEEP_EVERY, self.sweep)
        self.repeat(_LOOK_EVERY, self._look)
        self.repeat(_COUNT_EVERY, self._count)
        self.way.begin(self)
        while self._agenda and self._agenda[0][0] <= self.until:
            at, _, do = heapq.heappop(self._agenda)
            self._clock.at = max(self._clock.at, at)
            await do()
        self._clock.at = max(self._clock.at, self.until)
        await self.shown()

    def took(self, position: Position) -> None:
        """Something was committed; whoever looks at the board next has to see it."""
        self._head = max(self._head, position.number)

    async def shown(self) -> None:
        """Waits until the board shows all that was done."""
        if not await self.container.board.regions[REGION].reach(self._head, 10):
            raise AssertionError("the board stays behind")

    def repeat(self, every: timedelta, do: Do, off: timedelta = timedelta(0)) -> None:
        """Something is done every so often, the first time so long after the play begins."""

        async def again() -> None:
            self.plan(self._clock.at + every, again)
            await do()

        self.plan(self.begins + off, again)

    def watch(self, offer_id: UUID, deadline_at: datetime, then: Do) -> None:
        """Sweeps when an offer's time is over; `then` is done when nobody answered it by then."""
        self._asked[offer_id] = then
        self.plan(deadline_at + timedelta(seconds=1), self.sweep)

    def is_open(self, offer_id: UUID) -> bool:
        """Whether an offer waits for its answer."""
        return offer_id in self._asked

    def settled(self, offer_id: UUID) -> None:
        """An offer was answered."""
        self._asked.pop(offer_id, None)

    async def sweep(self) -> None:
        """Does what the worker's clocks do, and hears which offers nobody answered."""
        swept = await sweeps.sweep(self.container)
        while swept.more:
            swept = await sweeps.sweep(self.container)
        if swept.failed:
            raise AssertionError(f"a clock failed: {swept.failed}")
        if not swept.count or not self._asked:
            return
        query = "SELECT id FROM offer WHERE id = ANY($1) AND state = 'verlopen'"
        rows = await self.container.read(
            lambda connection: connection.fetch(query, list(self._asked))
        )
        for row in rows:
            await self._asked.pop(row["id"])()

    def _plan_arrivals(self) -> None:
        found = arrivals(self.seed, self._scale.share, list(SERVED), self.begins.date())
        self._plan_next(found)

    def _plan_next(self, found: Iterator[Arrival]) -> None:
        arrival = next(found)

        async def comes() -> None:
            self._plan_next(found)
            await self._file(arrival)

        self.plan(self.begins + arrival.at, comes)

    async def _file(self, arrival: Arrival) -> None:
        container, coordinator = self.container, self.region.coordinator
        now = self.now
        intake = arrival.intake(now)
        done = await filing.file(container, coordinator, intake)
        given = Triage(arrival.facts, arrival.care_types[0])
        triaged = await triages.triage(container, coordinator, done.id, given)
        self.took(triaged.position)
        query = "SELECT filed_at, target_at FROM referral WHERE id = $1"
        row = await container.read(lambda connection: connection.fetchrow(query, done.id))
        assert row is not None
        need = replace(intake.need, needed_by=row["target_at"])
        case = Case(done.id, done.number, arrival, need, row["filed_at"], row["target_at"])
        self.cases.append(case)
        self.plan(now + _GIVES_UP[case.urgency], lambda: self._give_up(case))
        self.way.waits(self, case)

    async def _give_up(self, case: Case) -> None:
        if case.ended:
            return
        if not case.waits:
            # Somebody may still say yes, or take a yes back.
            self.plan(self.now + _LOOK_EVERY, lambda: self._give_up(case))
            return
        done = await endings.close(
            self.container, self.region.coordinator, case.id, Closure.ZELF_GEREGELD
        )
        case.ended, case.waits = True, False
        self.took(done.position)

    def _plan_others(self, ward: Ward) -> None:
        care_type = ward.care_types[0]
        alike = sum(one.places for one in self.region.wards if one.care_types[0] is care_type)
        a_day = self.region.daily[care_type] * OTHERS * ward.places / alike
        random = seeded(self.seed, "others", ward.code)

        async def comes() -> None:
            leaves = leaves_at(care_type, self.now, random)
            if ward.room > 0:
                ward.come(leaves)
                self.plan(leaves, _leaving(ward, leaves))
            follows()

        def follows() -> None:
            self.plan(self._clock.at + timedelta(days=random.expovariate(a_day)), comes)

        follows()

    def _plan_posts(self, house: House) -> None:
        wards = [ward for ward in self.region.wards if ward.house is house]
        self.plan(self.begins, lambda: self._post(wards))
        random = seeded(self.seed, "posts", house.agb)
        if house.posts is Posts.FEED:
            off = timedelta(minutes=random.randrange(180))
            self.repeat(_FEED_EVERY, lambda: self._post(wards), off)
            return
        for day in range(self._scale.days + 1):
            for hour in _PEOPLE_POST_AT:
                late = timedelta(hours=hour, minutes=random.randrange(-20, 40))
                if random.random() >= _FORGETS[house.posts]:
                    self.plan(self.begins + timedelta(days=day) + late, lambda: self._post(wards))

    async def _post(self, wards: list[Ward]) -> None:
        """A house posts; at weekends only what has to be posted every day."""
        now = self.now
        rests = now.astimezone(AMSTERDAM).weekday() >= 5
        async with asyncio.TaskGroup() as tasks:
            for ward in wards:
                people = ward.house.posts is not Posts.FEED
                if not (people and rests and ward.schedule is PostingSchedule.WORKDAYS_TWICE):
                    tasks.create_task(self._report(ward))

    async def _report(self, ward: Ward) -> None:
        facts = await reports.find_pool(self.container, ward.pool_id)
        given = reports.Given(ward.figures(self._clock.at))
        receipt = await reports.report_pool(self.container, ward.house.reporter, facts, given)
        self.took(receipt.position)

    async def _count(self) -> None:
        """What a worker does once a day: the records of delivering, and what nobody acted on."""
        await delivery_records.count_anew(self.container)
        await matches.forget_unused(self.container)

    async def _look(self) -> None:
        wards = self.region.wards
        taken = sum(len(ward.stays) for ward in wards)
        self.occupied.append(taken / sum(ward.places for ward in wards))


def _leaving(ward: Ward, leaves: datetime) -> Do:
    async def left() -> None:
        ward.left(leaves)

    return left
