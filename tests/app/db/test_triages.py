"""Reading past triages."""

from datetime import timedelta

from app.db.triages import read_past
from domain.identifiers import RegionId
from domain.triage.facts import Facts
from domain.triage.replay import PastTriage
from tests.factories.owned import make_referral
from tests.factories.triages import keep
from tests.factories.world import REGION, TWO, World


async def test_triages_are_read_as_they_were_kept_oldest_first_of_one_region_or_all(
    world: World,
) -> None:
    referral = await make_referral(world.container, world.coordinator.organisation_id)
    facts: Facts = {"thuis-mogelijk": False, "wlz": "geen"}
    newer = PastTriage(referral, "2026-1", facts, ("elv-laag", "mfb"))
    older = PastTriage(referral, "2025-2", {}, ())
    elsewhere = PastTriage(referral, "2026-1", {"gevaar": True}, ("wlz-crisis",))
    await keep(world, referral, newer, REGION, timedelta(hours=1))
    await keep(world, referral, elsewhere, TWO, timedelta(hours=2))
    await keep(world, referral, older, REGION, timedelta(hours=3))

    read = world.container.read
    assert await read(lambda c: read_past(c, REGION)) == [older, newer]
    assert await read(lambda c: read_past(c, None)) == [older, elsewhere, newer]
    assert await read(lambda c: read_past(c, RegionId(9))) == []
