"""Who may follow what: each topic asks a permission, and what is owned is followed by its owner alone."""

from app.live.hub import Audience
from domain.actors import Action, Actor, Target, may
from domain.events import OWNED, Topic
from domain.identifiers import RegionId

#: What a topic asks. Revocations are everybody's to know of, yet only an operator's to watch.
TOPIC_ACTIONS = {
    Topic.CAPACITY: Action.CAPACITY_READ,
    Topic.REGISTERS: Action.REGISTER_READ,
    Topic.REFERRALS: Action.REFERRAL_FOLLOW,
    Topic.REFERRAL_STATUSES: Action.STATUS_FOLLOW,
    Topic.OFFERS: Action.OFFER_FOLLOW,
    Topic.HANDOVERS: Action.REFERRAL_FOLLOW,
    Topic.NOTICES: Action.NOTICE_READ,
    Topic.REVOCATIONS: Action.KEY_READ,
}


def audience_of(
    actor: Actor, region_id: RegionId, topics: frozenset[Topic], *, latest: bool = False
) -> Audience | None:
    """What this actor hears under these topics; None when it may not follow all of them here."""
    target = Target(region_id, actor.organisation_id)
    if not all(may(actor, TOPIC_ACTIONS[topic], target) for topic in topics):
        return None
    if OWNED.isdisjoint(topics):
        return Audience(region_id, topics, latest)
    # A permission on what is one's own says nothing of regions.
    if not may(actor, Action.CAPACITY_READ, Target(region_id)):
        return None
    return Audience(region_id, topics, latest, actor.organisation_id)
