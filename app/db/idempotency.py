"""POSTs that create are done once a key: the answer is kept in the same transaction for a day."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from app.db.tables import IdempotencyRow
from app.db.unit_of_work import UnitOfWork
from domain.errors import IdempotencyMismatch

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the caller named it: its credential, its Idempotency-Key and what it said."""

    credential_id: UUID
    key: str
    body: bytes


async def once(
    work: UnitOfWork,
    request: Request | None,
    create: Callable[[], Awaitable[dict[str, Any]]],
) -> tuple[dict[str, Any], bool]:
    """Creates, or finds that it was done: the answer, and whether this is a repetition.

    Two of the same at once: the second waits for the first's commit. Raises IdempotencyMismatch
    when the key was used for something else. Commits nothing itself.
    """
    if request is None:
        return await create(), False
    body_hash = hashlib.sha256(request.body).digest()
    mine = (col(IdempotencyRow.credential_id) == request.credential_id) & (
        col(IdempotencyRow.key) == request.key
    )
    connection = await work.session.connection()
    await connection.execute(
        sa.delete(IdempotencyRow).where(mine, col(IdempotencyRow.created_at) < work.now - KEPT_FOR)
    )
    inserted = await connection.execute(
        insert(IdempotencyRow)
        .values(
            credential_id=request.credential_id,
            key=request.key,
            body_hash=body_hash,
            answer={},
            created_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(col(IdempotencyRow.key))
    )
    if inserted.scalar() is None:
        earlier = (await work.session.exec(select(IdempotencyRow).where(mine))).one()
        if earlier.body_hash != body_hash:
            raise IdempotencyMismatch
        return dict(earlier.answer), True
    answer = await create()
    await connection.execute(sa.update(IdempotencyRow).where(mine).values(answer=answer))
    return answer, False
