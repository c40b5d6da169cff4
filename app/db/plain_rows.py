"""Locked rows as plain objects, for runs of many acts that everybody waits on.

They look like a table's rows to whoever reads and sets them; what was set is written back in one
statement a table. SQLAlchemy's own rows cost several times as much, for bookkeeping that isn't
needed here: each is read once, under its lock, and written once, just before the commit.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from uuid import UUID

import orjson
from sqlmodel import SQLModel

from app.db.cases import Case, read_rest
from app.db.tables import OfferRow, PoolRow, ReferralRow
from app.db.tables.columns import table_of
from app.db.unit_of_work import UnitOfWork

Row = TypeVar("Row", bound=SQLModel)

#: Of these offers. An offer never moves to another referral.
_REFERRALS = "id IN (SELECT referral_id FROM offer WHERE id = ANY($1::uuid[]))"


class PlainRows:
    """What one transaction has locked in this way. `write` before the commit, or nothing was set."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._read: dict[type[SQLModel], list[tuple[SimpleNamespace, dict[str, Any]]]] = {}

    async def lock_cases(self, offer_ids: Iterable[UUID]) -> dict[UUID, Case]:
        """By offer its case, locked as app/db/cases.py does: referrals by id, then all their offers
        by id, then the rest. Offers that don't exist are left out.
        """
        wanted = set(offer_ids)
        cases = await self._lock_cases(_REFERRALS, wanted)
        return {offer.id: case for case in cases for offer in case.offers if offer.id in wanted}

    async def lock_cases_of(self, referral_ids: Iterable[UUID]) -> list[Case]:
        """The cases of these referrals, locked in the same way; those that don't exist are left out."""
        return await self._lock_cases("id = ANY($1::uuid[])", referral_ids)

    async def _lock_cases(self, which: str, ids: Iterable[UUID]) -> list[Case]:
        found = await self._lock(ReferralRow, which, ids)
        cases = {row.id: Case(row) for row in found}
        for offer in await self._lock(OfferRow, "referral_id = ANY($1::uuid[])", cases):
            cases[offer.referral_id].offers.append(offer)
        await read_rest(self._work, cases)
        return list(cases.values())

    async def lock_pools(self, pool_ids: Iterable[UUID]) -> list[PoolRow]:
        """Pools, locked in order of id."""
        return await self._lock(PoolRow, "id = ANY($1::uuid[])", pool_ids)

    async def write(self) -> None:
        """Writes back what was set."""
        columns: list[tuple[type[SQLModel], tuple[str, ...]]] = []
        written: list[object] = []
        for table, read in self._read.items():
            changes = [(row, changed) for row, before in read if (changed := _changed(row, before))]
            if changes:
                names = tuple(sorted({name for _, changed in changes for name in changed}))
                columns.append((table, names))
                rows = [{name: getattr(row, name) for name in ("id", *names)} for row, _ in changes]
                written.append([row.id for row, _ in changes])
                written.append(orjson.dumps(rows, default=_written).decode())
        if columns:
            await self._work.fetch(_update(tuple(columns)), *written)

    async def _lock(self, table: type[Row], which: str, ids: Iterable[UUID]) -> list[Row]:
        wanted = list(ids)
        if not wanted:
            return []
        read = self._read.setdefault(table, [])
        rows = []
        for found in await self._work.fetch(_select(table, which), wanted):
            before = dict(found)
            row = SimpleNamespace(**before)
            read.append((row, before))
            rows.append(cast(Row, row))
        return rows


def _changed(row: SimpleNamespace, before: Mapping[str, Any]) -> list[str]:
    now = vars(row)
    return [name for name, was in before.items() if now[name] is not was and now[name] != was]


def _written(value: object) -> str:
    """As PostgreSQL reads it from JSON."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


@cache
def _select(table: type[SQLModel], which: str) -> str:
    of = table_of(table)
    return (
        f"SELECT {', '.join(of.c.keys())} FROM {of.name}"
        f" WHERE {which} ORDER BY id FOR NO KEY UPDATE"
    )


@cache
def _update(changes: tuple[tuple[type[SQLModel], tuple[str, ...]], ...]) -> str:
    """Sets these columns of these tables, each row by its id.

    The ids are given by themselves too: PostgreSQL takes any set from JSON for a hundred rows, and
    would rather read the whole table than look up so many.
    """
    updates = []
    for number, (table, columns) in enumerate(changes):
        name = table_of(table).name
        new = ", ".join(f"{column} = n.{column}" for column in columns)
        updates.append(
            f"changed_{number} AS (UPDATE {name} t SET {new} FROM"
            f" json_populate_recordset(CAST(NULL AS {name}), ${2 * number + 2}::json) n"
            f" WHERE t.id = n.id AND t.id = ANY(${2 * number + 1}::uuid[]))"
        )
    return f"WITH {', '.join(updates)} SELECT 1"
