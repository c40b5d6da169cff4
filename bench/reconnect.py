"""reconnect_5000: 5,000 subscribers resume at once, against as many bare connects that get one small message."""

from bench.clients.gathering import Gathering
from bench.clients.reporter import Providers
from bench.figures import Figure, Target, alternately
from bench.region import fill
from bench.stage import Stage

_SOCKETS = 5000
_POOLS = 60
_BEHIND = 48
#: At once, but for what the listen queue holds (4,096): a connect beyond it is dropped and tried again
#: after one, three and seven seconds, and it would be TCP that is measured.
_IN_FLIGHT = 4000
_ROUNDS = 3


async def reconnect(stage: Stage) -> list[Figure]:
    """Time until all are subscribed and have every event they missed, without a snapshot."""
    database = await stage.database("reconnect")
    region = await fill(database, pools=_POOLS)
    with stage.api(database) as api, stage.reference("small_message") as bare:
        async with (
            Providers(api.port, region.reporter, region.pools, 4) as providers,
            Gathering(api.port) as ours,
            Gathering(bare.port) as theirs,
        ):
            seen = await providers.count(_POOLS)
            missed = await providers.count(_BEHIND)

            async def resume() -> float:
                seconds = await ours.connect(
                    _SOCKETS,
                    mode="resume",
                    first=region.subscription(after=seen.position),
                    after=seen.last,
                    in_flight=_IN_FLIGHT,
                    until=missed.last,
                )
                await ours.drop()
                return seconds

            async def greet() -> float:
                seconds = await theirs.connect(
                    _SOCKETS,
                    mode="greeted",
                    first=region.subscription(after=seen.position),
                    in_flight=_IN_FLIGHT,
                )
                await theirs.drop()
                return seconds

            runs, reference_runs = await alternately(_ROUNDS, resume, greet)
    return [Figure("reconnect_5000", "s", runs, reference_runs, Target("ratio", "at most", 2))]
