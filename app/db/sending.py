"""What is due to be sent, taken by one worker at a time, and what became of it.

Taking counts the attempt and puts the next one off, committed before anything is sent: a worker that
dies in between leaves what it took to whoever looks after that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.unit_of_work import UnitOfWork
from app.db.word import KNOWN, NOTICE, StoredNotice, stored_notice
from app.db.word_settings import WORKS_THERE
from domain.deliveries import DeliveryState, EndpointState
from domain.identifiers import OrganisationId
from domain.sending import Sending, Verdict

_TAKEN = "attempts = attempts + 1, next_at = $2::timestamptz"
_DELIVERY = f"{NOTICE}, d.id AS delivery_id, d.attempts, d.created_at AS made_at"

_ADDRESS = f"CASE WHEN {WORKS_THERE} THEN s.address END AS address"

#: One of each endpoint, so that one with a long queue holds up nobody. $5: of endpoints at which something
#: that failed still waits, or of the others.
_TAKE_WEBHOOKS = f"""
WITH due AS (
  SELECT first.id FROM webhook_endpoint e CROSS JOIN LATERAL (
    SELECT d.id, d.next_at FROM delivery d JOIN notice n ON n.id = d.notice_id
    WHERE d.endpoint_id = e.id AND d.state = 'wacht' AND d.next_at <= $1 AND n.{KNOWN}
    ORDER BY d.next_at, d.id LIMIT 1
    FOR NO KEY UPDATE OF d SKIP LOCKED
  ) first
  WHERE e.state = '{EndpointState.ACTIVE}' AND e.id <> ALL($3::uuid[]) AND $5 = EXISTS (
    SELECT FROM delivery WHERE endpoint_id = e.id AND state = 'wacht' AND last_error IS NOT NULL)
  ORDER BY first.next_at LIMIT $4
)
UPDATE delivery d SET {_TAKEN}
FROM due, notice n, webhook_endpoint e
WHERE d.id = due.id AND n.id = d.notice_id AND e.id = d.endpoint_id
RETURNING {_DELIVERY}, e.id AS endpoint_id, e.url, e.secret,
  CASE WHEN e.previous_until > $1 THEN e.previous_secret END AS previous_secret
