"""A match: what the board has for a referral, each place with why it stands where it stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.acts import ACT
from api.rest.board_checks import FailureBody
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import Input
from app.live.matching import Found
from app.live.place_reading import Names
from app.services.referrals import matches
from app.services.referrals.matches import Matched
from domain.actors import Action
from domain.care_types import CareType
from domain.errors import Code
from domain.matching.board_checks import FailedPlace, detail_json, failure_json
from domain.matching.criteria import Criterion
from domain.matching.near_misses import Change
from domain.matching.ranking import Fit, NearFit
from domain.matching.scoring import Tier
from domain.matching.weights import Component
from domain.matching.words import near_text, reason_text

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], route_class=GuardedRoute)

_MOST = 100
Limit = Annotated[int, Field(strict=True, ge=1, le=_MOST, description="Of each list.")]


class MatchInput(Input):
    """What to look for."""

    care_types: Annotated[
        tuple[CareType, ...],
        Field(
            max_length=len(CareType),
            description="In the order of preference; by default what triage chose and advised.",
        ),
    ] = ()
    limit: Limit = 20


class NamedBody(BaseModel):
    """A pool, or a team, by the names that the board has for it now; null when it is gone from there."""

    care_type: CareType
    pool_id: UUID | None
    team_id: UUID | None
    name: str | None
    organisation: str | None
    location: str | None
    place: str | None
    telephone: str | None


class MatchReasonBody(BaseModel):
    """What a preference adds. Points are thousandths; `of`: as many as it can add."""

    code: Component
    points: int
    of: int
    text: str
    params: dict[str, Any]


class FitBody(NamedBody):
    """What fits. earliest: vroegste opname, or when the first day begins."""

    tier: Annotated[Tier, Field(description="Wijk first, region next.")]
    points: int
    distance_km: float | None
    earliest: datetime
    reasons: list[MatchReasonBody]


class NearFitBody(NamedBody):
    """What would fit if one thing changed; `text` says which."""

    tier: Tier
    distance_km: float | None
    change: Change
    text: str
    delay_minutes: Annotated[
        int, Field(description="Longer than wished, or until a stop is expected to end.")
    ]
    params: dict[str, Any]


class FailedBody(NamedBody):
    """What doesn't fit, with all that stands in the way."""

    failures: list[FailureBody]


class FoundBody(BaseModel):
    """A page of each list, with how many there are in all.

    failed_by: counts of all that doesn't fit, near misses too; one with several failures counts at each.
    """

    looked_at: int
    fits_total: int
    fits: list[FitBody]
    near_misses_total: int
    near_misses: list[NearFitBody]
    failed_total: int
    failed: list[FailedBody]
    failed_by: dict[Criterion, int]


class MatchBody(FoundBody):
    """A match of a referral, of one moment and position of the board.

    Offers and claims that name its `id` keep it; one that nobody acts on is gone after a day.
    """

    id: UUID
    referral_id: UUID
    at: datetime
    position: str
    weights_version: str
    care_types: list[CareType]
    needed_by: datetime | None
    acted_at: datetime | None
    acted_on: Annotated[list[UUID], Field(description="The offers and claims that go by it.")]
    home: Annotated[
        FoundBody | None,
        Field(description="What there is at home, beside places; null when that was asked for."),
    ]


@router.post("/{referral_id}/matches", status_code=201, **asks(Action.REFERRAL_WRITE, *ACT))
async def post_match(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: MatchInput,
    response: Response,
) -> MatchBody:
    """Matches a referral with all places and teams of the region, and tells why.

    First the hard criteria, which nothing crosses in silence; what passes them is ranked by versioned
    weights. Then what nearly fits, and counts of the rest by reason.
    """
    found = await matches.match_referral(
        here,
        caller.actor,
        referral_id,
        body.care_types,
        limit=body.limit,
        address=address_of(request),
    )
    response.headers["location"] = f"/v1/referrals/{referral_id}/matches/{found.id}"
    return _body(found)


@router.get("/{referral_id}/matches/{match_id}", **asks(Action.REFERRAL_READ, Code.NOT_FOUND))
async def get_match(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    match_id: UUID,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 20,
    offset: Annotated[int, Query(ge=0, le=20_000)] = 0,
) -> MatchBody:
    """A match as it was, made again from what it went by, however the board changed since."""
    found = await matches.get_match(
        here,
        caller.actor,
        referral_id,
        match_id,
        limit=limit,
        offset=offset,
        address=address_of(request),
    )
    return _body(found)


def _body(found: Matched) -> MatchBody:
    return MatchBody(
        id=found.id,
        referral_id=found.referral_id,
        at=found.at,
        position=found.position,
        weights_version=found.weights_version,
        care_types=list(found.care_types),
        needed_by=found.needed_by,
        acted_at=found.acted_at,
        acted_on=list(found.acted_on),
        home=None if found.home is None else FoundBody(**_lists(found.home, found)),
        **_lists(found.found, found),
    )


def _lists(found: Found, whole: Matched) -> dict[str, Any]:
    return {
        "looked_at": found.looked_at,
        "fits_total": found.fits.total,
        "fits": [_fit(one, whole) for one in found.fits.items],
        "near_misses_total": found.near.total,
        "near_misses": [_near(one, whole) for one in found.near.items],
        "failed_total": found.failed.total,
        "failed": [_failed(one, whole.names) for one in found.failed.items],
        "failed_by": dict(found.counts),
    }


def _fit(one: Fit, whole: Matched) -> FitBody:
    return FitBody(
        **_named(one, whole.names),
        tier=one.tier,
        points=one.points,
        distance_km=_km(one.metres),
        earliest=one.earliest,
        reasons=[
            MatchReasonBody(
                code=reason.code,
                points=reason.points,
                of=reason.of,
                text=reason_text(reason, whole.at),
                params=detail_json(reason.params),
            )
            for reason in one.reasons
        ],
    )


def _near(one: NearFit, whole: Matched) -> NearFitBody:
    return NearFitBody(
        **_named(one, whole.names),
        tier=one.tier,
        distance_km=_km(one.metres),
        change=one.miss.change,
        text=near_text(one.miss, whole.at),
        delay_minutes=one.miss.delay,
        params=detail_json(one.miss.params),
    )


def _failed(one: FailedPlace, names: Mapping[UUID, Names]) -> FailedBody:
    failures = [FailureBody.model_validate(failure_json(failure)) for failure in one.failures]
    return FailedBody(**_named(one, names), failures=failures)


def _named(one: Fit | NearFit | FailedPlace, names: Mapping[UUID, Names]) -> dict[str, Any]:
    known, at_home = names.get(one.id), one.care_type is CareType.WIJKVERPLEGING
    return {
        "care_type": one.care_type,
        "pool_id": None if at_home else one.id,
        "team_id": one.id if at_home else None,
        "name": known.name if known else None,
        "organisation": known.organisation if known else None,
        "location": known.location if known else None,
        "place": known.place if known else None,
        "telephone": known.telephone if known else None,
    }


def _km(metres: int | None) -> float | None:
    return None if metres is None else round(metres / 1000, 1)
