"""Every call of the API, with an example that works: so that a new one is tested by being there."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.main import create_app
from api.problems import MEDIA_TYPE, TEXTS
from api.routing import asked_of
from app.services import admission_stops
from app.settings import Environment, Settings
from domain.actors import Action
from domain.admission_stops import Stop
from domain.capacity import Figures
from domain.care_types import ClosedReason
from domain.errors import Code
from domain.events import Kind
from domain.home_care import Light, TeamReport
from tests.factories.beds import make_beds, place_of
from tests.factories.home_care import make_team, tell
from tests.factories.world import REGION, Party, World
from tests.support import offer_calls, referral_calls, word_calls
from tests.support.database import Database


def the_app() -> FastAPI:
    """The application as it is served, without starting it."""
    return create_app(Settings(environment=Environment.TEST)).app


APP = the_app()
DOCUMENT: dict[str, Any] = APP.openapi()

#: A file that a call takes instead of JSON, with its media type.
FILES: dict[tuple[str, str], tuple[str, str]] = {
    ("POST", "/v1/imports/capacity"): ("text/csv", "pool;vrij nu\r\n{external_id};2\r\n"),
}
#: A body that each call with one accepts; `{name}` is filled in from the world.
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/reports"): [{"pool_id": "{pool_id}", "operable": 10, "occupied": 8}],
    ("POST", "/v1/confirmations"): [{"pool_id": "{pool_id}", "version": 1}],
    ("PUT", "/v1/pools/{pool_id}/report"): {"operable": 10, "occupied": 8, "planned": 1},
    ("PUT", "/v1/organisations/{agb}/pools/{external_id}/report"): {"free": 2},
    ("PUT", "/v1/pools/{pool_id}/owner"): {"organisation_id": "{organisation_id}"},
    ("PUT", "/v1/pools/{pool_id}"): {
        "external_id": "{external_id}",
        "name": "Afdeling 1",
        "care_types": ["elv-laag", "grz"],
        "features": ["tillift"],
        "admission_rules": {"days": ["ma"], "opens": "10:00"},
    },
    ("PUT", "/v1/pools/{pool_id}/posting"): {
        "posting_schedule": "werkdagen-tweemaal",
        "time_to_live_minutes": 240,
    },
    ("POST", "/v1/pools"): {
        "location_id": "{location_id}",
        "external_id": "nieuw",
        "name": "Afdeling 2",
        "care_types": ["grz"],
    },
    ("POST", "/v1/locations"): {
        "organisation_id": "{owner_id}",
        "region_id": 1,
        "name": "De Iep",
        "address": "Iepenlaan 1",
        "postcode": "2711 CZ",
        "place": "Zoetermeer",
        "gemeente": "0637",
        "latitude": 52.05,
        "longitude": 4.5,
    },
    ("PUT", "/v1/locations/{location_id}"): {
        "name": "De Linde",
        "address": "Lindelaan 1",
        "postcode": "2725",
        "place": "Zoetermeer",
        "gemeente": "0637",
        "latitude": 52.05,
        "longitude": 4.5,
        "opening_hours": {"ma": [["08:30", "17:00"]]},
    },
    ("PUT", "/v1/locations/{location_id}/owner"): {"organisation_id": "{organisation_id}"},
    ("POST", "/v1/organisations"): {
        "agb": "41777777",
        "name": "Nieuw",
        "kind": "coordination-point",
        "regions": [1],
        "pc4s": ["2725"],
        "insurers": [{"uzovi": "7029", "valid_from": "2026-01-01"}],
    },
    ("PUT", "/v1/organisations/{organisation_id}"): {
        "agb": "{other_agb}",
        "name": "Anders",
        "kind": "coordination-point",
        "regions": [1],
    },
    ("POST", "/v1/organisations/{organisation_id}/merger"): {"into": "{owner_id}"},
    ("POST", "/v1/regions"): {"id": 7, "code": "zeven", "name": "Zeven"},
    ("PUT", "/v1/regions/{region_id}"): {"code": "regio-1", "name": "Regio"},
    ("PUT", "/v1/regions/{region_id}/norms"): {
        "norms": {"answer": {"spoed": {"minutes": 120, "hours": "altijd"}}, "claim_minutes": 20},
        "note": "afgesproken",
    },
    ("POST", "/v1/beds"): {"pool_id": "{bed_pool_id}", "external_id": "nieuw", "name": "Bed 9"},
    ("PUT", "/v1/beds/{bed_id}"): {"state": "free"},
    ("PUT", "/v1/beds/{bed_id}/details"): {
        "external_id": "{bed_external_id}",
        "name": "Bed 1",
        "features": ["tillift"],
    },
    ("PUT", "/v1/organisations/{agb}/pools/{pool_external_id}/beds/{bed_external_id}"): {
        "state": "cleaning",
    },
    ("POST", "/v1/home-care-teams"): {
        "organisation_id": "{owner_id}",
        "external_id": "nieuw",
        "name": "Team Oost",
        "pc4s": ["2725"],
        "skills": ["basis"],
        "dagdelen": ["ochtend"],
    },
    ("PUT", "/v1/home-care-teams/{team_id}"): {
        "external_id": "{team_external_id}",
        "name": "Team West",
        "pc4s": ["2725", "2719"],
        "skills": ["basis", "wond"],
        "dagdelen": ["ochtend", "nacht"],
    },
    ("PUT", "/v1/home-care-teams/{team_id}/owner"): {"organisation_id": "{organisation_id}"},
    ("PUT", "/v1/home-care-teams/{team_id}/report"): {
        "light": "oranje",
        "earliest_start": "2026-11-30",
        "exceptions": [{"skill": "wond", "light": "rood"}],
    },
    ("PUT", "/v1/organisations/{agb}/home-care-teams/{team_external_id}/report"): {
        "light": "groen",
    },
    ("PUT", "/v1/locations/{location_id}/admission-stop"): {
        "reason": "uitbraak",
        "note": "noro",
    },
    ("POST", "/v1/keys"): {
        "organisation_id": "{organisation_id}",
        "role": "analyst",
        "name": "cijfers",
    },
    **referral_calls.BODIES,
    **offer_calls.BODIES,
    **word_calls.BODIES,
}
#: Headers and parameters without which a call can't succeed.
HEADERS: dict[tuple[str, str], dict[str, str]] = {
    ("POST", "/v1/pools/{pool_id}/confirmation"): {"if-match": '"1"'},
    ("POST", "/v1/home-care-teams/{team_id}/confirmation"): {"if-match": '"1"'},
    ("PUT", "/v1/home-care-teams/{team_id}"): {"if-match": '"1"'},
    ("PUT", "/v1/beds/{bed_id}/details"): {"if-match": '"1"'},
    ("PUT", "/v1/regions/{region_id}"): {"if-match": '"1"'},
    ("PUT", "/v1/regions/{region_id}/norms"): {"if-match": '"0"'},
    ("PUT", "/v1/organisations/{organisation_id}"): {"if-match": '"1"'},
    ("PUT", "/v1/locations/{location_id}"): {"if-match": '"1"'},
    ("PUT", "/v1/pools/{pool_id}"): {"if-match": '"1"'},
    ("PUT", "/v1/pools/{pool_id}/posting"): {"if-match": '"1"'},
    **referral_calls.HEADERS,
    **word_calls.HEADERS,
}
#: Which values an example takes instead of those that its parameters are called by.
INSTEAD: dict[tuple[str, str], dict[str, str]] = {
    **referral_calls.INSTEAD,
    **offer_calls.INSTEAD,
    **word_calls.INSTEAD,
}
QUERIES: dict[tuple[str, str], dict[str, str]] = {
    ("GET", "/v1/events"): {"after": "{position}"},
    ("GET", "/v1/availability"): {"care_type": "elv-laag"},
    ("POST", "/v1/imports/capacity"): {"agb": "{agb}"},
    ("GET", "/v1/home-care"): {"postcode": "2725"},
}


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
    key=lambda c: (
        c.key not in HEADERS,
        c.asks in (Action.REGISTER_WRITE, Action.KEY_REVOKE),
        c.path.endswith(("/merger", "/closure", "/revocation")),
    )
)
#: What a coordination point does with what is its own.
OF_A_CASE = frozenset(
    {Action.REFERRAL_READ, Action.REFERRAL_FILE, Action.REFERRAL_REPLY, Action.REFERRAL_WRITE}
    | {Action.REFERRAL_FOLLOW, Action.OFFER_READ, Action.OFFER_ANSWER}
    | {Action.NOTICE_READ, Action.NOTICE_MARK, Action.WORD_READ, Action.WORD_WRITE}
    | {Action.PROPOSAL_WRITE}
)
GUARDED = [call for call in CALLS if call.asks is not None]
WITH_BODY = [call for call in CALLS if call.has_body]


def shares(calls: Sequence[Call], parts: int = 2) -> list[list[Call]]:
    """The calls in so many lists: each is a test, with a world that all its calls are made in."""
    return [list(calls[part::parts]) for part in range(parts)]


@contextmanager
def named(call: Call) -> Iterator[None]:
    """Says which call it was that an assertion is about."""
    try:
        yield
    except AssertionError as wrong:
        wrong.add_note(str(call))
        raise


class Example:
    """Fills calls in with what there is in a world."""

    def __init__(self, world: World, followed: dict[str, str]) -> None:
        """`followed` is what `follow` made in this world."""
        self.world = world
        self.values = {
            "pool_id": str(world.pool_id),
            "agb": world.provider.agb,
            "key_id": str(world.other.key_id),
            "organisation_id": str(world.other.organisation_id),
            "owner_id": str(world.provider.organisation_id),
            "other_agb": world.other.agb,
            "location_id": str(world.location_id),
            "region_id": str(REGION),
            **followed,
        }

    @classmethod
    async def of(cls, world: World) -> "Example":
        """Makes in the world what the calls are about."""
        return cls(world, await follow(world))

    def path(self, call: Call, **other: str) -> str:
        """The call's path; `other` replaces some of its parameters."""
        return call.path.format(**{**self._values(call), **other})

    def body(self, call: Call) -> Any:
        """A body that is accepted. A new call needs one in BODIES."""
        return _filled(BODIES[call.key], self._values(call))

    def _values(self, call: Call) -> dict[str, str]:
        instead = INSTEAD.get(call.key, {})
        return {**self.values, **{name: self.values[other] for name, other in instead.items()}}

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
            case action if action in OF_A_CASE:
                return self.world.coordinator
            case _:
                return self.world.operator

    def headers(self, call: Call) -> dict[str, str]:
        """The key of someone who may, and what else the call needs."""
        name = offer_calls.KEYS.get(call.key)
        key = {"authorization": f"Bearer {self.values[name] if name else self.party(call).key}"}
        return {**key, **HEADERS.get(call.key, {})}

    async def send(self, client: httpx.AsyncClient, call: Call, **changes: Any) -> httpx.Response:
        """The call as it works, but for the changes: `headers`, `content`, `params`, `path`."""
        headers = {**self.headers(call), **changes.pop("headers", {})}
        content = changes.pop("content", None)
        if content is None and call.key in FILES:
            media_type, text = FILES[call.key]
            content = text.format(**self.values)
            headers.setdefault("content-type", media_type)
        elif content is None and call.has_body:
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


