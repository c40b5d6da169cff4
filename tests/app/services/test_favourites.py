"""Favourites: each person's own, marked once."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.services import favourites
from domain.actors import Role
from domain.errors import InvalidInput, NotFound
from tests.factories.people import make_person
from tests.factories.world import World


async def test_a_favourite_is_marked_once_for_its_own_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = [
        (await make_person(world.container, Role.COORDINATOR, world.coordinator.organisation_id)).id
        for _ in range(2)
    ]
    this, that = uuid4(), uuid4()
    container = world.container
    await asyncio.gather(
        *(favourites.set_favourite(container, one, "pool", this, True) for _ in range(3))
    )
    await favourites.set_favourite(container, one, "location", this, True)
    await favourites.set_favourite(container, other, "pool", that, True)
    assert await favourites.list_favourites(container, one) == {("pool", this), ("location", this)}
    for _ in range(2):
        await favourites.set_favourite(container, one, "pool", this, False)
    await favourites.set_favourite(container, one, "pool", that, False)
    assert await favourites.list_favourites(container, one) == {("location", this)}
    assert await favourites.list_favourites(container, other) == {("pool", that)}
    with pytest.raises(InvalidInput):
        await favourites.set_favourite(container, one, "iets", this, True)
    with pytest.raises(NotFound):
        await favourites.set_favourite(container, UUID(int=0), "pool", this, True)
    monkeypatch.setattr(favourites, "MOST_FAVOURITES", 2)
    await favourites.set_favourite(container, one, "pool", this, True)
    # One that is there already is no third.
    await favourites.set_favourite(container, one, "pool", this, True)
    with pytest.raises(InvalidInput):
        await favourites.set_favourite(container, one, "pool", that, True)
