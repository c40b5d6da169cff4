"""Notices and what is on its way of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson

from app.db.sending import MailDue
from app.db.word import StoredNotice
from app.services.word.sending import Ways
from app.settings import Settings
from app.word.signatures import new_secret
from domain.care_types import CareType
from domain.needs import Urgency
from domain.notices import Notice, NoticeData, NoticeKind
from domain.referrals import Step
from domain.sending import Sending
from tests.factories.world import World
from tests.support.receiving import tls_of_receivers

HAPPENED_AT = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
OFFERED = NoticeData(
    number="2026-00123",
    care_type=CareType.ELV_LAAG,
    urgency=Urgency.ACUUT,
    step=Step.OFFERED,
    deadline_at=datetime(2026, 11, 22, 12, 35, tzinfo=UTC),
)


def notice(
    kind: NoticeKind = NoticeKind.AANVRAAG,
    data: NoticeData = OFFERED,
    *,
    urgent: bool = True,
    offer_id: UUID | None = None,
    pool_id: UUID | None = None,
    handover_id: UUID | None = None,
    referral_id: UUID | None = None,
) -> StoredNotice:
    """A notice as it is kept, by default that a provider is asked something."""
    return StoredNotice(
        id=uuid4(),
        notice=Notice(
            region_id=1,
            organisation_id=uuid4(),
            kind=kind,
            urgent=urgent,
            data=data,
            referral_id=referral_id,
            offer_id=offer_id,
            handover_id=handover_id,
            pool_id=pool_id,
        ),
        created_at=HAPPENED_AT,
        read=False,
    )


def mail_due(
    notices: Sequence[StoredNotice], *, digest: bool = False, address: str = "intake@zorg.example"
) -> MailDue:
    """These notices as one mail."""
    return MailDue(
        setting_id=uuid4(),
        address=address,
        digest=digest,
        ids=[uuid4() for _ in notices],
        sending=Sending(1, HAPPENED_AT),
        notices=notices,
    )


def ways(mail_port: int | None = None) -> Ways:
    """To receivers on this machine."""
    url = f"smtp://127.0.0.1:{mail_port}" if mail_port else ""
    settings = Settings(
        smtp_url=url,
        mail_from="toren@toren.example" if url else "",
        webhook_networks="127.0.0.0/8",
    )
    return Ways.of(settings, tls_of_receivers())


async def make_notice(
    world: World,
    organisation_id: UUID | None = None,
    kind: NoticeKind = NoticeKind.AANVRAAG,
    data: NoticeData = OFFERED,
) -> UUID:
    """A notice in the database, that was told on already; by default the first provider's."""
    return await _insert(
        world,
        "INSERT INTO notice (region_id, organisation_id, kind, data, urgent, created_at, spread_at)"
        " VALUES (1, $1, $2, CAST(CAST($3 AS text) AS jsonb), false, $4, $4) RETURNING id",
        *(organisation_id or world.provider.organisation_id, kind),
        *(orjson.dumps(data.to_json()).decode(), world.container.now()),
    )


async def make_endpoint(
    world: World,
    url: str,
    *,
    secret: str | None = None,
    previous: str | None = None,
    previous_until: datetime | None = None,
) -> UUID:
    """An endpoint of the first provider."""
    return await _insert(
        world,
        "INSERT INTO webhook_endpoint (organisation_id, url, secret, previous_secret,"
        " previous_until, state, created_at) VALUES ($1, $2, $3, $4, $5, 'active', $6) RETURNING id",
        *(world.provider.organisation_id, url, secret or new_secret(), previous, previous_until),
        world.container.now(),
    )


async def make_mailbox(
    world: World,
    address: str | None = "intake@zorg.example",
    organisation_id: UUID | None = None,
    person_id: UUID | None = None,
) -> UUID:
    """What an organisation's mailbox gets, or somebody's own; by default the first provider's."""
    return await _insert(
        world,
        "INSERT INTO word_setting (organisation_id, address, person_id, choices, digest_at,"
        " acuut_always) VALUES ($1, $2, $3, '{}', '08:00', true) RETURNING id",
        *(organisation_id or world.provider.organisation_id, address, person_id),
    )


async def make_delivery(
    world: World,
    *,
    endpoint_id: UUID | None = None,
    setting_id: UUID | None = None,
    digest: bool = False,
) -> UUID:
    """A notice of its own, due now to an endpoint or a mailbox."""
    return await _insert(
        world,
        "INSERT INTO delivery (notice_id, endpoint_id, setting_id, channel, digest, state, next_at,"
        " created_at) VALUES ($1, $2, $3, $4, $5, 'wacht', $6, $6) RETURNING id",
        *(await make_notice(world), endpoint_id, setting_id, "mail" if setting_id else "webhook"),
        *(digest, world.container.now()),
    )


async def _insert(world: World, statement: str, *values: object) -> UUID:
    made: UUID = await world.container.read(
        lambda connection: connection.fetchval(statement, *values)
    )
    return made
