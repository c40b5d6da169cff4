"""`python -m bench [names…]`: measure, print a table, write var/bench.json.

Exits with 1 when something broke or the stream broke a promise; a target that is not met is only reported.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import uvloop
from rich.console import Console

from bench import (
    acceptances,
    arrival,
    assignment,
    board,
    board_page,
    board_update,
    fanout,
    matching,
    ndjson,
    questions,
    reconnect,
    reports,
    resume,
    storm,
    sweeper,
)
from bench.figures import Figure, publish
from bench.limits import allow_many_sockets
from bench.stage import Stage

Subject = Callable[[Stage], Awaitable[Sequence[Figure]]]

_SUBJECTS: dict[Subject, tuple[str, ...]] = {
    reports.report_1: ("report_1",),
    reports.report_16: ("report_16",),
    reports.report_16_slow_disk: ("report_16_slow_disk",),
    ndjson.report_ndjson: ("report_ndjson",),
    questions.questions: (
        *("availability_2000", "availability_growth"),
        *("home_care_2000", "home_care_growth"),
    ),
    fanout.fanout: ("fanout_cpu_5000", "fanout_kb"),
    storm.storm: ("storm_5000",),
    arrival.arrival: ("arrival_1", "arrival_1_other_process"),
    reconnect.reconnect: ("reconnect_5000",),
    resume.resume: ("resume_10000",),
    acceptances.acceptance_16: ("acceptance_16",),
    sweeper.sweeper: ("sweeper_1000",),
    board.board: ("board_mb_20000",),
    board_page.board_page: ("board_first_content", "board_first_row", "board_kb"),
    board_update.board_update: (*("board_update", "board_update_p95"),),
    matching.matching: ("match_2000", "match_growth"),
    assignment.assignment: ("assignment_200x2000",),
}
_VAR = Path("var")


async def main(names: Sequence[str]) -> int:
    """Measure the figures of these names; how many subjects broke."""
    console = Console(stderr=True)
    figures: list[Figure] = []
    broken = 0
    async with Stage(_VAR / "bench") as stage:
        for subject, produces in _SUBJECTS.items():
            if not set(produces) & set(names):
                continue
            started = time.monotonic()
            try:
                figures += await subject(stage)
            except Exception:
                broken += 1
                console.print(f"{', '.join(produces)} broke:", style="red")
                console.print(traceback.format_exc(), markup=False)
            console.print(f"{', '.join(produces)}: {time.monotonic() - started:.0f} s", style="dim")
    publish(figures, _VAR / "bench.json")
    return broken


def chosen() -> Sequence[str]:
    """The names on the command line; none means all."""
    every = [name for produces in _SUBJECTS.values() for name in produces]
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="The benchmarks that README quotes."
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(every))
    names: list[str] = parser.parse_args().names
    unknown = set(names) - set(every)
    if unknown:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    return names or every


if __name__ == "__main__":
    allow_many_sockets()
    sys.exit(1 if uvloop.run(main(chosen())) else 0)
