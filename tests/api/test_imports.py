"""A spreadsheet over the API: what it would change, every mistake by its row, all of it or nothing."""

from dataclasses import replace
from typing import Any

import pytest

from api.rest.imports import CSV, XLSX
from app.services import pools
from domain.capacity import Figures
from domain.care_types import ClosedReason
from domain.outlook import Forecast
from tests.factories.spreadsheets import csv_text, xlsx
from tests.factories.world import World, make_pool
from tests.support.database import Database
from tests.support.serving import Serving

HEADER = ("pool", "bestaand", "bemand", "bezet", "gepland", "toelichting")
EXCEL = {"content-type": XLSX}


@pytest.fixture
async def codes(world: World) -> list[str]:
    """The provider's own codes of three pools."""
    for _ in range(2):
        await make_pool(world.container, world.location_id)
    await world.settled()
    rows = await world.container.read(
        lambda connection: connection.fetch(
            "SELECT external_id FROM pool WHERE organisation_id = $1 ORDER BY external_id",
            world.provider.organisation_id,
        )
    )
    return [row["external_id"] for row in rows]


async def upload(
    api: Serving, key: str, content: bytes | str, media_type: str = XLSX, **params: Any
) -> Any:
    """The answer to a file."""
    async with api.client(key) as client:
        return await client.post(
            "/v1/imports/capacity",
            content=content,
            headers={"content-type": media_type},
            params=params,
        )


async def shown(api: Serving, world: World) -> None:
    """Waits until the server's own board shows what was committed."""
    assert api.container is not None
    await replace(world, container=api.container).settled()


def rows_of(codes: list[str]) -> list[tuple[object, ...]]:
    """A good row for each pool."""
    return [HEADER, *((code, 10, 9, 5 + n, 1, "gebeld") for n, code in enumerate(codes))]


async def test_a_dry_run_tells_what_would_change_and_leaves_nothing_behind(
    api: Serving, world: World, codes: list[str], database: Database
) -> None:
    before = await database.one("SELECT count(*) AS n FROM pool_report")
    sources = await database.one("SELECT count(*) AS n FROM source")
    answer = await upload(api, world.provider.key, xlsx(rows_of(codes)), dry_run=True)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["dry_run"] is True
    assert [(row["row"], row["external_id"], row["outcome"]) for row in body["rows"]] == [
        (number, code, None) for number, code in enumerate(codes, start=2)
    ]
    assert {"field": "occupied", "was": None, "now": 5} in body["rows"][0]["changes"]
    assert await database.one("SELECT count(*) AS n FROM pool_report") == before
    assert await database.one("SELECT count(*) AS n FROM source") == sources


async def test_each_row_becomes_a_report_of_the_source_for_files(
    api: Serving, world: World, codes: list[str], database: Database
) -> None:
    answer = await upload(api, world.provider.key, csv_text(rows_of(codes)), CSV)
    assert [row["outcome"] for row in answer.json()["rows"]] == ["accepted"] * 3
    stored = await database.one(
        "SELECT count(*) AS n, min(source_kind) AS kind, min(note) AS note, sum(occupied) AS sum"
        " FROM pool_report"
    )
    assert (stored["n"], stored["kind"], stored["note"], stored["sum"]) == (3, "file", "gebeld", 18)
    async with api.client(world.provider.key) as client:
        pools = (await client.get("/v1/pools")).json()["items"]
    assert {pool["capacity"]["source"] for pool in pools if pool["external_id"] in codes} == {
        "file"
    }


async def test_every_mistake_is_told_by_row_and_column_and_nothing_is_changed(
    api: Serving, world: World, codes: list[str], database: Database
) -> None:
    rows = rows_of(codes)
    rows += [
        ("bestaat-niet", 10, 9, 5, 1, ""),
        (codes[0], 10, 9, 5, 1, ""),
        ("ook-niet", "tien", 9, 5, 1, ""),
        ("", 10, 9, 5, 1, ""),
        (codes[2], 10, 9, 12, 1, ""),
    ]
    answer = await upload(api, world.provider.key, xlsx(rows))
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["type"] == "urn:verkeerstoren:problem:bad-spreadsheet"
    assert [(error["row"], error["column"]) for error in problem["errors"]] == [
        (5, "pool"),
        (6, "pool"),
        (7, "pool"),
        (7, "bestaand"),
        (8, "pool"),
        (9, "bezet"),
    ]
    assert (await database.one("SELECT count(*) AS n FROM pool_report"))["n"] == 0


