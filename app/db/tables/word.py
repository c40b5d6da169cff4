"""Word that arrives: notices, who wants which of them how, endpoints, and what goes out."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.tables.columns import (
    Table,
    all_listed,
    json_column,
    listed,
    new_id,
    texts_column,
    time_column,
    version_column,
)
from domain.deliveries import Channel, DeliveryState, EndpointState
from domain.notices import NoticeKind


class NoticeRow(Table, table=True):
    """Something an organisation has to know, written in the commit in which it happened.

    data: codes, moments and numbers (domain/notices.py), never anything of a person. spread_at: when it
    was told on and deliveries were made of it; null: not yet. Like a log it carries no foreign keys, for
    acts that everybody waits on write it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.CheckConstraint(listed("kind", NoticeKind), name="kind"),
        sa.Index("notice_organisation_id_idx", "organisation_id", "id"),
        sa.Index("notice_to_spread_idx", "id", postgresql_where=sa.text("spread_at IS NULL")),
    )

    id: UUID = new_id()
    region_id: int = Field(sa_type=sa.SmallInteger)
    organisation_id: UUID
    kind: str
    referral_id: UUID | None = None
    offer_id: UUID | None = None
    handover_id: UUID | None = None
    pool_id: UUID | None = None
    data: Any = json_column(nullable=False)
    urgent: bool
    created_at: datetime = time_column()
    spread_at: datetime | None = time_column(nullable=True)


class NoticeReadRow(Table, table=True):
    """That somebody read a notice. reader_id: a person, or the organisation, for all of its keys."""

    __tablename__ = "notice_read"
    __table_args__ = (
        sa.PrimaryKeyConstraint("notice_id", "reader_id"),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], ondelete="CASCADE"),
    )

    notice_id: UUID
    reader_id: UUID
    read_at: datetime = time_column()


class WordSettingRow(Table, table=True):
    """What somebody hears of by mail, when and where; without a person: the organisation's mailbox.

    choices: by kind of notice (domain/word_settings.py); a kind that isn't there is off, and one that the
    release doesn't know is passed over. windows: the on-call hours outside
    which everything waits; null: always. No address: no mail.
    """

    __tablename__ = "word_setting"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "person_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet"),
        sa.CheckConstraint("address ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="address"),
    )

    id: UUID = new_id()
    organisation_id: UUID = Field(foreign_key="organisation.id")
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    address: str | None = None
    choices: Any = json_column(nullable=False)
    windows: Any = json_column()
    quiet_from: time | None = Field(default=None, sa_type=sa.Time)
    quiet_to: time | None = Field(default=None, sa_type=sa.Time)
    digest_at: time = Field(sa_type=sa.Time)
    acuut_always: bool
    version: int = version_column()


class WebhookEndpointRow(Table, table=True):
    """Where an organisation's own system hears of notices, signed (Standard Webhooks).

    secret: as the receiver has it, since we sign with it. previous_secret: signs too, until
    previous_until. kinds: which notices; none: all.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        sa.CheckConstraint(listed("state", EndpointState), name="state"),
        sa.CheckConstraint(all_listed("kinds", NoticeKind), name="kinds"),
        sa.CheckConstraint("secret ~ '^whsec_[A-Za-z0-9+/]{43}=$'", name="secret"),
        sa.CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="previous"),
        sa.Index(None, "organisation_id"),
    )

    id: UUID = new_id()
    organisation_id: UUID = Field(foreign_key="organisation.id")
    url: str
    secret: str
    previous_secret: str | None = None
    previous_until: datetime | None = time_column(nullable=True)
    kinds: list[str] = texts_column()
    state: str = Field(default=EndpointState.ACTIVE)
    version: int = version_column()
    created_at: datetime = time_column()
    created_by: UUID | None = None


class DeliveryRow(Table, table=True):
    """A notice on its way to a mailbox or an endpoint. Its id names the message wherever it goes.

    digest: it waits for others, to go in one message. next_at: when to try (again). last_error: a code.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("notice_id", "setting_id"),
        sa.UniqueConstraint("notice_id", "endpoint_id"),
        sa.CheckConstraint(listed("channel", Channel), name="channel"),
        sa.CheckConstraint(listed("state", DeliveryState), name="state"),
        sa.CheckConstraint(
            "(setting_id IS NOT NULL) = (channel = 'mail')"
            " AND (endpoint_id IS NOT NULL) = (channel = 'webhook')",
            name="to",
        ),
        sa.CheckConstraint("(state = 'verstuurd') = (sent_at IS NOT NULL)", name="sent"),
        sa.CheckConstraint("attempts >= 0", name="attempts"),
        sa.Index("delivery_due_idx", "next_at", postgresql_where=sa.text("state = 'wacht'")),
        sa.Index(
            "delivery_endpoint_due_idx",
            *("endpoint_id", "next_at"),
            postgresql_where=sa.text("state = 'wacht' AND endpoint_id IS NOT NULL"),
        ),
        sa.Index("delivery_dead_idx", "id", postgresql_where=sa.text("state = 'dood'")),
    )

    id: UUID = new_id()
    notice_id: UUID
    setting_id: UUID | None = Field(default=None, foreign_key="word_setting.id")
    endpoint_id: UUID | None = Field(default=None, foreign_key="webhook_endpoint.id")
    channel: str
    digest: bool = False
    state: str = Field(default=DeliveryState.WACHT)
    attempts: int = Field(
        default=0, sa_type=sa.SmallInteger, sa_column_kwargs={"server_default": sa.text("0")}
    )
    next_at: datetime = time_column()
    sent_at: datetime | None = time_column(nullable=True)
    last_error: str | None = None
    created_at: datetime = time_column()
