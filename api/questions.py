"""What questions of the board share at the edge: their parameters and the members of their answers."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.boards import Cursor, Region
from api.positions import MinPosition
from app.live.messages import Progress
from domain.care_types import CareType
from domain.features import Feature


def _written_out(value: object) -> object:
    """Only as it is written, 2026-11-23: no moment, and no number of seconds."""
    if not isinstance(value, str) or len(value) != 10:
        raise PydanticCustomError("date_parsing", "not a day")
    return value


AskedDay = Annotated[
    date, Field(ge=date(2000, 1, 1), le=date(2200, 1, 1)), BeforeValidator(_written_out)
]
AskedPostcode = Annotated[
    str,
    Query(
        max_length=10,
        description="PC4 or PC6; of a PC6 only the digits are looked at, and nothing is kept.",
        examples=["2711"],
    ),
]


class Question(BaseModel):
    """The parameters that every question has."""

    model_config = ConfigDict(extra="forbid")

    region: Region = None
    limit: Annotated[int, Query(ge=1, le=100)] = 20
    cursor: Cursor = None
    min_position: MinPosition = None


class ContactBody(BaseModel):
    """An organisation, and where to call it."""

    id: UUID
    name: str
    telephone: str | None


class FoundLocationBody(BaseModel):
    """Where a pool is."""

    id: UUID
    name: str
    address: str
    postcode: str
    place: str
    gemeente: str | None
    telephone: str | None
    latitude: float | None
    longitude: float | None
    wlz_contract: bool


class OutlookBody(BaseModel):
    """Free places now, and later by discharge dates and planned admissions; null: unknown."""

    now: int | None
    in_24_hours: int | None
    in_72_hours: int | None
    in_a_week: int | None


class PlaceBody(BaseModel):
    """What the registers say of a pool."""

    id: UUID
    name: str
    external_id: str
    organisation: ContactBody
    location: FoundLocationBody
    care_types: list[CareType]
    features: list[Feature]
    admission_rules: dict[str, Any] | None


class AnswerBody(BaseModel):
    """As of which moment and position of the region an answer is."""

    server_time: datetime
    position: str
    complete_at: datetime
    next_cursor: str | None


def answer(
    items: Iterable[str],
    next_cursor: str | None,
    progress: Progress,
    now: datetime,
    **members: str,
) -> Response:
    """An answer of items that are JSON texts already; so are the other members."""
    following = "null" if next_cursor is None else f'"{next_cursor}"'
    others = "".join(f'"{name}":{text},' for name, text in members.items())
    body = f'{{{progress.text(now)},{others}"next_cursor":{following},"items":[{",".join(items)}]}}'
    return Response(body, media_type="application/json")
