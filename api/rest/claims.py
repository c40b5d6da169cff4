"""Vasthouden: a place held for a referral for some minutes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import ACT, DoneBody, done_body
from api.observed import ETAG
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, Input, named_request
from app.services.referrals import claims
from domain.actors import Action
from domain.errors import Code

router = APIRouter(
    prefix="/v1/referrals/{referral_id}/claims", tags=["referrals"], route_class=GuardedRoute
)


class ClaimInput(Input):
    """Where a place is held."""

    pool_id: UUID
    bed_id: Annotated[
        UUID | None, Field(description="Of a pool that is followed bed by bed; null: any.")
    ] = None
    match_id: Annotated[
        UUID | None, Field(description="The match that this goes by; it is kept then.")
    ] = None


@router.post(
    "",
    status_code=201,
    responses={201: {"headers": ETAG}},
    **asks(
        Action.REFERRAL_WRITE,
        *ACT,
        Code.IDEMPOTENCY_MISMATCH,
        Code.NO_PLACE_LEFT,
        Code.ALREADY_EXISTS,
    ),
)
async def post_claim(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: ClaimInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneBody:
    """Holds a place: it counts as taken on every board, until it is let go or its time is over.

    Who comes second hears until when it is held and what else there is, never for whom.
    """
    done = await claims.claim(
        here,
        caller.actor,
        referral_id,
        body.pool_id,
        body.bed_id,
        await named_request(request, caller, idempotency_key),
        match_id=body.match_id,
        address=address_of(request),
    )
    return done_body(done, response)


@router.delete(
    "/{claim_id}", responses={200: {"headers": ETAG}}, **asks(Action.REFERRAL_WRITE, *ACT)
)
async def delete_claim(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    claim_id: UUID,
    response: Response,
) -> DoneBody:
    """Lets go of a held place before its time."""
    done = await claims.release(
        here, caller.actor, referral_id, claim_id, address=address_of(request)
    )
    return done_body(done, response)
