"""Webhook endpoints: read, locked to be changed, and looked up for many organisations at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import DeliveryRow, WebhookEndpointRow
from app.db.unit_of_work import UnitOfWork
from domain.deliveries import DeliveryState, EndpointState
from domain.errors import NotFound
from domain.notices import NoticeKind

_READ = f"""
SELECT id, organisation_id, url, kinds, state, version, created_at, previous_until
FROM webhook_endpoint
WHERE ($1::uuid IS NULL OR organisation_id = $1) AND ($2::uuid IS NULL OR id = $2)
    AND state <> '{EndpointState.ENDED}'
ORDER BY id
"""
_OF_MANY = f"""
SELECT id, organisation_id, kinds FROM webhook_endpoint
WHERE organisation_id = ANY($1::uuid[]) AND state = '{EndpointState.ACTIVE}' ORDER BY id FOR SHARE
"""


@dataclass(frozen=True, slots=True)
class StoredEndpoint:
    """An endpoint, without its secrets. kinds: which notices; none: all.

    previous_until: until when the secret before this one signs too.
    """

    id: UUID
    organisation_id: UUID
    url: str
    kinds: frozenset[NoticeKind]
    state: EndpointState
    version: int
    created_at: datetime
    previous_until: datetime | None


async def read_endpoints(
    connection: Connection, organisation_id: UUID | None, endpoint_id: UUID | None = None
) -> list[StoredEndpoint]:
    """An organisation's endpoints (None: everybody's) that weren't ended, or one of them; the oldest first."""
    return [_stored(row) for row in await connection.fetch(_READ, organisation_id, endpoint_id)]


async def lock_endpoint(work: UnitOfWork, endpoint_id: UUID) -> WebhookEndpointRow:
    """An endpoint's row, locked to be changed. Raises NotFound."""
    query = select(WebhookEndpointRow).where(col(WebhookEndpointRow.id) == endpoint_id)
    row = (await work.session.exec(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    return row


async def count_endpoints(work: UnitOfWork, organisation_id: UUID) -> int:
    """How many endpoints of an organisation weren't ended."""
    query = (
        sa.select(sa.func.count())
        .select_from(WebhookEndpointRow)
        .where(
            col(WebhookEndpointRow.organisation_id) == organisation_id,
            col(WebhookEndpointRow.state) != EndpointState.ENDED,
        )
    )
    connection = await work.session.connection()
    return int((await connection.execute(query)).scalar_one())


async def drop_waiting(work: UnitOfWork, endpoint_id: UUID) -> None:
    """What still waits for an endpoint goes nowhere any more."""
    connection = await work.session.connection()
    await connection.execute(
        sa.update(DeliveryRow)
        .where(
            col(DeliveryRow.endpoint_id) == endpoint_id,
            col(DeliveryRow.state) == DeliveryState.WACHT,
        )
        .values(state=DeliveryState.VERVALLEN)
    )


async def endpoints_of(
    work: UnitOfWork, organisation_ids: Collection[UUID]
) -> Mapping[UUID, list[tuple[UUID, frozenset[NoticeKind]]]]:
    """By organisation the active endpoints, with the kinds that each wants; none: all.

    They stay active until the commit, so that none is ended or paused before what is made for it is there.
    """
    found: dict[UUID, list[tuple[UUID, frozenset[NoticeKind]]]] = defaultdict(list)
    for row in await work.fetch(_OF_MANY, list(organisation_ids)):
        kinds = _known(row["kinds"])
        # Who wants only what this release doesn't know doesn't want everything.
        if kinds or not row["kinds"]:
            found[row["organisation_id"]].append((row["id"], kinds))
    return found


def _known(kinds: Collection[str]) -> frozenset[NoticeKind]:
    """Those of them that this release knows; a newer one may have written others."""
    return frozenset(kind for kind in NoticeKind if kind in kinds)


def _stored(row: asyncpg.Record) -> StoredEndpoint:
    told = dict(row)
    told["kinds"] = _known(told["kinds"])
    told["state"] = EndpointState(told["state"])
    return StoredEndpoint(**told)
