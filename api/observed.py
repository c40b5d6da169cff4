"""What reports of beds, teams and locations share at the edge: when it was so, and the receipt."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.rest.reports import NO_CONTROLS, Moment
from api.writes import Input
from app.services.observations import Receipt, Told
from domain.capacity import Freshness, Outcome, SourceKind

Agb = Annotated[str, Path(pattern="^[0-9]{8}$")]
ExternalId = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Note = Annotated[
    str | None,
    Field(max_length=200, pattern=NO_CONTROLS, description="For instance who said so by phone."),
]


def _day_written_out(value: object) -> object:
    """A number is no day, and a moment is no day either."""
    if not isinstance(value, str) or len(value) != len("2026-11-23"):
        raise PydanticCustomError("date_type", "not a day")
    return value


Day = Annotated[
    date,
    Field(ge=date(2000, 1, 1), le=date(2200, 1, 1)),
    BeforeValidator(_day_written_out),
]


class ObservedInput(Input):
    """When something was so."""

    observed_at: Annotated[
        Moment | None, Field(description="When this was true; by default at its receipt.")
    ] = None
    sent_at: Annotated[
        Moment | None,
        Field(description="The sender's clock at sending: corrects a clock that is wrong."),
    ] = None
    note: Note = None

    def told(self, expected_version: int | None) -> Told:
        """As the services take it."""
        return Told(self.observed_at, self.sent_at, expected_version, self.note or None)


class StandingBody(BaseModel):
    """A report that stands, and how old it is. `version` 0: never reported."""

    version: int
    freshness: Freshness
    source: SourceKind | None
    observed_at: datetime | None
    received_at: datetime | None
    valid_until: datetime | None


class ObservedReceiptBody(BaseModel):
    """What became of a report, and the report that stands now (another one when `superseded`).

    Of a source in the sandbox nothing may stand yet: then `version` is 0 and the times are null.
    """

    outcome: Outcome
    version: Annotated[int, Field(description="Version of the report that stands; also the ETag.")]
    observed_at: Annotated[
        datetime | None, Field(description="By our clock, never after its receipt.")
    ]
    received_at: datetime | None
    valid_until: Annotated[datetime | None, Field(description="After this it is onbevestigd.")]
    position: Annotated[str, Field(description="A board at this position shows the report.")]
    server_time: datetime


def receipt_data(receipt: Receipt) -> dict[str, object]:
    """The members that every receipt has."""
    return {
        "outcome": receipt.outcome,
        "version": receipt.version,
        "observed_at": receipt.observed_at,
        "received_at": receipt.received_at,
        "valid_until": receipt.valid_until,
        "position": str(receipt.position),
        "server_time": receipt.server_time,
    }


#: What a call says of an ETag that it answers with.
ETAG = {"ETag": {"description": "The version that stands.", "schema": {"type": "string"}}}
