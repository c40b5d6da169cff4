"""The tables, as SQLModel rows. They stay in `app/db`; `migrations/` makes them.

Times are UTC. `event` and `audit` are logs: they carry no foreign keys, so that the hot statement
pays for none and what they tell outlives what they tell of.
"""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from domain.actors import OrganisationKind, Role
from domain.capacity import MAX_PLACES, SourceKind
from domain.care_types import CareType, ClosedReason
from domain.events import Kind
from domain.posting import PostingSchedule

SQLModel.metadata.naming_convention = {
    "pk": "%(table_name)s_pk",
    "fk": "%(table_name)s_%(column_0_name)s_fk",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


def _listed(column: str, values: type[Any]) -> str:
    return f"{column} IN ({', '.join(repr(str(v)) for v in values)})"


def _id() -> Any:
    return Field(
        default=None,
        sa_column=sa.Column(pg.UUID, primary_key=True, server_default=sa.text("uuidv7()")),
    )


def _time(*, nullable: bool = False, now: bool = False) -> Any:
    return Field(
        default=None,
        sa_type=sa.DateTime(timezone=True),
        nullable=nullable,
        sa_column_kwargs={"server_default": sa.text("now()")} if now else {},
    )


def _times() -> Any:
    return Field(
        default_factory=list,
        sa_type=pg.ARRAY(sa.DateTime(timezone=True)),
        sa_column_kwargs={"server_default": sa.text("'{}'")},
    )


def _count(*, nullable: bool = True) -> Any:
    return Field(
        default=None if nullable else 0,
        sa_type=sa.SmallInteger,
        nullable=nullable,
        sa_column_kwargs={} if nullable else {"server_default": sa.text("0")},
    )


def _version() -> Any:
    return Field(default=1, sa_column_kwargs={"server_default": sa.text("1")})


class RegionRow(SQLModel, table=True):
    """A zorgkantoorregio. Region 0 is everybody's."""

    __tablename__ = "region"

    id: int = Field(sa_column=sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False))
    code: str = Field(unique=True)
    name: str
    version: int = _version()


class StreamRow(SQLModel, table=True):
    """The head of a region's stream. Taking this row is what orders the region's commits."""

    __tablename__ = "stream"

    region_id: int = Field(
        sa_column=sa.Column(
            sa.SmallInteger, sa.ForeignKey("region.id"), primary_key=True, autoincrement=False
        )
    )
    epoch: int
    number: int = Field(sa_type=sa.BigInteger)
    tag: int = Field(sa_type=sa.BigInteger)


class EventRow(SQLModel, table=True):
    """One event. `data` is the subject's new state; null says it is gone for this audience."""

    __tablename__ = "event"
    __table_args__ = (
        sa.CheckConstraint(_listed("kind", Kind), name="kind"),
        sa.CheckConstraint("tag BETWEEN 0 AND 4294967295", name="tag"),
    )

    region_id: int = Field(
        sa_column=sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False)
    )
    number: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True, autoincrement=False))
    epoch: int
    tag: int = Field(sa_type=sa.BigInteger)
    kind: str
    subject_id: str
    owner_id: UUID | None = None
    at: datetime = _time()
    data: Any = Field(sa_column=sa.Column(pg.JSON, nullable=True))


