"""Notices: written with what they tell of, read by whom they are for, and told on in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.db.event_log import Connection
from app.db.ids import first_id_of, id_in_order
from app.db.tables import DeliveryRow, NoticeRow
from app.db.unit_of_work import UnitOfWork
from domain.deliveries import Channel, DeliveryState, EndpointState
from domain.notices import Notice, NoticeData, NoticeKind
from domain.offers import OfferState

_IN_VAIN = ",".join(state for state in OfferState if state.in_vain)
#: A newer release may have written others meanwhile: this one leaves those to it.
KNOWN = f"kind IN ({', '.join(repr(str(kind)) for kind in NoticeKind)})"
#: Unread ones are counted up to here: past it a person wants to know no number.
MOST_COUNTED = 100
#: ... among so many of the newest: every page asks for it, and who reads everything has the most to skip.
MOST_LOOKED_AT = 1000

#: `notice n` with all of its columns. hidden: of an offer that came to nothing its provider is told no
#: more than the offer itself says by then (app/services/referrals/offer_reading.py).
NOTICE = f"""n.*, n.offer_id IS NOT NULL AND n.referral_id IS NULL AND NOT EXISTS (
    SELECT FROM offer WHERE id = n.offer_id AND state <> ALL('{{{_IN_VAIN}}}')) AS hidden"""
_READ = f"""
SELECT {NOTICE}, EXISTS (
    SELECT FROM notice_read r WHERE r.notice_id = n.id AND r.reader_id = $2) AS read
FROM notice n
WHERE n.organisation_id = $1 AND n.{KNOWN} AND ($3::text IS NULL OR n.kind = $3)
    AND ($4::uuid IS NULL OR n.id < $4) AND ($7::uuid IS NULL OR n.id = $7)
    AND ($5::boolean IS NULL OR $5 = NOT EXISTS (
        SELECT FROM notice_read r WHERE r.notice_id = n.id AND r.reader_id = $2))
ORDER BY n.id DESC LIMIT $6
"""
_COUNT_UNREAD = f"""
SELECT count(*) FROM (
    SELECT FROM (
        SELECT id FROM notice WHERE organisation_id = $1 AND {KNOWN}
        ORDER BY id DESC LIMIT {MOST_LOOKED_AT}) n
    WHERE NOT EXISTS (
        SELECT FROM notice_read r WHERE r.notice_id = n.id AND r.reader_id = $2)
    LIMIT {MOST_COUNTED}
) unread
"""
_MARK = """
INSERT INTO notice_read (notice_id, reader_id, read_at)
SELECT n.id, $2, $3 FROM notice n
WHERE n.organisation_id = $1 AND ($4::uuid IS NULL OR n.id = $4) AND ($5::uuid IS NULL OR n.id <= $5)
ON CONFLICT DO NOTHING
"""
_IS_THERE = "SELECT EXISTS (SELECT FROM notice WHERE id = $1 AND organisation_id = $2)"
_TO_SPREAD = f"""
SELECT * FROM notice WHERE spread_at IS NULL AND {KNOWN} ORDER BY id LIMIT $1
FOR UPDATE SKIP LOCKED
"""
_SPREAD = "UPDATE notice SET spread_at = $2 WHERE id = ANY($1::uuid[])"
#: What of a merged organisation goes on with its heir: what the heir has itself stays as it is.
_MOVE_NOTICES = "UPDATE notice SET organisation_id = $2 WHERE organisation_id = $1"
_MOVE_ENDPOINTS = """
UPDATE webhook_endpoint SET organisation_id = $2, version = version + 1 WHERE organisation_id = $1
"""
_MOVE_SETTINGS = """
UPDATE word_setting s SET organisation_id = $2 WHERE organisation_id = $1
    AND NOT EXISTS (SELECT FROM word_setting t WHERE t.organisation_id = $2
        AND t.person_id IS NOT DISTINCT FROM s.person_id)
"""
#: What is still to go out stays, unless it waits for an endpoint that somebody paused.
_FORGET = f"""
DELETE FROM notice WHERE id IN (
    SELECT n.id FROM notice n
    WHERE n.id < $1 AND n.spread_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM delivery d LEFT JOIN webhook_endpoint e ON e.id = d.endpoint_id
        WHERE d.notice_id = n.id AND d.state = 'wacht'
            AND (d.endpoint_id IS NULL OR e.state = '{EndpointState.ACTIVE}'))
    ORDER BY n.id LIMIT $2)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice as its organisation may read it. read: by whoever asks."""

    id: UUID
    notice: Notice
    created_at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A notice that goes to a mailbox or an endpoint, at its time."""

    notice_id: UUID
    at: datetime
    setting_id: UUID | None = None
    endpoint_id: UUID | None = None
    digest: bool = False


