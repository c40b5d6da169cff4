"""Does what was decided: each player says its part through the API and takes the answers in."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
import structlog

from domain.calendar import AMSTERDAM
from domain.capacity import Outcome
from workers.simulator.acts import LiftStop, SayBed, SayTeam, SetStop, Visit
from workers.simulator.bed_habits import PlayedBeds, bed_visits
from workers.simulator.client import Desk
from workers.simulator.outbreaks import stop_visits
from workers.simulator.team_habits import PlayedTeam, team_visits

log = structlog.get_logger()

#: How often each outcome came back: the API's own, `confirmed`, and the problem statuses.
Tally = Counter[str]


class GoneError(Exception):
    """The subject takes no reports from this provider: another owner, ended, or in another way."""


def utc_now() -> datetime:
    """The clock of a running simulator. Tests give players another one."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """What all players share. done: how often what was done for a referral, and what was refused."""

    tally: Tally = field(default_factory=Counter)
    done: Tally = field(default_factory=Counter)
    now: Callable[[], datetime] = utc_now

    def day(self, in_days: int | None) -> str | None:
        """A day counted from today in Amsterdam, as the API takes it."""
        if in_days is None:
            return None
        return (self.now().astimezone(AMSTERDAM).date() + timedelta(days=in_days)).isoformat()

    def take(
        self,
        answer: httpx.Response,
        what: str,
        *,
        accepted: str = Outcome.ACCEPTED,
        refusal_expected: bool = False,
    ) -> Any:
        """Counts an answer; what it says when it isn't a refusal. Raises GoneError at 404 and 409.

        accepted: what to count it as when it was accepted.
        """
        if answer.is_success:
            receipt = answer.json()
            outcome = receipt["outcome"]
            self.tally[accepted if outcome == Outcome.ACCEPTED else outcome] += 1
            return receipt
        self.tally[str(answer.status_code)] += 1
        if answer.status_code in (404, 409):
            raise GoneError
        if not refusal_expected:
            self.warn(what, answer.text)
        return None

    def warn(self, what: str, problem: str) -> None:
        """Says that something was refused that shouldn't have been."""
        self.tally["unexpected"] += 1
        log.warning("report refused", what=what, problem=problem)


class Player(Protocol):
    """Somebody who says something of a subject, in order, through a desk."""

    desk: Desk
    name: str
    context: Context

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[Any]]:
        """All that will be done, in order."""

    async def do(self, act: Any) -> None:
        """Does one act and takes the answer in. Raises KeyRefusedError and GoneError."""


class BedsPlayer:
    """Plays a pool of beds."""

    def __init__(
        self, desk: Desk, pool_id: str, pool: PlayedBeds, ids: Mapping[str, str], context: Context
    ) -> None:
        self.desk = desk
        self.name = pool.code
        self._pool_id = pool_id
        self._pool = pool
        self._ids = ids
        self.context = context

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[Any]]:
        """All that will be said of the beds."""
        return bed_visits(self._pool, seed, start)

    async def do(self, act: Any) -> None:
        """Says how a bed is, or that all are as they are shown."""
        if isinstance(act, SayBed):
            body = {
                "state": act.state,
                "closed_reason": act.closed_reason,
                "expected_discharge": self.context.day(act.leaves_in_days),
            }
            answer = await self.desk.put(f"/v1/beds/{self._ids[act.code]}", lambda: body)
            self.context.take(answer, self.name)
            return
        shown = await self.desk.get(f"/v1/pools/{self._pool_id}")
        version = shown.json()["capacity"]["version"]
        answer = await self.desk.confirm(self._pool_id, version)
        self.context.take(answer, self.name, accepted="confirmed")


class TeamPlayer:
    """Plays a home-care team."""

    def __init__(self, desk: Desk, team_id: str, team: PlayedTeam, context: Context) -> None:
        self.desk = desk
        self.name = team.code
        self._path = f"/v1/home-care-teams/{team_id}"
        self._team = team
        self.context = context
        self._version = 0

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[Any]]:
        """All that will be said of the team."""
        return team_visits(self._team, seed, start)

    async def do(self, act: Any) -> None:
        """Says the stoplight, or that it still holds."""
        if isinstance(act, SayTeam):
            await self._say(act)
            return
        if self._version:
            answer = await self.desk.post(f"{self._path}/confirmation", version=self._version)
            receipt = self.context.take(
                answer, self.name, accepted="confirmed", refusal_expected=True
            )
            if receipt is not None:
                self._version = receipt["version"]
                return
        await self._say(act.said)

    async def _say(self, said: SayTeam) -> None:
        body = {
            "light": said.light,
            "earliest_start": self.context.day(said.starts_in_days),
            "hours": said.hours,
            "exceptions": [
                {
                    "light": other.light,
                    "skill": other.skill,
                    "dagdeel": other.dagdeel,
                    "earliest_start": self.context.day(other.starts_in_days),
                }
                for other in said.differs
            ],
        }
        answer = await self.desk.put(f"{self._path}/report", lambda: body)
        receipt = self.context.take(answer, self.name)
        if receipt is not None and receipt["outcome"] == Outcome.ACCEPTED:
            self._version = receipt["version"]


class StopPlayer:
    """Plays the outbreaks of an organisation."""

    def __init__(
        self, desk: Desk, locations: Mapping[str, str], standing: Sequence[str], context: Context
    ) -> None:
        self.desk = desk
        self.name = "opnamestops"
        self._ids = locations
        self._standing = standing
        self.context = context

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[Any]]:
        """All stops that will be set and lifted."""
        return stop_visits(self.desk.agb, list(self._ids), self._standing, seed, start)

    async def do(self, act: Any) -> None:
        """Sets or lifts a stop."""
        path = f"/v1/locations/{self._ids[act.location]}/admission-stop"
        if isinstance(act, SetStop):
            body = {
                "reason": act.reason,
                "note": act.note,
                "expected_until": self.context.day(act.ends_in_days),
            }
            answer = await self.desk.put(path, lambda: body)
            self.context.take(answer, act.location, accepted="stop-set")
        else:
            assert isinstance(act, LiftStop)
            answer = await self.desk.delete(path)
            self.context.take(answer, act.location, accepted="stop-lifted")
