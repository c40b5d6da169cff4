"""Desks at work: referrers, coordination points and intake desks look, decide, and do it.

What they decide is pure (`referring.py`, `coordinating.py`, `searching.py`, `intake.py`). Whatever the
API refuses is an answer they live with.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import merge
from typing import Any

import httpx
import structlog

from domain.cases import Route
from domain.next_actions import NextAction
from domain.offers import OfferState
from workers.simulator import coordinating, intake, referring, searching
from workers.simulator.acts import Visit, seeded
from workers.simulator.calls import Call, Tempo
from workers.simulator.client import Desk
from workers.simulator.coordinating import Advise, Match, Point
from workers.simulator.intake import Manner
from workers.simulator.needs import Asker, Need, heard, needs_of
from workers.simulator.players import Context

log = structlog.get_logger()

#: Nobody files more while so many of its own wait for a place, so that a demo of days stays usable.
MOST_BY_REFERRER, MOST_BY_PHONE = 3, 18
#: Cases that a desk looks into at one look.
_AT_ONCE = 8
#: Somebody who has nothing to do looks this much less often.
_IDLE = 4
_PAGE = {"limit": "200"}
#: Of each list of a match; nobody asks more than this for one referral.
_MOST_MATCHED = 12


@dataclass(frozen=True, slots=True)
class Beat:
    """How fast desks work. look_every: simulated; gap: seconds between two requests of a desk."""

    speed: float
    look_every: timedelta
    gap: float

    @classmethod
    def of(cls, speed: float) -> "Beat":
        """At speed 1 a look every 20 seconds, and three between requests; faster, up to what is civil."""
        return cls(speed, timedelta(seconds=max(20.0, 5.0 * speed)), max(0.2, 3.0 / speed))


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looks what there is to do."""


class AtWork:
    """What the desks share: they look every so often, and do one thing after the other."""

    def __init__(self, desk: Desk, name: str, seed: int, beat: Beat, context: Context) -> None:
        self.desk = desk
        self.name = name
        self.context = context
        self._seed = seed
        self._beat = beat
        self._idle = 0

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[Any]]:
        """All looks, without end; desks don't all look at the same moment."""
        begins = seeded(seed, "looks", self.desk.agb, self.desk.role).random()
        at = start + begins * self._beat.look_every
        while True:
            yield Visit(at, (Look(),))
            at += self._beat.look_every

    async def do(self, act: Any) -> None:
        """Looks, and does what there is to do. Raises KeyRefusedError."""
        if not isinstance(act, Look):
            await self.file(act)
        elif self._idle % _IDLE == 0:
            self._idle = 0 if await self.look() else 1
        else:
            self._idle += 1

    async def file(self, need: Need) -> None:
        """Somebody needs care."""

    async def look(self) -> bool:
        """Looks what there is to do, and does it; whether there is anything under way."""
        raise NotImplementedError

    def tempo(self) -> Tempo:
        """The moment that it is for the desk."""
        return Tempo(self.context.now(), self._beat.speed)

    async def get(
        self, path: str, params: Mapping[str, str | Sequence[str]] | None = None
    ) -> dict[str, Any]:
        """What the API answers to a question."""
        await asyncio.sleep(self._beat.gap)
        answer: dict[str, Any] = (await self.desk.get(path, params)).json()
        return answer

    async def all(self, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """All items of a list."""
        asked = {**_PAGE, **params}
        found: list[dict[str, Any]] = []
        while True:
            page = await self.get(path, asked)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]

    async def carry_out(
        self, call: Call, instead: Callable[[Call, str], Call | None] | None = None
    ) -> bool:
        """Does what was decided, or what is decided when that is refused; whether it was done."""
        await asyncio.sleep(self._beat.gap)
        answer = await self.desk.call(call.method, call.path, dict(call.body))
        if answer.is_success:
            self.context.done[call.what] += 1
            return True
        code = str(answer.json().get("type", "")).rpartition(":")[2]
        self.context.done[f"{call.what}: {code}"] += 1
        other = instead(call, code) if instead is not None else None
        if other is None and answer.status_code == httpx.codes.BAD_REQUEST:
            log.warning("a desk's call was refused", what=call.what, problem=answer.text)
        return other is not None and await self.carry_out(other, instead)


