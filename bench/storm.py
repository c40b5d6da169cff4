"""storm_5000: 100 reports a second to 5,000 screens that want the latest state, as a share of one core."""

import time

from bench.clients.gathering import Gathering
from bench.clients.reporter import Providers
from bench.figures import Figure, Target
from bench.region import fill
from bench.stage import Stage

_SOCKETS = 5000
_POOLS = 100
_ROUNDS = 3
_REPORTS = 800
_PACE = 0.01


async def storm(stage: Stage) -> list[Figure]:
    """Also asserts that every socket ended with the newest state of every pool."""
    database = await stage.database("storm")
    region = await fill(database, pools=_POOLS)
    runs: list[float] = []
    with stage.api(database) as api:
        async with (
            Providers(api.port, region.reporter, region.pools, 10) as providers,
            Gathering(api.port) as screens,
        ):
            await screens.connect(
                _SOCKETS, mode="snapshot", first=region.subscription(latest=True), latest=True
            )
            newest: dict[str, int] = {}
            for _ in range(_ROUNDS):
                before, started = api.cpu_seconds, time.perf_counter()
                reported = await providers.paced(_REPORTS, _PACE)
                runs.append((api.cpu_seconds - before) / (time.perf_counter() - started))
                await screens.expect(reported.last)
                newest |= reported.versions
            assert len(newest) == _POOLS
            for state in await screens.states():
                if state.versions != newest:
                    raise AssertionError(
                        f"{state.sockets} sockets did not end with the newest states"
                    )
    return [Figure("storm_5000", "cores", runs, [1.0], Target("value", "at most", 0.7))]
