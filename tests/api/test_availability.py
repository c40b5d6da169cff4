"""`GET /v1/availability`: which pools can take someone, and which are left out and why."""

import random
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from api.rest.availability import AvailabilityBody
from app.live.places import PlaceQuestion, Sort
from app.services import admission_stops, pools
from app.services.locations import create_location
from app.services.postcodes import import_postcodes
from domain.admission import AdmissionRules
from domain.admission_stops import Stop
from domain.calendar import AMSTERDAM, Weekday
from domain.capacity import Figures
from domain.care_types import CareType, ClosedReason
from domain.errors import Code
from domain.features import Feature
from domain.geography import Point, Postcode
from domain.identifiers import LocationId, PoolId, RegionId
from domain.locations import Location
from domain.outlook import Forecast
from domain.pools import Pool
from tests.factories.places import NOW, MadeRegion
from tests.factories.world import TWO, World, make_location
from tests.support import brute_force
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.serving import Serving

#: A Monday on which nothing is closed.
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=AMSTERDAM)
POSTCODES = [
    Postcode("2725", "Zoetermeer", Point(52.074, 4.498), "0637", "Zoetermeer", 2025),
    Postcode("2719", "Zoetermeer", Point(52.052, 4.478), "0637", "Zoetermeer", 2025),
    Postcode("2511", "Den Haag", Point(52.077, 4.316), "0518", "Den Haag", 2025),
]
MADE = RegionId(30_000)