class ReferrerPlayer(AtWork):
    """Plays a referrer: files, answers, takes back."""

    def __init__(
        self, desk: Desk, own_id: str, asker: Asker, seed: int, beat: Beat, context: Context
    ) -> None:
        super().__init__(desk, f"verwijzer {desk.agb}", seed, beat, context)
        self._id = own_id
        self._asker = asker
        self._waiting = 0

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[Any]]:
        """Needs as they come, and looks."""
        needs = needs_of(self._asker, seed, start, self.context.now().year)
        return merge(needs, super().visits(seed, start), key=lambda visit: visit.at)

    async def file(self, need: Need) -> None:
        """Files a need, unless enough of its own are waiting."""
        if self._waiting < MOST_BY_REFERRER:
            self._waiting += await self.carry_out(filing(need, self.tempo(), self._id))
            self._idle = 0

    async def look(self) -> bool:
        """Answers what is asked, and takes back what is needed no more."""
        found = await self.all("/v1/referrals", {"open": "true"})
        self._waiting = count_waiting(found)
        for referral in found[: 5 * _AT_ONCE]:
            call = referring.decide(referral, self._seed, self.tempo())
            if call is not None and call.method == "GET":
                opened = await self.get(call.path)
                call = referring.decide(opened, self._seed, self.tempo())
            if call is not None:
                await self.carry_out(call)
        return self._waiting > 0


class CoordinatorPlayer(AtWork):
    """Plays a coordination point: types what callers tell, and sees each referral through."""

    def __init__(
        self,
        desk: Desk,
        point: Point,
        asker: Asker,
        callers: Sequence[str],
        seed: int,
        beat: Beat,
        context: Context,
    ) -> None:
        super().__init__(desk, f"coördinatiepunt {desk.agb}", seed, beat, context)
        self._point = point
        self._asker = asker
        self._callers = callers
        self._waiting = 0
        self._looks = 0
        self._seen: dict[str, tuple[int, str]] = {}

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[Any]]:
        """Calls as they come in, and looks."""
        needs = needs_of(self._asker, seed, start, self.context.now().year)
        return merge(needs, super().visits(seed, start), key=lambda visit: visit.at)

    async def file(self, need: Need) -> None:
        """Types what a caller tells, unless enough are waiting."""
        if self._waiting < MOST_BY_PHONE:
            callers = (None, *self._callers)
            caller = callers[need.birth_year % len(callers)]
            call = filing(need, self.tempo(), caller, Route.PHONE)
            self._waiting += await self.carry_out(call)
            self._idle = 0

    async def look(self) -> bool:
        """Goes through what is open, what has to be done first in front."""
        if self._looks % _IDLE == 0:
            for handover in await self.all("/v1/handovers", {"open": "true", "direction": "in"}):
                await self.carry_out(coordinating.take_over(handover, self._seed))
        self._looks += 1
        found = await self.all("/v1/referrals", {"open": "true"})
        self._waiting = count_waiting(found)
        self._seen = {id_: seen for id_, seen in self._seen.items() if id_ in _ids(found)}
        looks = [one for one in found if self._wants_a_look(one)]
        for summary in looks[:_AT_ONCE]:
            self._seen[summary["id"]] = (summary["version"], self.context.now().isoformat())
            await self._see_to(await self.get(f"/v1/referrals/{summary['id']}"))
        return self._waiting > 0

    def _wants_a_look(self, summary: Mapping[str, Any]) -> bool:
        """Nobody opens what didn't change twice within ten minutes."""
        version, at = self._seen.get(summary["id"], (0, ""))
        tempo = self.tempo()
        again = version != summary["version"] or tempo.passed(at, timedelta(minutes=10))
        return again and coordinating.wants_a_look(summary, tempo)

    async def _see_to(self, case: Mapping[str, Any]) -> None:
        story = heard(case["texts"]["what_happened"], case["number"], self._seed)
        if story is None or case["next_action"] is None:
            return
        tempo = self.tempo()
        deed = coordinating.decide(case, story, self._point, self._seed, tempo)
        match deed:
            case Advise():
                advice = await self._advice(deed)
                call: Call | None = coordinating.triage_by(case, deed.facts, advice)
            case Match():
                matched = await self._match(deed)
                if matched is None:
                    return
                call = searching.ask_by(case, matched, story, self._seed, tempo)
            case _:
                call = deed
        if call is not None:
            await self.carry_out(call, coordinating.instead)

    async def _match(self, deed: Match) -> dict[str, Any] | None:
        """What a match comes to; None: somebody ended it meanwhile."""
        await asyncio.sleep(self._beat.gap)
        body = {"care_types": deed.care_types, "limit": _MOST_MATCHED}
        answer = await self.desk.call("POST", deed.path, body)
        if not answer.is_success:
            return None
        found: dict[str, Any] = answer.json()
        return found

    async def _advice(self, deed: Advise) -> dict[str, Any]:
        await asyncio.sleep(self._beat.gap)
        body = {"facts": dict(deed.facts) | {"crisismaatregel": False}}
        answer = await self.desk.call("POST", "/v1/triage-advice", body)
        answer.raise_for_status()
        advice: dict[str, Any] = answer.json()
        return advice


