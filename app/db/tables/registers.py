"""Registers: who there is, where they are, how they report, and the keys they do it with."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.tables.columns import (
    Table,
    json_column,
    listed,
    new_id,
    texts_column,
    time_column,
    version_column,
)
from domain.actors import OrganisationKind, Role
from domain.capacity import SourceKind
from domain.care_types import ClosedReason

_STATUS = "status IN ('active', 'ended')"


class RegionRow(Table, table=True):
    """A zorgkantoorregio. Region 0 is everybody's."""

    __tablename__ = "region"

    id: int = Field(sa_column=sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False))
    code: str = Field(unique=True)
    name: str
    version: int = version_column()


class StreamRow(Table, table=True):
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


class OrganisationRow(Table, table=True):
    """An organisation; a coordination point is one too, and `pc4s` are those it serves.

    insurers: its contracts with health insurers, each with uzovi, valid_from and valid_until.
    on_call: who is on call when (domain/hours.py). merged_into: who took over what it had.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        sa.CheckConstraint("agb ~ '^[0-9]{8}$'", name="agb"),
        sa.CheckConstraint(listed("kind", OrganisationKind), name="kind"),
        sa.CheckConstraint(_STATUS, name="status"),
        sa.CheckConstraint("ura ~ '^[0-9]{8}$'", name="ura"),
        sa.CheckConstraint("kvk ~ '^[0-9]{8}$'", name="kvk"),
        sa.CheckConstraint(
            "merged_into IS NULL OR (status = 'ended' AND merged_into <> id)", name="merged"
        ),
    )

    id: UUID = new_id()
    agb: str = Field(unique=True)
    ura: str | None = Field(default=None, unique=True)
    kvk: str | None = None
    name: str
    kind: str
    telephone: str | None = None
    pc4s: list[str] = texts_column()
    insurers: Any = json_column()
    on_call: Any = json_column()
    status: str = Field(default="active", sa_column_kwargs={"server_default": "active"})
    ended_at: datetime | None = time_column(nullable=True)
    merged_into: UUID | None = Field(default=None, foreign_key="organisation.id")
    version: int = version_column()


class OrganisationRegionRow(Table, table=True):
    """An organisation may work in several regions."""

    __tablename__ = "organisation_region"

    organisation_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    region_id: int = Field(
        sa_column=sa.Column(sa.SmallInteger, sa.ForeignKey("region.id"), primary_key=True)
    )


class LocationRow(Table, table=True):
    """A building of an organisation.

    gemeente_year: the year whose division the gemeente's code is of. wlz_contract: the zorgkantoor
    pays Wlz care here. Hours and on_call: see domain/hours.py; null says nobody told.
    """

    __tablename__ = "location"
    __table_args__ = (
        sa.CheckConstraint("postcode ~ '^[1-9][0-9]{3}([A-Z]{2})?$'", name="postcode"),
        sa.CheckConstraint("gemeente IS NULL OR gemeente ~ '^[0-9]{4}$'", name="gemeente"),
        sa.CheckConstraint("vestigingsnummer ~ '^[0-9]{12}$'", name="vestigingsnummer"),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND latitude BETWEEN -90 AND 90"
            " AND longitude BETWEEN -180 AND 180",
            name="point",
        ),
        sa.CheckConstraint(_STATUS, name="status"),
    )

    id: UUID = new_id()
    region_id: int = Field(sa_type=sa.SmallInteger, foreign_key="region.id")
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    name: str
    address: str
    postcode: str
    place: str
    gemeente: str | None = None
    gemeente_year: int | None = Field(default=None, sa_type=sa.SmallInteger)
    latitude: float | None = None
    longitude: float | None = None
    vestigingsnummer: str | None = None
    telephone: str | None = None
    wlz_contract: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    opening_hours: Any = json_column()
    intake_hours: Any = json_column()
    on_call: Any = json_column()
    status: str = Field(default="active", sa_column_kwargs={"server_default": "active"})
    ended_at: datetime | None = time_column(nullable=True)
    version: int = version_column()


class SourceRow(Table, table=True):
    """Where figures come from: a feed, the pages, files, the phone. Each has its own lag.

    Until it is released its reports are checked and shown, and count for nothing (sandbox).
    """

    __tablename__ = "source"
    __table_args__ = (
        sa.CheckConstraint(listed("kind", SourceKind), name="kind"),
        sa.CheckConstraint("lag_minutes BETWEEN 0 AND 1440", name="lag"),
        sa.UniqueConstraint("organisation_id", "name"),
    )

    id: UUID = new_id()
    organisation_id: UUID = Field(foreign_key="organisation.id")
    kind: str
    name: str
    lag_minutes: int = Field(sa_type=sa.SmallInteger)
    includes_holds: bool
    released_at: datetime | None = time_column(nullable=True)
    released_by: UUID | None = None
    created_at: datetime = time_column(now=True)


class KeyRow(Table, table=True):
    """An API key: only its hash is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        sa.CheckConstraint(listed("role", Role), name="role"),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash"),
    )

    id: UUID = new_id()
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    source_id: UUID | None = Field(default=None, foreign_key="source.id")
    role: str
    name: str
    hash: bytes = Field(unique=True)
    created_at: datetime = time_column()
    created_by: UUID | None = None
    revoked_at: datetime | None = time_column(nullable=True)
    revoked_by: UUID | None = None


class PostcodeRow(Table, table=True):
    """The four digits of a postcode: where they are, and in which gemeente."""

    __tablename__ = "postcode"
    __table_args__ = (
        sa.CheckConstraint("pc4 ~ '^[1-9][0-9]{3}$'", name="pc4"),
        sa.CheckConstraint("gemeente ~ '^[0-9]{4}$'", name="gemeente"),
    )

    pc4: str = Field(primary_key=True)
    place: str
    gemeente: str | None = None
    gemeente_name: str | None = None
    gemeente_year: int | None = Field(default=None, sa_type=sa.SmallInteger)
    latitude: float
    longitude: float
    version: int = version_column()


class AdmissionStopRow(Table, table=True):
    """An opnamestop of a location, from when it was set until a person lifts it."""

    __tablename__ = "admission_stop"
    __table_args__ = (
        sa.CheckConstraint(listed("reason", ClosedReason), name="reason"),
        sa.CheckConstraint(listed("source_kind", SourceKind), name="source_kind"),
        sa.CheckConstraint("lifted_at >= set_at", name="lifted"),
        sa.Index(
            "admission_stop_location_id_key",
            "location_id",
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
    )

    id: UUID = new_id()
    location_id: UUID = Field(foreign_key="location.id")
    reason: str
    note: str | None = None
    since: datetime = time_column()
    expected_until: date | None = None
    source_kind: str
    set_at: datetime = time_column()
    set_by: UUID | None = None
    lifted_at: datetime | None = time_column(nullable=True)
    lifted_by: UUID | None = None
    version: int = version_column()
