"""Random acts on a few referrals, one after the other, with a look at everything after each."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.actors import Actor
from domain.errors import Problem
from domain.identifiers import BedId, PoolId, TeamId
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.conserved import Rows, check_conserved, everything

Row = dict[str, Any]


class Nothing(Exception):
    """There is nothing to do this act to."""


@dataclass(slots=True)
class Walk:
    """Does one random act after another, and looks at everything after each."""

    world: World
    clock: Clock
    draw: random.Random
    coordinator: Actor
    receiver: Actor
    desk: Actor
    referrer: Actor
    pools: tuple[PoolId, ...]
    mfb: PoolId
    beds: tuple[BedId, ...]
    team: TeamId
    rows: dict[str, Rows] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)

    async def walk(self, acts: int, weights: Mapping[str, int]) -> None:
        """So many acts, each followed by a look at all rows; weights: how often each is tried."""
        self.rows = await everything(self.world.container)
        names, often = list(weights), list(weights.values())
        while len(self.done) < acts:
            await self._act(self.draw.choices(names, often)[0])

    async def _act(self, name: str) -> None:
        act: Callable[[], Awaitable[object]] = getattr(self, name)
        self.done.append(name)
        try:
            await act()
        except Nothing:
            self.done.pop()
            return
        except Problem as problem:
            self.done[-1] += f": {problem.code}"
            self.refused[problem.code] += 1
            # Said by the database it would be a guard of ours that is missing.
            expected = problem.code != "already-exists" or name in ("claim", "hand_over")
            assert expected, self._told()
            after = await everything(self.world.container)
            assert after == self.rows, f"refused, and yet something changed: {self._told()}"
            return
        try:
            self.rows = await check_conserved(self.world.container)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._told()}") from None
        self.states.update(row["state"] for row in self.rows["referral"])

    def _told(self) -> str:
        return " > ".join(self.done[-12:])

    # Whom and what an act is about: mostly what makes sense, now and then anything.

    def a_referral(self, *states: str) -> Row:
        return self.mostly_one("referral", states)

    def an_offer(self, *states: str) -> Row:
        return self.mostly_one("offer", states)

    def mostly_one(self, table: str, states: tuple[str, ...]) -> Row:
        """One in these states (none given: an open one); one time in twelve any."""
        fitting = [
            row
            for row in self.rows[table]
            if row["state"] in states or (not states and row["ended_at"] is None)
        ]
        wanted = fitting if self.draw.random() < 0.92 else self.rows[table]
        if not wanted:
            raise Nothing
        row = self.draw.choice(wanted)
        self.done[-1] += f"({row['state']})"
        return row

    def one_of(self, table: str) -> Row:
        if not self.rows[table]:
            raise Nothing
        return self.draw.choice(self.rows[table])

    def owner(self, referral_id: UUID) -> Actor:
        row = next(row for row in self.rows["referral"] if row["id"] == referral_id)
        own = self.coordinator if row["owner_id"] == self.coordinator.organisation_id else None
        return self.mostly(own or self.receiver)

    def mostly(self, actor: Actor) -> Actor:
        if self.draw.random() < 0.95:
            return actor
        return self.draw.choice([self.coordinator, self.receiver, self.desk, self.referrer])

    def at_the_desk(self, offer: Row) -> Actor:
        if self.draw.random() < 0.5:
            return self.owner(offer["referral_id"])
        return self.mostly(self.desk)
