"""Who reads what of referrals. That it was read is kept: it is somebody's need, if without a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import triage_rules
from app.container import Container
from app.db import case_reads, named_teams, offer_reads, referral_reads, step_reads
from app.db.case_reads import CaseParts, PromisedPlace, StoredQuestion, StoredTriage
from app.db.event_log import Connection
from app.db.named_teams import NamedTeam
from app.db.offer_reads import StoredOffer
from app.db.referral_reads import After, Selection, StoredReferral
from app.db.step_reads import StoredStep
from app.db.unit_of_work import UnitOfWork
from app.services.referrals.acting import require
from domain.actors import Action, Actor, Role
from domain.cases import TextKind
from domain.errors import NotFound
from domain.hours import OnCall, on_call
from domain.referrals import Step
from domain.triage.advice import advise, text_of

#: Offers of one referral that are told: the last ones.
MOST_OFFERS = 200

#: What a referrer is told of: nothing that a provider did.
TOLD_TO_REFERRER = (
    *(Step.DRAFTED, Step.FILED, Step.NEEDS_CHANGED, Step.ASKED, Step.ANSWERED, Step.TRIAGED),
    *(Step.HANDOVER_ACCEPTED, Step.NO_PLACE, Step.WITHDRAWN, Step.DIED, Step.CLOSED),
)


@dataclass(frozen=True, slots=True)
class ReadReason:
    """Why the rules advised something, in Dutch."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadAdvice:
    """An outcome that the rules of that day advised."""

    outcome: str
    reasons: tuple[ReadReason, ...]
    source: str


@dataclass(frozen=True, slots=True)
class ReadOffer:
    """An offer, with who answers the provider's telephone now."""

    offer: StoredOffer
    on_call: OnCall | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A referral as its coordination point sees it."""

    referral: StoredReferral
    texts: Mapping[TextKind, str]
    parts: CaseParts
    advice: tuple[ReadAdvice, ...]
    offers: tuple[ReadOffer, ...]
    team: NamedTeam | None


@dataclass(frozen=True, slots=True)
class Followed:
    """A referral as who asked for it sees it: never who answered what, but for the team that it
    asked itself."""

    referral: StoredReferral
    place: PromisedPlace | None
    questions: Sequence[StoredQuestion]
    team: NamedTeam | None


async def get_referral(
    container: Container, actor: Actor, referral_id: UUID, address: str | None = None
) -> Whole | Followed:
    """One referral, as of one moment. Raises NotFound: there is none, or it is somebody else's."""

    async def read(connection: Connection) -> Whole | Followed:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await _require(connection, actor, referral_id)
            referral = await referral_reads.read_referral(connection, referral_id)
            if referral is None:
                raise NotFound
            team = await named_teams.read_named_team(connection, referral_id)
            if actor.role is Role.REFERRER:
                place = await case_reads.read_place(connection, referral_id)
                questions = await case_reads.read_questions(
                    connection, referral_id, providers=False
                )
                return Followed(referral, place, questions, team)
            parts = await case_reads.read_parts(connection, referral_id)
            texts = await referral_reads.read_intake_texts(connection, referral_id)
            offers = await offer_reads.read_offers(
                connection,
                referral.owner_id,
                asked_of_it=False,
                is_open=None,
                referral_id=referral_id,
                before=None,
                limit=MOST_OFFERS,
            )
        now = container.now()
        advice = _advice(parts.triage) if parts.triage is not None else ()
        # Listed newest first; a case is read from its beginning.
        told = tuple(_with_on_call(offer, now) for offer in reversed(offers))
        return Whole(referral, texts, parts, advice, told, team)

    found = await container.read(read)
    await audit(container, actor, "referral", referral_id, address)
    return found


async def list_referrals(
    container: Container,
    actor: Actor,
    selection: Selection,
    *,
    after: After | None,
    limit: int,
    address: str | None = None,
) -> list[StoredReferral]:
    """Those that a coordination point has in hand, or that a referrer's organisation asked for."""
    found = await container.read(
        lambda connection: referral_reads.read_referrals(
            connection,
            actor.organisation_id,
            selection,
            requested=actor.role is Role.REFERRER,
            after=after,
            limit=limit,
        )
    )
    await audit(container, actor, "referrals", actor.organisation_id, address)
    return found


async def history(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    address: str | None = None,
) -> list[StoredStep]:
    """What was done to a referral, oldest first; a referrer is told of its own side. Raises NotFound."""
    among = [step.value for step in TOLD_TO_REFERRER] if actor.role is Role.REFERRER else None

    async def read(connection: Connection) -> list[StoredStep]:
        await _require(connection, actor, referral_id)
        return await step_reads.read_steps(
            connection, referral_id, among=among, after=after, limit=limit
        )

    found = await container.read(read)
    await audit(container, actor, "referral-history", referral_id, address)
    return found


async def audit(
    container: Container,
    actor: Actor,
    kind: str,
    object_id: UUID,
    address: str | None,
    action: Action = Action.REFERRAL_READ,
) -> None:
    """Keeps that somebody read it, before the answer goes out."""

    async def act(work: UnitOfWork) -> None:
        work.audit(actor, action, kind, object_id, address=address, purpose="referral")
        await work.commit()

    await container.act(act)


async def _require(connection: Connection, actor: Actor, referral_id: UUID) -> None:
    whose = await referral_reads.whose(connection, referral_id)
    if whose is None:
        raise NotFound
    owner = whose.requested_by_id if actor.role is Role.REFERRER else whose.owner_id
    require(actor, Action.REFERRAL_READ, whose.region_id, owner)


def _advice(triage: StoredTriage) -> tuple[ReadAdvice, ...]:
    """What was advised, by the version of the rules that the triage keeps."""
    rules = triage_rules.rules_of(triage.rules_version)
    return tuple(
        ReadAdvice(
            one.outcome,
            tuple(ReadReason(reason.code, text_of(rules, reason)) for reason in one.reasons),
            one.source,
        )
        for one in advise(rules, triage.facts).outcomes
    )


def _with_on_call(offer: StoredOffer, now: datetime) -> ReadOffer:
    found = (on_call(contacts, now) for contacts in offer.on_call)
    return ReadOffer(offer, next((contact for contact in found if contact is not None), None))
