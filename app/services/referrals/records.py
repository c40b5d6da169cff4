"""Achteraf vastleggen: several steps in one form, told after they happened, kept or refused as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from app.container import Container
from app.db.cases import Case, lock_cases
from app.db.idempotency import Request, once
from app.db.tables import OfferRow
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import (
    answers,
    appointments,
    board_checks,
    decisions,
    desk,
    endings,
    filing,
    needs,
    offers,
    rounds,
    stays,
    triages,
)
from app.services.referrals.act import Act
from app.services.referrals.acting import LONGEST_BACK, Done, begin, done, finish, require
from app.services.referrals.answers import Acceptance, Counter
from app.services.referrals.appointments import Appointment
from app.services.referrals.desk import Contact
from app.services.referrals.filing import Intake
from app.services.referrals.rounds import Round
from app.services.referrals.stays import Arrival
from app.services.referrals.triages import Triage
from domain.actors import Action, Actor
from domain.care_types import CareType
from domain.cases import Closure, TargetGroup, TextKind, WithdrawalReason
from domain.errors import InvalidInput, Problem
from domain.identifiers import RegionId
from domain.offers import OfferState, Refusal
from domain.referrals import Step

MOST_STEPS = 30


@dataclass(frozen=True, slots=True)
class Looked:
    """The board was looked at; what is kept is what it shows now, since it doesn't show the past."""

    care_types: tuple[CareType, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A provider said no."""

    refusal: Refusal
    text: str | None = None


class Decider(StrEnum):
    """Whose yes or no it is; the coordination point decides on another proposal."""

    COUNTER = "counter"
    CLIENT = "client"
    DOCTOR = "doctor"


@dataclass(frozen=True, slots=True)
class Decided:
    """Somebody's yes or no."""

    by: Decider
    agreed: bool
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth knowing."""

    text: str


@dataclass(frozen=True, slots=True)
class NoPlace:
    """On the tussen-wal-en-schip register."""

    group: TargetGroup
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Taken back."""

    reason: WithdrawalReason
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """Closed."""

    closure: Closure
    text: str | None = None


What: TypeAlias = (
    Triage
    | Looked
    | Round
    | Acceptance
    | Refused
    | Counter
    | Decided
    | Appointment
    | Arrival
    | Contact
    | Noted
    | NoPlace
    | Withdrawn
    | Closed
)


@dataclass(frozen=True, slots=True)
class Told:
    """A step with when it happened. offer_id: which offer it is about; None: the last one made.

    index: which of the offers that this form made, for several that were asked at once.
    """

    happened_at: datetime
    what: What
    offer_id: UUID | None = None
    index: int | None = None


async def record(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    steps: Sequence[Told],
    *,
    address: str | None = None,
) -> Done:
    """Records several steps of a referral in one commit.

    The history has each with both its times; what follows from the whole is as of now. The first
    step that can't be refuses all, with its place as the pointer. Raises what each step raises.
    """

    async def act(work: UnitOfWork) -> Done:
        case = needs.found(await lock_cases(work, [referral_id]), referral_id)
        require(actor, Action.REFERRAL_WRITE, case.referral.region_id, case.referral.owner_id)
        begun = await begin(work, actor, case.referral.region_id, address)
        _check(steps, case.referral.filed_at, work.now)
        await _tell(container, begun, case, steps)
        _audit(begun, case)
        return done(case, None, await finish(begun, [case]), begun.now)

    return await container.act(act)


async def record_new(
    container: Container,
    actor: Actor,
    intake: Intake,
    filed_at: datetime,
    steps: Sequence[Told],
    request: Request | None = None,
    *,
    region_id: RegionId | None = None,
    address: str | None = None,
) -> Done:
    """Records a referral that was told on the telephone, with all that was done since, in one commit.

    With `request`, doing it again makes no second one. Raises what each step raises.
    """
    require(actor, Action.REFERRAL_WRITE, 0, actor.organisation_id)

    async def act(work: UnitOfWork) -> Done:
        region, owner_id = await filing.owner_of(work, actor, intake, region_id)
        begun = await begin(work, actor, region, address, filed_at)
        _check(steps, filed_at, work.now)
        made: list[Case] = []

        async def create() -> dict[str, str]:
            case = await filing.open_case(begun, region, owner_id, intake)
            await _tell(container, begun, case, steps)
            _audit(begun, case)
            made.append(case)
            return {"id": str(case.id)}

        answer, repeated = await once(work, request, create)
        if repeated:
            again = UUID(answer["id"])
            return await filing.as_it_is(work, (await lock_cases(work, [again]))[again])
        return done(made[0], None, await finish(begun, made), begun.now)

    return await container.act(act)


async def _tell(container: Container, act: Act, case: Case, steps: Sequence[Told]) -> None:
    """Does the steps one after the other, each at its own time."""
    await act.lock_places({*_pools(case, steps), *case.pool_ids})
    made: list[OfferRow] = []
    for number, told in enumerate(steps):
        act.happened_at = told.happened_at
        try:
            made = await _do(container, act, case, told, made)
        except InvalidInput as problem:
            raise InvalidInput(problem.detail, f"/steps/{number}{problem.pointer}") from None
        except Problem as problem:
            problem.facts["step"] = number
            raise
    act.happened_at = None


async def _do(
    container: Container, act: Act, case: Case, told: Told, made: list[OfferRow]
) -> list[OfferRow]:
    """Does one step; answers with the offers that the form made last."""
    match told.what:
        case Triage() as triage:
            await triages.triaged(act, case, triage)
        case Looked(care_types):
            await board_checks.checked(container, act, case, care_types)
        case Round() as round_:
            return await rounds.offered(container, act, case, round_, by_phone=True)
        case Acceptance() as acceptance:
            answers.accepted(container, act, case, _offer(case, told, made), acceptance)
        case Refused(refusal, text):
            offer = _offer(case, told, made)
            await answers.refused(container, act, case, offer, refusal, text)
        case Counter() as counter:
            await answers.countered(container, act, case, _offer(case, told, made), counter)
        case Decided() as decided:
            await _decide(container, act, case, _offer(case, told, made), decided)
        case Appointment() as appointment:
            offer = appointments.promise_of(case, _offer(case, told, made).id)
            appointments.appointed(act, case, offer, appointment)
        case Arrival() as arrival:
            offer = appointments.promise_of(case, _offer(case, told, made).id)
            when = arrival.admitted_at or told.happened_at
            await stays.admitted(act, case, offer, replace(arrival, admitted_at=when))
        case Contact() as contact:
            await desk.contacted(act, case, contact)
        case Noted(text):
            act.step(case, Step.NOTED, text=(TextKind.NOTE, text))
        case NoPlace(group, text):
            endings.no_place(act, case, group, text)
        case Withdrawn(reason, text):
            endings.withdrawn(act, case, reason, text)
        case Closed(closure, text):
            endings.closed(act, case, closure, text)
    return made


async def _decide(
    container: Container, act: Act, case: Case, offer: OfferRow, decided: Decided
) -> None:
    agreed, text = decided.agreed, decided.text
    match decided.by:
        case Decider.COUNTER:
            decisions.check_state(offer, OfferState.TEGENVOORSTEL)
            await decisions.counter_decided(container, act, case, offer, agreed=agreed, text=text)
        case Decider.CLIENT:
            decisions.check_state(offer, OfferState.TOEGEZEGD, OfferState.TEGENVOORSTEL)
            if offer.awaiting is None:
                decisions.client_asked(act, case, offer)
            await decisions.client_heard(container, act, case, offer, agreed=agreed, text=text)
        case Decider.DOCTOR:
            decisions.check_state(offer, OfferState.TOEGEZEGD)
            await decisions.doctor_heard(container, act, case, offer, agreed=agreed, text=text)


def _offer(case: Case, told: Told, made: Sequence[OfferRow]) -> OfferRow:
    """The offer that a step is about. Raises NotFound and InvalidInput."""
    if told.offer_id is not None:
        return case.offer(told.offer_id)
    rows = made or [row for row in case.offers if OfferState(row.state).is_open]
    if told.index is not None:
        if not 0 <= told.index < len(rows):
            raise InvalidInput("Zoveel aanvragen zijn er niet.", "/index")
        return rows[told.index]
    if len(rows) != 1:
        raise InvalidInput("Zeg bij welke aanvraag dit hoort.", "/offer_id")
    return rows[0]


def _pools(case: Case, steps: Sequence[Told]) -> set[UUID]:
    """All pools in which these steps may give a place."""
    found: set[UUID] = set()
    for offer in case.open_offers:
        found |= offers.pools_of(offer)
    for told in steps:
        match told.what:
            case Round(asked):
                found |= {one.pool_id for one in asked if one.pool_id is not None}
            case Counter(pool_id=pool_id) if pool_id is not None:
                found.add(pool_id)
    found |= set(endings.pools_of_stay(case))
    return found


def _check(steps: Sequence[Told], filed_at: datetime | None, now: datetime) -> None:
    """Raises InvalidInput for too many steps, and for times that can't be."""
    if len(steps) > MOST_STEPS:
        raise InvalidInput(f"Leg hoogstens {MOST_STEPS} stappen tegelijk vast.", "/steps")
    earliest = filed_at or now - LONGEST_BACK
    for number, told in enumerate(steps):
        pointer = f"/steps/{number}/happened_at"
        if told.happened_at > now:
            raise InvalidInput("Dit tijdstip ligt in de toekomst.", pointer)
        if told.happened_at < earliest:
            raise InvalidInput("De stappen staan op volgorde van tijd.", pointer)
        earliest = told.happened_at


def _audit(act: Act, case: Case) -> None:
    act.work.audit(
        act.actor,
        Action.REFERRAL_WRITE,
        "referral",
        case.id,
        address=act.address,
        purpose="referral",
    )
