"""Who acts, and the one function that says whether they may."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.identifiers import EVERYWHERE, OrganisationId, RegionId


class Role(StrEnum):
    """What a key or a person works as."""

    COORDINATOR = "coordinator"
    PROVIDER_CAPACITY = "provider-capacity"
    PROVIDER_INTAKE = "provider-intake"
    REFERRER = "referrer"
    ANALYST = "analyst"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SYSTEM = "system"


class OrganisationKind(StrEnum):
    """What an organisation is here. A provider is a VVT-organisatie, hospice or ggz-instelling."""

    COORDINATION_POINT = "coordination-point"
    PROVIDER = "provider"
    HOSPICE = "hospice"
    GGZ = "ggz"
    HOSPITAL = "hospital"
    GENERAL_PRACTICE = "general-practice"
    OUT_OF_HOURS_POST = "out-of-hours-post"
    REFERRER = "referrer"
    MUNICIPALITY = "municipality"
    CARE_PURCHASER = "care-purchaser"
    REGION = "region"


class Action(StrEnum):
    """What an endpoint, page, topic or sweep asks leave for."""

    CAPACITY_READ = "capacity.read"
    CAPACITY_REPORT = "capacity.report"
    CAPACITY_HISTORY = "capacity.history"
    BOARD_VIEW = "board.view"
    REGISTER_READ = "register.read"
    REGISTER_VIEW = "register.view"
    REGISTER_WRITE = "register.write"
    POSTING_WRITE = "posting.write"
    SOURCE_READ = "source.read"
    SOURCE_RELEASE = "source.release"
    KEY_READ = "key.read"
    KEY_ISSUE = "key.issue"
    KEY_REVOKE = "key.revoke"
    PERSON_READ = "person.read"
    PERSON_WRITE = "person.write"
    SESSION_END = "session.end"
    AUDIT_READ = "audit.read"
    METRICS_READ = "metrics.read"
    REFERRAL_READ = "referral.read"
    REFERRAL_FILE = "referral.file"
    REFERRAL_REPLY = "referral.reply"
    REFERRAL_WRITE = "referral.write"
    PROPOSAL_WRITE = "proposal.write"
    OFFER_READ = "offer.read"
    OFFER_ANSWER = "offer.answer"
    OFFER_SEE = "offer.see"
    REFERRAL_FOLLOW = "referral.follow"
    OFFER_FOLLOW = "offer.follow"
    STATUS_FOLLOW = "status.follow"
    DELIVERY_READ = "delivery.read"
    NOTICE_READ = "notice.read"
    NOTICE_MARK = "notice.mark"
    WORD_READ = "word.read"
    WORD_WRITE = "word.write"
    NORM_READ = "norm.read"
    NORM_WRITE = "norm.write"


class Scope(StrEnum):
    """How far a permission reaches."""

    OWN = "own organisation"
    REGION = "own regions"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in key or person. `regions` are those its organisation works in."""

    id: UUID
    name: str
    role: Role
    organisation_id: OrganisationId
    regions: frozenset[RegionId]


@dataclass(frozen=True, slots=True)
class Target:
    """What an act touches; None where the act has no such side (a whole region has no owner)."""

    region_id: RegionId | None = None
    owner_id: OrganisationId | None = None


