"""The norms of a region: answer times, rounds and clocks, with who set them when."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page
from api.cursors import Limit, decode, encode, version_of
from api.observed import Note
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import Input, needed_version
from app.db.norms import NormSet
from app.services import norms
from domain.actors import Action
from domain.care_types import CareType
from domain.errors import Code
from domain.identifiers import RegionId
from domain.needs import Urgency
from domain.norms import ClockHours, Norms

router = APIRouter(prefix="/v1/regions/{region_id}", tags=["norms"], route_class=GuardedRoute)

RegionNumber = Annotated[int, Path(ge=1, le=32767)]


class ClockBody(BaseModel):
    """So many minutes, at all hours or in those of the intake desk."""

    minutes: int
    hours: ClockHours


class NormsBody(BaseModel):
    """All norms. What no source names a norm for is a "lokale afspraak"."""

    answer: Annotated[
        dict[Urgency, ClockBody], Field(description="Within which an offer is answered.")
    ]
    unseen_minutes: Annotated[
        int, Field(description="An acuut offer that nobody looked at: the coordinator phones.")
    ]
    most_at_once: Annotated[dict[Urgency, int], Field(description="Providers asked in one round.")]
    next_round: Annotated[
        dict[Urgency, bool], Field(description="Whether the next round is offered by itself.")
    ]
    claim_minutes: Annotated[int, Field(description="How long `vasthouden` holds a place.")]
    triage: Annotated[
        dict[Urgency, ClockBody], Field(description="Within which a filed referral is triaged.")
    ]
    placement: Annotated[
        dict[Urgency, ClockBody],
        Field(description="From filing to admission, when no moment was asked."),
    ]
    near_share: Annotated[
        int, Field(description="Percentage of a clock's time left at which it is `kort`.")
    ]
    not_arrived_minutes: Annotated[int, Field(description="After the agreed admission.")]
    no_owner_minutes: Annotated[
        dict[Urgency, int], Field(description="How long a referral may be without a handler.")
    ]
    duplicate_days: Annotated[
        int, Field(description="Within which a like referral is a possible duplicate.")
    ]
    again_days: Annotated[int, Field(description="Within which somebody is there again.")]
    review_days: Annotated[
        dict[CareType, int],
        Field(description="From admission to the first review, where there is one."),
    ]
    stale_minutes: Annotated[
        int, Field(description="How long a figure is unconfirmed before coordinators are told.")
    ]
    direct_to_team: Annotated[
        bool,
        Field(description="A referrer's aanmelding for home nursing goes to the team it names."),
    ]


class NormSetBody(BaseModel):
    """A region's norms. Version 0: the defaults, which nobody set."""

    region_id: int
    version: int
    norms: NormsBody
    set_at: datetime | None
    set_by: Annotated[UUID | None, Field(description="A person or a key; null: the system.")]
    note: str | None


class NormsInput(Input):
    """Other norms, complete: what is left out is the default again."""

    norms: Annotated[
        dict[str, Any],
        Field(
            description="As they are read, each member optional.",
            examples=[{"answer": {"spoed": {"minutes": 120, "hours": "altijd"}}}],
        ),
    ]
    note: Note = None


@router.get("/norms", **asks(Action.NORM_READ, Code.NOT_FOUND))
async def get_norms(
    here: Here, caller: Caller, region_id: RegionNumber, response: Response
) -> NormSetBody:
    """The norms that hold. A clock keeps those that it started with."""
    found = await norms.get_norms(here, caller.actor, RegionId(region_id))
    return _shown(region_id, found, response)


@router.put(
    "/norms",
    **asks(
        Action.NORM_WRITE,
        Code.NOT_FOUND,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_norms(
    request: Request,
    here: Here,
    caller: Caller,
    region_id: RegionNumber,
    body: NormsInput,
    response: Response,
) -> NormSetBody:
    """Other norms, for the clocks that start from now on."""
    written = await norms.set_norms(
        here,
        caller.actor,
        RegionId(region_id),
        Norms.from_json(body.norms, "/norms"),
        needed_version(request),
        body.note or None,
        address_of(request),
    )
    return _shown(region_id, written, response)


@router.get("/norm-history", **asks(Action.NORM_READ, Code.NOT_FOUND))
async def get_norm_history(
    here: Here,
    caller: Caller,
    region_id: RegionNumber,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[NormSetBody]:
    """Every set of norms that was made, the newest first."""
    before = decode(cursor, version_of, str)[0] if cursor is not None else None
    found = await norms.norm_history(
        here, caller.actor, RegionId(region_id), before=before, limit=limit + 1
    )
    page = found[:limit]
    following = encode(str(page[-1].version), "") if len(found) > limit else None
    return Page(items=[_body(region_id, item) for item in page], next_cursor=following)


def _shown(region_id: int, found: NormSet, response: Response) -> NormSetBody:
    response.headers["etag"] = f'"{found.version}"'
    return _body(region_id, found)


def _body(region_id: int, found: NormSet) -> NormSetBody:
    return NormSetBody(
        region_id=region_id,
        version=found.version,
        norms=NormsBody.model_validate(found.norms.to_json()),
        set_at=found.set_at,
        set_by=found.set_by,
        note=found.note,
    )
