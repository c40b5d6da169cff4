"""Webhook endpoints: where an organisation's own system hears of notices, signed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import IdempotencyKey, Input, named_request, needed_version
from app.db.webhook_endpoints import StoredEndpoint
from app.services.word import endpoints
from app.services.word.endpoints import Endpoint
from domain.actors import Action
from domain.deliveries import EndpointState
from domain.errors import Code
from domain.notices import NoticeKind

router = APIRouter(prefix="/v1/webhook-endpoints", tags=["word"], route_class=GuardedRoute)

Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        pattern=r"^[\x21-\x7e]+$",
        examples=["https://epd.example.nl/verkeerstoren"],
    ),
]
Kinds = Annotated[
    list[NoticeKind],
    Field(default_factory=list, max_length=50, description="Which notices; none: all."),
]


class EndpointInput(Input):
    """Where to, and what."""

    url: Url
    kinds: Kinds
    paused: Annotated[bool, Field(strict=True)] = False


class NewEndpointInput(EndpointInput):
    """organisation_id: for an operator; by default the caller's."""

    organisation_id: UUID | None = None


class EndpointBody(BaseModel):
    """An endpoint as it can be seen, without its secret."""

    id: UUID
    organisation_id: UUID
    url: str
    kinds: list[NoticeKind]
    state: EndpointState
    version: int
    created_at: datetime
    previous_until: Annotated[
        datetime | None, Field(description="Until when the secret before this one signs too.")
    ]


class IssuedEndpointBody(BaseModel):
    """`secret` is shown once: null when this is the repetition of an earlier request."""

    id: UUID
    secret: Annotated[str | None, Field(description="Of Standard Webhooks: `whsec_…`.")]


@router.post(
    "",
    status_code=201,
    **asks(
        Action.WORD_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.ALREADY_EXISTS,
        Code.IDEMPOTENCY_MISMATCH,
        Code.OUTCOME_UNKNOWN,
    ),
)
async def post_webhook_endpoint(
    request: Request,
    here: Here,
    caller: Caller,
    body: NewEndpointInput,
    idempotency_key: IdempotencyKey = None,
) -> IssuedEndpointBody:
    """Makes an endpoint, at most ten for an organisation."""
    issued = await endpoints.create_endpoint(
        here,
        caller.actor,
        Endpoint(body.url, frozenset(body.kinds), body.paused),
        body.organisation_id,
        await named_request(request, caller, idempotency_key),
        address_of(request),
    )
    return IssuedEndpointBody(id=issued.id, secret=issued.secret)


@router.get("", **asks(Action.WORD_READ, Code.NOT_FOUND))
async def get_webhook_endpoints(
    here: Here, caller: Caller, organisation: UUID | None = None
) -> list[EndpointBody]:
    """The endpoints of the caller's organisation; an operator sees everybody's."""
    found = await endpoints.list_endpoints(here, caller.actor, organisation)
    return [_body(one) for one in found]


@router.get("/{endpoint_id}", **asks(Action.WORD_READ, Code.NOT_FOUND))
async def get_webhook_endpoint(
    here: Here, caller: Caller, endpoint_id: UUID, response: Response
) -> EndpointBody:
    """One endpoint."""
    return _shown(await endpoints.get_endpoint(here, caller.actor, endpoint_id), response)


@router.put(
    "/{endpoint_id}",
    **asks(
        Action.WORD_WRITE,
        Code.NOT_FOUND,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_webhook_endpoint(
    request: Request,
    here: Here,
    caller: Caller,
    endpoint_id: UUID,
    body: EndpointInput,
    response: Response,
) -> EndpointBody:
    """Changes an endpoint, pauses it or lets it go on. What happens meanwhile isn't kept for it."""
    changed = await endpoints.change_endpoint(
        here,
        caller.actor,
        endpoint_id,
        Endpoint(body.url, frozenset(body.kinds), body.paused),
        needed_version(request),
        address_of(request),
    )
    return _shown(changed, response)


@router.post(
    "/{endpoint_id}/rotation", **asks(Action.WORD_WRITE, Code.NOT_FOUND, Code.OUTCOME_UNKNOWN)
)
async def post_webhook_endpoint_rotation(
    request: Request, here: Here, caller: Caller, endpoint_id: UUID
) -> IssuedEndpointBody:
    """Another secret. For a day each message is signed with the one before it as well."""
    secret = await endpoints.rotate_secret(here, caller.actor, endpoint_id, address_of(request))
    return IssuedEndpointBody(id=endpoint_id, secret=secret)


@router.delete(
    "/{endpoint_id}",
    status_code=204,
    **asks(Action.WORD_WRITE, Code.NOT_FOUND, Code.OUTCOME_UNKNOWN),
)
async def delete_webhook_endpoint(
    request: Request, here: Here, caller: Caller, endpoint_id: UUID
) -> None:
    """Ends an endpoint for good: what waits for it goes nowhere any more."""
    await endpoints.end_endpoint(here, caller.actor, endpoint_id, address_of(request))


def _shown(found: StoredEndpoint, response: Response) -> EndpointBody:
    response.headers["etag"] = f'"{found.version}"'
    return _body(found)


def _body(found: StoredEndpoint) -> EndpointBody:
    return EndpointBody(
        id=found.id,
        organisation_id=found.organisation_id,
        url=found.url,
        kinds=sorted(found.kinds),
        state=found.state,
        version=found.version,
        created_at=found.created_at,
        previous_until=found.previous_until,
    )