class OrganisationRow(SQLModel, table=True):
    """An organisation; a coordination point is one too."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint("agb ~ '^[0-9]{8}$'", name="agb"),
        sa.CheckConstraint(_listed("kind", OrganisationKind), name="kind"),
    )

    id: UUID = _id()
    agb: str = Field(unique=True)
    name: str
    kind: str
    version: int = _version()


class OrganisationRegionRow(SQLModel, table=True):
    """An organisation may work in several regions."""

    __tablename__ = "organisation_region"

    organisation_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    region_id: int = Field(
        sa_column=sa.Column(sa.SmallInteger, sa.ForeignKey("region.id"), primary_key=True)
    )


class SourceRow(SQLModel, table=True):
    """Where figures come from: a feed, the pages, files, the phone. Each has its own lag."""

    __tablename__ = "source"
    __table_args__ = (
        sa.CheckConstraint(_listed("kind", SourceKind), name="kind"),
        sa.CheckConstraint("lag_minutes BETWEEN 0 AND 1440", name="lag"),
        sa.UniqueConstraint("organisation_id", "name"),
    )

    id: UUID = _id()
    organisation_id: UUID = Field(foreign_key="organisation.id")
    kind: str
    name: str
    lag_minutes: int = Field(sa_type=sa.SmallInteger)
    includes_holds: bool


class KeyRow(SQLModel, table=True):
    """An API key: only its hash is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        sa.CheckConstraint(_listed("role", Role), name="role"),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash"),
    )

    id: UUID = _id()
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    source_id: UUID | None = Field(default=None, foreign_key="source.id")
    role: str
    name: str
    hash: bytes = Field(unique=True)
    created_at: datetime = _time()
    created_by: UUID | None = None
    revoked_at: datetime | None = _time(nullable=True)
    revoked_by: UUID | None = None


class LocationRow(SQLModel, table=True):
    """A building of an organisation."""

    __tablename__ = "location"
    __table_args__ = (
        sa.CheckConstraint("postcode ~ '^[1-9][0-9]{3}([A-Z]{2})?$'", name="postcode"),
        sa.CheckConstraint("gemeente IS NULL OR gemeente ~ '^[0-9]{4}$'", name="gemeente"),
    )

    id: UUID = _id()
    region_id: int = Field(sa_type=sa.SmallInteger, foreign_key="region.id")
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    name: str
    address: str
    postcode: str
    place: str
    gemeente: str | None = None
    telephone: str | None = None
    version: int = _version()


