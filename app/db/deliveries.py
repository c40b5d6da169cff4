"""What goes out: listed for who may look after it, and sent again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import DeliveryRow, NoticeRow
from app.db.unit_of_work import UnitOfWork
from app.db.word import KNOWN
from domain.deliveries import Channel, DeliveryState, EndpointState
from domain.errors import NotFound
from domain.notices import NoticeKind

_READ = f"""
SELECT d.id, d.notice_id, n.organisation_id, n.kind, n.urgent, d.channel, d.endpoint_id,
    s.person_id IS NOT NULL AS personal, d.digest, d.state, d.attempts, d.next_at, d.sent_at,
    d.last_error, d.created_at
FROM delivery d JOIN notice n ON n.id = d.notice_id
LEFT JOIN word_setting s ON s.id = d.setting_id
WHERE ($1::uuid IS NULL OR n.organisation_id = $1) AND d.state = $2
    AND ($3::uuid IS NULL OR d.id < $3) AND n.{KNOWN}
ORDER BY d.id DESC LIMIT $4
"""
_REVIVE = f"""
UPDATE delivery d SET state = '{DeliveryState.WACHT}', attempts = 0, next_at = $2, sent_at = NULL
FROM notice n
WHERE n.id = d.notice_id AND d.state = '{DeliveryState.DOOD}'
    AND ($1::uuid IS NULL OR n.organisation_id = $1)
    AND NOT EXISTS (SELECT FROM webhook_endpoint e
        WHERE e.id = d.endpoint_id AND e.state = '{EndpointState.ENDED}')
RETURNING d.id
"""


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A delivery with what it is of. personal: to the mailbox of somebody who works there, whose
    address is theirs alone."""

    id: UUID
    notice_id: UUID
    organisation_id: UUID
    kind: NoticeKind
    urgent: bool
    channel: Channel
    endpoint_id: UUID | None
    personal: bool
    digest: bool
    state: DeliveryState
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    last_error: str | None
    created_at: datetime


async def read_deliveries(
    connection: Connection,
    organisation_id: UUID | None,
    state: DeliveryState,
    *,
    before: UUID | None,
    limit: int,
) -> list[StoredDelivery]:
    """Deliveries of an organisation's notices (None: of everybody's) in a state, the newest first."""
    rows = await connection.fetch(_READ, organisation_id, state, before, limit)
    return [
        StoredDelivery(
            **{
                **dict(row),
                "kind": NoticeKind(row["kind"]),
                "channel": Channel(row["channel"]),
                "state": DeliveryState(row["state"]),
            }
        )
        for row in rows
    ]


async def lock_delivery(work: UnitOfWork, delivery_id: UUID) -> tuple[DeliveryRow, UUID]:
    """A delivery, locked to be changed, and whose notice it is of. Raises NotFound."""
    query = (
        select(DeliveryRow, NoticeRow.organisation_id)
        .join(NoticeRow, col(NoticeRow.id) == col(DeliveryRow.notice_id))
        .where(col(DeliveryRow.id) == delivery_id)
        .with_for_update(of=DeliveryRow)
    )
    found = (await work.session.exec(query)).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


async def revive_dead(work: UnitOfWork, organisation_id: UUID | None) -> int:
    """What was given up on is due again, of an organisation or (None) of everybody; how many."""
    return len(await work.fetch(_REVIVE, organisation_id, work.now))
