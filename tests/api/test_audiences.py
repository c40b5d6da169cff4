"""Who may follow what, and whose."""

from uuid import UUID

from api.audiences import TOPIC_ACTIONS, audience_of
from app.live.hub import Audience
from domain.actors import Actor, Role
from domain.events import OWNED, Topic
from domain.identifiers import EVERYWHERE, OrganisationId, RegionId

HERE, ELSEWHERE = RegionId(1), RegionId(2)
OWN = OrganisationId(UUID(int=1))
#: What of what is owned each role may follow, in its own region.
FOLLOWED = {
    Role.COORDINATOR: {Topic.REFERRALS, Topic.HANDOVERS, Topic.NOTICES},
    Role.PROVIDER_CAPACITY: {Topic.OFFERS, Topic.NOTICES},
    Role.PROVIDER_INTAKE: {Topic.OFFERS, Topic.NOTICES},
    Role.REFERRER: {Topic.REFERRAL_STATUSES, Topic.NOTICES},
    Role.ANALYST: {Topic.NOTICES},
    Role.OPERATOR: set(),
    Role.AUDITOR: set(),
    Role.SYSTEM: set(OWNED),
}


def actor(role: Role) -> Actor:
    """Somebody of an organisation that works in one region."""
    return Actor(UUID(int=9), "iemand", role, OWN, frozenset({HERE}))


def test_every_topic_asks_a_permission() -> None:
    assert set(TOPIC_ACTIONS) == set(Topic)
    assert set(FOLLOWED) == set(Role)


def test_what_is_owned_is_followed_by_its_own_roles_for_their_own_organisation() -> None:
    for role, topics in FOLLOWED.items():
        for topic in OWNED:
            asked = frozenset({topic, Topic.CAPACITY})
            expected = Audience(HERE, asked, True, OWN) if topic in topics else None
            assert audience_of(actor(role), HERE, asked, latest=True) == expected, (role, topic)


def test_one_topic_too_many_and_nothing_is_followed() -> None:
    for role, topics in FOLLOWED.items():
        if role is not Role.SYSTEM:
            assert audience_of(actor(role), HERE, frozenset({*topics, *OWNED})) is None, role


def test_in_a_region_where_one_does_not_work_nothing_is_ones_own() -> None:
    for role, topics in FOLLOWED.items():
        if role is not Role.SYSTEM:
            for topic in topics:
                assert audience_of(actor(role), ELSEWHERE, frozenset({topic})) is None, role


def test_who_follows_only_what_is_everybodys_shares_it_with_all_others() -> None:
    everybodys = frozenset({Topic.CAPACITY, Topic.REGISTERS})
    assert audience_of(actor(Role.COORDINATOR), HERE, everybodys) == Audience(
        HERE, everybodys, False
    )
    revocations = frozenset({Topic.REVOCATIONS})
    operator = audience_of(actor(Role.OPERATOR), EVERYWHERE, revocations)
    assert operator == Audience(EVERYWHERE, revocations, False)
    assert audience_of(actor(Role.COORDINATOR), EVERYWHERE, revocations) is None
