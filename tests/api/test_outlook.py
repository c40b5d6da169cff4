"""`GET /v1/outlook`: what will be free, per pool and summed, each place counted once."""

import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.rest.outlook import RegionOutlookBody
from app.live.board import RegionBoard
from domain.calendar import AMSTERDAM
from domain.capacity import Freshness
from domain.errors import Code
from domain.identifiers import RegionId
from tests.factories.places import NOW, MadeRegion
from tests.factories.world import World
from tests.support import brute_force
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.serving import Serving

MADE = RegionId(30_000)
AHEAD = ("now", "in_24_hours", "in_72_hours", "in_a_week")


@pytest.fixture
async def client(api: Serving, served: World, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The operator's, who sees the made region."""
    clock.set(NOW.astimezone(AMSTERDAM))
    async with api.client(served.operator.key) as client:
        yield client


@pytest.fixture
def board(served: World) -> RegionBoard:
    """A made region with all there may be."""
    made = MadeRegion(random.Random(4))
    made.fill(organisations=9, locations=20, pools=120, teams=0)
    board = served.container.board.regions[MADE] = made.board()
    return board


async def ask(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    """The answer, checked against what the document says of it."""
    answer = await client.get("/v1/outlook", params={"region": MADE, **query})
    assert answer.status_code == 200, answer.text
    RegionOutlookBody.model_validate_json(answer.content, extra="forbid")
    found: dict[str, Any] = answer.json()
    return found


def added(sums: list[dict[str, Any]]) -> Counter[str]:
    """Sums together."""
    total: Counter[str] = Counter()
    for each in sums:
        total.update({n: each[n] for n in ("pools", "unknown", "unconfirmed", "stopped")})
        total.update(each["outlook"])
    return total


def of_items(items: list[dict[str, Any]]) -> Counter[str]:
    """What the sum of these pools has to be."""
    total: Counter[str] = Counter()
    for item in items:
        ahead = item["outlook"]
        unconfirmed = item["freshness"] == "onbevestigd"
        total.update(
            {
                "pools": 1,
                "unknown": ahead["now"] is None and not unconfirmed,
                "unconfirmed": unconfirmed,
                "stopped": item["stopped"],
                **{name: ahead[name] or 0 for name in AHEAD},
            }
        )
    return total


async def test_each_pool_has_the_outlook_that_the_domain_gives_it(
    client: httpx.AsyncClient, served: World, board: RegionBoard, clock: Clock
) -> None:
    seen: Counter[str] = Counter()
    for hours in (0, 1, 2, 30, 100):
        clock.set(NOW + timedelta(hours=hours))
        answer = await ask(client, limit=500)
        now = served.container.now()
        expected = {place.pool["id"]: place for place in brute_force.open_places(board)}
        assert [item["id"] for item in answer["items"]] == sorted(expected)
        for item in answer["items"]:
            place = expected[item["id"]]
            outlook = place.outlook(now)
            assert item["outlook"] == {name: getattr(outlook, name) for name in AHEAD}
            assert item["freshness"] == place.freshness(now)
            assert item["shared"] == (len(item["care_types"]) > 1)
        seen.update(item["freshness"] for item in answer["items"])
    assert seen.keys() == set(Freshness)


async def test_sums_equal_their_parts_and_a_flexible_pool_counts_once(
    client: httpx.AsyncClient, board: RegionBoard
) -> None:
    answer = await ask(client, limit=500)
    items = answer["items"]
    total = added([answer["total"]])
    assert total == of_items(items)
    assert total == added(answer["by_gemeente"])
    alone = [each for each in answer["by_care_type"] if not each["shared"]]
    assert total == added([*alone, answer["flexible"]])
    by_gemeente: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    by_care_type: dict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        by_gemeente[item["location"]["gemeente"]].append(item)
        for care_type in item["care_types"]:
            by_care_type[care_type, item["shared"]].append(item)
    assert {g: of_items(part) for g, part in by_gemeente.items()} == {
        each["gemeente"]: added([each]) for each in answer["by_gemeente"]
    }
    assert {key: of_items(part) for key, part in by_care_type.items()} == {
        (each["care_type"], each["shared"]): added([each]) for each in answer["by_care_type"]
    }
    assert min(total.values()) > 0, "something isn't tried"


async def test_a_part_of_the_region_is_summed_as_the_whole_is(
    client: httpx.AsyncClient, board: RegionBoard
) -> None:
    whole = await ask(client, limit=500)
    part = await ask(client, limit=500, care_type="grz", gemeente="0637")
    expected = [
        item
        for item in whole["items"]
        if "grz" in item["care_types"] and item["location"]["gemeente"] == "0637"
    ]
    assert part["items"] == expected
    assert added([part["total"]]) == of_items(expected)
    assert {each["care_type"] for each in part["by_care_type"]} == {"grz"}
    nobody = await ask(client, gemeente="9999")
    assert (nobody["items"], nobody["by_gemeente"], nobody["total"]["pools"]) == ([], [], 0)


async def test_pages_follow_each_other_and_sums_are_of_the_whole(
    client: httpx.AsyncClient, board: RegionBoard
) -> None:
    whole = await ask(client, limit=500)
    found: list[str] = []
    cursor = None
    while True:
        page = await ask(client, limit=40, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= 40
        assert page["total"] == whole["total"]
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [item["id"] for item in whole["items"]]


async def test_the_outlook_of_somebody_elses_region_is_not_there(
    client: httpx.AsyncClient, served: World, board: RegionBoard
) -> None:
    headers = {"authorization": f"Bearer {served.provider.key}"}
    answer = await client.get("/v1/outlook", params={"region": MADE}, headers=headers)
    check_problem(answer, 404, Code.NOT_FOUND)
