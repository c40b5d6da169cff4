"""Admission at its actual time, and discharge planned from day one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db import offers as offer_rows
from app.db import waits
from app.db.cases import Case
from app.db.tables import OfferRow, StayRow
from app.services.referrals import appointments, endings, places
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, require
from domain.actors import Action, Actor
from domain.alerts import AlertKind
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.cases import Closure, Destination, Payer
from domain.errors import InvalidInput, NotFound, WrongState
from domain.observations import check_day
from domain.offers import OfferState
from domain.referrals import ReferralState, Step

S = ReferralState
Do = Callable[[Act, Case], Awaitable[UUID | None]]

_ZVW = frozenset(
    {CareType.ELV_LAAG, CareType.ELV_HOOG, CareType.ELV_PALLIATIEF, CareType.GRZ}
    | {CareType.WIJKVERPLEGING, CareType.SPOEDCONSULT_SO}
)
_WLZ = frozenset({CareType.WLZ_VV, CareType.WLZ_TIJDELIJK, CareType.WLZ_CRISIS})


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came. temporary: it waits there for the preferred place, and the search goes on."""

    admitted_at: datetime | None = None
    expected_discharge: date | None = None
    temporary: bool = False


async def admit(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    given: Arrival,
    *,
    address: str | None = None,
) -> Done:
    """Records an admission, or a start of home nursing, with its actual time.

    Raises NotFound, OfferEnded, WrongState and InvalidInput.
    """

    async def do(act: Act, case: Case) -> UUID:
        return await admitted(act, case, appointments.promise_of(case, offer_id), given)

    return await appointments.at_the_door(container, actor, offer_id, do, address)


async def expect_discharge(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    expected: date | None,
    *,
    address: str | None = None,
) -> Done:
    """Says, or says anew, when somebody is expected to leave. Raises NotFound, InvalidInput."""

    async def do(act: Act, case: Case) -> UUID:
        stay = stay_of(case)
        check_day(expected, act.now.astimezone(AMSTERDAM).date(), "/expected")
        before, stay.expected_discharge = stay.expected_discharge, expected
        if stay.pool_id is not None:
            await places.expect_discharge(
                act.work, act.person, act.places[stay.pool_id], stay.bed_id, expected
            )
        act.work.session.add(stay)
        act.step(
            case,
            Step.DISCHARGE_EXPECTED,
            data={"before": _day(before), "expected": _day(expected)},
        )
        return stay.id

    return await _in_the_house(container, actor, referral_id, do, address)


async def ready(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    ready_at: datetime | None,
    awaited: CareType | None,
    *,
    address: str | None = None,
) -> Done:
    """Somebody may leave, and waits for this type of care. Raises NotFound and InvalidInput."""

    async def do(act: Act, case: Case) -> UUID:
        stay = stay_of(case)
        stay.ready_at = _actual(ready_at, act, "/ready_at", stay.admitted_at)
        stay.awaited_type = awaited
        act.work.session.add(stay)
        act.step(
            case,
            Step.DISCHARGE_READY,
            data={"ready_at": stay.ready_at.isoformat(), "awaited": awaited},
        )
        return stay.id

    return await _in_the_house(container, actor, referral_id, do, address)


async def discharge(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    left_at: datetime | None,
    destination: Destination,
    *,
    address: str | None = None,
) -> Done:
    """Somebody left: the place counts at once. Raises NotFound, WrongState and InvalidInput."""

    async def do(act: Act, case: Case) -> UUID:
        stay = stay_of(case)
        await left(
            act, case, stay, _actual(left_at, act, "/left_at", stay.admitted_at), destination
        )
        temporary = stay.temporary
        to = S.AFGESLOTEN if S(case.referral.state) is S.OPGENOMEN else None
        act.step(
            case,
            Step.DISCHARGED,
            to=to,
            reason=destination,
            data={"left_at": stay.left_at.isoformat() if stay.left_at else None},
        )
        if not temporary:
            endings.end(act, case, Closure.VERTROKKEN)
        return stay.id

    return await _in_the_house(container, actor, referral_id, do, address)


async def keep(
    container: Container, actor: Actor, referral_id: UUID, *, address: str | None = None
) -> Done:
    """Somebody stays where they waited: the search ends there. Raises NotFound and WrongState."""

    async def do(act: Act, case: Case) -> UUID:
        stay = stay_of(case)
        act.step(case, Step.STAY_KEPT, to=S.OPGENOMEN)
        act.end_claims(case)
        stay.temporary = False
        act.work.session.add(stay)
        case.referral.care_type_placed = stay.care_type
        return stay.id

    return await acting(container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address)


