"""Reading what was done to a referral, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.db.event_log import Connection

# What was typed stands with the step, or with what the step was about, at the same moment.
_STEPS = """
SELECT s.id, s.offer_id, s.step, s.before, s.after, s.version, s.happened_at, s.recorded_at,
    s.actor_id, s.actor_name, s.role, s.organisation_id, o.name AS organisation_name,
    s.reason, s.data, typed.kinds, typed.texts
FROM referral_step s LEFT JOIN organisation o ON o.id = s.organisation_id
LEFT JOIN LATERAL (
    SELECT array_agg(t.kind ORDER BY t.id) AS kinds, array_agg(t.text ORDER BY t.id) AS texts
    FROM referral_text t WHERE t.referral_id = s.referral_id AND (t.about_id = s.id
        OR t.at = s.happened_at AND (t.about_id IN (s.offer_id, (s.data ->> 'question')::uuid)
            OR t.about_id IS NULL AND s.step IN ('drafted', 'filed', 'needs-changed')))
) typed ON true
WHERE s.referral_id = $1 AND ($2::text[] IS NULL OR s.step = ANY($2) AND s.offer_id IS NULL)
    AND ($3::timestamptz IS NULL OR (s.recorded_at, s.id) > ($3, $4::uuid))
ORDER BY s.recorded_at, s.id LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A step, with what was typed with it, by kind."""

    id: UUID
    offer_id: UUID | None
    step: str
    before: str | None
    after: str
    version: int
    happened_at: datetime
    recorded_at: datetime
    actor_id: UUID | None
    actor_name: str | None
    role: str
    organisation_id: UUID | None
    organisation_name: str | None
    reason: str | None
    data: dict[str, Any] | None
    texts: tuple[tuple[str, str], ...]


async def read_steps(
    connection: Connection,
    referral_id: UUID,
    *,
    among: Sequence[str] | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StoredStep]:
    """The steps of a referral as they were recorded, oldest first.

    among: of these kinds alone, and none that is about an offer.
    """
    moment, step_id = after if after is not None else (None, None)
    rows = await connection.fetch(_STEPS, referral_id, among, moment, step_id, limit)
    return [_step(row) for row in rows]


def _step(row: asyncpg.Record) -> StoredStep:
    told: dict[str, Any] = dict(row)
    told["data"] = orjson.loads(told["data"]) if told["data"] is not None else None
    kinds, texts = told.pop("kinds") or (), told.pop("texts") or ()
    return StoredStep(**{**told, "texts": tuple(zip(kinds, texts, strict=True))})
