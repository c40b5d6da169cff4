"""Every call of the API, with an example that works: so that a new one is tested by being there."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.main import create_app
from api.problems import MEDIA_TYPE, TEXTS
from api.routing import asked_of
from app.settings import Environment, Settings
from domain.actors import Action
from domain.errors import Code
from tests.factories.world import Party, World
from tests.support.database import Database


def the_app() -> FastAPI:
    """The application as it is served, without starting it."""
    return create_app(Settings(environment=Environment.TEST)).app


APP = the_app()
DOCUMENT: dict[str, Any] = APP.openapi()

#: A body that each call with one accepts; `{name}` is filled in from the world.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", "/v1/pools/{pool_id}/report"): {"operable": 10, "occupied": 8, "planned": 1},
    ("PUT", "/v1/organisations/{agb}/pools/{external_id}/report"): {"free": 2},
    ("PUT", "/v1/pools/{pool_id}/owner"): {"organisation_id": "{organisation_id}"},
    ("POST", "/v1/keys"): {
        "organisation_id": "{organisation_id}",
        "role": "analyst",
        "name": "cijfers",
    },
}
#: Headers and parameters without which a call can't succeed.
HEADERS: dict[tuple[str, str], dict[str, str]] = {
    ("POST", "/v1/pools/{pool_id}/confirmation"): {"if-match": '"1"'},
}
QUERIES: dict[tuple[str, str], dict[str, str]] = {("GET", "/v1/events"): {"after": "{position}"}}


@dataclass(frozen=True, slots=True)
class Call:
    """A method on a path template."""

    method: str
    path: str
    asks: Action | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def key(self) -> tuple[str, str]:
        """What the tables of examples go by."""
        return self.method, self.path

    @property
    def has_body(self) -> bool:
        """Whether the call takes one."""
        return "requestBody" in self.operation

    @property
    def operation(self) -> dict[str, Any]:
        """What the OpenAPI document says of it."""
        found: dict[str, Any] = DOCUMENT["paths"][self.path][self.method.lower()]
        return found

    @property
    def changes(self) -> bool:
        """Whether it may change anything."""
        return self.method != "GET"


CALLS = [
    Call(method, route.path, asked_of(route))
    for route in APP.state.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
# What goes by a version comes first, and what takes the examples' pool and key away comes last.
CALLS.sort(
    key=lambda c: (c.key not in HEADERS, c.asks in (Action.REGISTER_WRITE, Action.KEY_REVOKE))
)
GUARDED = [call for call in CALLS if call.asks is not None]
WITH_BODY = [call for call in CALLS if call.has_body]


class Example:
    """Fills calls in with what there is in a world."""

    def __init__(self, world: World, external_id: str, position: str) -> None:
        self.world = world
        self.values = {
            "pool_id": str(world.pool_id),
            "agb": world.provider.agb,
            "external_id": external_id,
            "key_id": str(world.other.key_id),
            "organisation_id": str(world.other.organisation_id),
            "position": position,
        }

    @classmethod
    async def of(cls, world: World) -> "Example":
        """With the first pool, reported once, so that there is something to confirm."""
        from domain.capacity import Figures

        receipt = await world.report(Figures(free=3))
        await world.settled()
        return cls(world, (await world.pool()).external_id, str(receipt.position))

    def path(self, call: Call, **other: str) -> str:
        """The call's path; `other` replaces some of its parameters."""
        return call.path.format(**{**self.values, **other})

    def body(self, call: Call) -> dict[str, Any]:
        """A body that is accepted. A new call needs one in BODIES."""
        return {
            name: value.format(**self.values) if isinstance(value, str) else value
            for name, value in BODIES[call.key].items()
        }

    def query(self, call: Call) -> dict[str, str]:
        """Parameters that are accepted."""
        return {n: v.format(**self.values) for n, v in QUERIES.get(call.key, {}).items()}

    def party(self, call: Call) -> Party:
        """Someone who may."""
        match call.asks:
            case None | Action.CAPACITY_READ | Action.REGISTER_READ | Action.CAPACITY_HISTORY:
                return self.world.provider
            case Action.CAPACITY_REPORT:
                return self.world.provider
            case _:
                return self.world.operator

    def headers(self, call: Call) -> dict[str, str]:
        """The key of someone who may, and what else the call needs."""
        key = {"authorization": f"Bearer {self.party(call).key}"}
        return {**key, **HEADERS.get(call.key, {})}

    async def send(self, client: httpx.AsyncClient, call: Call, **changes: Any) -> httpx.Response:
        """The call as it works, but for the changes: `headers`, `content`, `params`, `path`."""
        headers = {**self.headers(call), **changes.pop("headers", {})}
        content = changes.pop("content", None)
        if content is None and call.has_body:
            content = json.dumps(self.body(call))
        if content is not None:
            headers.setdefault("content-type", "application/json")
        params = {**self.query(call), **changes.pop("params", {})}
        path = changes.pop("path", None) or self.path(call)
        headers = {name: value for name, value in headers.items() if value is not None}
        request = client.build_request(
            call.method, path, headers=headers, content=content, params=params or None, **changes
        )
        return await client.send(request)


def check_problem(answer: httpx.Response, status: int, code: Code) -> dict[str, Any]:
    """An answer is this problem, complete and in Dutch; answers with its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["api-version"] == "1.0.0"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:verkeerstoren:problem:{code}"
    assert (body["title"], body["status"]) == (TEXTS[code].title, status)
    assert body["detail"]
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return body


async def everything(database: Database) -> dict[str, str]:
    """A fingerprint of every table: equal means that nothing changed."""
    names = await database.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    return {
        row["relname"]: await database.value(
            f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {row['relname']} t"
        )
        for row in names
    }
