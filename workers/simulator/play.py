"""Plays a region: finds who there is, and lets each say what its habit decides, when it is time."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import httpx
import structlog

from app.demo_file import DemoKey
from domain.actors import Role
from domain.calendar import AMSTERDAM
from workers.simulator.casting import cast_desks
from workers.simulator.client import Desk, KeyRefusedError, Line
from workers.simulator.habits import Habit, Played, cast
from workers.simulator.players import (
    BedsPlayer,
    Context,
    GoneError,
    Player,
    StopPlayer,
    TeamPlayer,
)
from workers.simulator.pool_players import DeskPlayer, PoolPlayer
from workers.simulator.referral_players import Beat
from workers.simulator.region import Region
from workers.simulator.ward import DAY

#: Players say their first words one after the other.
_BETWEEN_PLAYERS_SECONDS = 0.04
#: A visit this much too late, because the API was away, is left out: the next one says it all.
_TOO_LATE_SECONDS = 5.0
_SUMMARY_EVERY_SECONDS = 60.0
_WITH_REFERRALS = (Role.REFERRER, Role.COORDINATOR, Role.PROVIDER_INTAKE)

log = structlog.get_logger()


class NothingToPlayError(Exception):
    """There is nothing (left) to play; the Dutch text says why and what to do."""


class SimulatedClock:
    """Runs `speed` times as fast as the real one, from `start` on."""

    def __init__(self, start: timedelta, speed: float) -> None:
        self.start = start
        self._speed = speed
        self._begun = asyncio.get_running_loop().time()

    async def until(self, at: timedelta) -> float:
        """Waits for a simulated moment; answers how many real seconds too late it is."""
        due = self._begun + (at - self.start).total_seconds() / self._speed
        late = asyncio.get_running_loop().time() - due
        if late < 0:
            await asyncio.sleep(-late)
        return max(0.0, late)


def since_monday(now: datetime) -> timedelta:
    """The weekday and hour in Amsterdam as simulated time, so that the play begins when it is."""
    local = now.astimezone(AMSTERDAM)
    return local.weekday() * DAY + timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second
    )


async def play(
    base_url: str,
    keys: Sequence[DemoKey],
    seed: int,
    speed: float,
    context: Context,
    start: timedelta | None = None,
) -> None:
    """Plays until cancelled, from a simulated moment on; by default the hour of the week that it is.

    Raises NothingToPlayError when no key is accepted (any more).
    """
    async with httpx.AsyncClient(base_url=base_url, timeout=15, trust_env=False) as http:
        line = Line(http)
        await line.until_ready()
        desks = [Desk(line, key) for key in keys if key.role is Role.PROVIDER_CAPACITY]
        coordinators = [Desk(line, key) for key in keys if key.role is Role.COORDINATOR]
        region = await look(desks, context)
        players = cast_players(region, desks, coordinators, seed, context) if region else []
        others = [Desk(line, key) for key in keys if key.role in _WITH_REFERRALS]
        at_work = cast_desks(region, others, seed, Beat.of(speed), context) if region else []
        log.info(
            "playing", providers=len(desks), players=len(players), desks=len(at_work), seed=seed
        )
        clock = SimulatedClock(since_monday(context.now()) if start is None else start, speed)
        async with asyncio.TaskGroup() as beside:
            # Without places there is nothing to ask for: they stop when the last provider does.
            meanwhile = [
                beside.create_task(_summarise(context)),
                beside.create_task(_play_all(others, at_work, seed, clock)),
            ]
            try:
                await _play_all(desks, players, seed, clock)
            finally:
                for task in meanwhile:
                    task.cancel()
    raise NothingToPlayError(_why_nothing(base_url, desks))


async def look(desks: Sequence[Desk], context: Context) -> Region | None:
    """What the board shows now, by the first key that opens it; None: none does."""
    for desk in desks:
        try:
            snapshot = await desk.get("/v1/snapshot")
        except KeyRefusedError:
            desk.refused()
        except httpx.HTTPStatusError as error:
            log.warning("provider can't be played", agb=desk.agb, why=str(error))
        else:
            today = context.now().astimezone(AMSTERDAM).date()
            return Region.of(snapshot.json(), today)
    return None


def cast_players(
    region: Region,
    desks: Sequence[Desk],
    coordinators: Sequence[Desk],
    seed: int,
    context: Context,
) -> list[Player]:
    """Who plays what of a region, each through the desk that it belongs to."""
    found = [(desk, id_, pool) for desk in desks for id_, pool in region.pools(desk.agb, seed)]
    parts = cast([pool for _, _, pool in found], seed)
    together: dict[Desk, list[tuple[str, Played]]] = {}
    served = {
        id_: coordinator
        for coordinator in coordinators
        for id_ in region.served_by(coordinator.agb)
    }
    players: list[Player] = []
    for (desk, id_, _), part in zip(found, parts, strict=True):
        if part.together:
            together.setdefault(desk, []).append((id_, part))
        else:
            caller = served.get(id_) if part.habit is Habit.SILENT else None
            players.append(PoolPlayer(desk, id_, part, context, caller))
    players += [DeskPlayer(desk, pools, context) for desk, pools in together.items()]
    for desk in desks:
        players += _others(region, desk, context)
    return players


def _others(region: Region, desk: Desk, context: Context) -> Iterator[Player]:
    """What an organisation says besides figures of pools."""
    for id_, beds, ids in region.beds(desk.agb):
        yield BedsPlayer(desk, id_, beds, ids, context)
    for id_, team in region.teams(desk.agb):
        yield TeamPlayer(desk, id_, team, context)
    if locations := region.locations(desk.agb):
        yield StopPlayer(desk, locations, sorted(region.stopped(desk.agb)), context)


async def _play_all(
    desks: Sequence[Desk], players: Sequence[Player], seed: int, clock: SimulatedClock
) -> None:
    """Plays what each desk has to play, until the API refuses all their keys."""
    async with asyncio.TaskGroup() as tasks:
        for desk in desks:
            own = [
                (player, number * _BETWEEN_PLAYERS_SECONDS)
                for number, player in enumerate(players)
                if player.desk is desk
            ]
            tasks.create_task(_play_desk(desk, own, seed, clock))


async def _play_desk(
    desk: Desk, players: Sequence[tuple[Player, float]], seed: int, clock: SimulatedClock
) -> None:
    """Plays all of an organisation; it ends when the API refuses its key."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for player, wait_seconds in players:
                tasks.create_task(_play(player, seed, clock, wait_seconds))
    except* KeyRefusedError:
        desk.refused()


