"""`python -m bench.month [ways…]`: one month of a region in three ways, with the same people and houses.

Prints a table and writes var/month.json. Some minutes; nothing of it depends on how fast the machine is.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from app import logs
from app.container import running
from app.settings import Environment, LogLevel, Settings
from bench.month.figures import Played, figures
from bench.month.play import BEGINS, Clock, Play, Way
from bench.month.region import Scale, build
from bench.month.ways import ByPhone, OneByOne, Regional
from bench.stage import Stage
from tests.support.conserved import check_conserved

_VAR = Path("var")
_SEED = 1
_WAYS: tuple[type[Way], ...] = (OneByOne, Regional, ByPhone)
_ROWS: Mapping[str, Callable[[Played], str]] = {
    "filed": lambda one: f"{one.filed}",
    "placed within target": lambda one: f"{one.share_in_time:.1%} of {one.due}",
    "placed": lambda one: f"{one.placed}",
    "still waiting": lambda one: f"{one.waiting}",
    "left without a place": lambda one: f"{one.without}",
    "hours to a promise (median)": lambda one: f"{one.hours:.1f}",
    "calls per placement": lambda one: f"{one.calls / one.placed:.2f}",
    "offers per placement": lambda one: f"{one.offers / one.placed:.2f}",
    "refused while posted free": lambda one: f"{one.refused_while_free} of {one.called_on}",
    "km from home (mean)": lambda one: f"{one.km:.1f}",
    "places taken": lambda one: f"{one.occupied:.1%}",
}


async def play(settings: Settings, way: Way, scale: Scale, seed: int) -> Played:
    """Plays a month in an empty database. Raises AssertionError when a place or a person got lost."""
    clock = Clock(BEGINS)
    async with running(settings, clock.now) as container:
        region = await build(container, scale, seed, clock.at)
        played = Play(container, clock, region, way, scale, seed)
        await played.run()
        await check_conserved(container)
        return await figures(played)


async def main(options: argparse.Namespace) -> Sequence[Played]:
    """Plays the ways that were asked for, one after the other."""
    console = Console(stderr=True)
    found = []
    async with Stage(_VAR / "bench-month") as stage:
        for way in _WAYS:
            if options.ways and way.name not in options.ways:
                continue
            database = await stage.database("month")
            # How soon a commit is on the disk matters to no figure here.
            await stage.as_admin(
                database.admin_url, "ALTER DATABASE month SET synchronous_commit TO off"
            )
            settings = Settings(
                environment=Environment.TEST,
                database_url=database.url,
                redis_url=stage.settings(database)["REDIS_URL"],
                var=_VAR,
            )
            began = time.process_time(), time.monotonic()
            found.append(await play(settings, way(), Scale(days=options.days), options.seed))
            took = time.process_time() - began[0], time.monotonic() - began[1]
            console.print(f"{way.name}: {took[0]:.0f} s of CPU, {took[1]:.0f} s", style="dim")
    return found


def _table(found: Sequence[Played]) -> Table:
    table = Table("", *(one.way for one in found))
    for name, tell in _ROWS.items():
        table.add_row(name, *(tell(one) for one in found))
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.month", description=__doc__)
    names = [way.name for way in _WAYS]
    parser.add_argument("ways", nargs="*", metavar="way", help=", ".join(names))
    parser.add_argument("--days", type=int, default=Scale().days)
    parser.add_argument("--seed", type=int, default=_SEED)
    options = parser.parse_args()
    if unknown := set(options.ways) - set(names):
        parser.error(f"no such way: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return options


if __name__ == "__main__":
    logs.configure(LogLevel.WARNING)
    told = uvloop.run(main(_options()))
    Console().print(_table(told))
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "ways": [one.to_json() for one in told],
    }
    (_VAR / "month.json").write_text(json.dumps(content, indent=2) + "\n")