@pytest.mark.parametrize(
    ("header", "column"),
    [
        (("pool", "wat"), "wat"),
        (("bezet", "bemand"), None),
        (("pool", "toelichting"), None),
        (("pool", "bezet", "occupied"), "occupied"),
    ],
)
async def test_columns_that_are_not_understood_are_named(
    api: Serving, world: World, header: tuple[str, ...], column: str | None
) -> None:
    answer = await upload(api, world.provider.key, xlsx([header, ("a",) * len(header)]))
    assert answer.status_code == 400
    assert column in [error["column"] for error in answer.json()["errors"]]


async def test_the_codes_of_another_organisation_are_not_found(
    api: Serving, world: World, codes: list[str]
) -> None:
    answer = await upload(
        api, world.other.key, xlsx(rows_of(codes)), agb=world.provider.agb, dry_run=True
    )
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 3


async def test_a_coordination_point_takes_over_the_file_of_a_provider(
    api: Serving, world: World, codes: list[str]
) -> None:
    answer = await upload(api, world.coordinator.key, xlsx(rows_of(codes)), agb=world.provider.agb)
    assert [row["outcome"] for row in answer.json()["rows"]] == ["accepted"] * 3


async def test_the_same_file_again_changes_nothing_when_it_says_when_it_was_true(
    api: Serving, world: World, codes: list[str], database: Database
) -> None:
    moment = world.container.now().isoformat()
    rows = [("pool", "vrij nu", "waargenomen op"), *((code, 2, moment) for code in codes)]
    first = await upload(api, world.provider.key, csv_text(rows), CSV)
    again = await upload(api, world.provider.key, csv_text(rows), CSV)
    assert [row["outcome"] for row in first.json()["rows"]] == ["accepted"] * 3
    assert [row["outcome"] for row in again.json()["rows"]] == ["repeated"] * 3
    assert (await database.one("SELECT count(*) AS n FROM pool_report"))["n"] == 3


async def test_what_is_no_spreadsheet_is_refused(api: Serving, world: World) -> None:
    for content, media_type, status in (
        (b"%PDF-1.7", XLSX, 400),
        (b"", CSV, 400),
        (b"{}", "application/json", 415),
        (b"x" * (4 * 1024 * 1024 + 1), XLSX, 413),
    ):
        answer = await upload(api, world.provider.key, content, media_type)
        assert answer.status_code == status, answer.text


async def test_what_a_file_leaves_out_is_told_to_become_unknown(
    api: Serving, world: World, codes: list[str]
) -> None:
    code = (await world.pool()).external_id
    await world.report(
        Figures(
            10,
            8,
            5,
            2,
            1,
            ClosedReason.PERSONEEL,
            forecast=Forecast.of({world.container.now().date(): 2}),
        )
    )
    await shown(api, world)
    same = [("pool", "bestaand", "bemand", "bezet", "gepland", "gesloten", "reden gesloten")]
    less = [("pool", "bestaand", "bemand", "bezet"), (code, 10, 8, 5)]
    answer = await upload(api, world.provider.key, xlsx(less), dry_run=True)
    assert {change["field"] for change in answer.json()["rows"][0]["changes"]} == {
        *("planned", "closed", "closed_reason", "discharges")
    }
    answer = await upload(
        api, world.provider.key, xlsx([*same, (code, 10, 8, 5, 2, 1, "personeel")]), dry_run=True
    )
    assert [change["field"] for change in answer.json()["rows"][0]["changes"]] == ["discharges"]


async def test_a_row_of_a_closed_pool_is_a_mistake_like_any_other(
    api: Serving, world: World, codes: list[str], database: Database
) -> None:
    await pools.close_pool(world.container, None, world.pool_id)
    await world.settled()
    await shown(api, world)
    for dry_run in (True, False):
        answer = await upload(api, world.provider.key, xlsx(rows_of(codes)), dry_run=dry_run)
        assert answer.status_code == 400
        assert len(answer.json()["errors"]) == 1
    assert (await database.one("SELECT count(*) AS n FROM pool_report"))["n"] == 0
