"""The desk of a coordination point: take a case, call back, note, count a call, wait for care, review."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from app.container import Container
from app.db.cases import Case
from app.db.idempotency import Request
from app.db.tables import AlertRow, ContactRow, WaitRow
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import needs, stays
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, require
from domain.actors import Action, Actor
from domain.alerts import AlertKind
from domain.care_types import CareType
from domain.cases import CizStatus, ContactKind, ContactOutcome, TextKind
from domain.errors import AlreadyExists, InvalidInput, NotFound
from domain.referrals import Step

_FARTHEST = timedelta(days=366)


async def take(
    container: Container, actor: Actor, referral_id: UUID, *, address: str | None = None
) -> Done:
    """Takes a referral in hand, from nobody or from a colleague. Raises NotFound and WrongState."""

    async def do(act: Act, case: Case) -> None:
        referral = case.referral
        before = referral.handler_id
        referral.handler_id, referral.handler_name = act.by, act.person.name
        referral.handler_since = act.at
        act.step(case, Step.TAKEN, data={"from": str(before) if before else None})

    return await acting(container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address)


async def leave(
    container: Container, actor: Actor, referral_id: UUID, *, address: str | None = None
) -> Done:
    """Puts a referral back for whoever takes it: the watchdog sees that somebody does."""

    async def do(act: Act, case: Case) -> None:
        referral = case.referral
        referral.handler_id = referral.handler_name = None
        referral.handler_since = act.at
        act.step(case, Step.TAKEN, data={"from": str(act.by), "to": None})

    return await acting(container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address)


async def call_back(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    at: datetime | None,
    text: str | None = None,
    *,
    address: str | None = None,
) -> Done:
    """Sets when somebody is to be called back, None: was done. Raises NotFound, InvalidInput."""

    async def do(act: Act, case: Case) -> None:
        if at is not None and not act.now - timedelta(minutes=5) <= at <= act.now + _FARTHEST:
            raise InvalidInput("Dit tijdstip kan niet.", "/at")
        case.referral.call_back_at = at
        act.step(
            case,
            Step.CALL_BACK_SET,
            data={"at": at.isoformat() if at else None},
            text=(TextKind.NOTE, text),
        )

    return await acting(container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address)


async def note(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    text: str,
    request: Request | None = None,
    *,
    address: str | None = None,
) -> Done:
    """Writes something down with a referral. Raises NotFound and InvalidInput."""

    async def do(act: Act, case: Case) -> UUID:
        if not text.strip():
            raise InvalidInput("Schrijf iets op.", "/text")
        return act.step(case, Step.NOTED, text=(TextKind.NOTE, text))

    return await acting(
        container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address, request=request
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """A call, or a try at one. With whom: an organisation, about an offer or the referral itself."""

    kind: ContactKind
    outcome: ContactOutcome
    organisation_id: UUID | None = None
    offer_id: UUID | None = None
    started_at: datetime | None = None
    seconds: int | None = None
    text: str | None = None


async def record_contact(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    contact: Contact,
    request: Request | None = None,
    *,
    address: str | None = None,
) -> Done:
    """Keeps what the call button was used for. Raises NotFound and InvalidInput."""

    async def do(act: Act, case: Case) -> UUID:
        return await contacted(act, case, contact)

    return await acting(
        container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address, request=request
    )


async def contacted(act: Act, case: Case, contact: Contact) -> UUID:
    """Keeps a contact; spoken with whoever hadn't looked at an acuut offer, that alarm is answered."""
    started = contact.started_at or act.at
    if started > act.now or started < act.now - timedelta(days=31):
        raise InvalidInput("Dit tijdstip kan niet.", "/started_at")
    offer = case.offer(contact.offer_id) if contact.offer_id is not None else None
    if contact.organisation_id is not None:
        await needs.check_organisation(act.work, contact.organisation_id, "/organisation_id")
    row = ContactRow(
        referral_id=case.id,
        offer_id=contact.offer_id,
        organisation_id=contact.organisation_id or (offer.provider_id if offer else None),
        kind=contact.kind,
        outcome=contact.outcome,
        started_at=started,
        seconds=contact.seconds,
        by=act.by,
    )
    await act.work.add(row)
    if offer is not None and contact.outcome is ContactOutcome.SPOKEN:
        act.clear_alerts(case, {AlertKind.ACUUT_NIET_GEZIEN}, offer)
    act.step(
        case,
        Step.CONTACTED,
        offer=None,
        data={"kind": contact.kind, "outcome": contact.outcome, "contact": str(row.id)},
        text=(TextKind.NOTE, contact.text),
    )
    return row.id


