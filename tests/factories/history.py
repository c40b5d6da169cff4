"""Random histories of a region: what may happen to it, in any order and at the same time."""

import asyncio
import random
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.db.registers import lock_pool
from app.db.unit_of_work import UnitOfWork
from app.services import keys, pools, reports
from domain.actors import Role
from domain.capacity import Figures, Outcome
from domain.care_types import CareType
from domain.errors import Problem
from domain.events import Kind
from domain.identifiers import PoolId, RegionId
from tests.factories.world import REGION, Party, World, counts, make_location, make_party, make_pool
from tests.support.database import Database, register_promise

#: There is no such region, so an act that touches it fails after it was numbered elsewhere.
NOWHERE = RegionId(31_999)


@dataclass(slots=True)
class History:
    """Acts of a region drawn from a seed. What the acts refuse, they refuse: that is part of it."""

    world: World
    database: Database
    random: random.Random
    owners: dict[PoolId, Party] = field(default_factory=dict)
    refused: int = 0

    def __post_init__(self) -> None:
        self.owners[self.world.pool_id] = self.world.provider

    async def burst(self) -> None:
        """A few acts at the same time; then every process of this test has seen them."""
        acts = self.random.choices(
            (
                self.report,
                self.report_late,
                self.report_free,
                self.confirm,
                self.promise,
                self.register,
                self.transfer,
                self.revoke,
                self.roll_back,
            ),
            weights=(8, 4, 2, 3, 3, 3, 2, 1, 2),
            k=self.random.randint(1, 6),
        )
        await asyncio.gather(*(self._attempt(act()) for act in acts))
        await self.world.settled()

    async def _attempt(self, act: Awaitable[None]) -> None:
        try:
            await act
        except Problem:
            self.refused += 1

    def _any_pool(self) -> PoolId:
        return self.random.choice(sorted(self.owners))

    def _figures(self) -> Figures:
        operable = self.random.randint(0, 12)
        occupied = self.random.randint(0, operable)
        return counts(operable, occupied, self.random.randint(0, 3))

    async def report(self) -> None:
        """What is true now, from its owner (who may just have lost it) or by phone."""
        pool_id = self._any_pool()
        by = self.random.choice((self.owners[pool_id], self.world.coordinator))
        await self.world.report(self._figures(), by=by, pool_id=pool_id)

    async def report_late(self) -> None:
        """A report of an earlier moment: superseded where a newer one stands."""
        pool_id = self._any_pool()
        at = self._now() - timedelta(minutes=self.random.randint(1, 600))
        by = self.owners[pool_id]
        await self.world.report(self._figures(), by=by, pool_id=pool_id, observed_at=at)

    async def report_free(self) -> None:
        """Only "vrij nu", as on the phone, or a report in which everything is unknown."""
        pool_id = self._any_pool()
        free = self.random.choice((None, 0, 3))
        await self.world.report(Figures(free=free), by=self.world.coordinator, pool_id=pool_id)

    async def confirm(self) -> None:
        """ "Klopt nog" on the version that stands, as far as this one knows."""
        pool_id = self._any_pool()
        version = await self.database.value(
            "SELECT report_version FROM pool WHERE id = $1", pool_id
        )
        await reports.confirm_pool(
            self.world.container,
            await self.world.credential(self.owners[pool_id]),
            await self.world.pool(pool_id),
            version,
        )

    async def promise(self) -> None:
        """A promise straight on the pool's row, told by the report that follows it."""
        pool_id = self._any_pool()
        async with self.database.connect() as connection:
            await register_promise(connection, pool_id, self._now())
        outcome = None
        while outcome is not Outcome.ACCEPTED:
            receipt = await self.world.report(
                self._figures(), by=self.world.coordinator, pool_id=pool_id
            )
            outcome = receipt.outcome

    async def register(self) -> None:
        """A new organisation, or a location with a pool, of somebody."""
        if self.random.random() < 0.3:
            await make_party(self.world.container, Role.PROVIDER_INTAKE)
            return
        owner = self.random.choice((self.world.provider, self.world.other))
        location_id = await make_location(self.world.container, owner)
        care_type = self.random.choice((CareType.ELV_LAAG, CareType.ELV_HOOG))
        pool_id = await make_pool(self.world.container, location_id, care_type)
        self.owners[pool_id] = owner

    async def transfer(self) -> None:
        """A pool goes to the other provider."""
        pool_id = self._any_pool()
        world = self.world
        to = world.other if self.owners[pool_id] is world.provider else world.provider
        await pools.transfer_pool(world.container, None, pool_id, to.organisation_id)
        self.owners[pool_id] = to

    async def revoke(self) -> None:
        """A key is given out and revoked."""
        party = await make_party(self.world.container, Role.REFERRER)
        await keys.revoke_key(self.world.container, None, party.key_id)

    async def roll_back(self) -> None:
        """An act that fails after its rows were written and its events numbered."""
        pool_id = self._any_pool()

        async def act(work: UnitOfWork) -> None:
            row = await lock_pool(work, pool_id)
            row.name = "nooit"
            work.touch(Kind.POOL, pool_id, REGION)
            work.touch(Kind.POOL, pool_id, NOWHERE)
            await work.commit()

        try:
            await self.world.container.act(act)
        except sa.exc.NoResultFound:
            return
        raise AssertionError("an act in a region without a stream was committed")

    def _now(self) -> datetime:
        return self.world.container.now()