async def write_notices(work: UnitOfWork, notices: Sequence[Notice]) -> None:
    """Adds what is to be told on, in one statement; from the commit on a worker will find it."""
    rows = [
        {
            "id": id_in_order(work.now, number),
            "region_id": one.region_id,
            "organisation_id": one.organisation_id,
            "kind": one.kind,
            "referral_id": one.referral_id,
            "offer_id": one.offer_id,
            "handover_id": one.handover_id,
            "pool_id": one.pool_id,
            "data": one.data.to_json(),
            "urgent": one.urgent,
            "created_at": work.now,
        }
        for number, one in enumerate(notices)
    ]
    await work.insert_many(NoticeRow, rows)


async def read_notices(
    connection: Connection,
    organisation_id: UUID,
    reader_id: UUID,
    *,
    kind: NoticeKind | None,
    before: UUID | None,
    unread: bool | None,
    limit: int,
) -> list[StoredNotice]:
    """An organisation's notices, the newest first; unread: only those that the reader didn't (or did) read."""
    rows = await connection.fetch(
        _READ, organisation_id, reader_id, kind, before, unread, limit, None
    )
    return [stored_notice(row) for row in rows]


async def read_notice(
    connection: Connection, organisation_id: UUID, reader_id: UUID, notice_id: UUID
) -> StoredNotice | None:
    """One of an organisation's notices."""
    row = await connection.fetchrow(
        _READ, organisation_id, reader_id, None, None, None, 1, notice_id
    )
    return stored_notice(row) if row is not None else None


async def count_unread(connection: Connection, organisation_id: UUID, reader_id: UUID) -> int:
    """How many of an organisation's newest notices the reader didn't read, up to MOST_COUNTED."""
    found: int = await connection.fetchval(_COUNT_UNREAD, organisation_id, reader_id)
    return found


async def has_notice(work: UnitOfWork, organisation_id: UUID, notice_id: UUID) -> bool:
    """Whether this is one of an organisation's notices."""
    found = await work.fetch(_IS_THERE, notice_id, organisation_id)
    return bool(found[0]["exists"])


async def mark_read(
    work: UnitOfWork,
    organisation_id: UUID,
    reader_id: UUID,
    *,
    notice_id: UUID | None = None,
    until: UUID | None = None,
) -> None:
    """The reader read one notice of an organisation, all until one (that one too), or simply all."""
    await work.fetch(_MARK, organisation_id, reader_id, work.now, notice_id, until)


async def lock_to_spread(work: UnitOfWork, most: int) -> list[StoredNotice]:
    """The oldest notices that weren't told on, locked; what others have in hand is skipped."""
    return [stored_notice(row) for row in await work.fetch(_TO_SPREAD, most)]


async def mark_spread(
    work: UnitOfWork, notice_ids: Sequence[UUID], deliveries: Sequence[NewDelivery]
) -> None:
    """These were told on, with what goes out of each."""
    await work.fetch(_SPREAD, notice_ids, work.now)
    rows = [
        {
            "id": id_in_order(work.now, number),
            "notice_id": one.notice_id,
            "setting_id": one.setting_id,
            "endpoint_id": one.endpoint_id,
            "channel": Channel.MAIL if one.setting_id else Channel.WEBHOOK,
            "digest": one.digest,
            "state": DeliveryState.WACHT,
            "attempts": 0,
            "next_at": one.at,
            "created_at": work.now,
        }
        for number, one in enumerate(deliveries)
    ]
    await work.insert_many(DeliveryRow, rows)


async def move_word(work: UnitOfWork, of: UUID, to: UUID) -> None:
    """Gives what an organisation was told, and where its word goes, to another one."""
    for statement in (_MOVE_NOTICES, _MOVE_ENDPOINTS, _MOVE_SETTINGS):
        await work.fetch(statement, of, to)


async def forget_notices(work: UnitOfWork, before: datetime, most: int) -> int:
    """Removes notices of long ago with who read them and what went out of them, but none of which
    something is still to go out; how many.
    """
    return len(await work.fetch(_FORGET, first_id_of(before), most))


def stored_notice(row: asyncpg.Record) -> StoredNotice:
    """A notice of a row with all of its columns; its kind is KNOWN."""
    told: dict[str, Any] = dict(row)
    data = told["data"]
    data = NoticeData.from_json(orjson.loads(data) if isinstance(data, str) else data)
    if told.get("hidden", False):
        data = data.of_what_ended()
    return StoredNotice(
        id=told["id"],
        notice=Notice(
            region_id=told["region_id"],
            organisation_id=told["organisation_id"],
            kind=NoticeKind(told["kind"]),
            urgent=told["urgent"],
            data=data,
            referral_id=told["referral_id"],
            offer_id=told["offer_id"],
            handover_id=told["handover_id"],
            pool_id=told["pool_id"],
        ),
        created_at=told["created_at"],
        read=told.get("read", False),
    )
