"""The way of a referral, from filing to leaving, as the services go it."""

from app.services.referrals import acceptances, stays
from app.services.referrals.answers import Acceptance
from app.services.referrals.stays import Arrival
from domain.cases import Destination
from tests.factories.referrals import actor_of, column, offered, with_places
from tests.factories.world import World


async def test_from_filing_to_leaving_the_place_counts_at_once(world: World) -> None:
    await with_places(world, 3, occupied=1)
    referral_id, (offer_id,) = await offered(world)
    assert await column(world, "referral", referral_id, "state") == "aangeboden"
    assert await world.balance() == 2
    coordinator = await actor_of(world)
    await acceptances.accept(world.container, coordinator, offer_id, Acceptance())
    assert await column(world, "referral", referral_id, "state") == "geaccepteerd"
    assert await world.balance() == 1
    await stays.admit(world.container, coordinator, offer_id, Arrival())
    assert await column(world, "referral", referral_id, "state") == "opgenomen"
    assert await world.balance() == 1
    await stays.discharge(world.container, coordinator, referral_id, None, Destination.THUIS)
    assert await column(world, "referral", referral_id, "state") == "afgesloten"
    assert await world.balance() == 2
