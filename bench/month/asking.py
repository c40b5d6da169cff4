"""A place is asked for, on the board or by telephone, and what the house makes of it until somebody left."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.services.referrals import acceptances, answers, decisions, desk, offers, rounds, stays
from app.services.referrals.acting import Done
from app.services.referrals.answers import Acceptance, Counter
from app.services.referrals.desk import Contact
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.stays import Arrival
from bench.month.arrivals import leaves_at, stay_random
from bench.month.houses import Ward
from bench.month.play import Case, Play
from domain.actors import Actor
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.cases import ContactKind, ContactOutcome, Destination
from domain.errors import ArgumentRequired, NoPlaceLeft
from domain.needs import Urgency
from domain.offers import Ending, Refusal
from workers.simulator.acts import seeded
from workers.simulator.intake import Answer, Plan, plan_of

#: So long nobody asks a house again that said no, and that didn't pick up the telephone.
_ASKED_AGAIN_AFTER, _CALLED_AGAIN_AFTER = timedelta(days=1), timedelta(hours=1)
_UNSEEN = timedelta(minutes=10)
_CALLED = "Gebeld, omdat het bord het niet zeker weet."
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_LATER = timedelta(hours=12)
#: How often a telephone is picked up on workdays, in the evening and weekend, and at night.
_PICKED_UP = (0.85, 0.6, 0.4)
#: What is regulier is looked at from eight to eight.
_FROM, _TO = 8, 20


@dataclass(eq=False, slots=True)
class Asked:
    """An offer that a house has."""

    id: UUID
    case: Case
    ward: Ward
    plan: Plan


async def offer(
    play: Play,
    case: Case,
    ward: Ward,
    care_type: CareType,
    argument: str | None = None,
    match_id: UUID | None = None,
) -> bool:
    """Asks a house for a place by what the board shows; False: the board moved on meanwhile."""
    round_ = Round([AskedPlace(pool_id=ward.pool_id)], care_type, argument, match_id=match_id)
    offer_id = await _offered(play, case, round_)
    if offer_id is None:
        return False
    await asked(play, case, ward, offer_id)
    return True


async def asked(play: Play, case: Case, ward: Ward, offer_id: UUID) -> None:
    """An offer lies with a house: it will be seen and answered, or not."""
    one, offered_at = await _begun(play, case, ward, offer_id)
    silent = one.plan.answer is Answer.NOTHING
    if case.urgency is Urgency.ACUUT:
        if silent or one.plan.sees_after > _UNSEEN:
            play.plan(offered_at + _UNSEEN + _MINUTE, lambda: _call_unseen(play, one))
        if not silent:
            play.plan(offered_at + one.plan.sees_after, lambda: _see(play, one))
    if not silent:
        answers_at = _at_the_desk(case, offered_at + one.plan.answers_after)
        play.plan(answers_at, lambda: _answer(play, one, ward.house.intake))


async def call(play: Play, case: Case, ward: Ward, match_id: UUID | None = None) -> bool:
    """Phones a house for a place. False: nobody could be asked."""
    now = play.now
    if not await _contact(play, case, ward, None):
        case.ask_again[ward.pool_id] = now + _CALLED_AGAIN_AFTER
        return False
    place = [AskedPlace(pool_id=ward.pool_id)]
    care_type = ward.care_type(case.arrival)
    offer_id = await _offered(play, case, Round(place, care_type, _CALLED, match_id=match_id))
    if offer_id is None:
        return False
    one, _ = await _begun(play, case, ward, offer_id)
    await _hear(play, one)
    return True


async def _begun(play: Play, case: Case, ward: Ward, offer_id: UUID) -> tuple[Asked, datetime]:
    """An offer that was made, and when. The sweeper looks at it when its time is over."""
    case.waits = False
    case.ask_again[ward.pool_id] = play.now + _ASKED_AGAIN_AFTER
    query = "SELECT offered_at, deadline_at FROM offer WHERE id = $1"
    row = await play.container.read(lambda connection: connection.fetchrow(query, offer_id))
    assert row is not None

    async def nobody_answered() -> None:
        _waits(play, case)

    play.watch(offer_id, row["deadline_at"], nobody_answered)
    return Asked(offer_id, case, ward, _plan(play, case, ward)), row["offered_at"]


async def _hear(play: Play, one: Asked) -> None:
    """A house that was phoned says at once that it is full, and calls back with whatever else it says."""
    by = play.region.coordinator
    now = play.now
    if one.ward.can_come(now, now, _latest(one.case, now)) is None:
        await _answer(play, one, by)
        return
    calls_back = _at_the_desk(one.case, now + one.plan.answers_after)
    play.plan(calls_back, lambda: _answer(play, one, by))


def _plan(play: Play, case: Case, ward: Ward) -> Plan:
    """What a house will do with an offer, by its manner."""
    told = {
        "number": case.number,
        "place": {"location_name": ward.house.agb, "pool_name": ward.code},
        "need": {"urgency": case.urgency},
    }
    return plan_of(told, ward.house.agb, ward.house.manner, play.seed)


async def _offered(play: Play, case: Case, round_: Round) -> UUID | None:
    try:
        made = await rounds.offer(play.container, play.region.coordinator, case.id, round_)
    except ArgumentRequired:
        # What fitted a moment ago doesn't any more.
        return None
    play.took(made.done.position)
    return made.offer_ids[0]


async def _contact(play: Play, case: Case, ward: Ward, offer_id: UUID | None) -> bool:
    """Phones a house; whether somebody picks up."""
    now = play.now
    local = now.astimezone(AMSTERDAM)
    night = not 7 <= local.hour < 22
    by_day = local.weekday() < 5 and 8 <= local.hour < 18
    chance = _PICKED_UP[0 if by_day else 2 if night else 1]
    random = seeded(play.seed, "call", case.number, ward.code, f"{local:%d %H}")
    reached = random.random() < chance
    outcome = ContactOutcome.SPOKEN if reached else ContactOutcome.NO_ANSWER
    contact = Contact(
        ContactKind.CALL_OUT, outcome, ward.house.organisation_id, offer_id, seconds=150
    )
    done = await desk.record_contact(play.container, play.region.coordinator, case.id, contact)
    play.took(done.position)
    return reached


async def _call_unseen(play: Play, one: Asked) -> None:
    """The coordinator was told that nobody looked at it, and phones."""
    if play.is_open(one.id) and await _contact(play, one.case, one.ward, one.id):
        await _hear(play, one)


async def _see(play: Play, one: Asked) -> None:
    if play.is_open(one.id):
        _took(play, await offers.see(play.container, one.ward.house.intake, one.id))


async def _answer(play: Play, one: Asked, by: Actor) -> None:
    """The house answers, itself or on the telephone."""
    if not play.is_open(one.id):
        return
    now, plan = play.now, one.plan
    if plan.answer is Answer.NO:
        await _refuse(play, one, by, plan.refusal)
        return
    by_then = _latest(one.case, now)
    wanted = now + plan.admission_in
    if plan.answer is Answer.OTHERWISE and by is not play.region.coordinator:
        later = one.ward.can_come(now, wanted + _LATER, by_then)
        if later is not None:
            await _counter(play, one, later)
            return
    comes_at = one.ward.can_come(now, wanted, by_then)
    if comes_at is None:
        full = one.ward.room < 1
        await _refuse(play, one, by, Refusal.GEEN_PLEK if full else Refusal.TE_LAAT_GEVRAAGD)
        return
    doctor = plan.answer is Answer.IF_DOCTOR_AGREES and by is not play.region.coordinator
    given = Acceptance(doctor, comes_at)
    try:
        done = await acceptances.accept(play.container, by, one.id, given)
    except NoPlaceLeft:
        # The house knows better than what it posted last.
        given = Acceptance(doctor, comes_at, over_free=True)
        done = await acceptances.accept(play.container, by, one.id, given)
    _took(play, done)
    _promised(play, one, comes_at, doctor=doctor)


async def _refuse(play: Play, one: Asked, by: Actor, refusal: Refusal) -> None:
    _took(play, await answers.refuse(play.container, by, one.id, refusal))
    play.settled(one.id)
    _waits(play, one.case)


async def _counter(play: Play, one: Asked, later: datetime) -> None:
    """Proposes another moment; the coordination point takes it when that is in time."""
    given = Counter(admission_at=later)
    done = await answers.counter(play.container, one.ward.house.intake, one.id, given)
    _took(play, done)

    async def decide() -> None:
        if not play.is_open(one.id):
            return
        # Somebody else may have come meanwhile: nothing was promised.
        still = one.ward.can_come(play.now, later, later)
        agreed = still is not None and later <= one.case.target_at
        decided = await decisions.decide_counter(
            play.container, play.region.coordinator, one.id, agreed=agreed
        )
        _took(play, decided)
        if agreed:
            _promised(play, one, later, doctor=False)
        else:
            play.settled(one.id)
            _waits(play, one.case)

    play.plan(play.now + 5 * _MINUTE, decide)


def _promised(play: Play, one: Asked, comes_at: datetime, *, doctor: bool) -> None:
    """A place is promised; it may be taken back before somebody comes."""
    play.settled(one.id)
    one.ward.promised.add(one.id)
    now, plan = play.now, one.plan
    if doctor:
        answers_at = now + plan.doctor_after
        comes_at = max(comes_at, answers_at + _MINUTE)
        play.plan(answers_at, lambda: _hear_doctor(play, one))
    if plan.takes_back_after is not None and now + plan.takes_back_after < comes_at:
        play.plan(now + plan.takes_back_after, lambda: _take_back(play, one))
    play.plan(comes_at, lambda: _admit(play, one))


async def _hear_doctor(play: Play, one: Asked) -> None:
    if one.id not in one.ward.promised:
        return
    agreed = one.plan.doctor_agrees
    done = await decisions.hear_doctor(play.container, one.ward.house.intake, one.id, agreed=agreed)
    _took(play, done)
    if not agreed:
        one.ward.promised.discard(one.id)
        _waits(play, one.case)


async def _take_back(play: Play, one: Asked) -> None:
    if one.id not in one.ward.promised:
        return
    done = await decisions.release(
        play.container, one.ward.house.intake, one.id, Ending.AANBIEDER_KAN_NIET
    )
    _took(play, done)
    one.ward.promised.discard(one.id)
    _waits(play, one.case)


async def _admit(play: Play, one: Asked) -> None:
    if one.id not in one.ward.promised:
        return
    leaves = leaves_at(
        one.ward.care_type(one.case.arrival), play.now, stay_random(play.seed, one.case.number)
    )
    day = leaves.astimezone(AMSTERDAM).date()
    intake = one.ward.house.intake
    _took(play, await stays.admit(play.container, intake, one.id, Arrival(None, day)))
    one.ward.promised.discard(one.id)
    one.ward.come(leaves)
    one.case.ended = True

    async def leave() -> None:
        one.ward.left(leaves)
        _took(
            play,
            await stays.discharge(play.container, intake, one.case.id, None, Destination.THUIS),
        )

    play.plan(leaves, leave)


def _waits(play: Play, case: Case) -> None:
    case.waits = True
    play.way.waits(play, case)


def _took(play: Play, done: Done) -> None:
    play.took(done.position)


def _latest(case: Case, now: datetime) -> datetime:
    """Until when somebody may come: a day late is better than not at all."""
    return max(case.target_at, now) + _DAY


def _at_the_desk(case: Case, at: datetime) -> datetime:
    """That moment, or when the desk opens for what is regulier."""
    local = at.astimezone(AMSTERDAM)
    if case.urgency is not Urgency.REGULIER or _FROM <= local.hour < _TO:
        return at
    opens = local.replace(hour=_FROM, minute=local.minute // 2)
    return opens if local.hour < _FROM else opens + _DAY