_READ_BOARD = {
    Action.CAPACITY_READ: Scope.REGION,
    Action.REGISTER_READ: Scope.REGION,
    Action.NORM_READ: Scope.REGION,
}
#: What an organisation was told, for everybody who works there.
_READ_NOTICES = {Action.NOTICE_READ: Scope.OWN, Action.NOTICE_MARK: Scope.OWN}
#: Where its word goes is for those who act on it: a key that only reports figures can't redirect it.
_DIRECT_WORD = {**_READ_NOTICES, Action.WORD_READ: Scope.OWN, Action.WORD_WRITE: Scope.OWN}
_RULES: dict[Role, dict[Action, Scope]] = {
    Role.COORDINATOR: {
        **_DIRECT_WORD,
        **_READ_BOARD,
        Action.CAPACITY_REPORT: Scope.REGION,
        Action.CAPACITY_HISTORY: Scope.REGION,
        Action.SOURCE_READ: Scope.OWN,
        Action.BOARD_VIEW: Scope.REGION,
        Action.REFERRAL_FOLLOW: Scope.OWN,
        Action.REFERRAL_READ: Scope.OWN,
        Action.REFERRAL_FILE: Scope.OWN,
        Action.REFERRAL_REPLY: Scope.OWN,
        Action.REFERRAL_WRITE: Scope.OWN,
        Action.PROPOSAL_WRITE: Scope.REGION,
        Action.OFFER_READ: Scope.OWN,
        Action.OFFER_ANSWER: Scope.OWN,
        Action.DELIVERY_READ: Scope.REGION,
    },
    Role.PROVIDER_CAPACITY: {
        **_READ_NOTICES,
        **_READ_BOARD,
        Action.DELIVERY_READ: Scope.OWN,
        Action.CAPACITY_REPORT: Scope.OWN,
        Action.CAPACITY_HISTORY: Scope.OWN,
        Action.POSTING_WRITE: Scope.OWN,
        Action.SOURCE_READ: Scope.OWN,
        Action.OFFER_FOLLOW: Scope.OWN,
    },
    Role.PROVIDER_INTAKE: {
        **_DIRECT_WORD,
        **_READ_BOARD,
        Action.DELIVERY_READ: Scope.OWN,
        Action.CAPACITY_HISTORY: Scope.OWN,
        Action.OFFER_FOLLOW: Scope.OWN,
        Action.OFFER_READ: Scope.OWN,
        Action.OFFER_ANSWER: Scope.OWN,
        Action.OFFER_SEE: Scope.OWN,
    },
    Role.REFERRER: {
        **_DIRECT_WORD,
        **_READ_BOARD,
        Action.STATUS_FOLLOW: Scope.OWN,
        Action.REFERRAL_READ: Scope.OWN,
        Action.REFERRAL_FILE: Scope.OWN,
        Action.REFERRAL_REPLY: Scope.OWN,
    },
    Role.ANALYST: {
        **_READ_NOTICES,
        **_READ_BOARD,
        Action.CAPACITY_HISTORY: Scope.REGION,
        Action.BOARD_VIEW: Scope.REGION,
        Action.DELIVERY_READ: Scope.REGION,
    },
    Role.OPERATOR: {
        Action.WORD_READ: Scope.ALL,
        Action.WORD_WRITE: Scope.ALL,
        Action.CAPACITY_READ: Scope.ALL,
        Action.CAPACITY_HISTORY: Scope.ALL,
        Action.BOARD_VIEW: Scope.ALL,
        Action.REGISTER_VIEW: Scope.ALL,
        Action.REGISTER_READ: Scope.ALL,
        Action.REGISTER_WRITE: Scope.ALL,
        Action.POSTING_WRITE: Scope.ALL,
        Action.SOURCE_READ: Scope.ALL,
        Action.SOURCE_RELEASE: Scope.ALL,
        Action.KEY_READ: Scope.ALL,
        Action.KEY_ISSUE: Scope.ALL,
        Action.KEY_REVOKE: Scope.ALL,
        Action.PERSON_READ: Scope.ALL,
        Action.PERSON_WRITE: Scope.ALL,
        Action.SESSION_END: Scope.ALL,
        Action.METRICS_READ: Scope.ALL,
        Action.DELIVERY_READ: Scope.ALL,
        Action.NORM_READ: Scope.ALL,
        Action.NORM_WRITE: Scope.ALL,
    },
    Role.AUDITOR: {
        Action.REGISTER_READ: Scope.ALL,
        Action.REGISTER_VIEW: Scope.ALL,
        Action.AUDIT_READ: Scope.ALL,
        Action.NORM_READ: Scope.ALL,
    },
    Role.SYSTEM: dict.fromkeys(Action, Scope.ALL),
}


def scope_of(actor: Actor, action: Action) -> Scope | None:
    """How far this actor's leave for the action reaches; None: not at all."""
    return _RULES[actor.role].get(action)


def may(actor: Actor, action: Action, target: Target = Target()) -> bool:
    """May this actor do this to that?

    A target without a region or owner is met by any scope that doesn't need it. Region 0 is
    everybody's to read.
    """
    match scope_of(actor, action):
        case None:
            return False
        case Scope.ALL:
            return True
        case Scope.REGION:
            return target.region_id in (None, EVERYWHERE) or target.region_id in actor.regions
        case Scope.OWN:
            return target.owner_id is None or target.owner_id == actor.organisation_id


def basis(actor: Actor, action: Action) -> str:
    """The authorisation basis as the audit keeps it, for instance `provider-capacity: own organisation`."""
    scope = scope_of(actor, action)
    return f"{actor.role}: {scope}" if scope else f"{actor.role}: none"
