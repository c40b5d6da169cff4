"""The whole waiting list at once: a proposal for all who wait, adopted whole or in part."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.rest.norms import RegionNumber
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, Input, named_request
from app.db.proposals import StoredItem, StoredPlace, StoredProposal
from app.services.referrals import adoptions, proposals
from domain.actors import Action
from domain.care_types import CareType
from domain.errors import Code
from domain.identifiers import RegionId
from domain.matching.criteria import Criterion
from domain.matching.proposals import MOST_WAITING, Adopted, LeftOut, Total, Unplaced, total
from domain.needs import Urgency

router = APIRouter(prefix="/v1", tags=["proposals"], route_class=GuardedRoute)


class ProposedPlaceBody(BaseModel):
    """A place for somebody. `care_type` may be another than triage chose, which it advised too."""

    pool_id: UUID
    pool_name: str
    location_id: UUID
    location_name: str
    care_type: CareType
    km: Annotated[
        float | None,
        Field(description="From home, or from the partner if that is less; null: unknown."),
    ]


class ProposedItemBody(BaseModel):
    """Somebody who waits, with what the order went by when the proposal was made."""

    rank: Annotated[int, Field(description="1 comes first.")]
    referral_id: UUID
    number: str
    urgency: Urgency
    filed_at: datetime
    waited_minutes: int
    norm_minutes: Annotated[int, Field(description="From filing to placement.")]
    wrong_bed_days: int
    proposed: ProposedPlaceBody | None
    one_by_one: Annotated[
        ProposedPlaceBody | None,
        Field(description="What it would be if each in turn took the nearest that is left."),
    ]
    unplaced: Annotated[Unplaced | None, Field(description="Why nothing is proposed.")]
    failed: Annotated[
        dict[Criterion, int] | None,
        Field(description="When nothing fits: places by what stands in the way."),
    ]
    near: Annotated[
        list[dict[str, Any]] | None,
        Field(description="When nothing fits: what would if one thing changed."),
    ]
    offer_id: Annotated[UUID | None, Field(description="Once it was adopted.")]
    adopted_at: datetime | None
    adopted_by: UUID | None


class LeftOutBody(BaseModel):
    """Somebody who waits and isn't in the proposal."""

    referral_id: UUID
    number: str
    reason: LeftOut


class TotalBody(BaseModel):
    """How many get a place, and how far they go in sum."""

    placed: int
    acuut: int
    spoed: int
    km: float


class ProposalBody(BaseModel):
    """A proposal as it was made; `position` is of the board that it looked at."""

    id: UUID
    region_id: int
    made_at: datetime
    made_by: UUID | None
    position: str
    algorithm: str
    together: Annotated[TotalBody, Field(description="What is proposed, in sum.")]
    one_by_one: Annotated[TotalBody, Field(description="What it would be one by one, in sum.")]
    items: Annotated[list[ProposedItemBody], Field(description=f"At most {MOST_WAITING}.")]
    left_out: list[LeftOutBody]


class AdoptionInput(Input):
    """Which items are adopted; null or left out: all that have a place."""

    items: Annotated[
        list[UUID] | None,
        Field(max_length=MOST_WAITING, description="By their referral's id."),
    ] = None


class AdoptedItemBody(BaseModel):
    """What came of an item. `failures`: what stands in the way of the place now."""

    referral_id: UUID
    outcome: Adopted
    offer_id: UUID | None
    failures: list[dict[str, Any]]


class AdoptionBody(BaseModel):
    """What came of each item, the first first."""

    items: list[AdoptedItemBody]


@router.post(
    "/regions/{region_id}/proposals",
    status_code=201,
    **asks(
        Action.PROPOSAL_WRITE,
        Code.NOT_FOUND,
        Code.UNAVAILABLE,
        Code.OUTCOME_UNKNOWN,
        Code.IDEMPOTENCY_MISMATCH,
    ),
)
async def post_proposal(
    request: Request,
    here: Here,
    caller: Caller,
    region_id: RegionNumber,
    idempotency_key: IdempotencyKey = None,
) -> ProposalBody:
    """Who of the caller's waiting list would get which place, when all are looked at together.

    Most urgent first, then who waits longest against the norm, then most days in a wrong bed: nobody
    is left out for who comes later. Of all ways to place those, the one with the least distance in
    sum. Nobody is asked anything yet.
    """
    made = await proposals.propose(
        here,
        caller.actor,
        RegionId(region_id),
        await named_request(request, caller, idempotency_key),
        address=address_of(request),
    )
    return _body(made)


@router.get("/proposals/{proposal_id}", **asks(Action.REFERRAL_READ, Code.NOT_FOUND))
async def get_proposal(
    request: Request, here: Here, caller: Caller, proposal_id: UUID
) -> ProposalBody:
    """A proposal as it was made, and what was adopted of it since, by whom."""
    found = await proposals.get_proposal(here, caller.actor, proposal_id, address_of(request))
    return _body(found)


@router.post(
    "/proposals/{proposal_id}/adoption",
    **asks(Action.REFERRAL_WRITE, Code.NOT_FOUND, Code.UNAVAILABLE, Code.OUTCOME_UNKNOWN),
)
async def post_adoption(
    request: Request, here: Here, caller: Caller, proposal_id: UUID, body: AdoptionInput
) -> AdoptionBody:
    """Asks the providers of these items, each looked at again first; what can't be any more is told.

    An item is asked for once, whoever repeats it, so this needs no `Idempotency-Key`.
    """
    found = await adoptions.adopt(
        here, caller.actor, proposal_id, body.items, address=address_of(request)
    )
    return AdoptionBody(
        items=[
            AdoptedItemBody(
                referral_id=one.referral_id,
                outcome=one.outcome,
                offer_id=one.offer_id,
                failures=[dict(failure) for failure in one.failures],
            )
            for one in found
        ]
    )


def _body(found: StoredProposal) -> ProposalBody:
    named = ("id", "region_id", "made_at", "made_by", "position", "algorithm")
    return ProposalBody(
        **{name: getattr(found, name) for name in named},
        together=_total([(item, item.together) for item in found.items]),
        one_by_one=_total([(item, item.alone) for item in found.items]),
        items=[_item(item) for item in found.items],
        left_out=[LeftOutBody.model_validate(one, from_attributes=True) for one in found.left_out],
    )


def _item(item: StoredItem) -> ProposedItemBody:
    plain = ProposedItemBody.model_fields.keys() - {"proposed", "one_by_one"}
    return ProposedItemBody(
        **{name: getattr(item, name) for name in plain},
        proposed=_place(item.together),
        one_by_one=_place(item.alone),
    )


def _place(place: StoredPlace | None) -> ProposedPlaceBody | None:
    if place is None:
        return None
    return ProposedPlaceBody.model_validate(place, from_attributes=True)


def _total(placed: Sequence[tuple[StoredItem, StoredPlace | None]]) -> TotalBody:
    found: Total = total(
        (Urgency(item.urgency), place.km) for item, place in placed if place is not None
    )
    return TotalBody.model_validate(found, from_attributes=True)