class IntakePlayer(AtWork):
    """Plays a provider's intake desk, in its manner."""

    def __init__(self, desk: Desk, manner: Manner, seed: int, beat: Beat, context: Context) -> None:
        super().__init__(desk, f"intake {desk.agb}", seed, beat, context)
        self._manner = manner
        self._postponed: set[str] = set()
        self._left: set[str] = set()
        self._looks = 0

    async def look(self) -> bool:
        """Goes through what is asked and promised; less often, through who is in the house."""
        found = await self.all("/v1/offers", {"open": "true"})
        if self._looks % (2 * _IDLE) == 0:
            ended = (await self.get("/v1/offers", {"open": "false", "limit": "200"}))["items"]
            found += [one for one in ended if one["state"] == OfferState.OPGENOMEN]
            self._left &= _ids(ended)
        self._looks += 1
        for offer in found:
            if offer["id"] not in self._left:
                await self._see_to(offer)
        self._postponed &= _ids(found)
        return bool(found)

    async def _see_to(self, offer: Mapping[str, Any]) -> None:
        call = self._decide(offer)
        if call is not None and call.method == "GET":
            offer = await self.get(call.path)
            # Somebody may have ended it meanwhile.
            call = self._decide(offer) if offer["need"] is not None else None
        if call is None:
            return
        if call.what == "not-arrived":
            self._postponed.add(offer["id"])
        if call.what == "discharged":
            # Done, or done by the coordination point: either way nobody is there any more.
            self._left.add(offer["id"])
        await self.carry_out(call, intake.instead)

    def _decide(self, offer: Mapping[str, Any]) -> Call | None:
        plan = intake.plan_of(offer, self.desk.agb, self._manner, self._seed)
        postponed = offer["id"] in self._postponed
        return intake.decide(offer, plan, self.tempo(), postponed=postponed)


def filing(need: Need, tempo: Tempo, asked_by: str | None, route: Route = Route.API) -> Call:
    """A need as it is filed."""
    body = {**need.body(), "route": route, "requested_by": asked_by}
    body["since"] = tempo.after(-timedelta(minutes=need.minutes_ago))
    if need.hours is not None:
        body["needed_by"] = (tempo.now + timedelta(hours=need.hours)).isoformat()
    return Call("filed", "POST", "/v1/referrals", body)


def count_waiting(found: Sequence[Mapping[str, Any]]) -> int:
    """How many have no place yet; who is in a house is waited for by nobody."""
    return sum(one["next_action"] != NextAction.EVALUEREN for one in found)


def _ids(items: Sequence[Mapping[str, Any]]) -> set[str]:
    return {item["id"] for item in items}
