"""How a route declares what it asks, and how its JSON is read."""

import json
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Annotated, Any, get_origin
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.errors import MAX_TOLD
from app.container import Container
from app.security.keys import Credential
from domain.actors import Action, scope_of
from domain.errors import Code, InvalidInput, NotAllowed, VersionRequired

#: Members of an operation in the OpenAPI document; the latter two only until it is complete.
ASKS, PROBLEMS, MODELS = "x-asks", "x-problems", "x-models"
_documented: dict[str, type[BaseModel]] = {}


def asks(action: Action, *problems: Code, if_match: bool | None = None) -> dict[str, Any]:
    """A route's declaration of the permission it asks: `@router.get(..., **asks(Action.X))`.

    problems: what it may answer besides what every call may (`api/openapi.py`).
    if_match: whether it needs the version that was shown; None: it doesn't look at it.
    """
    declared: dict[str, Any] = {ASKS: action.value, PROBLEMS: [code.value for code in problems]}
    if if_match is not None:
        declared["parameters"] = [
            {
                "name": "If-Match",
                "in": "header",
                "required": if_match,
                "description": "The ETag that was shown; the call counts only while it stands.",
                "schema": {
                    "type": "string",
                    "pattern": '^"[0-9]{1,9}"$',
                    "examples": ['"13"'],
                },
            }
        ]
    return {"openapi_extra": declared}


def asked_of(route: APIRoute) -> Action | None:
    """What a route asks; None when it declares nothing."""
    declared = (route.openapi_extra or {}).get(ASKS)
    return Action(declared) if declared else None


def to_document(*models: type[BaseModel]) -> list[str]:
    """Names of models that a route reads by itself, for its MODELS: a document can't hold a class."""
    _documented.update((model.__name__, model) for model in models)
    return [model.__name__ for model in models]


def documented(names: Iterable[str]) -> list[type[BaseModel]]:
    """The models that `to_document` named."""
    return [_documented[name] for name in names]


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
            strict = StrictRequest(request.scope, request.receive)
            if self.body_field is not None:
                refuse_doubles(await json_bytes(strict))
            return await handle(strict)

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
        raise InvalidInput('Geef de versie als If-Match: "12".', "If-Match")
    return int(text)


class QueryModel:
    """The parameters of a question as one model, read from the query string in one go.

    A parameter may be repeated when its type is a list. Raises TypeError for what is no model.
    """

    def __init__(self, name: str, model: object) -> None:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise TypeError(f"{name}: LeanRoute takes its query parameters as one model")
        self.name = name
        self._model = model
        self._lists = {
            field.alias or name
            for name, field in model.model_fields.items()
            if get_origin(field.annotation) is list
        }

    def read(self, query: bytes) -> tuple[BaseModel | None, list[Any]]:
        """What was asked, or what is wrong with it as pydantic tells it."""
        given: dict[str, Any] = {}
        twice: list[Any] = []
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
            if name in self._lists:
                given.setdefault(name, []).append(value)
            elif name in given:
                twice.append({"type": "member_twice", "loc": ("query", name)})
            else:
                given[name] = value
        if twice:
            return None, twice[:MAX_TOLD]
        try:
            return self._model.model_validate(given), []
        except ValidationError as error:
            told = error.errors(include_url=False, include_input=False)[:MAX_TOLD]
            return None, [{**item, "loc": ("query", *item["loc"][:1])} for item in told]


class LeanRoute(GuardedRoute):
    """A guarded route for the busiest calls: the same signature, solved in a straight line.

    FastAPI's own solving costs more than all the rest of such a call (docs/decisions). This one
    serves endpoints that take the request, path parameters, one model of all query parameters and
    one JSON body, and answer with a Response; anything else is refused when the route is made.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        wants = self.dependant
        if wants.header_params or wants.cookie_params or wants.dependencies:
            raise TypeError(f"{self.path}: LeanRoute takes path, query and body only")
        self._query = None
        if wants.query_params:
            (query,) = wants.query_params
            self._query = QueryModel(query.name, query.field_info.annotation)
        action = asked_of(self)
        if action is None:
            raise TypeError(f"{self.path} doesn't declare what it asks")
        self._action = action
        self._body: TypeAdapter[Any] | None = None
        if self.body_field is not None:
            body: Any = self.body_field.field_info.annotation
            self._body = TypeAdapter(body)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Raises what the exception handlers answer."""
        if scope["method"] not in (self.methods or ()):
            raise HTTPException(405)
        request = Request(scope, receive)
        if scope_of(caller_of(request).actor, self._action) is None:
            raise NotAllowed
        values: dict[str, Any] = {self.dependant.request_param_name or "request": request}
        errors: list[Any] = []
        for field in self.dependant.path_params:
            value, wrong = field.validate(
                request.path_params[field.alias], {}, loc=("path", field.alias)
            )
            values[field.name] = value
            errors += wrong
        if self._query is not None:
            values[self._query.name], wrong = self._query.read(scope["query_string"])
            errors += wrong
        if self._body is not None and self.body_field is not None:
            body = await json_bytes(request)
            try:
                values[self.body_field.name] = self._body.validate_json(body)
                refuse_doubles(body)
            except ValidationError as error:
                errors += [
                    {**item, "loc": ("body", *item["loc"])}
                    for item in error.errors(include_url=False, include_input=False)[:MAX_TOLD]
                ]
        if errors:
            raise RequestValidationError(errors)
        response: Response = await self.endpoint(**values)
        await response(scope, receive, send)


def media_type_of(request: Request) -> str:
    """What the body says it is, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def json_bytes(request: Request) -> bytes:
    """The body of a request that says it is JSON. Raises HTTPException 415 and 413."""
    media_type = media_type_of(request)
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise HTTPException(415)
    return await request.body()


def refuse_doubles(body: bytes) -> None:
    """Raises RequestValidationError for an object with a member twice: which one would count?

    Says nothing of what is no JSON at all.
    """
    with suppress(ValueError, RecursionError):
        json.loads(body.decode(), object_pairs_hook=_members)


def _members(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) == len(pairs):
        return
    for name, _ in pairs:
        if name not in names:
            raise RequestValidationError([{"type": "member_twice", "loc": ("body", name)}])
        names.discard(name)