"""
_TAKE_MAILS = f"""
WITH due AS (
  SELECT d.id FROM delivery d JOIN notice n ON n.id = d.notice_id
  WHERE d.channel = 'mail' AND d.state = 'wacht' AND d.next_at <= $1 AND NOT d.digest AND n.{KNOWN}
  ORDER BY d.next_at, d.id LIMIT $3
  FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE delivery d SET {_TAKEN}
FROM due, notice n, word_setting s
WHERE d.id = due.id AND n.id = d.notice_id AND s.id = d.setting_id
RETURNING {_DELIVERY}, s.id AS setting_id, {_ADDRESS}, d.digest
"""
#: Whoever holds the mailbox takes all that waits for it: one mail. What was tried together goes together
#: again, and nothing else with it, so that it is the same mail.
_TAKE_DIGESTS = f"""
WITH mailbox AS (
  SELECT id FROM word_setting WHERE id IN (
    SELECT d.setting_id FROM delivery d JOIN notice n ON n.id = d.notice_id
    WHERE d.channel = 'mail' AND d.state = 'wacht' AND d.next_at <= $1 AND d.digest AND n.{KNOWN}
  )
  ORDER BY id LIMIT $3
  FOR NO KEY UPDATE SKIP LOCKED
), due AS (
  SELECT together.id FROM mailbox m CROSS JOIN LATERAL (
    SELECT d.attempts, d.next_at FROM delivery d JOIN notice n ON n.id = d.notice_id
    WHERE d.setting_id = m.id AND d.state = 'wacht' AND d.next_at <= $1 AND d.digest AND n.{KNOWN}
    ORDER BY d.next_at, d.id LIMIT 1
  ) first CROSS JOIN LATERAL (
    SELECT d.id FROM delivery d JOIN notice n ON n.id = d.notice_id
    WHERE d.setting_id = m.id AND d.state = 'wacht' AND d.next_at <= $1 AND d.digest AND n.{KNOWN}
      AND d.attempts = first.attempts AND (d.attempts = 0 OR d.next_at = first.next_at)
    ORDER BY d.id LIMIT $4
    FOR NO KEY UPDATE OF d SKIP LOCKED
  ) together
)
UPDATE delivery d SET {_TAKEN}
FROM due, notice n, word_setting s
WHERE d.id = due.id AND n.id = d.notice_id AND s.id = d.setting_id
RETURNING {_DELIVERY}, s.id AS setting_id, {_ADDRESS}, d.digest
"""


@dataclass(frozen=True, slots=True)
class WebhookDue:
    """A delivery to an endpoint, taken. secrets: all that are good now, the newest first.

    failing: something that failed before waits at that endpoint, be it this or another.
    """

    id: UUID
    sending: Sending
    endpoint_id: UUID
    url: str
    secrets: Sequence[str]
    notice: StoredNotice
    failing: bool


@dataclass(frozen=True, slots=True)
class MailDue:
    """One mail, of one delivery or of all that waited for the same digest, taken."""

    setting_id: UUID
    address: str | None
    digest: bool
    ids: Sequence[UUID]
    sending: Sending
    notices: Sequence[StoredNotice]


async def take_webhooks(
    work: UnitOfWork, until: datetime, busy: Collection[UUID], most: int, *, failing: bool
) -> list[WebhookDue]:
    """Takes at most one delivery of each endpoint but the busy ones. until: when another may try.

    failing: of endpoints at which something that failed still waits, or only of the others.
    """
    rows = await work.fetch(_TAKE_WEBHOOKS, work.now, until, list(busy), most, failing)
    return [
        WebhookDue(
            id=row["delivery_id"],
            sending=_sending([row]),
            endpoint_id=row["endpoint_id"],
            url=row["url"],
            secrets=[s for s in (row["secret"], row["previous_secret"]) if s is not None],
            notice=stored_notice(row),
            failing=failing,
        )
        for row in rows
    ]


async def take_mails(work: UnitOfWork, until: datetime, most: int) -> list[MailDue]:
    """Takes mails that go by themselves."""
    rows = await work.fetch(_TAKE_MAILS, work.now, until, most)
    return [_mail([row]) for row in rows]


async def take_digests(
    work: UnitOfWork, until: datetime, most: int, most_in_one: int
) -> list[MailDue]:
    """Takes what is due of so many mailboxes, as one mail for each."""
    rows = await work.fetch(_TAKE_DIGESTS, work.now, until, most, most_in_one)
    of_mailbox: dict[UUID, list[Any]] = {}
    for row in sorted(rows, key=lambda row: row["delivery_id"]):
        of_mailbox.setdefault(row["setting_id"], []).append(row)
    return [_mail(together) for together in of_mailbox.values()]


async def mark(work: UnitOfWork, ids: Sequence[UUID], verdict: Verdict) -> None:
    """Keeps what became of these, unless that was decided elsewhere meanwhile."""
    await work.fetch(
        """
UPDATE delivery SET state = $2::text, last_error = $3, next_at = coalesce($4::timestamptz, next_at),
  sent_at = CASE WHEN $2::text = 'verstuurd' THEN $5::timestamptz END,
  attempts = greatest(attempts - $6::int, 0)
WHERE id = ANY($1) AND state = 'wacht'
""",
        *(list(ids), verdict.state, verdict.error, verdict.next_at),
        *(work.now, 0 if verdict.counts else 1),
    )


async def nothing_arrived_since(work: UnitOfWork, endpoint_id: UUID, since: datetime) -> bool:
    """Whether an endpoint took nothing at all after a moment."""
    rows = await work.fetch(
        "SELECT EXISTS (SELECT FROM delivery WHERE endpoint_id = $1 AND sent_at > $2) AS arrived",
        *(endpoint_id, since),
    )
    return not rows[0]["arrived"]


async def pause_endpoint(
    work: UnitOfWork, endpoint_id: UUID, url: str, reason: str
) -> OrganisationId | None:
    """Pauses an endpoint and gives up on what waits for it; whose it is, None when it was paused already or
    has another address than this by now.
    """
    rows = await work.fetch(
        f"UPDATE webhook_endpoint SET state = '{EndpointState.PAUSED}', version = version + 1"
        f" WHERE id = $1 AND url = $2 AND state = '{EndpointState.ACTIVE}' RETURNING organisation_id",
        *(endpoint_id, url),
    )
    if not rows:
        return None
    await work.fetch(
        f"UPDATE delivery SET state = '{DeliveryState.DOOD}', last_error = $2"
        " WHERE endpoint_id = $1 AND state = 'wacht'",
        *(endpoint_id, reason),
    )
    return OrganisationId(rows[0]["organisation_id"])


def _mail(rows: Sequence[Any]) -> MailDue:
    return MailDue(
        setting_id=rows[0]["setting_id"],
        address=rows[0]["address"],
        digest=rows[0]["digest"],
        ids=[row["delivery_id"] for row in rows],
        sending=_sending(rows),
        notices=[stored_notice(row) for row in rows],
    )


def _sending(rows: Sequence[Any]) -> Sending:
    """Of several, as far as the one that was tried most and the oldest of them."""
    return Sending(
        attempts=max(row["attempts"] for row in rows),
        created_at=min(row["made_at"] for row in rows),
    )
