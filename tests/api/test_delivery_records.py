"""`GET /v1/delivery-records`: who sees whose, and what is told of few cases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.actors import Role
from domain.delivery_records import last_days
from domain.errors import Code
from domain.offers import OfferState, Refusal
from tests.factories.world import TWO, World, make_party
from tests.support.calls import check_problem
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.delivering import Told, write
from tests.support.scenarios import Desk
from tests.support.serving import Serving

PATH = "/v1/delivery-records"
#: In Amsterdam the tenth of November has just begun.
AT = datetime(2026, 11, 9, 23, 30, tzinfo=UTC)


def answered(provider_id: UUID, region_id: int, minutes: int) -> Told:
    """A refusal of a place that was posted free, after so many minutes."""
    return Told(
        provider_id,
        AT,
        OfferState.GEWEIGERD,
        region_id,
        answered_at=AT + timedelta(minutes=minutes),
        at_answer="nu",
        late=minutes > 8,
        refusal=Refusal.GEEN_PLEK if minutes % 4 == 0 else Refusal.TE_COMPLEX,
    )


async def test_each_sees_what_is_theirs_and_few_cases_have_no_share(
    api: Serving, served: World, database: Database, clock: Clock, elsewhere: Desk
) -> None:
    clock.set(datetime(2026, 11, 22, 12, tzinfo=UTC))
    mine, other = served.provider.organisation_id, served.other.organisation_id
    told = [answered(mine, 1, minutes) for minutes in range(1, 13)]
    told += [answered(other, 1, 4), answered(mine, 2, 4)]
    await write(database, served.pool_id, told)
    analyst = await make_party(served.container, Role.ANALYST, TWO)
    referrer = await make_party(served.container, Role.REFERRER)

    async def ask(key: str, **query: str) -> list[tuple[str, int]]:
        async with api.client(key) as client:
            answer = await client.get(PATH, params=query)
        assert answer.status_code == 200, answer.text
        return [(item["organisation_id"], item["region_id"]) for item in answer.json()["items"]]

    in_region = sorted([(str(mine), 1), (str(other), 1)])
    everywhere = sorted([*in_region, (str(mine), 2)])
    assert await ask(served.coordinator.key) == in_region
    assert await ask(served.operator.key) == everywhere
    assert await ask(analyst.key) == [(str(mine), 2)]
    # A provider sees itself alone, whomever it asks about.
    assert await ask(served.provider.key) == [(str(mine), 1)]
    assert await ask(served.provider.key, organisation_id=str(other)) == []
    assert await ask(served.other.key, organisation_id=str(other)) == [(str(other), 1)]
    assert await ask(served.operator.key, organisation_id=str(other)) == [(str(other), 1)]
    async with api.client(referrer.key) as client:
        check_problem(await client.get(PATH), 403, Code.NOT_ALLOWED)

    # By day in Amsterdam.
    day = {"since": "2026-11-10", "until": "2026-11-10"}
    assert await ask(served.coordinator.key, **day) == in_region
    assert await ask(served.coordinator.key, until="2026-11-09") == []
    assert await ask(served.coordinator.key, since="2026-11-11") == []

    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    async with api.client(served.operator.key) as client:
        for _ in everywhere:
            page = (await client.get(PATH, params={"limit": "1", **cursor})).json()
            found += page["items"]
            cursor = {"cursor": page["next_cursor"]}
    assert [(item["organisation_id"], item["region_id"]) for item in found] == everywhere
    assert cursor == {"cursor": None}
    by_key = {(item["organisation_id"], item["region_id"]): item for item in found}
    usual = last_days(clock.now())
    assert by_key[str(mine), 1] == {
        "organisation_id": str(mine),
        "region_id": 1,
        "since": usual.since.isoformat(),
        "until": usual.until.isoformat(),
        "asked": 12,
        "refused_while_free": {"count": 3, "of": 12, "share": 0.25, "too_few": False},
        "unanswered": {"count": 0, "of": 12, "share": 0, "too_few": False},
        "late": {"count": 4, "of": 12, "share": 4 / 12, "too_few": False},
        "not_arrived": {"count": 0, "of": 0, "share": None, "too_few": True},
        "median_answer_minutes": 6,
        "slow_answer_minutes": 11,
    }
    few = by_key[str(other), 1]
    assert few["refused_while_free"] == {"count": 1, "of": 1, "share": None, "too_few": True}
    assert (few["median_answer_minutes"], few["slow_answer_minutes"]) == (None, None)


@pytest.mark.usefixtures("served")
async def test_what_is_no_period_is_refused_with_where_it_is_wrong(point: Desk) -> None:
    for query, where in (
        ({"since": "2026-11-11", "until": "2026-11-10"}, "until"),
        ({"since": "2025-10-06", "until": "2026-11-10"}, "since"),
        ({"since": "2199-01-01"}, "until"),
        ({"since": "gisteren"}, "since"),
        ({"until": "0001-01-01"}, "until"),
        ({"organisation_id": "1"}, "organisation_id"),
        ({"cursor": "abc"}, "cursor"),
    ):
        answer = await point.client.get(PATH, params=query)
        problem = check_problem(answer, 400, Code.INVALID_INPUT)
        assert where in problem["errors"][0]["pointer"], query