class PoolRow(SQLModel, table=True):
    """A number of places at a location, with the care types they may serve.

    One row holds the register's side, the last accepted report and what the report can't know
    (claims, promises, admissions, discharges), so that one lock covers all that the balance needs.
    `base` and `balance` are generated by the database and so can't disagree with their parts.
    """

    __tablename__ = "pool"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "external_id"),
        sa.CheckConstraint("status IN ('active', 'ended')", name="status"),
        sa.CheckConstraint("cardinality(care_types) > 0", name="care_types_some"),
        sa.CheckConstraint(
            "care_types <@ ARRAY["
            + ", ".join(repr(c.value) for c in CareType if c.has_places)
            + "]::text[]",
            name="care_types_known",
        ),
        sa.CheckConstraint(_listed("posting_schedule", PostingSchedule), name="posting_schedule"),
        sa.CheckConstraint(
            f"physical BETWEEN 0 AND {MAX_PLACES} AND operable BETWEEN 0 AND {MAX_PLACES}"
            f" AND planned BETWEEN 0 AND {MAX_PLACES} AND closed BETWEEN 0 AND {MAX_PLACES}"
            f" AND occupied <= {MAX_PLACES} AND free <= {MAX_PLACES}",
            name="counts",
        ),
        sa.CheckConstraint("occupied >= 0 OR folded_discharges > 0", name="occupied"),
        sa.CheckConstraint("free >= 0 OR folded_admissions > 0", name="free"),
        sa.CheckConstraint(
            "occupied - folded_admissions + folded_discharges <= operable", name="occupied_operable"
        ),
        sa.CheckConstraint("operable <= physical", name="operable_physical"),
        sa.CheckConstraint("closed <= physical", name="closed_physical"),
        sa.CheckConstraint(
            "free + folded_admissions - folded_discharges <= physical", name="free_physical"
        ),
        sa.CheckConstraint(
            "free IS NULL OR operable IS NULL OR occupied IS NULL", name="free_or_counts"
        ),
        sa.CheckConstraint(
            "(coalesce(closed, 0) > 0) = (closed_reason IS NOT NULL)", name="closed_reason"
        ),
        sa.CheckConstraint(_listed("closed_reason", ClosedReason), name="closed_reason_known"),
        sa.CheckConstraint("claimed >= 0", name="claimed"),
        sa.CheckConstraint(
            "cardinality(admitted_at) = cardinality(admission_promised_at)", name="admissions"
        ),
        sa.CheckConstraint("observed_at <= received_at", name="observed_received"),
        sa.CheckConstraint(
            "(report_version = 0) = (observed_at IS NULL)"
            " AND (observed_at IS NULL) = (valid_until IS NULL)"
            " AND (observed_at IS NULL) = (counted_until IS NULL)",
            name="reported",
        ),
    )

    id: UUID = _id()
    region_id: int = Field(sa_type=sa.SmallInteger, foreign_key="region.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    location_id: UUID = Field(foreign_key="location.id", index=True)
    external_id: str
    name: str
    care_types: list[str] = Field(sa_type=pg.ARRAY(sa.Text))
    posting_schedule: str
    status: str = "active"
    version: int = _version()

    report_version: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    source_id: UUID | None = None
    source_kind: str | None = None
    stated_at: datetime | None = _time(nullable=True)
    observed_at: datetime | None = _time(nullable=True)
    received_at: datetime | None = _time(nullable=True)
    valid_until: datetime | None = _time(nullable=True)
    counted_until: datetime | None = _time(nullable=True)
    includes_holds: bool = Field(
        default=False, sa_column_kwargs={"server_default": sa.text("false")}
    )
    physical: int | None = _count()
    operable: int | None = _count()
    occupied: int | None = _count()
    planned: int | None = _count()
    closed: int | None = _count()
    closed_reason: str | None = None
    free: int | None = _count()
    available_from: date | None = None
    digest: bytes | None = None
    folded_admissions: int = _count(nullable=False)
    folded_discharges: int = _count(nullable=False)

    claimed: int = _count(nullable=False)
    promised_at: list[datetime] = _times()
    admitted_at: list[datetime] = _times()
    admission_promised_at: list[datetime | None] = _times()
    discharged_at: list[datetime] = _times()

    base: int | None = Field(
        default=None,
        sa_column=sa.Column(
            sa.SmallInteger,
            sa.Computed("coalesce(free, operable - occupied - planned)", persisted=True),
        ),
    )
    balance: int | None = Field(
        default=None,
        sa_column=sa.Column(
            sa.SmallInteger,
            sa.Computed(
                "pool_balance(coalesce(free, operable - occupied - planned), counted_until,"
                " includes_holds, folded_admissions, folded_discharges, claimed, promised_at,"
                " admitted_at, admission_promised_at, discharged_at)",
                persisted=True,
            ),
        ),
    )


class PoolReportRow(SQLModel, table=True):
    """Every report of a pool that was not refused, late ones too, as it was given."""

    __tablename__ = "pool_report"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('accepted', 'superseded')", name="outcome"),
        sa.PrimaryKeyConstraint("pool_id", "stated_at", "digest"),
    )

    pool_id: UUID = Field(foreign_key="pool.id")
    outcome: str
    version: int | None = None
    confirmation: bool
    source_id: UUID
    source_kind: str
    actor_id: UUID
    stated_at: datetime = _time()
    observed_at: datetime = _time()
    received_at: datetime = _time()
    physical: int | None = _count()
    operable: int | None = _count()
    occupied: int | None = _count()
    planned: int | None = _count()
    closed: int | None = _count()
    closed_reason: str | None = None
    free: int | None = _count()
    available_from: date | None = None
    digest: bytes


class AuditRow(SQLModel, table=True):
    """Who did what, when and by what right (NEN 7513). The application may only add."""

    __tablename__ = "audit"
    __table_args__: ClassVar[Any] = (sa.Index(None, "object_kind", "object_id"),)

    id: int = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    )
    happened_at: datetime = _time()
    recorded_at: datetime = _time(now=True)
    action: str
    outcome: str
    actor_id: UUID | None = None
    role: str | None = None
    organisation_id: UUID | None = None
    purpose: str
    basis: str
    address: str | None = None
    object_kind: str
    object_id: str


class IdempotencyRow(SQLModel, table=True):
    """The answer to a POST that created something, kept a day for its repetition."""

    __tablename__ = "idempotency"

    credential_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_hash: bytes
    answer: Any = Field(sa_column=sa.Column(pg.JSONB, nullable=False))
    created_at: datetime = _time()
