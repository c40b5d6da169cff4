"""A referral comes in: filed by a referrer, typed for a caller, drafted first, or following another."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db import referrals, registers
from app.db.cases import Case, lock_cases, next_number
from app.db.idempotency import Request, once
from app.db.tables import ReferralRow
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import direct, needs
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, begin, done, finish, require
from domain.actors import Action, Actor, Role
from domain.alerts import AlertKind
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.cases import INTAKE_TEXTS, Route, TextKind
from domain.errors import InvalidInput
from domain.identifiers import RegionId
from domain.matching.wishes import MOST_ORGANISATIONS, NO_WISHES, Wishes
from domain.needs import Need, Urgency
from domain.next_actions import NextAction, Party
from domain.referrals import ReferralState, Step


@dataclass(frozen=True, slots=True)
class Intake:
    """What is asked when a referral comes in, and no more.

    texts: of INTAKE_TEXTS, each optional; the callback is a telephone number. requested_by_id: on whose
    behalf, None for a caller whose organisation isn't known here. first_contact_at: when the
    first call came; None: now. draft: kept, and nobody has to act yet.
    """

    need: Need
    urgency: Urgency
    texts: Mapping[TextKind, str] = field(default_factory=dict)
    care_type_asked: CareType | None = None
    requested_by_id: UUID | None = None
    route: Route = Route.API
    first_contact_at: datetime | None = None
    draft: bool = False
    wishes: Wishes = NO_WISHES
    team_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.team_id is None:
            return
        if self.care_type_asked is not CareType.WIJKVERPLEGING:
            raise InvalidInput("Een team hoort bij een aanmelding voor wijkverpleging.", "/team_id")
        if self.draft:
            raise InvalidInput("Noem het team als u de aanmelding indient.", "/team_id")


async def file(
    container: Container,
    actor: Actor,
    intake: Intake,
    request: Request | None = None,
    *,
    region_id: RegionId | None = None,
    address: str | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Takes a referral in. With `request`, doing it again makes no second one.

    A coordinator's belongs to its own coordination point and is its own to handle; a referrer's to
    the point that serves the postcode. region_id: for who works in several. Raises InvalidInput,
    NotAllowed, IdempotencyMismatch and TeamUnfit.
    """
    require(actor, Action.REFERRAL_FILE, 0, actor.organisation_id)
    if actor.role is Role.REFERRER and intake.requested_by_id is None:
        # What nobody else asked for is followed, and withdrawn, by who filed it.
        intake = replace(intake, requested_by_id=actor.organisation_id)

    async def act(work: UnitOfWork) -> Done:
        region, owner_id = await owner_of(work, actor, intake, region_id)
        begun = await begin(work, actor, region, address, happened_at)
        made: dict[str, Case] = {}

        async def create() -> dict[str, str]:
            case = await open_case(begun, region, owner_id, intake)
            if intake.team_id is not None:
                await direct.ask_team(container, begun, case, intake.team_id)
            made["case"] = case
            return {"id": str(case.id)}

        answer, repeated = await once(work, request, create)
        referral_id = UUID(answer["id"])
        if repeated:
            case = (await lock_cases(work, [referral_id]))[referral_id]
            return await as_it_is(work, case)
        work.audit(
            actor,
            Action.REFERRAL_FILE,
            "referral",
            referral_id,
            address=address,
            purpose="referral",
        )
        positions = await finish(begun, [made["case"]])
        return done(made["case"], None, positions, begun.now)

    return await container.act(act)


async def submit(
    container: Container, actor: Actor, referral_id: UUID, *, address: str | None = None
) -> Done:
    """Files what was drafted. Raises NotFound and WrongState."""

    async def do(act: Act, case: Case) -> None:
        await filed(act, case)

    return await acting(
        container,
        actor,
        Action.REFERRAL_FILE,
        referral_id,
        do,
        address=address,
        may_do=lambda case: needs.require_party(actor, Action.REFERRAL_FILE, case),
    )


@dataclass(frozen=True, slots=True)
class Successor:
    """What follows on a referral, where it differs. Whatever is None stays as it was."""

    care_type: CareType
    urgency: Urgency
    needed_by: datetime | None = None
    ready_since: datetime | None = None
    reason: str = "doorstroom"


async def succeed(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    successor: Successor,
    request: Request | None = None,
    *,
    address: str | None = None,
) -> Done:
    """A new referral tied to an old one: from MFB or ELV home, or to a Wlz place. One episode.

    Raises NotFound, WrongState and IdempotencyMismatch.
    """

    async def act(work: UnitOfWork) -> Done:
        found = await lock_cases(work, [referral_id])
        case = needs.found(found, referral_id)
        require(actor, Action.REFERRAL_WRITE, case.referral.region_id, case.referral.owner_id)
        begun = await begin(work, actor, case.referral.region_id, address)
        made: list[Case] = []

        async def create() -> dict[str, str]:
            old = case.referral
            need = needs.need_of(old)
            intake = Intake(
                need=replace(need, since=None, needed_by=successor.needed_by),
                urgency=successor.urgency,
                texts=await referrals.texts_in(work, old.id, INTAKE_TEXTS),
                care_type_asked=successor.care_type,
                requested_by_id=old.requested_by_id,
                route=Route(old.route),
                wishes=_known_to(needs.wishes_of(old), case),
            )
            new = await open_case(
                begun, RegionId(old.region_id), old.owner_id, intake, previous=old
            )
            if successor.ready_since is not None:
                needs.begin_wait(begun, new, successor.care_type, successor.ready_since)
            begun.step(
                case,
                Step.SUCCEEDED,
                reason=successor.reason,
                data={"successor": str(new.id), "care_type": successor.care_type},
            )
            made.append(new)
            return {"id": str(new.id)}

        answer, repeated = await once(work, request, create)
        if repeated:
            again = (await lock_cases(work, [UUID(answer["id"])]))[UUID(answer["id"])]
            return await as_it_is(work, again)
        work.audit(
            actor, Action.REFERRAL_FILE, "referral", made[0].id, address=address, purpose="referral"
        )
        positions = await finish(begun, [case, *made])
        return done(made[0], None, positions, begun.now)

    return await container.act(act)


