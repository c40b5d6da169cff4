"""What acts on a referral share at the edge: what people may type, and the answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from api.rest.reports import Moment
from api.writes import Input, WithPosition
from app.services.referrals.acting import Done
from domain.errors import Code
from domain.referrals import ReferralState

#: Free text of one or more lines; anything else that controls is refused.
Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$",
        json_schema_extra={"format": "multiline"},
    ),
]
Telephone = Annotated[str, Field(max_length=25, pattern=r"^[+(]?[0-9][0-9 ()-]{1,23}[0-9]$")]
HappenedAt = Annotated[
    Moment | None,
    Field(description="When it really happened, at most a month ago; by default now."),
]

#: What an act may answer with, besides what every call may.
ACT = (Code.NOT_FOUND, Code.WRONG_STATE, Code.OUTCOME_UNKNOWN)


class TextInput(Input):
    """Something typed."""

    text: Text


class RemarkInput(Input):
    """Perhaps something typed."""

    text: Text | None = None


class DoneBody(WithPosition):
    """What an act made of the referral, with the version that it left behind."""

    id: Annotated[UUID, Field(description="Of what was made or acted on, else of the referral.")]
    referral_id: UUID
    number: Annotated[str, Field(description="What people read to each other on the telephone.")]
    state: ReferralState
    version: int
    server_time: datetime


def done_body(done: Done, response: Response) -> DoneBody:
    """The answer to an act, the referral's version as its ETag."""
    response.headers["etag"] = f'"{done.version}"'
    return DoneBody(
        id=done.id,
        referral_id=done.referral_id,
        number=done.number,
        state=done.state,
        version=done.version,
        position=str(done.position),
        server_time=done.server_time,
    )
