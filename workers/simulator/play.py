"""Plays the providers: finds their pools, and says about each what its habit decides, when it is time."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

import httpx
import structlog

from app.demo_file import DemoKey
from app.demo_region import ORGANISATIONS
from domain.actors import Role
from domain.capacity import Figures, Outcome
from domain.care_types import CareType
from domain.posting import AMSTERDAM, PostingSchedule
from workers.simulator.client import Desk, KeyRefusedError, Line
from workers.simulator.habits import (
    START,
    Act,
    Confirm,
    Habit,
    Played,
    Repeat,
    Report,
    Visit,
    cast,
    seeded,
    visits,
)

#: Pools say their first words one after the other.
_BETWEEN_POOLS_SECONDS = 0.08
#: A visit this much too late, because the API was away, is left out: the next one says it all.
_TOO_LATE_SECONDS = 5.0
_SUMMARY_EVERY_SECONDS = 60.0

log = structlog.get_logger()

#: How often each outcome came back: the API's own, `confirmed`, and the problem statuses.
Tally = Counter[str]


class NothingToPlayError(Exception):
    """There is nothing (left) to play; the Dutch text says why and what to do."""


class PoolGoneError(Exception):
    """The pool takes no reports from this provider: another owner, ended, or followed bed by bed."""


class SimulatedClock:
    """Runs `speed` times as fast as the real one, from START on."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._begun = asyncio.get_running_loop().time()

    async def until(self, at: timedelta) -> float:
        """Waits for a simulated moment; answers how many real seconds too late it is."""
        due = self._begun + (at - START).total_seconds() / self._speed
        late = asyncio.get_running_loop().time() - due
        if late < 0:
            await asyncio.sleep(-late)
        return max(0.0, late)


async def play(
    base_url: str, keys: Sequence[DemoKey], seed: int, speed: float, tally: Tally
) -> None:
    """Plays until cancelled. Raises NothingToPlayError when no key is accepted (any more)."""
    async with httpx.AsyncClient(base_url=base_url, timeout=15, trust_env=False) as http:
        line = Line(http)
        await line.until_ready()
        desks = [Desk(line, key) for key in keys if key.role is Role.PROVIDER_CAPACITY]
        found = [(desk, id_, pool) for desk in desks for id_, pool in await _pools(desk, seed)]
        parts = cast([pool for _, _, pool in found], seed)
        players = [
            PoolPlayer(desk, id_, part, tally)
            for (desk, id_, _), part in zip(found, parts, strict=True)
        ]
        log.info("playing", providers=len(desks), pools=len(players), seed=seed, speed=speed)
        clock = SimulatedClock(speed)
        summaries = asyncio.create_task(_summarise(tally))
        try:
            async with asyncio.TaskGroup() as tasks:
                for desk in desks:
                    plays = [
                        player.play(seed, clock, number * _BETWEEN_POOLS_SECONDS)
                        for number, player in enumerate(players)
                        if player.desk is desk
                    ]
                    tasks.create_task(_play_desk(desk, plays))
        finally:
            summaries.cancel()
    raise NothingToPlayError(_why_nothing(base_url, desks))


async def _play_desk(desk: Desk, plays: Sequence[Coroutine[None, None, None]]) -> None:
    """Plays a provider's pools; all of them end when the API refuses its key."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for play_pool in plays:
                tasks.create_task(play_pool)
    except* KeyRefusedError:
        desk.refused()


async def _pools(desk: Desk, seed: int) -> list[tuple[str, Played]]:
    """The ids of a provider's pools that take reports, each with what is played there."""
    try:
        by_bed = await desk.care_types_by_bed()
        organisations = await desk.list_all("/v1/organisations")
        own = next((item["id"] for item in organisations if item["agb"] == desk.agb), None)
        pools = await desk.list_all("/v1/pools", organisation_id=own) if own else []
    except KeyRefusedError:
        desk.refused()
        return []
    except httpx.HTTPStatusError as error:
        log.warning("provider can't be played", agb=desk.agb, why=str(error))
        return []
    return [
        (pool["id"], _played(desk.agb, pool, seed))
        for pool in pools
        if pool["status"] == "active" and by_bed.isdisjoint(pool["care_types"])
    ]


def _played(agb: str, pool: dict[str, Any], seed: int) -> Played:
    """A pool of the demo region is played as its tables say, any other one as the seed says."""
    random = seeded(seed, "unknown", agb, pool["external_id"])
    feed, places = random.random() < 0.5, random.randint(4, 16)
    for organisation in ORGANISATIONS:
        if organisation.agb == agb:
            feed = organisation.feed
            for location in organisation.locations:
                for known in location.pools:
                    if known.code == pool["external_id"]:
                        places = known.places
    return Played(
        agb=agb,
        code=pool["external_id"],
        care_type=CareType(pool["care_types"][0]),
        places=places,
        schedule=PostingSchedule(pool["posting_schedule"]),
        habit=Habit.FEED if feed else Habit.PERSON,
    )


