"""Webhook endpoints: made with a secret that is shown once, changed, given another secret, ended."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.container import Container
from app.db import registers, webhook_endpoints
from app.db.idempotency import Request, once
from app.db.tables import WebhookEndpointRow
from app.db.unit_of_work import UnitOfWork
from app.db.webhook_endpoints import StoredEndpoint
from app.security.outbound import AddressRefused, Refusal, check_url
from app.services.word.owning import require_own
from app.word.signatures import new_secret
from domain.actors import Action, Actor
from domain.deliveries import EndpointState
from domain.errors import AlreadyExists, InvalidInput, NotFound, VersionChanged
from domain.notices import NoticeKind

MOST_ENDPOINTS = 10
#: After a rotation the former secret signs as well for so long: time to tell it to a system.
BOTH_SIGN_FOR = timedelta(hours=24)

_REFUSED = {
    Refusal.MALFORMED: "Dit is geen webadres.",
    Refusal.NOT_HTTPS: "Een webhook begint met https://.",
    Refusal.CREDENTIALS: "Zet geen naam of wachtwoord in het adres: elk bericht is ondertekend.",
    Refusal.NOT_PUBLIC: "Dit adres ligt niet op het openbare internet.",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What somebody fills in. kinds: which notices; none: all."""

    url: str
    kinds: Collection[NoticeKind] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class IssuedEndpoint:
    """`secret` is None when the same request was done before: it is shown once only."""

    id: UUID
    secret: str | None


async def list_endpoints(
    container: Container, actor: Actor, organisation_id: UUID | None
) -> list[StoredEndpoint]:
    """An organisation's endpoints; None: the caller's, or for an operator everybody's. Raises NotFound."""
    whose = require_own(actor, Action.WORD_READ, organisation_id)
    return await container.read(
        lambda connection: webhook_endpoints.read_endpoints(connection, whose)
    )


async def get_endpoint(container: Container, actor: Actor, endpoint_id: UUID) -> StoredEndpoint:
    """One endpoint. Raises NotFound, also for another organisation's and one that was ended."""
    whose = require_own(actor, Action.WORD_READ, None)
    found = await container.read(
        lambda connection: webhook_endpoints.read_endpoints(connection, whose, endpoint_id)
    )
    if not found:
        raise NotFound
    return found[0]


async def create_endpoint(
    container: Container,
    actor: Actor,
    new: Endpoint,
    organisation_id: UUID | None = None,
    request: Request | None = None,
    address: str | None = None,
) -> IssuedEndpoint:
    """Makes an endpoint for an organisation, by default the caller's. With `request`, doing it again
    makes no second one. Raises NotFound, AlreadyClosed, InvalidInput, AlreadyExists (too many) and
    IdempotencyMismatch.
    """
    whose = require_own(actor, Action.WORD_WRITE, organisation_id) or actor.organisation_id
    _check_url(container, new.url)
    secret = new_secret()

    async def act(work: UnitOfWork) -> IssuedEndpoint:
        async def create() -> dict[str, str]:
            await registers.lock_organisation(work, whose)
            if await webhook_endpoints.count_endpoints(work, whose) >= MOST_ENDPOINTS:
                raise AlreadyExists(f"Meer dan {MOST_ENDPOINTS} webhooks kan niet.")
            row = WebhookEndpointRow(
                organisation_id=whose,
                url=new.url,
                secret=secret,
                kinds=sorted(new.kinds),
                state=_state(new),
                created_at=work.now,
                created_by=actor.id,
            )
            await work.add(row)
            work.audit(actor, Action.WORD_WRITE, "webhook-endpoint", row.id, address=address)
            return {"id": str(row.id)}

        answer, repeated = await once(work, request, create)
        await work.commit()
        return IssuedEndpoint(UUID(answer["id"]), None if repeated else secret)

    return await container.act(act)


async def change_endpoint(
    container: Container,
    actor: Actor,
    endpoint_id: UUID,
    to: Endpoint,
    expected_version: int,
    address: str | None = None,
) -> StoredEndpoint:
    """Another address, other kinds, paused or going on. What happens while it is paused isn't kept for
    it; what waited already goes on when it does.

    Raises NotFound, VersionChanged and InvalidInput.
    """
    _check_url(container, to.url)

    async def change(_: UnitOfWork, row: WebhookEndpointRow) -> None:
        _check_open(row)
        if row.version != expected_version:
            raise VersionChanged(row.version)
        row.url, row.kinds, row.state = to.url, sorted(to.kinds), _state(to)

    await _change(container, actor, endpoint_id, change, address)
    return await get_endpoint(container, actor, endpoint_id)


async def rotate_secret(
    container: Container, actor: Actor, endpoint_id: UUID, address: str | None = None
) -> str:
    """Another secret, which is shown once; the one before it signs too for BOTH_SIGN_FOR.

    Within that time again: the one that still signs too stays, for the receiver may know no other, and
    the one that came in between signs nothing any more. Raises NotFound.
    """
    secret = new_secret()

    async def change(work: UnitOfWork, row: WebhookEndpointRow) -> None:
        _check_open(row)
        if row.previous_until is None or row.previous_until <= work.now:
            row.previous_secret, row.previous_until = row.secret, work.now + BOTH_SIGN_FOR
        row.secret = secret

    await _change(container, actor, endpoint_id, change, address)
    return secret


async def end_endpoint(
    container: Container, actor: Actor, endpoint_id: UUID, address: str | None = None
) -> None:
    """Ends an endpoint for good: what waits for it goes nowhere any more. Doing it again changes nothing.

    Raises NotFound.
    """

    async def change(work: UnitOfWork, row: WebhookEndpointRow) -> None:
        row.state = EndpointState.ENDED
        await webhook_endpoints.drop_waiting(work, endpoint_id)

    await _change(container, actor, endpoint_id, change, address)


async def _change(
    container: Container,
    actor: Actor,
    endpoint_id: UUID,
    change: Callable[[UnitOfWork, WebhookEndpointRow], Awaitable[None]],
    address: str | None,
) -> None:
    async def act(work: UnitOfWork) -> None:
        row = await webhook_endpoints.lock_endpoint(work, endpoint_id)
        require_own(actor, Action.WORD_WRITE, row.organisation_id)
        await change(work, row)
        row.version += 1
        work.session.add(row)
        work.audit(actor, Action.WORD_WRITE, "webhook-endpoint", endpoint_id, address=address)
        await work.commit()

    await container.act(act)


def _check_open(row: WebhookEndpointRow) -> None:
    """Raises NotFound for an endpoint that was ended."""
    if row.state == EndpointState.ENDED:
        raise NotFound


def _check_url(container: Container, url: str) -> None:
    try:
        check_url(url, container.settings.webhook_allowed)
    except AddressRefused as refused:
        raise InvalidInput(_REFUSED[refused.reason], "/url") from None


def _state(endpoint: Endpoint) -> EndpointState:
    return EndpointState.PAUSED if endpoint.paused else EndpointState.ACTIVE