@pytest.fixture
async def client(api: Serving, served: World, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The coordinator's, on a Monday morning, in a region that knows where its postcodes are."""
    clock.set(MONDAY)
    await import_postcodes(served.container, None, POSTCODES)
    await served.settled()
    async with api.client(served.coordinator.key) as client:
        yield client


async def make_pool(
    world: World,
    *care_types: CareType,
    free: int | None = 2,
    location_id: LocationId | None = None,
    forecast: Forecast | None = None,
    **more: Any,
) -> PoolId:
    """A pool that is reported, with what it has and when it admits."""
    name = f"A{random.randrange(10**9)}"
    new = Pool(name, name, care_types or (CareType.GRZ,), **more)
    written = await pools.create_pool(world.container, None, location_id or world.location_id, new)
    await world.settled()
    figures = Figures(free=free, forecast=forecast or Forecast())
    await world.report(figures, pool_id=written.id)
    await world.settled()
    return written.id


async def ask(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    """The answer to a question, checked against what the document says of it."""
    answer = await client.get("/v1/availability", params={"care_type": "grz", **query})
    assert answer.status_code == 200, answer.text
    AvailabilityBody.model_validate_json(answer.content, extra="forbid")
    found: dict[str, Any] = answer.json()
    return found


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for item in answer["items"]]


async def test_who_has_a_place_and_admits_is_found_with_all_that_a_caller_needs(
    client: httpx.AsyncClient, served: World
) -> None:
    rules = AdmissionRules(days=frozenset(Weekday), holidays=True)
    pool_id = await make_pool(served, features=frozenset({Feature.ZUURSTOF}), admission_rules=rules)
    answer = await ask(client, near="2719 AB")
    (item,) = answer["items"]
    assert item["id"] == str(pool_id)
    assert (item["free"], item["free_at_admission"], item["admissible_now"]) == (2, 2, True)
    assert item["earliest_admission"] == answer["server_time"]
    assert item["location"]["name"] == "De Linde"
    assert (item["location"]["latitude"], item["distance_km"]) == (52.074, 2.8)
    assert item["organisation"]["id"] == str(served.provider.organisation_id)
    assert item["features"] == ["zuurstof"]
    assert item["admission_rules"] == rules.to_json()
    assert item["outlook"] == dict.fromkeys(("now", "in_24_hours", "in_72_hours", "in_a_week"), 2)
    assert (answer["unconfirmed"], answer["next_cursor"]) == (0, None)


async def test_unknown_and_unconfirmed_never_count_as_free(
    client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    await make_pool(served, free=None)
    known = await make_pool(served)
    never = Pool("nooit", "Nooit gemeld", (CareType.GRZ,))
    await pools.create_pool(served.container, None, served.location_id, never)
    await served.settled()
    answer = await ask(client)
    assert (ids(answer), answer["unconfirmed"]) == ([str(known)], 2)
    clock.turn(timedelta(days=4))
    answer = await ask(client)
    assert (ids(answer), answer["unconfirmed"]) == ([], 3)


async def test_a_window_opens_and_closes_without_any_event(
    client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    days = frozenset({Weekday.MA, Weekday.DI})
    rules = AdmissionRules(days=days, opens=time(10), closes=time(14))
    await make_pool(served, admission_rules=rules)
    (item,) = (await ask(client))["items"]
    assert (item["earliest_admission"], item["admissible_now"]) == ("2026-11-23T09:00:00Z", False)
    assert (await ask(client, admit_by="2026-11-23T08:59:59Z"))["items"] == []
    clock.set(MONDAY + timedelta(minutes=40))
    answer = await ask(client)
    (item,) = answer["items"]
    assert (item["earliest_admission"], item["admissible_now"]) == (answer["server_time"], True)
    clock.set(MONDAY + timedelta(hours=5))
    (item,) = (await ask(client))["items"]
    assert (item["earliest_admission"], item["admissible_now"]) == ("2026-11-24T09:00:00Z", False)


async def test_an_opnamestop_closes_all_pools_of_its_location_until_it_is_expected_to_end(
    client: httpx.AsyncClient, served: World
) -> None:
    await make_pool(served)
    await make_pool(served)
    elsewhere = await make_location(served.container, served.provider)
    other = await make_pool(served, location_id=elsewhere)
    credential = await served.credential(served.provider)
    place = await admission_stops.find_location(served.container, served.location_id)
    for until, expected in ((None, [None]), (date(2026, 11, 25), ["2026-11-25T23:00:00Z"] * 2)):
        stop = Stop(ClosedReason.UITBRAAK, expected_until=until)
        await admission_stops.set_stop(served.container, credential, place, stop)
        await served.settled()
        found = {item["id"]: item for item in (await ask(client))["items"]}
        assert found.pop(str(other))["admissible_now"]
        assert [item["earliest_admission"] for item in found.values()] == (
            [] if until is None else expected
        )
        assert all(item["outlook"]["now"] == 0 for item in found.values())
        assert all(item["outlook"]["in_72_hours"] == 2 for item in found.values())
    await admission_stops.lift_stop(served.container, credential, place)
    await served.settled()
    assert all(item["admissible_now"] for item in (await ask(client))["items"])


async def test_a_place_that_is_planned_away_is_not_free_to_give(
    client: httpx.AsyncClient, served: World
) -> None:
    plans = Forecast.of({date(2026, 11, 26): 1}, {date(2026, 11, 24): 2})
    await make_pool(served, forecast=plans)
    (item,) = (await ask(client))["items"]
    assert (item["free"], item["free_at_admission"]) == (2, 1)
    assert item["earliest_admission"] == "2026-11-26T11:00:00Z"
    assert item["outlook"] == {"now": 2, "in_24_hours": 0, "in_72_hours": 0, "in_a_week": 1}
    assert (await ask(client, min_free=2))["items"] == []


async def test_a_flexible_pool_is_one_item_for_each_care_type_it_serves(
    client: httpx.AsyncClient, served: World
) -> None:
    pool_id = await make_pool(served, CareType.GRZ, CareType.ELV_HOOG)
    for care_type in ("grz", "elv-hoog"):
        (item,) = (await ask(client, care_type=care_type))["items"]
        assert (item["id"], item["care_types"]) == (str(pool_id), ["grz", "elv-hoog"])
    assert (await ask(client, care_type="hospice"))["items"] == []


async def test_all_features_are_needed_and_each_may_be_asked(
    client: httpx.AsyncClient, served: World
) -> None:
    both = await make_pool(served, features=frozenset({Feature.ZUURSTOF, Feature.SONDE}))
    one = await make_pool(served, features=frozenset({Feature.ZUURSTOF}))
    assert ids(await ask(client, feature=["zuurstof", "sonde"])) == [str(both)]
    assert set(ids(await ask(client, feature="zuurstof"))) == {str(both), str(one)}


async def test_what_is_near_is_within_reach_and_first(
    client: httpx.AsyncClient, served: World
) -> None:
    far = Location("Het Spaarne", "Plein 1", "2511AB", "Den Haag")
    written = await create_location(
        served.container, None, served.provider.organisation_id, RegionId(1), far
    )
    await served.settled()
    there = await make_pool(served, free=9, location_id=written.id)
    here = await make_pool(served, free=1)
    assert ids(await ask(client, near="2719")) == [str(here), str(there)]
    assert ids(await ask(client, near="2511")) == [str(there), str(here)]
    assert ids(await ask(client, near="2511AB", within_km=5)) == [str(there)]
    assert ids(await ask(client, gemeente="0518")) == [str(there)]
    assert ids(await ask(client, near="2719", sort="freest")) == [str(there), str(here)]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"care_type": "zorg"}, "care_type"),
    ({"near": "2799"}, "near"),
    ({"near": "0123"}, "near"),
    ({"near": "zoetermeer"}, "near"),
    ({"near": "2711SS"}, "near"),
    ({"within_km": "5"}, "within_km"),
    ({"near": "2719", "within_km": "nan"}, "within_km"),
    ({"near": "2719", "within_km": "1e999"}, "within_km"),
    ({"near": "2719", "within_km": "0"}, "within_km"),
    ({"near": "2719", "within_km": ["1", "2"]}, "within_km"),
    ({"feature": ["zuurstof", "water"]}, "feature"),
    ({"min_free": "0"}, "min_free"),
    ({"min_free": "51"}, "min_free"),
    ({"admit_by": "2026-11-23"}, "admit_by"),
    ({"admit_by": "1790000000"}, "admit_by"),
    ({"admit_by": "2026-11-23T10:00:00"}, "admit_by"),
    ({"gemeente": "637"}, "gemeente"),
    ({"sort": "nearest"}, "sort"),
    ({"sort": "cheapest"}, "sort"),
    ({"limit": "101"}, "limit"),
    ({"cursor": "x"}, "cursor"),
    ({"min_position": "x"}, "min_position"),
    ({"region": "-1"}, "region"),
    ({"colour": "green"}, "colour"),
]


