"""Keys, for the operator: issued (and shown once), listed, revoked."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, Input, Name, named_request
from app.services import keys
from app.services.keys import NewKey
from domain.actors import Action, Role
from domain.capacity import Terms
from domain.errors import Code
from domain.identifiers import OrganisationId

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=GuardedRoute)


class NewKeyBody(Input):
    """Who a key is for. `lag_minutes` and `includes_holds` say what its reports cover."""

    organisation_id: UUID
    role: Role
    name: Name
    lag_minutes: Annotated[
        int, Field(strict=True, ge=0, le=1440, description="How late admissions are booked.")
    ] = 0
    includes_holds: Annotated[
        bool, Field(strict=True, description="The feed counts our promises as planned.")
    ] = False
    sandbox: Annotated[
        bool,
        Field(
            strict=True,
            description="Reports of a new source are checked, and count once it is released.",
        ),
    ] = False


class IssuedKeyBody(BaseModel):
    """`key` is shown once: null when this is the repetition of an earlier request."""

    id: UUID
    key: str | None


class KeyBody(BaseModel):
    """A key as it can be seen afterwards."""

    id: UUID
    name: str
    role: Role
    organisation_id: UUID
    organisation_name: str
    created_at: datetime
    revoked_at: datetime | None


@router.post(
    "",
    status_code=201,
    **asks(
        Action.KEY_ISSUE,
        Code.NOT_FOUND,
        Code.ALREADY_EXISTS,
        Code.IDEMPOTENCY_MISMATCH,
        Code.OUTCOME_UNKNOWN,
    ),
)
async def post_key(
    request: Request,
    here: Here,
    caller: Caller,
    body: NewKeyBody,
    idempotency_key: IdempotencyKey = None,
) -> IssuedKeyBody:
    """Issues a key. With `Idempotency-Key` a repetition makes no second one."""
    new = NewKey(
        organisation_id=OrganisationId(body.organisation_id),
        role=body.role,
        name=body.name,
        terms=Terms(timedelta(minutes=body.lag_minutes), body.includes_holds),
        sandbox=body.sandbox,
    )
    named = await named_request(request, caller, idempotency_key)
    issued = await keys.issue_key(here, caller.actor, new, named, address_of(request))
    return IssuedKeyBody(id=issued.id, key=issued.key)


@router.get("", **asks(Action.KEY_READ))
async def get_keys(here: Here) -> list[KeyBody]:
    """All keys there have been."""
    return [KeyBody.model_validate(key, from_attributes=True) for key in await keys.list_keys(here)]


@router.post(
    "/{key_id}/revocation",
    status_code=204,
    **asks(Action.KEY_REVOKE, Code.NOT_FOUND, Code.OUTCOME_UNKNOWN),
)
async def post_revocation(request: Request, here: Here, caller: Caller, key_id: UUID) -> None:
    """Revokes a key, in every process and on every open socket. Twice is the same as once."""
    await keys.revoke_key(here, caller.actor, key_id, address_of(request))
