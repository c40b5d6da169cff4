"""`verkeerstoren import` as it is typed: counts at the end, or why not and nothing changed."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from app.settings import Settings
from tests.factories.postcodes import YEAR, content, line, line_of, make_postcodes, national_content
from tests.factories.world import World
from tests.support.database import Database
from tests.support.serving import ROOT

OK, REFUSED, MISTYPED = 0, 1, 2


def typed(
    settings: Settings, *words: str, database_url: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Types a command after `verkeerstoren import`."""
    # Wide enough not to wrap a path.
    environment = {**os.environ, **settings.variables(), "COLUMNS": "500"}
    if database_url is not None:
        environment["DATABASE_URL"] = database_url
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "import", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


async def kept(database: Database) -> tuple[int, int, int]:
    """How many postcodes, events of everybody and audit rows there are."""
    row: asyncpg.Record = await database.one(
        "SELECT (SELECT count(*) FROM postcode), (SELECT number FROM stream WHERE region_id = 0),"
        " (SELECT count(*) FROM audit)"
    )
    return tuple(row)


async def test_the_national_file_is_imported_with_counts_and_twice_changes_nothing(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "NL.txt"
    path.write_bytes(national_content())
    first = typed(settings, "postcodes", str(path), "--year", str(YEAR))
    assert first.stdout == (
        "4763 postcodes: 4763 new, 0 changed, 0 the same. 0 locations learned where they are.\n"
    )
    assert first.returncode == OK
    assert "Reading" in first.stderr
    assert "Writing" in first.stderr
    assert "100%" in first.stderr
    before = await kept(database)
    assert before[0] == before[1] == 4763
    second = typed(settings, "postcodes", str(path), "--year", str(YEAR))
    assert second.stdout.startswith("4763 postcodes: 0 new, 0 changed, 4763 the same.")
    assert await kept(database) == (before[0], before[1], before[2] + 1)


async def test_a_malformed_line_is_refused_with_its_number_and_nothing_half_imported(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    before = await kept(database)
    path = tmp_path / "NL.txt"
    path.write_bytes(content(*map(line_of, make_postcodes(800)), line(latitude="x")))
    refused = typed(settings, "postcodes", str(path))
    assert refused.returncode == REFUSED
    assert refused.stdout == ""
    last = refused.stderr.splitlines()[-1]
    assert last.startswith(f"{path}: Regel 801: ")
    assert last.endswith("Er is niets gewijzigd.")
    assert "Traceback" not in refused.stderr
    assert await kept(database) == before


@pytest.mark.parametrize("year", [None, "2024"])
async def test_codes_of_gemeenten_are_of_this_year_unless_told(
    settings: Settings, database: Database, tmp_path: Path, year: str | None
) -> None:
    path = tmp_path / "NL.txt"
    path.write_bytes(content(line(code="0637")))
    words = ["--year", year] if year else []
    assert typed(settings, "postcodes", str(path), *words).returncode == OK
    kept_year = await database.value("SELECT gemeente_year FROM postcode")
    this_year = await database.value(
        "SELECT extract(year FROM at)::int FROM event WHERE kind = 'postcode'"
    )
    assert kept_year == (2024 if year else this_year)


def test_what_is_no_file_or_no_year_is_told_at_once(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "NL.txt"
    missing = typed(settings, "postcodes", str(path))
    assert (missing.returncode, "does not exist" in missing.stderr) == (MISTYPED, True)
    path.write_bytes(content(line()))
    early = typed(settings, "postcodes", str(path), "--year", "637")
    assert (early.returncode, "--year" in early.stderr) == (MISTYPED, True)


def test_without_a_database_it_says_so(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "NL.txt"
    path.write_bytes(content(line()))
    alone = typed(settings, "postcodes", str(path), database_url="")
    assert alone.returncode == REFUSED
    assert "DATABASE_URL is missing" in alone.stderr
    assert "Traceback" not in alone.stderr


async def test_a_spreadsheet_is_tried_refused_or_taken_over(
    settings: Settings, database: Database, world: World, tmp_path: Path
) -> None:
    code = (await world.pool()).external_id
    good, bad = tmp_path / "goed.csv", tmp_path / "fout.csv"
    good.write_text(f"pool;bemand;bezet;gepland\r\n{code};9;6;0\r\n")
    bad.write_text(f"pool;bemand;bezet;gepland\r\n{code};9;tien;0\r\n")
    whose = ("--organisation", world.provider.agb)
    tried = typed(settings, "capacity", str(good), *whose, "--dry-run")
    assert tried.returncode == OK, tried.stderr
    assert "occupied None -> 6" in tried.stdout
    refused = typed(settings, "capacity", str(bad), *whose)
    assert refused.returncode == REFUSED
    assert "regel 2, bezet: Hier hoort een heel getal" in refused.stderr
    nobody = typed(settings, "capacity", str(good), "--organisation", "00000000")
    assert nobody.returncode == REFUSED
    assert await database.value("SELECT count(*) FROM pool_report") == 0
    done = typed(settings, "capacity", str(good), *whose)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (OK, "1 rows, 0 failed.")
    report = await database.one("SELECT source_kind, outcome, occupied FROM pool_report")
    assert tuple(report) == ("file", "accepted", 6)
