"""home_care_*, availability_*: answers a second to the two questions people ask, and how they grow."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from bench.clients.asker import Askers
from bench.clients.reporter import Providers
from bench.country import availability_paths, fill_country, home_care_paths
from bench.figures import Figure, Target, alternately
from bench.region import Region
from bench.stage import Stage
from bench.truth import check_answers

_QUESTIONS = 1_000
_CONNECTIONS = 16
_ROUNDS = 5
_SECONDS = 2.0
_FEW, _MANY = 2_000, 20_000
#: Answers that are compared with brute force, which takes long.
_CHECKED = 25
#: Reports a second that land while people ask.
_REPORTS = 50


async def questions(stage: Stage) -> list[Figure]:
    """Both questions at both sizes, while reports land."""
    figures: list[Figure] = []
    few = await stage.database("questions_few")
    many = await stage.database("questions_many")
    small = await fill_country(few, places=_FEW)
    large = await fill_country(many, places=_MANY)
    with stage.reference("trivial_get") as trivial:
        for name, paths in (("availability", availability_paths), ("home_care", home_care_paths)):
            with stage.api(few) as one:
                figures.append(await _against_trivial(name, paths, one.port, trivial.port, small))
                await check_answers(few, one.port, small, paths(_QUESTIONS)[:_CHECKED])
            with stage.api(few) as one, stage.api(many) as ten:
                figures.append(await _growth(name, paths, (one.port, small), (ten.port, large)))
    return figures


async def _against_trivial(
    name: str,
    paths: Callable[[int], Sequence[str]],
    port: int,
    trivial_port: int,
    region: Region,
) -> Figure:
    asked = paths(_QUESTIONS)
    trivial = availability_paths(_QUESTIONS)
    async with (
        Askers(port, region.reporter, asked, _CONNECTIONS) as ours,
        Askers(trivial_port, region.reporter, trivial, _CONNECTIONS) as theirs,
        Providers(port, region.reporter, region.pools, 4) as providers,
    ):
        await ours.rate(1.0)
        await theirs.rate(1.0)
        runs, reference_runs = await alternately(
            _ROUNDS, lambda: _while_reports_land(ours, providers), lambda: theirs.rate(_SECONDS)
        )
    return Figure(f"{name}_{_FEW}", "per s", runs, reference_runs, Target("ratio", "at least", 0.5))


async def _growth(
    name: str,
    paths: Callable[[int], Sequence[str]],
    small: tuple[int, Region],
    large: tuple[int, Region],
) -> Figure:
    """Milliseconds an answer, of the large region over those of the small one."""
    asked = paths(_QUESTIONS)

    async def milliseconds(askers: Askers, providers: Providers) -> float:
        return 1000 / await _while_reports_land(askers, providers)

    async with AsyncExitStack() as stack:
        sides = []
        for port, region in (large, small):
            askers = await stack.enter_async_context(
                Askers(port, region.reporter, asked, _CONNECTIONS)
            )
            providers = await stack.enter_async_context(
                Providers(port, region.reporter, region.pools, 4)
            )
            await askers.rate(1.0)
            sides.append((askers, providers))
        runs, reference_runs = await alternately(
            _ROUNDS, lambda: milliseconds(*sides[0]), lambda: milliseconds(*sides[1])
        )
    return Figure(f"{name}_growth", "ms", runs, reference_runs, Target("ratio", "at most", 2.0))


async def _while_reports_land(askers: Askers, providers: Providers) -> float:
    reports = asyncio.create_task(providers.paced(int(_REPORTS * _SECONDS), 1 / _REPORTS))
    rate = await askers.rate(_SECONDS)
    await reports
    return rate
