"""Referrals: who needs what, what was done about it, and who has to be told what.

Nothing here says who somebody is: birth year, sex and PC4 only. Every text that people type stands in
`referral_text` and nowhere else, so that it can move into the encrypted part as a whole.
"""

from datetime import date, datetime
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
from domain.alerts import AlertKind
from domain.care_types import CareType
from domain.cases import (
    CizStatus,
    ContactKind,
    ContactOutcome,
    HandoverState,
    Route,
    TargetGroup,
    TextKind,
)
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.needs import Behaviour, Infection, LegalStatus, Setting, Sex, Urgency
from domain.next_actions import NextAction, Party
from domain.referrals import ReferralState, Step

_ENDED = ", ".join(repr(str(state)) for state in ReferralState if state.ended)


class ReferralRow(Table, table=True):
    """An aanmelding: one need of one person. `owner_id` is the coordination point that has it in hand.

    number: what people read to each other on the telephone. episode_id: from the first need to the
    last successor. handler_id: the person who took it; null until somebody did. next_*: what is to be
    done next, never null while it is open. watch_at: when the watchdog has to look at it again.
    next_targets: whom to ask in the next round.
    """

    __tablename__ = "referral"
    __table_args__ = (
        sa.CheckConstraint(listed("state", ReferralState), name="state"),
        sa.CheckConstraint(listed("urgency", Urgency), name="urgency"),
        sa.CheckConstraint(listed("sex", Sex), name="sex"),
        sa.CheckConstraint("pc4 ~ '^[1-9][0-9]{3}$'", name="pc4"),
        sa.CheckConstraint("birth_year BETWEEN 1880 AND 2200", name="birth_year"),
        sa.CheckConstraint(listed("setting", Setting), name="setting"),
        sa.CheckConstraint(listed("infection", Infection), name="infection"),
        sa.CheckConstraint(listed("behaviour", Behaviour), name="behaviour"),
        sa.CheckConstraint(all_listed("features", Feature), name="features"),
        sa.CheckConstraint(all_listed("skills", Skill), name="skills"),
        sa.CheckConstraint(all_listed("dagdelen", Dagdeel), name="dagdelen"),
        sa.CheckConstraint(listed("legal_status", LegalStatus), name="legal_status"),
        sa.CheckConstraint(listed("route", Route), name="route"),
        sa.CheckConstraint(listed("care_type_asked", CareType), name="care_type_asked"),
        sa.CheckConstraint(listed("care_type_triaged", CareType), name="care_type_triaged"),
        sa.CheckConstraint(listed("care_type_placed", CareType), name="care_type_placed"),
        sa.CheckConstraint(listed("target_group", TargetGroup), name="target_group"),
        sa.CheckConstraint(listed("ciz_status", CizStatus), name="ciz_status"),
        sa.CheckConstraint(listed("next_action", NextAction), name="next_action"),
        sa.CheckConstraint(listed("waits_on", Party), name="waits_on"),
        sa.CheckConstraint(
            f"(state IN ({_ENDED})) = (next_action IS NULL)"
            f" AND (state IN ({_ENDED})) = (ended_at IS NOT NULL)"
            " AND (next_action IS NULL) = (waits_on IS NULL)",
            name="next",
        ),
        sa.CheckConstraint(
            "(state = 'geen-plek') <= (target_group IS NOT NULL)", name="target_group_told"
        ),
        sa.Index(
            "referral_watch_idx",
            "watch_at",
            postgresql_where=sa.text("watch_at IS NOT NULL"),
        ),
        sa.Index(
            "referral_open_idx",
            *("owner_id", "id"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "owner_id", "pc4", "birth_year", "sex"),
        sa.Index(None, "requested_by_id", "id"),
    )

    id: UUID = new_id()
    number: str = Field(unique=True)
    region_id: int = Field(sa_type=sa.SmallInteger, foreign_key="region.id")
    owner_id: UUID = Field(foreign_key="organisation.id")
    handler_id: UUID | None = None
    handler_name: str | None = None
    handler_since: datetime | None = time_column(nullable=True)
    episode_id: UUID = Field(index=True)
    previous_id: UUID | None = Field(default=None, foreign_key="referral.id")
    state: str
    version: int = version_column()
    triaged: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    needs_triage: bool = Field(default=True, sa_column_kwargs={"server_default": sa.text("true")})

    requested_by_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    recorded_by: UUID | None = None
    route: str
    care_type_asked: str | None = None
    care_type_triaged: str | None = None
    care_type_placed: str | None = None

    urgency: str
    birth_year: int = Field(sa_type=sa.SmallInteger)
    sex: str
    pc4: str
    setting: str
    since: datetime | None = time_column(nullable=True)
    needed_by: datetime | None = time_column(nullable=True)
    infection: str
    behaviour: str
    features: list[str] = texts_column()
    skills: list[str] = texts_column()
    dagdelen: list[str] = texts_column()
    legal_status: str
    #: What somebody would rather have (domain/matching/wishes.py); null: nothing told.
    wishes: Any = json_column()

    first_contact_at: datetime = time_column()
    created_at: datetime = time_column()
    filed_at: datetime | None = time_column(nullable=True)
    triage_by: datetime | None = time_column(nullable=True)
    target_at: datetime | None = time_column(nullable=True)
    norms_version: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    ended_at: datetime | None = time_column(nullable=True)
    ended_reason: str | None = None

    next_action: str | None = None
    next_at: datetime | None = time_column(nullable=True)
    waits_on: str | None = None
    waits_since: datetime | None = time_column(nullable=True)
    call_back_at: datetime | None = time_column(nullable=True)
    watch_at: datetime | None = time_column(nullable=True)
    next_targets: Any = json_column()

    target_group: str | None = None
    no_place_since: datetime | None = time_column(nullable=True)
    review_at: datetime | None = time_column(nullable=True)
    ciz_status: str | None = None
    wlz_decided_on: date | None = None
    wlz_profile: str | None = None
    payer: str | None = None


class ReferralTextRow(Table, table=True):
    """What people typed about a referral, and whom to call back: the only place for free text."""

    __tablename__ = "referral_text"
    __table_args__ = (
        sa.CheckConstraint(listed("kind", TextKind), name="kind"),
        sa.Index(None, "referral_id", "id"),
        sa.Index(None, "about_id"),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    kind: str
    #: The step, question, offer, triage or contact that it belongs to; null: the referral itself.
    about_id: UUID | None = None
    text: str
    at: datetime = time_column()
    by: UUID | None = None


class ReferralStepRow(Table, table=True):
    """A step in a referral's life, with both its times: when it happened and when it was recorded."""

    __tablename__ = "referral_step"
    __table_args__ = (
        sa.CheckConstraint(listed("step", Step), name="step"),
        sa.CheckConstraint(listed("before", ReferralState), name="before"),
        sa.CheckConstraint(listed("after", ReferralState), name="after"),
        sa.Index(None, "referral_id", "id"),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    offer_id: UUID | None = None
    step: str
    before: str | None = None
    after: str
    version: int
    happened_at: datetime = time_column()
    recorded_at: datetime = time_column()
    actor_id: UUID | None = None
    actor_name: str | None = None
    role: str
    organisation_id: UUID | None = None
    reason: str | None = None
    data: Any = json_column()


class TriageRow(Table, table=True):
    """A triage as it was done: the facts, what the rules of that version advised, what was chosen."""

    __tablename__ = "triage"
    __table_args__ = (sa.Index(None, "referral_id", "id"),)

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    region_id: int = Field(sa_type=sa.SmallInteger)
    rules_version: str
    urgency: str
    facts: Any = json_column(nullable=False)
    advice: Any = json_column(nullable=False)
    chosen: str
    deviates: bool
    at: datetime = time_column()
    by: UUID | None = None


class BoardCheckRow(Table, table=True):
    """A look at the regular products on the board: what was there, and why each place failed."""

    __tablename__ = "board_check"
    __table_args__ = (sa.Index(None, "referral_id", "id"),)

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    at: datetime = time_column()
    by: UUID | None = None
    position: str
    regular_failed: bool
    found: Any = json_column(nullable=False)


class WaitRow(Table, table=True):
    """Ready for discharge since, for a type of care that is awaited: the wrong-bed clock."""

    __tablename__ = "discharge_wait"
    __table_args__ = (
        sa.CheckConstraint(listed("care_type", CareType), name="care_type"),
        sa.CheckConstraint("until >= since", name="until"),
        sa.Index(
            "discharge_wait_open_key",
            *("referral_id", "care_type"),
            unique=True,
            postgresql_where=sa.text("until IS NULL"),
        ),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    care_type: str
    since: datetime = time_column()
    until: datetime | None = time_column(nullable=True)
    ended_reason: str | None = None


class QuestionRow(Table, table=True):
    """Something that has to be known: asked of the referrer, or by a provider about its offer."""

    __tablename__ = "referral_question"
    __table_args__ = (sa.Index(None, "referral_id", "id"),)

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    offer_id: UUID | None = Field(default=None, foreign_key="offer.id")
    asked_by_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    asked_at: datetime = time_column()
    answered_at: datetime | None = time_column(nullable=True)


class ContactRow(Table, table=True):
    """A call or a try at one: a by-product of the call button, countable for each placement."""

    __tablename__ = "contact"
    __table_args__ = (
        sa.CheckConstraint(listed("kind", ContactKind), name="kind"),
        sa.CheckConstraint(listed("outcome", ContactOutcome), name="outcome"),
        sa.CheckConstraint("seconds >= 0", name="seconds"),
        sa.Index(None, "referral_id", "id"),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    offer_id: UUID | None = Field(default=None, foreign_key="offer.id")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    kind: str
    outcome: str
    started_at: datetime = time_column()
    seconds: int | None = None
    by: UUID | None = None


class HandoverRow(Table, table=True):
    """A referral offered by one coordination point to another; the sender owns it until accepted."""

    __tablename__ = "handover"
    __table_args__ = (
        sa.CheckConstraint(listed("state", HandoverState), name="state"),
        sa.CheckConstraint("from_id <> to_id", name="parties"),
        sa.Index(
            "handover_open_key",
            "referral_id",
            unique=True,
            postgresql_where=sa.text("state = 'aangeboden'"),
        ),
        sa.Index(None, "to_id", "id"),
        sa.Index(None, "from_id", "id"),
    )

    id: UUID = new_id()
    referral_id: UUID = Field(foreign_key="referral.id")
    from_id: UUID = Field(foreign_key="organisation.id")
    from_region_id: int = Field(sa_type=sa.SmallInteger)
    to_id: UUID = Field(foreign_key="organisation.id")
    to_region_id: int = Field(sa_type=sa.SmallInteger)
    state: str
    version: int = version_column()
    reason: str
    offered_at: datetime = time_column()
    ended_at: datetime | None = time_column(nullable=True)


class AlertRow(Table, table=True):
    """What somebody has to be told: raised once, cleared by an act or by what is so since."""

    __tablename__ = "alert"
    __table_args__ = (
        sa.CheckConstraint(listed("kind", AlertKind), name="kind"),
        sa.CheckConstraint("num_nonnulls(referral_id, pool_id) = 1", name="about"),
        sa.Index(
            "alert_referral_key",
            *("referral_id", "kind", "offer_id"),
            unique=True,
            postgresql_where=sa.text("cleared_at IS NULL AND referral_id IS NOT NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.Index(
            "alert_pool_key",
            *("pool_id", "kind"),
            unique=True,
            postgresql_where=sa.text("cleared_at IS NULL AND pool_id IS NOT NULL"),
        ),
        sa.Index(
            "alert_open_idx",
            *("region_id", "raised_at"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    id: UUID = new_id()
    region_id: int = Field(sa_type=sa.SmallInteger)
    owner_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    referral_id: UUID | None = Field(default=None, foreign_key="referral.id")
    offer_id: UUID | None = Field(default=None, foreign_key="offer.id")
    pool_id: UUID | None = Field(default=None, foreign_key="pool.id")
    kind: str
    data: Any = json_column()
    raised_at: datetime = time_column()
    taken_by: UUID | None = None
    taken_at: datetime | None = time_column(nullable=True)
    cleared_at: datetime | None = time_column(nullable=True)