def _filled(value: Any, values: dict[str, str]) -> Any:
    match value:
        case str():
            return value.format(**values)
        case dict():
            return {name: _filled(inner, values) for name, inner in value.items()}
        case list():
            return [_filled(inner, values) for inner in value]
        case _:
            return value


async def follow(world: World) -> dict[str, str]:
    """Reports the first pool once, so that there is something to confirm, and makes a bed, a team that
    was reported, and a stop at the first location; answers with what they go by.
    """
    receipt = await world.report(Figures(free=3))
    (bed_id,) = await make_beds(world, 1)
    bed_pool_id = (await place_of(world, bed_id)).pool_id
    team_id = await make_team(world)
    await tell(world, team_id, TeamReport(Light.GROEN))
    place = await admission_stops.find_location(world.container, world.location_id)
    credential = await world.credential(world.provider)
    assert credential.source is not None
    stop = Stop(ClosedReason.UITBRAAK)
    await admission_stops.set_stop(world.container, credential, place, stop)
    await world.settled()
    board = world.container.board.regions[REGION]
    team = orjson.loads(board.get(Kind.HOME_CARE_TEAM, team_id) or "")
    referrals = await referral_calls.follow_referrals(world)
    offers = await offer_calls.follow_offers(world)
    word = await word_calls.follow_word(world)
    return {
        **referrals,
        **offers,
        **word,
        "external_id": (await world.pool()).external_id,
        "position": str(receipt.position),
        "source_id": str(credential.source.id),
        "bed_id": str(bed_id),
        "bed_pool_id": str(bed_pool_id),
        "bed_external_id": "B1",
        "pool_external_id": (await world.pool(bed_pool_id)).external_id,
        "team_id": str(team_id),
        "team_external_id": team["external_id"],
    }


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
    async with database.connect() as connection:
        names = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        # One question, since a test asks it often.
        each = " UNION ALL ".join(
            f"SELECT '{row['relname']}' AS name,"
            f" md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS told FROM {row['relname']} t"
            for row in names
        )
        return {row["name"]: row["told"] for row in await connection.fetch(each)}