async def admitted(act: Act, case: Case, row: OfferRow, given: Arrival) -> UUID:
    """Somebody came; whoever waited elsewhere leaves there at that moment. Pools are locked."""
    at = _actual(given.admitted_at, act, "/admitted_at", row.offered_at)
    check_day(given.expected_discharge, at.astimezone(AMSTERDAM).date(), "/expected_discharge")
    assert row.promised_at is not None
    before = case.stay
    if before is not None:
        await left(act, case, before, max(at, before.admitted_at), _destination(row.care_type))
        # The old stay ends before the new one begins, for the database too.
        await act.work.session.flush()
    if row.pool_id is not None:
        await places.admit(
            act.work,
            act.person,
            act.places[row.pool_id],
            row.bed_id,
            row.promised_at,
            at,
            given.expected_discharge,
        )
    row.state, row.ended_at = OfferState.OPGENOMEN, act.now
    care_type = CareType(row.care_type)
    stay = StayRow(
        referral_id=case.id,
        offer_id=row.id,
        provider_id=row.provider_id,
        pool_id=row.pool_id,
        bed_id=row.bed_id,
        team_id=row.team_id,
        care_type=care_type,
        temporary=given.temporary,
        payer=_payer(care_type),
        admitted_at=at,
        recorded_at=act.now,
        expected_discharge=given.expected_discharge,
    )
    await act.work.add(stay)
    case.stay = stay
    await waits.end_waits(act.work, case.id, at, Step.ADMITTED)
    days = act.norms.review_days.get(care_type)
    case.referral.review_at = at + timedelta(days=days) if days is not None else None
    case.referral.payer = stay.payer
    # Whoever is placed, if only for a while, isn't between the cracks any more.
    case.referral.no_place_since = case.referral.target_group = None
    if not given.temporary:
        case.referral.care_type_placed = care_type
    act.step(
        case,
        Step.ADMITTED,
        offer=row,
        to=S.TIJDELIJK_GEPLAATST if given.temporary else S.OPGENOMEN,
        data={
            "admitted_at": at.isoformat(),
            "care_type": care_type,
            "expected_discharge": _day(given.expected_discharge),
            "temporary": given.temporary,
        },
    )
    return stay.id


async def left(
    act: Act, case: Case, stay: StayRow, left_at: datetime, destination: Destination
) -> None:
    """A stay ends; its pool is locked."""
    stay.left_at, stay.destination = left_at, destination
    if stay.pool_id is not None:
        await places.leave(act.work, act.person, act.places[stay.pool_id], stay.bed_id, left_at)
    act.work.session.add(stay)
    case.stay = None
    case.referral.review_at = None


async def wlz_decided(act: Act, case: Case) -> None:
    """A Wlz decision during a stay that the Zvw pays changes the payer: flagged, and with a contract
    of the zorgkantoor the stay goes on as Wlz."""
    stay = case.stay
    if stay is None or CareType(stay.care_type) not in _ZVW or stay.pool_id is None:
        return
    act.raise_alert(case, AlertKind.BETALER_WIJZIGT)
    if await offer_rows.has_wlz_contract(act.work, stay.pool_id):
        stay.payer = case.referral.payer = Payer.WLZ
        act.work.session.add(stay)
    else:
        act.raise_alert(case, AlertKind.GEEN_WLZ_CONTRACT)


def stay_of(case: Case) -> StayRow:
    """The stay that goes on. Raises WrongState when there is none."""
    if case.stay is None:
        raise WrongState(Step.DISCHARGED, case.referral.state)
    return case.stay


def require_house(actor: Actor, case: Case) -> None:
    """Raises NotFound unless the caller has the referral in hand, or the person in its house."""
    stay = case.stay
    own = stay is not None and stay.provider_id == actor.organisation_id
    owner = actor.organisation_id if own else case.referral.owner_id
    require(actor, Action.OFFER_ANSWER, case.referral.region_id, owner)
    if not own and owner != actor.organisation_id:
        raise NotFound


def _actual(at: datetime | None, act: Act, pointer: str, earliest: datetime) -> datetime:
    """When something really happened: by default when the act tells of it, never in the future."""
    found = at or act.at
    if found > act.now:
        raise InvalidInput("Dit tijdstip ligt in de toekomst.", pointer)
    if found < earliest:
        raise InvalidInput("Dit tijdstip ligt te ver terug.", pointer)
    return found


def _payer(care_type: CareType) -> Payer:
    if care_type in _WLZ:
        return Payer.WLZ
    return Payer.ZVW if care_type in _ZVW else Payer.ONBEPAALD


def _destination(care_type: str) -> Destination:
    """Where somebody goes who was waiting for this type of care."""
    match CareType(care_type):
        case CareType.WIJKVERPLEGING:
            return Destination.THUIS
        case CareType.GRZ:
            return Destination.GRZ
        case CareType.HOSPICE:
            return Destination.HOSPICE
        case CareType.ELV_LAAG | CareType.ELV_HOOG | CareType.ELV_PALLIATIEF:
            return Destination.ELV
        case CareType.WLZ_VV | CareType.WLZ_TIJDELIJK | CareType.WLZ_CRISIS:
            return Destination.WLZ_PLAATS
        case CareType.GGZ_CRISIS:
            return Destination.GGZ
        case _:
            return Destination.ELDERS


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


async def _in_the_house(
    container: Container, actor: Actor, referral_id: UUID, do: Do, address: str | None
) -> Done:
    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        referral_id,
        do,
        address=address,
        may_do=lambda case: require_house(actor, case),
        pools=endings.pools_of_stay,
    )
