"""How a route declares what it asks, and how its JSON is read."""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.responses import Response

from app.container import Container
from app.security.keys import Credential
from domain.actors import Action, scope_of
from domain.errors import InvalidInput, NotAllowed, VersionRequired

_ASKS = "x-asks"


def asks(action: Action) -> dict[str, Any]:
    """A route's declaration of the permission it asks: `@router.get(..., **asks(Action.X))`."""
    return {"openapi_extra": {_ASKS: action.value}}


def asked_of(route: APIRoute) -> Action | None:
    """What a route asks; None when it declares nothing."""
    declared = (route.openapi_extra or {}).get(_ASKS)
    return Action(declared) if declared else None


class StrictRequest(Request):
    """Reads JSON by the letter: no NaN, no half characters, no bottomless nesting."""

    async def json(self) -> Any:
        """The body. Raises what FastAPI turns into invalid input."""
        body = await self.body()
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from error


class GuardedRoute(APIRoute):
    """A route that turns away, before the body is read, every role without leave for what it asks."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the check before it."""
        handle = super().get_route_handler()
        action = asked_of(self)

        async def guarded(request: Request) -> Response:
            if action is not None and scope_of(caller_of(request).actor, action) is None:
                raise NotAllowed
            return await handle(StrictRequest(request.scope, request.receive))

        return guarded


def container_of(request: Request) -> Container:
    """The process's container."""
    container: Container = request.app.state.container
    return container


def caller_of(request: Request) -> Credential:
    """Who sent the request, as the gate found."""
    credential: Credential = request.state.credential
    return credential


async def _container(request: Request) -> Container:
    return container_of(request)


async def _caller(request: Request) -> Credential:
    return caller_of(request)


Here = Annotated[Container, Depends(_container)]
Caller = Annotated[Credential, Depends(_caller)]


def address_of(request: Request) -> str | None:
    """The caller's network address, for the audit."""
    return request.client.host if request.client else None


def shown_version(request: Request, *, required: bool = False) -> int | None:
    """The version in `If-Match`. Raises VersionRequired and InvalidInput."""
    header = request.headers.get("if-match")
    if header is None:
        if required:
            raise VersionRequired
        return None
    text = header.strip().removeprefix('"').removesuffix('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidInput('Geef de versie als If-Match: "12".')
    return int(text)
