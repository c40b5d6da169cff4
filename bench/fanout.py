"""fanout_cpu_5000 and fanout_kb: what one more subscriber costs, against `websockets.broadcast()`."""

from bench.clients.gathering import Gathering
from bench.clients.reporter import Providers
from bench.figures import Figure, Target, alternately
from bench.region import fill
from bench.stage import Stage

_SOCKETS = 5000
_POOLS = 60
_ROUNDS = 4
_MESSAGES = 25
_PACE = 0.2


async def fanout(stage: Stage) -> list[Figure]:
    """Both sides hold 5,000 sockets throughout, and send the same bytes at the same pace in turn.

    Ours is all that the API process does in its window, the handling of the reports included.
    """
    database = await stage.database("fanout")
    region = await fill(database, pools=_POOLS)
    with stage.api(database) as api, stage.reference("broadcast", commanded=True) as bare:
        empty, bare_empty = api.memory_kb, bare.memory_kb
        async with (
            Providers(api.port, region.reporter, region.pools, 4) as providers,
            Gathering(api.port) as ours,
            Gathering(bare.port) as theirs,
        ):
            await ours.connect(_SOCKETS, mode="snapshot", first=region.subscription())
            await theirs.connect(_SOCKETS, mode="silent")
            sizes: list[float] = []
            bare_sizes: list[float] = []
            captured: list[str] = []
            last = 0

            async def by_us() -> float:
                nonlocal captured, last
                before = api.cpu_seconds
                last = (await providers.paced(_MESSAGES, _PACE)).last
                await ours.expect(last)
                used = api.cpu_seconds - before
                captured = (await ours.messages())[-_MESSAGES:]
                sizes.append((api.memory_kb - empty) / _SOCKETS)
                return used / _MESSAGES / _SOCKETS * 1e6

            async def by_broadcast() -> float:
                before = bare.cpu_seconds
                await bare.order(messages=captured, pace=_PACE)
                await theirs.expect(last)
                used = bare.cpu_seconds - before
                bare_sizes.append((bare.memory_kb - bare_empty) / _SOCKETS)
                return used / _MESSAGES / _SOCKETS * 1e6

            runs, reference_runs = await alternately(_ROUNDS, by_us, by_broadcast)
            for side in (ours, theirs):
                received = sum(state.sockets * state.messages for state in await side.states())
                if received != _ROUNDS * _MESSAGES * _SOCKETS:
                    raise AssertionError(
                        f"{received} messages, not {_ROUNDS * _MESSAGES * _SOCKETS}"
                    )
    return [
        Figure(
            "fanout_cpu_5000",
            "µs",
            runs,
            reference_runs,
            Target("ratio", "at most", 1.5),
        ),
        Figure("fanout_kb", "kB", sizes, bare_sizes, Target("value", "at most", 40)),
    ]
