"""The opnameafspraak: when somebody comes and what is settled for it; and that they did not come."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.container import Container
from app.db.cases import Case
from app.db.tables import OfferRow
from app.services.referrals import answers, endings, offers
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting
from domain.actors import Action, Actor
from domain.cases import TextKind
from domain.errors import InvalidInput, OfferEnded
from domain.offers import Ending, OfferState
from domain.referrals import ReferralState, Step

S = ReferralState
Do = Callable[[Act, Case], Awaitable[UUID | None]]

#: What an opnameafspraak settles, each yes or no.
APPOINTMENT = (
    *("transport", "medication_list", "medication_supply", "aids", "uitvoeringsverzoek"),
    *("treatment_limits", "doctors_spoke", "nursing_handover"),
)


@dataclass(frozen=True, slots=True)
class Appointment:
    """When somebody comes and what is settled. contact: who is responsible and who to call, as text."""

    admission_at: datetime
    settled: Mapping[str, bool] = field(default_factory=dict)
    contact: str | None = None


async def appoint(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    given: Appointment,
    *,
    address: str | None = None,
) -> Done:
    """Makes or changes the opnameafspraak. Raises NotFound, OfferEnded, WrongState and InvalidInput."""

    async def do(act: Act, case: Case) -> UUID:
        appointed(act, case, promise_of(case, offer_id), given)
        return offer_id

    return await at_the_door(container, actor, offer_id, do, address)


async def not_arrived(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    *,
    expected_at: datetime | None,
    text: str | None = None,
    address: str | None = None,
) -> Done:
    """Records that somebody didn't come. expected_at: when instead; None: the place is given back.

    Raises NotFound, OfferEnded, WrongState and InvalidInput.
    """

    async def do(act: Act, case: Case) -> UUID:
        row = promise_of(case, offer_id)
        await stayed_away(container, act, case, row, expected_at, text)
        return offer_id

    return await at_the_door(container, actor, offer_id, do, address)


def appointed(act: Act, case: Case, row: OfferRow, given: Appointment) -> None:
    """The opnameafspraak of a promise."""
    for name in given.settled:
        if name not in APPOINTMENT:
            raise InvalidInput("Dit onderdeel van de opnameafspraak kennen we niet.", f"/{name}")
    row.admission_at = answers.check_admission(given.admission_at, act.at)
    row.appointment = {name: bool(given.settled.get(name, False)) for name in APPOINTMENT}
    act.step(
        case,
        Step.APPOINTED,
        offer=row,
        data={"admission_at": given.admission_at.isoformat(), "settled": row.appointment},
        text=(TextKind.APPOINTMENT, given.contact),
    )


async def stayed_away(
    container: Container,
    act: Act,
    case: Case,
    row: OfferRow,
    expected_at: datetime | None,
    text: str | None,
) -> None:
    """Somebody didn't come."""
    if expected_at is not None:
        row.admission_at = answers.check_admission(expected_at, act.at, "/expected_at")
        act.step(
            case,
            Step.NOT_ARRIVED,
            offer=row,
            to=S(case.referral.state),
            data={"expected_at": expected_at.isoformat()},
            text=(TextKind.NOTE, text),
        )
        return
    act.say(case, TextKind.NOTE, text, row.id)
    act.end_offer(case, row, OfferState.LOSGELATEN, Ending.NIET_AANGEKOMEN, Step.NOT_ARRIVED)
    await answers.round_over(container, act, case)


def promise_of(case: Case, offer_id: UUID) -> OfferRow:
    """The promised offer with this id. Raises NotFound and OfferEnded."""
    row = case.offer(offer_id)
    if row.state != OfferState.TOEGEZEGD:
        raise OfferEnded(row.state, row.refusal or row.ending, row.ended_at)
    return row


async def at_the_door(
    container: Container, actor: Actor, offer_id: UUID, do: Do, address: str | None
) -> Done:
    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        offers.finder(offer_id),
        do,
        address=address,
        may_do=lambda case: offers.require_provider(actor, case, offer_id, Action.OFFER_ANSWER),
        pools=lambda case: (*offers.pools_of(case.offer(offer_id)), *endings.pools_of_stay(case)),
    )
