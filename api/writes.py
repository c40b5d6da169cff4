"""What calls that write registers share: a request told apart by its key, and the answer."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.routing import shown_version
from app.db.idempotency import Request as NamedRequest
from app.security.keys import Credential
from app.services.written import Written

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")
]
#: Text that people may type: no control characters.
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
#: Hours as domain/hours.py reads them, which refuses by the name of the day.
Hours = Annotated[
    dict[str, Any],
    Field(
        description="A list of spans for each day of the week, and for feestdagen.",
        examples=[{"ma": [["08:30", "17:00"]], "feestdagen": []}],
    ),
]
OnCall = Annotated[
    list[dict[str, Any]],
    Field(
        description="Who answers, in the order of calling: name, telephone and hours.",
        max_length=50,
    ),
]


def _written_out(value: object) -> object:
    """A number is no day, nor is a moment."""
    if not isinstance(value, str) or len(value) != len("2026-11-23"):
        raise PydanticCustomError("date_type", "not a day")
    return value


#: Far enough from the ends of the calendar for every sum with it.
Day = Annotated[
    date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1)), BeforeValidator(_written_out)
]


class Input(BaseModel):
    """A body that holds nothing but what is known."""

    model_config = ConfigDict(extra="forbid")


class NewOwnerInput(Input):
    """Whose it becomes."""

    organisation_id: UUID


class WithPosition(BaseModel):
    """An answer to a write. `position` is in the first of the regions that were changed."""

    position: Annotated[str, Field(description="A board at this position shows it.")]


async def named_request(
    request: Request, caller: Credential, key: str | None
) -> NamedRequest | None:
    """What a repetition is known by: the caller, its Idempotency-Key and what it said."""
    if key is None:
        return None
    said = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return NamedRequest(caller.actor.id, key, said)


def needed_version(request: Request) -> int:
    """The version in `If-Match`. Raises VersionRequired and InvalidInput."""
    version = shown_version(request, required=True)
    assert version is not None
    return version


def shown(written: Written[Any], response: Response) -> dict[str, Any]:
    """The state to answer with, its position beside it and its version as the ETag."""
    response.headers["etag"] = f'"{written.state["version"]}"'
    return {**written.state, "position": str(written.position)}
