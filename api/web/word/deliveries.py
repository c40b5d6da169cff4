"""Verzending: what went out, what waits, and what never arrived, with why; and sending that again."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web.registers.showing import done, show, text_of
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from api.web.word import words
from api.web.word.paths import DELIVERIES
from api.web.word.webhooks import names_for
from app.services.word import deliveries, endpoints
from domain.actors import Action
from domain.deliveries import DeliveryState
from domain.errors import NotFound

_AT_A_TIME = 50


async def list_page(request: Request) -> Response:
    """Deliveries in a state, by default those that were given up on; the newest first."""
    container, actor = container_of(request), actor_of(request)
    state = _state(request.query_params.get("toon", ""))
    try:
        before = UUID(request.query_params["voor"]) if "voor" in request.query_params else None
    except ValueError as error:
        raise NotFound from error
    found = await deliveries.list_deliveries(
        container, actor, state, organisation_id=None, before=before, limit=_AT_A_TIME + 1
    )
    listed = found[:_AT_A_TIME]
    context = {
        "listed": listed,
        "state": state,
        "states": list(words.DELIVERY),
        "dead": DeliveryState.DOOD,
        "following": listed[-1].id if len(found) > _AT_A_TIME else None,
        "urls": {one.id: one.url for one in await endpoints.list_endpoints(container, actor, None)},
        "names": await names_for(request),
        "words": words,
    }
    return show(request, "verzending.html", context)


async def resend(request: Request) -> Response:
    """Sends one again."""
    await deliveries.resend(
        container_of(request), actor_of(request), request.path_params["id"], address_of(request)
    )
    return RedirectResponse(done(DELIVERIES, "opnieuw"), 303)


async def resend_all(request: Request) -> Response:
    """Sends everything again that was given up on; of one organisation when that is named."""
    named = text_of(await request.form(), "organisatie")
    try:
        organisation_id = UUID(named) if named else None
    except ValueError as error:
        raise NotFound from error
    await deliveries.resend_dead(
        container_of(request), actor_of(request), organisation_id, address_of(request)
    )
    return RedirectResponse(done(DELIVERIES, "alles-opnieuw"), 303)


def routes() -> list[Route]:
    """The paths of this module."""
    post = ["POST"]
    one = f"{DELIVERIES}/{{id:uuid}}/opnieuw"
    return [
        page(DELIVERIES, list_page, asks=Action.WORD_READ),
        page(one, resend, asks=Action.WORD_WRITE, methods=post),
        page(f"{DELIVERIES}/opnieuw", resend_all, asks=Action.WORD_WRITE, methods=post),
    ]


def _state(text: str) -> DeliveryState:
    try:
        return DeliveryState(text)
    except ValueError:
        return DeliveryState.DOOD