class PoolPlayer:
    """Plays one pool, remembering what it said and which version the API then showed."""

    def __init__(self, desk: Desk, pool_id: str, pool: Played, tally: Tally) -> None:
        self.desk = desk
        self._id = pool_id
        self._pool = pool
        self.tally = tally
        self._said: Figures | None = None
        self._sent: dict[str, Any] = {}
        self._version = 0

    async def play(self, seed: int, clock: SimulatedClock, wait_seconds: float) -> None:
        """Plays until the pool has nothing more to say or is gone. Raises KeyRefusedError."""
        await asyncio.sleep(wait_seconds)
        try:
            for visit in visits(self._pool, seed):
                late = await clock.until(visit.at)
                if late > _TOO_LATE_SECONDS and visit.at > START:
                    continue
                await self._visit(visit)
        except PoolGoneError:
            log.warning("pool takes no more reports", agb=self._pool.agb, pool=self._pool.code)

    async def _visit(self, visit: Visit) -> None:
        try:
            for act in visit.acts:
                await self.do(act)
        except (KeyRefusedError, PoolGoneError):
            raise
        except Exception:
            # Such as a page of a proxy where an answer was expected; the next visit tries again.
            log.exception("visit failed", agb=self._pool.agb, pool=self._pool.code)

    async def do(self, act: Act) -> None:
        """Does one act and takes the answer in. Raises KeyRefusedError and PoolGoneError."""
        match act:
            case Report():
                await self._report(act)
            case Repeat():
                self._take(await self.desk.report(self._id, self._body), self._said)
            case Confirm():
                await self._confirm(act)
            case _:
                assert_never(act)

    async def _report(self, report: Report) -> None:
        figures = report.figures
        if report.available_in_days is not None:
            today = datetime.now(AMSTERDAM).date()
            figures = replace(
                figures, available_from=today + timedelta(days=report.available_in_days)
            )
        self._sent = {name: value for name, value in asdict(figures).items() if value is not None}
        if figures.available_from is not None:
            self._sent["available_from"] = figures.available_from.isoformat()
        if report.age or self._pool.habit is Habit.FEED:
            self._sent["observed_at"] = (self._own_clock() - report.age).isoformat()
        answer = await self.desk.report(self._id, self._body)
        self._take(answer, report.figures, refusal_expected=report.wrong)

    async def _confirm(self, confirmation: Confirm) -> None:
        if self._said == confirmation.figures:
            answer = await self.desk.confirm(self._id, self._version)
            if answer.is_success:
                self.tally["confirmed"] += 1
                self._version = answer.json()["version"]
                return
            # Somebody else, such as the coordination point on the phone, reported meanwhile.
            self.tally[str(answer.status_code)] += 1
        await self._report(Report(confirmation.figures))

    def _body(self) -> dict[str, Any]:
        if self._pool.clock_ahead:
            return {**self._sent, "sent_at": self._own_clock().isoformat()}
        return self._sent

    def _own_clock(self) -> datetime:
        return datetime.now(UTC) + self._pool.clock_ahead

    def _take(
        self, answer: httpx.Response, said: Figures | None, *, refusal_expected: bool = False
    ) -> None:
        if answer.is_success:
            receipt = answer.json()
            self.tally[receipt["outcome"]] += 1
            self._version = receipt["version"]
            if receipt["outcome"] == Outcome.ACCEPTED:
                self._said = said
            return
        self.tally[str(answer.status_code)] += 1
        if answer.status_code in (404, 409):
            raise PoolGoneError
        if not refusal_expected:
            log.warning("report refused", pool=self._pool.code, problem=answer.text)


async def _summarise(tally: Tally) -> None:
    while True:
        await asyncio.sleep(_SUMMARY_EVERY_SECONDS)
        log.info("played", **tally)


def _why_nothing(base_url: str, desks: Sequence[Desk]) -> str:
    if not desks:
        return "In het sleutelbestand staat geen sleutel met de rol provider-capacity."
    if any(desk.key_refused for desk in desks):
        return (
            f"De API op {base_url} weigert de sleutels: ze zijn ingetrokken, of ze horen bij een "
            "andere database. Start de demo opnieuw, of geef met --keys het juiste bestand."
        )
    return f"De API op {base_url} kent geen plaatsen waarover deze sleutels mogen melden."
