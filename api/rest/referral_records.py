"""Achteraf vastleggen: what was arranged on the telephone, in one form, kept or refused as a whole."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import ACT, DoneBody, done_body
from api.observed import ETAG
from api.rest.recorded_steps import STEPS, read_step
from api.rest.referrals import IntakeInput, intake_of
from api.routing import MODELS, Caller, GuardedRoute, Here, address_of, asks, to_document
from api.writes import IdempotencyKey, Input, named_request
from app.services.referrals import records
from app.services.referrals.records import MOST_STEPS
from domain.actors import Action
from domain.errors import Code, InvalidInput
from domain.identifiers import RegionId

router = APIRouter(prefix="/v1", tags=["referrals"], route_class=GuardedRoute)

_MODELS = to_document(*dict.fromkeys(STEPS.values()))


class RecordInput(Input):
    """A new referral or one that is there, and what was done, in the order in which it happened."""

    intake: Annotated[
        IntakeInput | None, Field(description="A new referral; by default filed at the first step.")
    ] = None
    referral_id: Annotated[UUID | None, Field(description="Instead of an intake.")] = None
    steps: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MOST_STEPS,
            description="Each with its `kind`, `happened_at` and the body of that act.",
            json_schema_extra={
                "items": {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in _MODELS]}
            },
        ),
    ]


_DECLARED = asks(
    Action.REFERRAL_WRITE,
    *ACT,
    Code.OFFER_ENDED,
    Code.NO_PLACE_LEFT,
    Code.TOO_MANY_OFFERS,
    Code.ARGUMENT_REQUIRED,
    Code.BOARD_CHECK_REQUIRED,
    Code.IDEMPOTENCY_MISMATCH,
)
_DECLARED["openapi_extra"] |= {MODELS: _MODELS}


@router.post("/referral-records", status_code=201, responses={201: {"headers": ETAG}}, **_DECLARED)
async def post_referral_record(
    request: Request,
    here: Here,
    caller: Caller,
    body: RecordInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneBody:
    """Records several steps in one commit: all of them, or none when one can't be.

    What stands in the way names its step. Neither deadlines nor the board go back in time: what
    follows from the whole is as of now.
    """
    if (body.intake is None) == (body.referral_id is None):
        raise InvalidInput("Geef een intake, of referral_id van een aanmelding die er al is.")
    steps = [read_step(number, step) for number, step in enumerate(body.steps)]
    address = address_of(request)
    if body.intake is None:
        assert body.referral_id is not None
        done = await records.record(here, caller.actor, body.referral_id, steps, address=address)
        return done_body(done, response)
    named = await named_request(request, caller, idempotency_key)
    region_id = body.intake.region_id
    try:
        done = await records.record_new(
            here,
            caller.actor,
            intake_of(body.intake),
            body.intake.happened_at or steps[0].happened_at,
            steps,
            named,
            region_id=RegionId(region_id) if region_id is not None else None,
            address=address,
        )
    except InvalidInput as problem:
        if problem.pointer.startswith("/steps"):
            raise
        raise InvalidInput(problem.detail, f"/intake{problem.pointer}") from None
    return done_body(done, response)
