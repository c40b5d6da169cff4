"""A referral comes in, is filled in, and is read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import ACT, DoneBody, HappenedAt, done_body
from api.needs import NeedsInput
from api.observed import ETAG
from api.rest.reports import Moment
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, named_request, needed_version
from app.services.referrals import filing, needs
from app.services.referrals.filing import Intake
from domain.actors import Action
from domain.care_types import CareType
from domain.cases import Route
from domain.errors import Code
from domain.identifiers import RegionId
from domain.matching.wishes import NO_WISHES

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], route_class=GuardedRoute)


class IntakeInput(NeedsInput):
    """All that is asked when a referral comes in, and no more."""

    care_type_asked: CareType | None = None
    requested_by: Annotated[
        UUID | None,
        Field(description="The organisation on whose behalf; null: not known, or one's own."),
    ] = None
    route: Route = Route.API
    first_contact_at: Annotated[
        Moment | None, Field(description="When the first call came; by default now.")
    ] = None
    draft: Annotated[bool, Field(strict=True, description="Kept, and nobody has to act yet.")] = (
        False
    )
    region_id: Annotated[
        int | None,
        Field(strict=True, ge=1, le=32767, description="For who works in several regions."),
    ] = None
    happened_at: HappenedAt = None
    team_id: Annotated[
        UUID | None,
        Field(
            description=(
                "For `care_type_asked` wijkverpleging: the team that is asked for. A referrer's goes"
                " straight to it where the region's norm `direct_to_team` is on, and its state is"
                " `aangeboden` then; else the coordination point finds it there as a wish."
            )
        ),
    ] = None


@router.post(
    "",
    status_code=201,
    responses={201: {"headers": ETAG}},
    **asks(Action.REFERRAL_FILE, Code.IDEMPOTENCY_MISMATCH, Code.OUTCOME_UNKNOWN, Code.TEAM_UNFIT),
)
async def post_referral(
    request: Request,
    here: Here,
    caller: Caller,
    body: IntakeInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneBody:
    """Takes a referral in: typed by a coordinator for a caller, or filed by a referrer.

    A referrer's goes to the coordination point that serves the postcode. A team that is named and
    can't do it is refused, with those that can. With `Idempotency-Key` a repetition makes no second one.
    """
    done = await filing.file(
        here,
        caller.actor,
        intake_of(body),
        await named_request(request, caller, idempotency_key),
        region_id=RegionId(body.region_id) if body.region_id is not None else None,
        address=address_of(request),
        happened_at=body.happened_at,
    )
    return done_body(done, response)


@router.put(
    "/{referral_id}/needs",
    responses={200: {"headers": ETAG}},
    **asks(Action.REFERRAL_WRITE, *ACT, Code.VERSION_REQUIRED, Code.VERSION_CHANGED, if_match=True),
)
async def put_needs(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: NeedsInput,
    response: Response,
) -> DoneBody:
    """Other needs, complete: triage again, new clocks, and whoever is being asked is told.

    What is the same as before starts no clock anew.
    """
    done = await needs.change(
        here,
        caller.actor,
        referral_id,
        body.need(),
        body.urgency,
        body.texts(),
        body.wished(),
        expected_version=needed_version(request),
        address=address_of(request),
    )
    return done_body(done, response)


@router.post(
    "/{referral_id}/submission",
    responses={200: {"headers": ETAG}},
    **asks(Action.REFERRAL_FILE, *ACT),
)
async def post_submission(
    request: Request, here: Here, caller: Caller, referral_id: UUID, response: Response
) -> DoneBody:
    """Files what was a draft: from here on clocks run."""
    done = await filing.submit(here, caller.actor, referral_id, address=address_of(request))
    return done_body(done, response)


def intake_of(body: IntakeInput) -> Intake:
    """An intake as the service takes it. Raises InvalidInput."""
    return Intake(
        need=body.need(),
        urgency=body.urgency,
        texts=body.texts(),
        care_type_asked=body.care_type_asked,
        requested_by_id=body.requested_by,
        route=body.route,
        first_contact_at=body.first_contact_at,
        draft=body.draft,
        wishes=body.wished() or NO_WISHES,
        team_id=body.team_id,
    )
