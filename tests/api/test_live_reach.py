"""What a key reaches may change while its sockets are open: they come back and see it."""

import asyncio
from dataclasses import replace

from app.live.closing import Close
from app.services import organisations, sources
from app.services.keys import NewKey, issue_key
from app.services.regions import create_region
from domain.actors import OrganisationKind, Role
from domain.errors import Code
from domain.identifiers import RegionId
from domain.organisations import Organisation
from tests.factories.world import REGION, TWO, World
from tests.support.calls import check_problem
from tests.support.serving import Serving
from tests.support.sockets import ending


async def work_in(world: World, *regions: RegionId, version: int) -> None:
    """The provider works in these regions from now on."""
    new = Organisation(
        world.provider.agb, "Aanbieder", OrganisationKind.PROVIDER, frozenset(regions)
    )
    await organisations.change_organisation(
        world.container, None, world.provider.organisation_id, new, version
    )


async def test_an_open_socket_comes_back_and_sees_the_region_that_came(
    api: Serving, world: World
) -> None:
    # Done by another process than the one that serves, which hears of it from region 0.
    await create_region(world.container, None, TWO, "twee", "Twee")
    assert api.container is not None
    served = replace(world, container=api.container)
    await served.settled()
    key = world.provider.key
    async with api.client(key) as client:
        before = await client.get("/v1/snapshot", params={"region": TWO})
        check_problem(before, 404, Code.NOT_FOUND)
        async with api.subscribe(key) as open_socket:
            await open_socket.until("snapshot")
            await work_in(world, REGION, TWO, version=1)
            ended = await ending(open_socket.ws)
        assert ended.code == Close.RECHECK
        async with api.subscribe(key, region=TWO) as again:
            await again.until("snapshot")
            # Its own stream may bring it a moment after region 0 told that regions changed.
            arrived = ("organisation", str(world.provider.organisation_id))
            async with asyncio.timeout(10):
                while arrived not in again.subjects:
                    await again.receive()
        assert (await client.get("/v1/snapshot", params={"region": TWO})).status_code == 200
        await work_in(world, REGION, version=2)
        await served.settled()
        check_problem(await client.get("/v1/snapshot", params={"region": TWO}), 404, Code.NOT_FOUND)


async def test_a_released_source_counts_in_every_process(api: Serving, world: World) -> None:
    new = NewKey(world.provider.organisation_id, Role.PROVIDER_CAPACITY, "feed", sandbox=True)
    issued = await issue_key(world.container, None, new)
    assert issued.key is not None
    assert api.container is not None
    before = (await api.container.keys.find(issued.key)).source
    assert before is not None
    assert before.sandbox
    await sources.release_source(world.container, None, before.id)
    served = replace(world, container=api.container)
    await served.settled()
    after = (await api.container.keys.find(issued.key)).source
    assert after is not None
    assert not after.sandbox
