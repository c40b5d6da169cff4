"""Columns as the tables share them."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "pk": "%(table_name)s_pk",
    "fk": "%(table_name)s_%(column_0_name)s_fk",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


class Table(SQLModel):
    """What every row is.

    Rows are set by our own code, so nothing is validated on the way: SQLAlchemy's own attributes do
    the work, in half the time that SQLModel takes to find out that it is a table's.
    """

    __setattr__ = object.__setattr__  # type: ignore[assignment]  # the same call, with its name in general


def table_of(rows: type[SQLModel]) -> sa.Table:
    """The table that rows of a kind are in."""
    found = sa.inspect(rows).local_table
    assert isinstance(found, sa.Table)
    return found


def listed(column: str, values: Iterable[Any]) -> str:
    """A check that a column holds one of an enum's values."""
    return f"{column} IN ({', '.join(repr(str(v)) for v in values)})"


def new_id() -> Any:
    """A primary key that the database makes, in order of time."""
    return Field(
        default=None,
        sa_column=sa.Column(pg.UUID, primary_key=True, server_default=sa.text("uuidv7()")),
    )


def time_column(*, nullable: bool = False, now: bool = False) -> Any:
    """A moment."""
    return Field(
        default=None,
        sa_type=sa.DateTime(timezone=True),
        nullable=nullable,
        sa_column_kwargs={"server_default": sa.text("now()")} if now else {},
    )


def times_column() -> Any:
    """A list of moments."""
    return Field(
        default_factory=list,
        sa_type=pg.ARRAY(sa.DateTime(timezone=True)),
        sa_column_kwargs={"server_default": sa.text("'{}'")},
    )


def count_column(*, nullable: bool = True) -> Any:
    """A number of places."""
    return Field(
        default=None if nullable else 0,
        sa_type=sa.SmallInteger,
        nullable=nullable,
        sa_column_kwargs={} if nullable else {"server_default": sa.text("0")},
    )


def texts_column() -> Any:
    """A list of codes."""
    return Field(
        default_factory=list,
        sa_type=pg.ARRAY(sa.Text),
        sa_column_kwargs={"server_default": sa.text("'{}'")},
    )


def all_listed(column: str, values: Iterable[Any]) -> str:
    """A check that a list holds nothing but these values."""
    return f"{column} <@ ARRAY[{', '.join(repr(str(v)) for v in values)}]::text[]"


def json_column(*, nullable: bool = True) -> Any:
    """What the domain has checked and only readers of a whole subject need, as JSON."""
    return Field(default=None, sa_column=sa.Column(pg.JSONB(none_as_null=True), nullable=nullable))


def version_column() -> Any:
    """The version that people edit against; 1 when new."""
    return Field(default=1, sa_column_kwargs={"server_default": sa.text("1")})