async def test_what_is_wrong_with_a_question_is_told_by_name(client: httpx.AsyncClient) -> None:
    taken = []
    for query, named in WRONG:
        answer = await client.get("/v1/availability", params={"care_type": "grz", **query})
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        pointers = [error["pointer"].removeprefix("") for error in problem["errors"]]
        if [pointer.partition(".")[0] for pointer in pointers] != [named]:
            taken.append((query, pointers))
    assert taken == []


async def test_a_question_needs_a_care_type(client: httpx.AsyncClient) -> None:
    problem = check_problem(await client.get("/v1/availability"), 400, Code.INVALID_INPUT)
    assert [error["pointer"] for error in problem["errors"]] == ["care_type"]


async def test_a_cursor_of_another_order_is_not_taken(
    client: httpx.AsyncClient, served: World
) -> None:
    await make_pool(served)
    await make_pool(served)
    cursor = (await ask(client, limit=1))["next_cursor"]
    query = {"care_type": "grz", "sort": "freest", "cursor": cursor}
    answer = await client.get("/v1/availability", params=query)
    check_problem(answer, 400, Code.INVALID_INPUT)


async def test_a_question_can_wait_for_what_was_just_written(
    client: httpx.AsyncClient, served: World
) -> None:
    pool_id = await make_pool(served, free=1)
    for free in (2, 3, 4):
        receipt = await served.report(Figures(free=free), pool_id=pool_id)
        answer = await ask(client, min_position=str(receipt.position))
        assert answer["items"][0]["free"] == free
        assert answer["position"] == str(receipt.position)


async def test_another_region_is_answered_as_one_that_is_not_there(
    client: httpx.AsyncClient, served: World
) -> None:
    for region in (TWO, 99):
        answer = await client.get("/v1/availability", params={"care_type": "grz", "region": region})
        check_problem(answer, 404, Code.NOT_FOUND)


async def test_pages_together_are_what_brute_force_finds(
    api: Serving, client: httpx.AsyncClient, served: World, clock: Clock
) -> None:
    made = MadeRegion(random.Random(1))
    made.fill(organisations=9, locations=20, pools=300, teams=0)
    board = served.container.board.regions[MADE] = made.board()
    clock.set(NOW)
    key = {"authorization": f"Bearer {served.operator.key}"}
    for care_type in ("elv-laag", "grz"):
        for extra in ({}, {"near": "2719"}, {"sort": "freest"}):
            query = {"care_type": care_type, "region": MADE, "limit": 3, **extra}
            found: list[str] = []
            asked = NOW
            while True:
                answer = await client.get("/v1/availability", params=query, headers=key)
                AvailabilityBody.model_validate_json(answer.content, extra="forbid")
                page = answer.json()
                found += ids(page)
                asked = datetime.fromisoformat(page["server_time"])
                query["cursor"] = page["next_cursor"]
                if page["next_cursor"] is None:
                    break
            point = POSTCODES[1].point if "near" in extra else None
            sort = Sort(extra.get("sort", "nearest" if point else "soonest"))
            question = PlaceQuestion(CareType(care_type), near=point, sort=sort)
            expected, _ = brute_force.availability(board, question, asked)
            assert found == [item["id"] for item in expected]
            assert len(found) > 3