async def begin_wait(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    care_type: CareType,
    since: datetime,
    *,
    address: str | None = None,
) -> Done:
    """Ontslagklaar since, for a type of care. Raises NotFound, AlreadyExists and InvalidInput."""

    async def do(act: Act, case: Case) -> None:
        if await _wait(act, case, care_type) is not None:
            raise AlreadyExists("Voor deze zorgsoort loopt de klok al.")
        needs.begin_wait(act, case, care_type, since)

    return await acting(container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address)


async def end_wait(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    care_type: CareType,
    until: datetime,
    *,
    address: str | None = None,
) -> Done:
    """Ends the wrong-bed clock for a type of care. Raises NotFound and InvalidInput."""

    async def do(act: Act, case: Case) -> None:
        row = await _wait(act, case, care_type)
        if row is None:
            raise NotFound
        if not row.since <= until <= act.now:
            raise InvalidInput("Dit tijdstip kan niet.", "/until")
        row.until = until
        act.work.session.add(row)
        act.step(
            case,
            Step.WAIT_ENDED,
            data={"care_type": care_type, "until": until.isoformat()},
        )

    return await acting(container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address)


@dataclass(frozen=True, slots=True)
class WlzFact:
    """Where the application for a Wlz indication is, and what was decided when."""

    status: CizStatus
    decided_on: date | None = None
    profile: str | None = None


async def record_wlz(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    fact: WlzFact,
    *,
    address: str | None = None,
) -> Done:
    """Records CIZ's part, by the coordination point or by the house somebody stays in.

    A decision during a stay that the Zvw pays changes the payer, which is flagged. Raises NotFound
    and InvalidInput.
    """

    async def do(act: Act, case: Case) -> None:
        if (fact.status is CizStatus.AANGEVRAAGD) == (fact.decided_on is not None):
            raise InvalidInput("Een besluit heeft een datum, een aanvraag niet.", "/decided_on")
        if fact.decided_on is not None and fact.decided_on > act.now.date() + timedelta(days=1):
            raise InvalidInput("Deze datum ligt in de toekomst.", "/decided_on")
        referral = case.referral
        referral.ciz_status, referral.wlz_decided_on = fact.status, fact.decided_on
        referral.wlz_profile = fact.profile
        act.step(
            case,
            Step.WLZ_RECORDED,
            data={
                "status": fact.status,
                "decided_on": fact.decided_on.isoformat() if fact.decided_on else None,
                "profile": fact.profile,
            },
        )
        if fact.status is CizStatus.AFGEGEVEN:
            await stays.wlz_decided(act, case)

    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        referral_id,
        do,
        address=address,
        may_do=lambda case: stays.require_house(actor, case),
    )


async def review(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    next_at: datetime | None,
    text: str | None = None,
    *,
    address: str | None = None,
) -> Done:
    """A review was held; next_at: the next one. Raises NotFound and InvalidInput."""

    async def do(act: Act, case: Case) -> None:
        if next_at is not None and not act.now <= next_at <= act.now + _FARTHEST:
            raise InvalidInput("Dit tijdstip kan niet.", "/next_at")
        case.referral.review_at = next_at
        act.step(
            case,
            Step.REVIEWED,
            data={"next_at": next_at.isoformat() if next_at else None},
            text=(TextKind.NOTE, text),
        )

    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        referral_id,
        do,
        address=address,
        may_do=lambda case: stays.require_house(actor, case),
    )


async def take_alert(
    container: Container, actor: Actor, alert_id: UUID, *, address: str | None = None
) -> None:
    """Says who takes an alert up ("ik pak dit op"). Raises NotFound; taken already, it stays so."""

    async def act(work: UnitOfWork) -> None:
        query = select(AlertRow).where(col(AlertRow.id) == alert_id).with_for_update(key_share=True)
        row = (await work.session.exec(query)).one_or_none()
        if row is None or row.cleared_at is not None:
            raise NotFound
        # One about capacity is for every coordination point of its region.
        if row.owner_id is None and row.region_id not in actor.regions:
            raise NotFound
        require(actor, Action.REFERRAL_WRITE, row.region_id, row.owner_id or actor.organisation_id)
        if row.taken_by is None:
            row.taken_by, row.taken_at = actor.id, work.now
            work.session.add(row)
            work.audit(
                actor,
                Action.REFERRAL_WRITE,
                "alert",
                alert_id,
                address=address,
                purpose="referral",
            )
        await work.commit()

    await container.act(act)


async def _wait(act: Act, case: Case, care_type: CareType) -> WaitRow | None:
    query = select(WaitRow).where(
        col(WaitRow.referral_id) == case.id,
        col(WaitRow.care_type) == care_type,
        col(WaitRow.until).is_(None),
    )
    return (await act.work.session.exec(query)).one_or_none()
