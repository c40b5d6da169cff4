"""Locked rows as plain objects, for a run of many acceptances that everybody waits on.

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
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import SQLModel

from app.db.cases import Case, read_rest
from app.db.tables import OfferRow, PoolRow, ReferralRow
from app.db.unit_of_work import UnitOfWork

Row = TypeVar("Row", bound=SQLModel)


class PlainRows:
    """What one transaction has locked in this way. `write` before the commit, or nothing was set."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._read: dict[type[SQLModel], list[tuple[SimpleNamespace, dict[str, Any]]]] = {}

    async def lock_cases(self, referral_ids: Iterable[UUID]) -> dict[UUID, Case]:
        """As app/db/cases.py does: referrals by id, then their offers by id, then the rest."""
        referrals = await self._lock(ReferralRow, "id", referral_ids)
        cases = {row.id: Case(row) for row in referrals}
        for offer in await self._lock(OfferRow, "referral_id", cases):
            cases[offer.referral_id].offers.append(offer)
        await read_rest(self._work, cases)
        return cases

    async def lock_pools(self, pool_ids: Iterable[UUID]) -> list[PoolRow]:
        """Pools, locked in order of id."""
        return await self._lock(PoolRow, "id", pool_ids)

    async def write(self) -> None:
        """Writes back what was set."""
        connection = await self._work.session.connection()
        for table, read in self._read.items():
            changes = [(row, changed) for row, before in read if (changed := _changed(row, before))]
            columns = sorted({name for _, changed in changes for name in changed})
            if columns:
                rows = [
                    {name: getattr(row, name) for name in ("id", *columns)} for row, _ in changes
                ]
                written = orjson.dumps(rows, default=_written).decode()
                await connection.execute(_update(table, tuple(columns)), {"rows": written})

    async def _lock(self, table: type[Row], key: str, ids: Iterable[UUID]) -> list[Row]:
        wanted = list(ids)
        if not wanted:
            return []
        connection = await self._work.session.connection()
        found = await connection.execute(_select(table, key), {"ids": wanted})
        names = list(found.keys())
        read = self._read.setdefault(table, [])
        rows = []
        for values in found:
            before = dict(zip(names, values, strict=True))
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
def _select(table: type[SQLModel], key: str) -> Any:
    of: sa.Table = table.__table__  # type: ignore[attr-defined]
    query = (
        f"SELECT {', '.join(of.c.keys())} FROM {of.name}"
        f" WHERE {key} = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
    )
    ids = sa.bindparam("ids", type_=pg.ARRAY(pg.UUID))
    return sa.text(query).bindparams(ids).columns(*of.c)


@cache
def _update(table: type[SQLModel], columns: tuple[str, ...]) -> sa.TextClause:
    name: str = table.__table__.name  # type: ignore[attr-defined]
    new = ", ".join(f"{column} = n.{column}" for column in columns)
    return sa.text(
        f"UPDATE {name} t SET {new}"
        f" FROM json_populate_recordset(CAST(NULL AS {name}), CAST(:rows AS json)) n"
        " WHERE t.id = n.id"
    )