def _known_to(wishes: Wishes, case: Case) -> Wishes:
    """With the provider where somebody stays or stayed: who knows a person goes before others."""
    known = wishes.known_to | {stay.provider_id for stay in [case.stay] if stay is not None}
    return wishes if len(known) > MOST_ORGANISATIONS else replace(wishes, known_to=known)


async def open_case(
    act: Act,
    region_id: RegionId,
    owner_id: UUID,
    intake: Intake,
    previous: ReferralRow | None = None,
) -> Case:
    """Makes the referral, and files it unless it is a draft. Raises InvalidInput."""
    needs.check(intake.need, act.now)
    needs.check_texts(intake.texts)
    if intake.need.needed_by is not None and intake.need.needed_by < act.at - timedelta(days=1):
        raise InvalidInput("Dit tijdstip is al voorbij.", "/needed_by")
    _check_contact(intake.first_contact_at, act.now)
    if intake.requested_by_id is not None:
        await needs.check_organisation(act.work, intake.requested_by_id, "/requested_by")
    if intake.team_id is not None:
        await direct.check_there(act, region_id, intake.team_id)
    local = act.now.astimezone(AMSTERDAM)
    new_id = uuid.uuid4()
    typed_here = act.actor is not None and act.actor.role is Role.COORDINATOR
    row = ReferralRow(
        id=new_id,
        number=f"{local:%y%m}-{await next_number(act.work):05}",
        region_id=region_id,
        owner_id=owner_id,
        episode_id=previous.episode_id if previous else new_id,
        previous_id=previous.id if previous else None,
        state=ReferralState.CONCEPT,
        # What is done while it is made counts as its first version.
        version=0,
        requested_by_id=intake.requested_by_id,
        recorded_by=act.by,
        route=intake.route,
        care_type_asked=intake.care_type_asked,
        urgency=intake.urgency,
        first_contact_at=intake.first_contact_at or act.at,
        created_at=act.now,
        norms_version=act.norms_version,
        next_action=NextAction.INDIENEN,
        waits_on=Party.VERWIJZER,
        handler_id=act.by if typed_here else None,
        handler_name=act.actor.name if typed_here and act.actor else None,
        handler_since=act.at,
        **needs.columns(intake.need),
        wishes=needs.wishes_column(intake.wishes),
    )
    act.work.session.add(row)
    await act.work.session.flush()
    case = Case(row)
    for kind, text in intake.texts.items():
        act.say(case, kind, text)
    if intake.draft:
        act.step(case, Step.DRAFTED, to=ReferralState.CONCEPT)
    else:
        await filed(act, case, intake.team_id)
    return case


async def filed(act: Act, case: Case, team_id: UUID | None = None) -> None:
    """Files a case: from here on clocks run, and somebody has to act. team_id: who was wished for."""
    referral = case.referral
    referral.filed_at = act.at
    if referral.handler_id is None:
        referral.handler_since = act.at
    needs.start_clocks(act, case)
    told = {"urgency": referral.urgency, **({"team_id": str(team_id)} if team_id else {})}
    act.step(case, Step.FILED, to=ReferralState.INGEDIEND, data=told)
    await _look_for_likes(act, case)


async def _look_for_likes(act: Act, case: Case) -> None:
    """Tells of a referral that may be the same, or the same person again."""
    likes = await referrals.likes_in(
        act.work,
        case.referral,
        open_since=act.now - timedelta(days=act.norms.duplicate_days),
        ended_since=act.now - timedelta(days=act.norms.again_days),
    )
    for kind, ids in (
        (AlertKind.MOGELIJK_DUBBEL, likes.open),
        (AlertKind.OPNIEUW_BINNEN_30_DAGEN, likes.ended),
    ):
        if ids:
            act.raise_alert(case, kind, data={"referrals": [str(one) for one in ids]})


async def owner_of(
    work: UnitOfWork, actor: Actor, intake: Intake, region_id: RegionId | None
) -> tuple[RegionId, UUID]:
    """The region and coordination point that a new referral belongs to. Raises InvalidInput."""
    regions = sorted(actor.regions) if region_id is None else [region_id]
    if not set(regions) <= actor.regions or not regions:
        raise InvalidInput("Uw organisatie werkt niet in deze regio.", "/region_id")
    if actor.role is Role.COORDINATOR:
        return RegionId(regions[0]), actor.organisation_id
    if intake.requested_by_id not in (None, actor.organisation_id):
        raise InvalidInput("U dient in namens uw eigen organisatie.", "/requested_by")
    found = await referrals.coordination_point_for(work, regions, intake.need.pc4)
    if found is None:
        raise InvalidInput(
            "Voor deze postcode is geen coördinatiepunt bekend. Bel het coördinatiepunt van uw"
            " regio.",
            "/pc4",
        )
    return found


async def as_it_is(work: UnitOfWork, case: Case) -> Done:
    """The answer to a request that was done before: the referral as it is by now."""
    region_id = RegionId(case.referral.region_id)
    head = await registers.head_of(work, region_id)
    await work.commit()
    return done(case, None, {region_id: head}, work.now)


def _check_contact(first_contact_at: datetime | None, now: datetime) -> None:
    if first_contact_at is not None and not now - timedelta(days=365) <= first_contact_at <= now:
        raise InvalidInput("Dit tijdstip kan niet.", "/first_contact_at")
