"""Postcodes are imported all or none, twice changes nothing, and everybody's board shows them."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app import geonames
from app.db import event_log
from app.db.unit_of_work import UnitOfWork
from app.demo_postcodes import POSTCODES
from app.geonames import BadPostcodeFile
from app.live.board import RegionBoard
from app.services import postcodes
from app.services.postcodes import Imported, import_postcodes
from domain.errors import InvalidInput
from domain.events import Kind
from domain.geography import GEMEENTEN_YEAR, Point, Postcode
from domain.identifiers import EVERYWHERE, RegionId
from tests.factories.postcodes import (
    YEAR,
    ZOETERMEER,
    file,
    line,
    line_of,
    make_postcodes,
    national_content,
)
from tests.factories.world import REGION, World
from tests.support.database import Database
from tests.support.told import heads, told


async def rows(database: Database) -> list[Postcode]:
    """What the table says."""
    found = await database.all("SELECT * FROM postcode ORDER BY pc4")
    return [
        Postcode(
            row["pc4"],
            row["place"],
            Point(row["latitude"], row["longitude"]),
            row["gemeente"],
            row["gemeente_name"],
            row["gemeente_year"],
        )
        for row in found
    ]


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1200])
async def test_all_that_is_given_is_kept_and_told_once(
    world: World, database: Database, count: int
) -> None:
    given = make_postcodes(count)
    before = await heads(database)
    done: list[int] = []
    counted = await import_postcodes(world.container, None, reversed(given), done.append)
    assert counted == Imported(new=count, changed=0, same=0, locations=0)
    assert await rows(database) == given
    events = await told(database, before)
    assert [(kind, pc4) for kind, pc4, _ in events] == [("postcode", each.pc4) for each in given]
    assert done == sorted(done)
    assert done[-1:] == ([count] if count else [])


async def test_the_same_again_changes_nothing_and_tells_nothing(
    world: World, database: Database
) -> None:
    given = make_postcodes(700)
    await import_postcodes(world.container, None, given)
    before, table = await heads(database), await database.all("SELECT * FROM postcode")
    again = await import_postcodes(world.container, None, given)
    assert again == Imported(new=0, changed=0, same=700, locations=0)
    assert await heads(database) == before
    assert await database.all("SELECT * FROM postcode") == table


async def test_the_national_file_twice(world: World, database: Database) -> None:
    read = geonames.read(file(*national_content().decode().splitlines()), YEAR)
    # The location of the world is in 2725, which has a gemeente but no point.
    there = any(postcode.pc4 == "2725" for postcode in read)
    first = await import_postcodes(world.container, None, read)
    assert first == Imported(new=4763, changed=0, same=0, locations=int(there))
    before = await heads(database)
    assert await import_postcodes(world.container, None, read) == Imported(0, 0, 4763, 0)
    assert await heads(database) == before


@pytest.mark.parametrize(
    "change",
    [
        {"place": "Elders"},
        {"point": Point(52.0, 4.498)},
        {"point": Point(52.074, 4.5)},
        {"gemeente": "0638"},
        {"gemeente_name": "Soetermeer"},
        {"gemeente_year": GEMEENTEN_YEAR + 1},
    ],
)
async def test_a_postcode_that_says_something_else_is_changed_and_told(
    world: World, database: Database, change: dict[str, Any]
) -> None:
    other = replace(ZOETERMEER, pc4="2726")
    await import_postcodes(world.container, None, [ZOETERMEER, other])
    before = await heads(database)
    changed = replace(ZOETERMEER, **change)
    counted = await import_postcodes(world.container, None, [changed, other])
    assert counted == Imported(new=0, changed=1, same=1, locations=0)
    assert await rows(database) == [changed, other]
    assert await told(database, before) == [
        (
            "postcode",
            "2725",
            {
                "pc4": "2725",
                "place": changed.place,
                "gemeente": changed.gemeente,
                "gemeente_name": changed.gemeente_name,
                "gemeente_year": changed.gemeente_year,
                "latitude": changed.point.latitude,
                "longitude": changed.point.longitude,
                "version": 2,
            },
        )
    ]


async def test_a_gemeente_that_is_known_is_not_forgotten_for_a_file_that_tells_none(
    world: World, database: Database
) -> None:
    await import_postcodes(world.container, None, [ZOETERMEER])
    bare = replace(ZOETERMEER, gemeente=None, gemeente_name=None, gemeente_year=None)
    assert await import_postcodes(world.container, None, [bare]) == Imported(0, 0, 1, 0)
    moved = replace(bare, point=Point(52.08, 4.5), gemeente_name="Een naam zonder code")
    assert await import_postcodes(world.container, None, [moved]) == Imported(0, 1, 0, 0)
    assert await rows(database) == [replace(ZOETERMEER, point=moved.point)]


async def test_a_gemeente_that_a_later_file_knows_is_taken_over(
    world: World, database: Database
) -> None:
    named = replace(ZOETERMEER, gemeente=None, gemeente_name="Soetermeer", gemeente_year=None)
    await import_postcodes(world.container, None, [named])
    assert await rows(database) == [named]
    assert await import_postcodes(world.container, None, [ZOETERMEER]) == Imported(0, 1, 0, 0)
    assert await rows(database) == [ZOETERMEER]


async def test_postcodes_that_a_later_file_lacks_stay(world: World, database: Database) -> None:
    first, second = make_postcodes(20)[:10], make_postcodes(20)[10:]
    await import_postcodes(world.container, None, first)
    await import_postcodes(world.container, None, second)
    assert await rows(database) == first + second


async def test_the_import_is_audited_with_who_did_it(world: World, database: Database) -> None:
    operator = (await world.credential(world.operator)).actor
    await import_postcodes(world.container, operator, [ZOETERMEER])
    audited = await database.one(
        "SELECT action, outcome, actor_id, role FROM audit WHERE object_kind = 'postcodes'"
    )
    assert tuple(audited) == ("register.write", "done", operator.id, "operator")


# ---------------------------------------------------------------- all or none


async def everything(database: Database) -> list[Any]:
    """All that an import could have left behind."""
    tables = ("postcode", "location", "stream", "event", "audit")
    return [await database.all(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]


async def test_a_file_that_breaks_on_its_last_line_leaves_nothing(
    world: World, database: Database
) -> None:
    before = await everything(database)
    lines = [*map(line_of, make_postcodes(600)), line(latitude="niet")]
    with pytest.raises(BadPostcodeFile) as refused:
        await import_postcodes(world.container, None, geonames.read(file(*lines), YEAR))
    assert refused.value.line == 601
    assert await everything(database) == before


async def test_an_import_cut_off_halfway_leaves_nothing_and_can_be_done_again(
    world: World, database: Database
) -> None:
    given = sorted([*make_postcodes(1200)[:1199], ZOETERMEER], key=lambda each: each.pc4)
    given = list({each.pc4: each for each in given}.values())
    before = await everything(database)

    def fall(done: int) -> None:
        if done == 1000:
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError, match="plug"):
        await import_postcodes(world.container, None, given, fall)
    assert await everything(database) == before
    counted = await import_postcodes(world.container, None, given)
    assert counted.new == len(given)


async def test_an_import_that_falls_at_its_end_leaves_nothing(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await everything(database)

    async def fall(_work: UnitOfWork) -> None:
        raise RuntimeError("the plug was pulled")

    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "commit", fall)
        with pytest.raises(RuntimeError, match="plug"):
            await import_postcodes(world.container, None, [ZOETERMEER])
    assert await everything(database) == before


async def test_a_postcode_that_is_given_twice_is_refused(world: World, database: Database) -> None:
    before = await everything(database)
    with pytest.raises(InvalidInput, match="2725 staat er twee keer"):
        await import_postcodes(world.container, None, [ZOETERMEER, *make_postcodes(3), ZOETERMEER])
    assert await everything(database) == before


async def test_two_imports_at_once_are_one_after_the_other(
    world: World, database: Database
) -> None:
    before = await heads(database)
    given = make_postcodes(1100)
    both = await asyncio.gather(
        import_postcodes(world.container, None, given),
        import_postcodes(world.container, None, given),
    )
    assert sorted(both, key=lambda counted: counted.new) == [
        Imported(0, 0, 1100, 0),
        Imported(1100, 0, 0, 0),
    ]
    assert len(await told(database, before)) == 1100


# ---------------------------------------------------------------- asking


async def test_a_postcode_is_found_with_or_without_its_letters(world: World) -> None:
    await import_postcodes(world.container, None, [ZOETERMEER])

    async def ask(text: str) -> Postcode | None:
        return await world.container.act(lambda work: postcodes.resolve(work, text))

    assert await ask("2725") == ZOETERMEER
    assert await ask("2725 ab") == ZOETERMEER
    assert await ask("2726AB") is None
    with pytest.raises(InvalidInput) as refused:
        await ask("2725SS")
    assert refused.value.pointer == "/postcode"


# ---------------------------------------------------------------- the board


async def built(world: World, region_id: RegionId) -> RegionBoard:
    """A board from the database as it is now."""
    container = world.container
    found = await container.read(lambda connection: event_log.read_snapshot(connection, region_id))
    assert found is not None
    return RegionBoard(*found, container.now())


async def test_the_board_of_everybody_shows_them_and_equals_a_snapshot(world: World) -> None:
    """A copy that followed the events is what a snapshot gives, to the byte."""
    given = make_postcodes(650)
    followed = world.container.board.regions[EVERYWHERE]
    await import_postcodes(world.container, None, given[:600])
    changed = [replace(each, place="Elders") for each in given[100:]]
    await import_postcodes(world.container, None, [*changed, ZOETERMEER])
    await world.settled()
    for region_id in (EVERYWHERE, REGION):
        board = world.container.board.regions[region_id]
        afresh = await built(world, region_id)
        assert board.position == afresh.position
        for kind in (Kind.POSTCODE, Kind.LOCATION):
            assert list(board.all(kind)) == list(afresh.all(kind))
            for subject_id, _ in afresh.all(kind):
                assert board.get(kind, subject_id) == afresh.get(kind, subject_id)
    assert world.container.board.regions[EVERYWHERE] is followed, "it was rebuilt meanwhile"
    shown = dict(followed.all(Kind.POSTCODE))
    assert len(shown) == len({each.pc4 for each in [*given, ZOETERMEER]})
    assert shown["2725"]["gemeente"] == "0637"


async def test_the_demo_regions_postcodes_can_be_imported(world: World, database: Database) -> None:
    counted = await import_postcodes(world.container, None, POSTCODES)
    assert counted == Imported(new=len(POSTCODES), changed=0, same=0, locations=1)
    assert await rows(database) == sorted(POSTCODES, key=lambda postcode: postcode.pc4)
