"""Events about referrals and offers: one for each audience, and no more in it than that it moved."""

from uuid import UUID

from app.container import Container
from app.db import event_log
from app.db.event_log import Subject
from app.services.regions import create_region
from domain.actors import Role
from domain.events import OWNED, TOPIC_OF, Kind
from domain.identifiers import RegionId
from tests.factories.owned import make_handover, make_offer, make_referral, move_referral
from tests.factories.world import REGION, TWO, World, make_party
from tests.support.database import Database
from tests.support.told import heads


async def owned_in(container: Container, region_id: RegionId) -> set[Subject]:
    """What of a snapshot is somebody's own."""
    found = await container.read(lambda connection: event_log.read_snapshot(connection, region_id))
    assert found is not None
    return {subject for subject in found[1] if TOPIC_OF[Kind(subject.kind)] in OWNED}


def state(subject_id: UUID, state: str, version: int = 1) -> str:
    """All that an event tells, to the byte."""
    return f'{{"id":"{subject_id}","state":"{state}","version":{version}}}'


async def told(
    database: Database, after: dict[int, int], region: int = REGION
) -> list[tuple[str, UUID | None, str | None]]:
    """Kind, owner and state of a region's events since."""
    rows = await database.all(
        "SELECT kind, owner_id, data FROM event WHERE region_id = $1 AND number > $2 ORDER BY number",
        region,
        after[region],
    )
    return [(row["kind"], row["owner_id"], row["data"]) for row in rows]


async def test_each_audience_is_told_by_an_event_of_its_own(
    world: World, database: Database
) -> None:
    container, point = world.container, world.coordinator.organisation_id
    other = (await make_party(container, Role.COORDINATOR)).organisation_id
    asked = (await make_party(container, Role.REFERRER)).organisation_id
    before = await heads(database)
    referral = await make_referral(container, point, asked)
    offer = await make_offer(container, referral, world.provider.organisation_id)
    handover = await make_handover(container, referral, point, other)
    first = [
        ("referral", point, state(referral, "ingediend")),
        ("referral-status", asked, state(referral, "ingediend")),
        ("offer", world.provider.organisation_id, state(offer, "gevraagd")),
        ("handover", other, state(handover, "geweigerd")),
    ]
    assert await told(database, before) == first
    before = await heads(database)
    await move_referral(container, referral, other)
    assert await told(database, before) == [
        ("referral", point, None),
        ("referral-status", asked, state(referral, "ingediend", 2)),
        ("referral", other, state(referral, "ingediend", 2)),
    ]
    assert await owned_in(container, REGION) == {
        Subject("referral", str(referral), state(referral, "ingediend", 2), other),
        Subject("referral-status", str(referral), state(referral, "ingediend", 2), asked),
        Subject("offer", str(offer), state(offer, "gevraagd"), world.provider.organisation_id),
        Subject("handover", str(handover), state(handover, "geweigerd"), other),
    }


async def test_what_nobody_who_signs_in_asked_for_has_no_status_to_tell(
    world: World, database: Database
) -> None:
    before, point = await heads(database), world.coordinator.organisation_id
    referral = await make_referral(world.container, point)
    assert [kind for kind, _, _ in await told(database, before)] == ["referral"]
    assert {subject.kind for subject in await owned_in(world.container, REGION)} == {"referral"}
    before = await heads(database)
    await move_referral(world.container, referral, point)
    assert [kind for kind, _, _ in await told(database, before)] == ["referral"], "once"


async def test_what_goes_to_another_region_is_gone_from_the_first_ones_stream(
    world: World, database: Database
) -> None:
    container, point = world.container, world.coordinator.organisation_id
    await create_region(container, None, TWO, "twee", "Twee")
    there = (await make_party(container, Role.COORDINATOR, TWO)).organisation_id
    asked = (await make_party(container, Role.REFERRER)).organisation_id
    referral = await make_referral(container, point, asked)
    before = await heads(database)
    await move_referral(container, referral, there, TWO)
    assert await told(database, before) == [
        ("referral", point, None),
        ("referral-status", asked, None),
    ]
    moved = state(referral, "ingediend", 2)
    assert await told(database, before, TWO) == [
        ("referral", there, moved),
        ("referral-status", asked, moved),
    ]
    assert await owned_in(container, REGION) == set()
    assert {subject.owner_id for subject in await owned_in(container, TWO)} == {there, asked}