async def _play(player: Player, seed: int, clock: SimulatedClock, wait_seconds: float) -> None:
    """Plays until there is nothing more to say or the subject is gone. Raises KeyRefusedError."""
    await asyncio.sleep(wait_seconds)
    try:
        for visit in player.visits(seed, clock.start):
            late = await clock.until(visit.at)
            if late > _TOO_LATE_SECONDS and visit.at > clock.start:
                continue
            try:
                for act in visit.acts:
                    await player.do(act)
            except (KeyRefusedError, GoneError):
                raise
            except Exception:
                # Such as a page of a proxy where an answer was expected; the next visit tries again.
                log.exception("visit failed", agb=player.desk.agb, what=player.name)
    except GoneError:
        log.warning("takes no more reports", agb=player.desk.agb, what=player.name)


async def _summarise(context: Context) -> None:
    while True:
        await asyncio.sleep(_SUMMARY_EVERY_SECONDS)
        log.info("played", **context.tally)
        log.info("done for referrals", **context.done)


def _why_nothing(base_url: str, desks: Sequence[Desk]) -> str:
    if not desks:
        return "In het sleutelbestand staat geen sleutel met de rol provider-capacity."
    if any(desk.key_refused for desk in desks):
        return (
            f"De API op {base_url} weigert de sleutels: ze zijn ingetrokken, of ze horen bij een "
            "andere database. Start de demo opnieuw, of geef met --keys het juiste bestand."
        )
    return f"De API op {base_url} kent geen plaatsen waarover deze sleutels mogen melden."
