"""Wrong passwords, counted before they are looked at, so that many at once get no more tries."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.db.tables import SignInTryRow
from app.db.unit_of_work import UnitOfWork
from domain.errors import TooManyAttempts
from domain.sessions import Limit, counted_until, wait_until


@dataclass(frozen=True, slots=True)
class Bucket:
    """What wrong tries are counted together under. One good try clears it, or takes back only itself."""

    hash: bytes
    limit: Limit
    cleared: bool


def bucket(limit: Limit, *of: str, cleared: bool) -> Bucket:
    """The bucket of what is named; nobody can make two names give the same one."""
    named = "".join(f"{len(part)}:{part}" for part in of)
    return Bucket(hashlib.sha256(named.encode("utf-8", "surrogatepass")).digest(), limit, cleared)


async def count_try(work: UnitOfWork, buckets: Sequence[Bucket]) -> None:
    """Counts one wrong try in each. Raises TooManyAttempts, and then nothing may be committed."""
    by_hash = {bucket.hash: bucket for bucket in buckets}
    connection = await work.session.connection()
    # One row each, made or locked, in order: who tries at the same time waits here.
    made = insert(SignInTryRow).values(
        [{"bucket": hash_, "counted_until": work.now} for hash_ in sorted(by_hash)]
    )
    rows = await connection.execute(
        made.on_conflict_do_update(
            index_elements=[col(SignInTryRow.bucket)],
            set_={"counted_until": col(SignInTryRow.counted_until)},
        ).returning(col(SignInTryRow.bucket), col(SignInTryRow.counted_until))
    )
    counted = {row.bucket: row.counted_until for row in rows}
    free_at = max(wait_until(counted[hash_], one.limit) for hash_, one in by_hash.items())
    if free_at > work.now:
        raise TooManyAttempts(max(1, math.ceil((free_at - work.now).total_seconds())))
    for hash_, one in by_hash.items():
        until = counted_until(counted[hash_], work.now, one.limit)
        await connection.execute(
            sa.update(SignInTryRow)
            .where(col(SignInTryRow.bucket) == hash_)
            .values(counted_until=until)
        )


async def take_back(work: UnitOfWork, buckets: Sequence[Bucket]) -> None:
    """The try was a good one."""
    connection = await work.session.connection()
    for one in sorted(buckets, key=lambda bucket: bucket.hash):
        mine = col(SignInTryRow.bucket) == one.hash
        if one.cleared:
            await connection.execute(sa.delete(SignInTryRow).where(mine))
        else:
            earlier = col(SignInTryRow.counted_until) - one.limit.forgotten_after
            await connection.execute(
                sa.update(SignInTryRow).where(mine).values(counted_until=earlier)
            )


async def forget_tries(work: UnitOfWork) -> int:
    """Removes those that count for nothing any more; how many."""
    removed = await work.session.exec(
        sa.delete(SignInTryRow).where(col(SignInTryRow.counted_until) <= work.now)
    )
    return removed.rowcount
