"""Hand-over between coordination points, also across regions: the sender owns it until accepted."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from app.container import Container
from app.db import registers
from app.db.cases import Case, find_handover
from app.db.idempotency import Request
from app.db.norms import norms_in
from app.db.tables import HandoverRow
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import endings, needs
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, check_seeking, require
from domain.actors import Action, Actor, OrganisationKind
from domain.alerts import AlertKind
from domain.cases import HandoverReason, HandoverState, TextKind
from domain.errors import AlreadyExists, InvalidInput, Problem, WrongState
from domain.events import Kind
from domain.identifiers import RegionId
from domain.offers import Ending, OfferState
from domain.referrals import ReferralState, Step

S = ReferralState


async def hand_over(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    to_id: UUID,
    reason: HandoverReason,
    text: str | None = None,
    request: Request | None = None,
    *,
    region_id: RegionId | None = None,
    address: str | None = None,
) -> Done:
    """Offers a referral to another coordination point. region_id: for one that works in several.

    Raises NotFound, WrongState (a place is promised, or somebody is staying somewhere),
    AlreadyExists (offered already) and InvalidInput.
    """

    async def do(act: Act, case: Case) -> UUID:
        referral = case.referral
        if case.handover is not None:
            raise AlreadyExists("Deze aanmelding wordt al overgedragen.")
        check_seeking(case, Step.HANDOVER_OFFERED)
        if case.stay is not None:
            raise WrongState(Step.HANDOVER_OFFERED, referral.state)
        region = await _region_of(act, to_id, referral.owner_id, region_id)
        row = HandoverRow(
            referral_id=case.id,
            from_id=referral.owner_id,
            from_region_id=referral.region_id,
            to_id=to_id,
            to_region_id=region,
            state=HandoverState.AANGEBODEN,
            version=0,
            reason=reason,
            offered_at=act.at,
        )
        await act.work.add(row)
        case.handover = row
        act.touch_handover(case, row)
        act.clear_alerts(case, {AlertKind.OVERDRACHT_GEWEIGERD})
        act.step(
            case,
            Step.HANDOVER_OFFERED,
            reason=reason,
            data={"handover": str(row.id), "to": str(to_id)},
            text=(TextKind.NOTE, text),
        )
        return row.id

    return await acting(
        container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address, request=request
    )


async def accept(
    container: Container, actor: Actor, handover_id: UUID, *, address: str | None = None
) -> Done:
    """Takes a referral over: whoever still was asked is told no, and triage begins anew.

    Raises NotFound and WrongState (withdrawn meanwhile, or a place was promised).
    """

    async def do(act: Act, case: Case, row: HandoverRow) -> None:
        referral = case.referral
        old_region, old_owner = referral.region_id, referral.owner_id
        row.state, row.ended_at = HandoverState.GEACCEPTEERD, act.now
        act.touch_handover(case, row)
        case.handover = None
        act.step(
            case,
            Step.HANDOVER_ACCEPTED,
            to=S.OVERGEDRAGEN,
            reason=row.reason,
            data={"handover": str(row.id), "from": str(row.from_id), "to": str(row.to_id)},
        )
        for offer in case.open_offers:
            act.end_offer(case, offer, OfferState.INGETROKKEN, Ending.OVERGEDRAGEN)
        act.end_claims(case)
        act.work.touch(Kind.REFERRAL, referral.id, old_region, old_owner)
        if row.to_region_id != old_region:
            act.work.touch(Kind.REFERRAL_STATUS, referral.id, old_region, referral.requested_by_id)
            act.norms, act.norms_version = await norms_in(act.work, RegionId(row.to_region_id))
        referral.owner_id, referral.region_id = row.to_id, row.to_region_id
        referral.handler_id, referral.handler_name = act.by, act.person.name
        referral.handler_since = act.at
        referral.needs_triage, referral.next_targets = True, None
        target = referral.target_at
        needs.start_clocks(act, case)
        # One case: what was promised to somebody in need isn't put off by handing it over.
        referral.target_at = target
        for alert in case.alerts:
            alert.owner_id, alert.region_id = row.to_id, row.to_region_id
            act.work.session.add(alert)

    return await _answering(container, actor, handover_id, Step.HANDOVER_ACCEPTED, do, address)


async def refuse(
    container: Container,
    actor: Actor,
    handover_id: UUID,
    text: str | None = None,
    *,
    address: str | None = None,
) -> Done:
    """Declines; the sender is told, and keeps the referral. Raises NotFound and WrongState."""

    async def do(act: Act, case: Case, row: HandoverRow) -> None:
        row.state, row.ended_at = HandoverState.GEWEIGERD, act.now
        act.touch_handover(case, row)
        case.handover = None
        act.step(
            case,
            Step.HANDOVER_REFUSED,
            to=S(case.referral.state),
            data={"handover": str(row.id)},
            text=(TextKind.NOTE, text),
        )
        act.raise_alert(case, AlertKind.OVERDRACHT_GEWEIGERD, data={"by": str(row.to_id)})

    return await _answering(container, actor, handover_id, Step.HANDOVER_REFUSED, do, address)


async def withdraw(
    container: Container, actor: Actor, handover_id: UUID, *, address: str | None = None
) -> Done:
    """Takes a hand-over back before anybody accepted. Raises NotFound and WrongState."""

    async def do(act: Act, case: Case, _: HandoverRow) -> None:
        endings.withdraw_handover(act, case)

    return await _answering(container, actor, handover_id, Step.HANDOVER_WITHDRAWN, do, address)


async def _region_of(act: Act, to_id: UUID, owner_id: UUID, region_id: RegionId | None) -> RegionId:
    """The region that a coordination point takes a referral over in."""
    if to_id == owner_id:
        raise InvalidInput("De aanmelding is al van dit coördinatiepunt.", "/to")
    try:
        organisation = await registers.get_organisation(act.work, to_id)
    except Problem:
        raise InvalidInput("Dit coördinatiepunt bestaat niet (meer).", "/to") from None
    regions = await registers.regions_of(act.work, to_id)
    if organisation.kind != OrganisationKind.COORDINATION_POINT or not regions:
        raise InvalidInput("Alleen een coördinatiepunt kan een aanmelding overnemen.", "/to")
    if region_id is None:
        return regions[0]
    if region_id not in regions:
        raise InvalidInput("Dit coördinatiepunt werkt niet in deze regio.", "/region_id")
    return region_id


async def _answering(
    container: Container,
    actor: Actor,
    handover_id: UUID,
    step: Step,
    do: Callable[[Act, Case, HandoverRow], Awaitable[None]],
    address: str | None,
) -> Done:
    """Answers a hand-over, as who got it offered, or withdraws it, as who offered it.

    Either may know how it ended. Raises NotFound for others, and WrongState with how it ended.
    """
    found: list[HandoverRow] = []

    async def find(work: UnitOfWork) -> UUID:
        found[:] = [await find_handover(work, handover_id)]
        return found[0].referral_id

    def may_do(_: Case) -> None:
        row = found[0]
        if step is Step.HANDOVER_WITHDRAWN:
            require(actor, Action.REFERRAL_WRITE, row.from_region_id, row.from_id)
        else:
            require(actor, Action.REFERRAL_WRITE, row.to_region_id, row.to_id)

    async def decide(act: Act, case: Case) -> UUID:
        if case.handover is None or case.handover.id != handover_id:
            # The referral's lock is held, so that this is how it ended.
            await act.work.session.refresh(found[0])
            raise WrongState(step, found[0].state)
        await do(act, case, case.handover)
        return handover_id

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        find,
        decide,
        address=address,
        may_do=may_do,
    )
