"""Positions in a region's stream, and the kinds of event with the topic each belongs to."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.identifiers import RegionId


class Kind(StrEnum):
    """What an event is about. A reader ignores kinds it doesn't know."""

    STREAM_OPENED = "stream-opened"
    REGION = "region"
    ORGANISATION = "organisation"
    LOCATION = "location"
    POOL = "pool"
    CAPACITY = "capacity"
    BED = "bed"
    HOME_CARE_TEAM = "home-care-team"
    HOME_CARE = "home-care"
    ADMISSION_STOP = "admission-stop"
    POSTCODE = "postcode"
    DELIVERY_RECORD = "delivery-record"
    REFERRAL = "referral"
    REFERRAL_STATUS = "referral-status"
    OFFER = "offer"
    HANDOVER = "handover"
    NOTICE = "notice"
    KEY_REVOKED = "key-revoked"
    KEYS_CHANGED = "keys-changed"
    SESSION_ENDED = "session-ended"
    SESSION_CHANGED = "session-changed"


class Topic(StrEnum):
    """What can be subscribed to."""

    CAPACITY = "capacity"
    REGISTERS = "registers"
    REFERRALS = "referrals"
    REFERRAL_STATUSES = "referral-statuses"
    OFFERS = "offers"
    HANDOVERS = "handovers"
    NOTICES = "notices"
    REVOCATIONS = "revocations"


TOPIC_OF: dict[Kind, Topic | None] = {
    Kind.STREAM_OPENED: None,
    Kind.REGION: Topic.REGISTERS,
    Kind.ORGANISATION: Topic.REGISTERS,
    Kind.LOCATION: Topic.REGISTERS,
    Kind.POOL: Topic.REGISTERS,
    Kind.CAPACITY: Topic.CAPACITY,
    Kind.BED: Topic.CAPACITY,
    Kind.HOME_CARE_TEAM: Topic.REGISTERS,
    Kind.HOME_CARE: Topic.CAPACITY,
    Kind.ADMISSION_STOP: Topic.CAPACITY,
    Kind.POSTCODE: Topic.REGISTERS,
    # For boards alone: a provider sees nobody else's record, and a subscriber gets all of a topic.
    Kind.DELIVERY_RECORD: None,
    Kind.REFERRAL: Topic.REFERRALS,
    Kind.REFERRAL_STATUS: Topic.REFERRAL_STATUSES,
    Kind.OFFER: Topic.OFFERS,
    Kind.HANDOVER: Topic.HANDOVERS,
    Kind.NOTICE: Topic.NOTICES,
    Kind.KEY_REVOKED: Topic.REVOCATIONS,
    Kind.KEYS_CHANGED: Topic.REVOCATIONS,
    Kind.SESSION_ENDED: Topic.REVOCATIONS,
    Kind.SESSION_CHANGED: Topic.REVOCATIONS,
}

#: What only one organisation may know of: each of these events is for its owner alone.
OWNED: frozenset[Topic] = frozenset(
    {Topic.REFERRALS, Topic.REFERRAL_STATUSES, Topic.OFFERS, Topic.HANDOVERS, Topic.NOTICES}
)

_POSITION = re.compile(r"([0-9]{1,5}):([0-9]{1,9}):([0-9]{1,18}):([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one region's stream: everything up to and with event `number` has been seen.

    `tag` is 32 random bits stored with that event. A restored or promoted database copies the
    epoch and may hand out the same number again, never the same tag.
    """

    region_id: RegionId
    epoch: int
    number: int
    tag: int

    def __str__(self) -> str:
        return f"{self.region_id}:{self.epoch}:{self.number}:{self.tag:08x}"

    @classmethod
    def parse(cls, text: str) -> "Position | None":
        """The position written as `region:epoch:number:tag`, or None when it is not one."""
        match = _POSITION.fullmatch(text)
        if match is None:
            return None
        region, epoch, number, tag = match.groups()
        return cls(RegionId(int(region)), int(epoch), int(number), int(tag, 16))
