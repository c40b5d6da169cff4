"""How every use case on a case begins and ends: who may, the locks, the steps, one commit."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.container import Container
from app.db import cases, registers, waits, word
from app.db.cases import Case
from app.db.idempotency import Request, once
from app.db.norms import norms_in
from app.db.unit_of_work import UnitOfWork
from app.services.referrals.act import Act
from app.services.referrals.settling import settle
from domain.actors import Action, Actor, Target, may, scope_of
from domain.errors import InvalidInput, NotAllowed, NotFound, VersionChanged, WrongState
from domain.events import Position
from domain.identifiers import OrganisationId, RegionId
from domain.offers import OfferState
from domain.referrals import ReferralState, Step, check_step

#: What happened may be told this long after; further back is a slip.
LONGEST_BACK = timedelta(days=31)


def require(actor: Actor, action: Action, region_id: int, owner_id: UUID | None) -> None:
    """Raises NotAllowed for a role without leave at all, NotFound for somebody else's.

    owner None: nobody's, so no one's whose leave reaches their own only.
    """
    if scope_of(actor, action) is None:
        raise NotAllowed
    owner = OrganisationId(owner_id or UUID(int=0))
    if not may(actor, action, Target(RegionId(region_id), owner)):
        raise NotFound


def check_seeking(case: Case, step: Step) -> None:
    """Raises WrongState for a step towards a place where the state doesn't allow it, or one is promised.

    The state alone doesn't say the latter while the client is waited on.
    """
    check_step(step, ReferralState(case.referral.state))
    if case.promised is not None:
        raise WrongState(step, case.referral.state)


async def begin(
    work: UnitOfWork,
    actor: Actor | None,
    region_id: int,
    address: str | None,
    happened_at: datetime | None = None,
) -> Act:
    """An act in a region, with its norms. Raises InvalidInput for a time that can't be."""
    check_time(happened_at, work.now)
    norms, version = await norms_in(work, RegionId(region_id))
    return Act(work, actor, norms, version, address, happened_at)


def check_time(happened_at: datetime | None, now: datetime) -> None:
    """Raises InvalidInput for when something can't have happened."""
    if happened_at is None:
        return
    if happened_at > now:
        raise InvalidInput("Dit tijdstip ligt in de toekomst.", "/happened_at")
    if happened_at < now - LONGEST_BACK:
        raise InvalidInput("Dit tijdstip ligt meer dan een maand terug.", "/happened_at")


def check_not_before(case: Case, happened_at: datetime | None) -> None:
    """Raises InvalidInput for what would have happened before the referral was filed."""
    filed_at = case.referral.filed_at
    if happened_at is not None and filed_at is not None and happened_at < filed_at:
        raise InvalidInput("Toen was deze aanmelding er nog niet.", "/happened_at")


def audit(act: Act, action: Action, case: Case) -> None:
    """Keeps who did something to a referral."""
    act.work.audit(act.actor, action, "referral", case.id, address=act.address, purpose="referral")


async def finish(act: Act, changed: Iterable[Case]) -> dict[RegionId, Position]:
    """Settles the cases that an act changed, writes what was recorded, and commits."""
    return await finish_all([(act, case) for case in changed])


async def finish_all(
    changed: Sequence[tuple[Act, Case]], write: Callable[[], Awaitable[None]] | None = None
) -> dict[RegionId, Position]:
    """The same for acts of one transaction, each with the case that it changed; none: nothing is done.

    write: writes rows that the session doesn't know of.
    """
    if not changed:
        return {}
    for act, case in changed:
        settle(act, case)
    work = changed[0][0].work
    if write is not None:
        await write()
    await work.session.flush()
    for act, case in changed:
        if ReferralState(case.referral.state).ended:
            # Nobody waits any more, wherever the way ended.
            await waits.end_waits(work, case.id, act.at, case.referral.state)
    acts = list({id(act): act for act, _ in changed}.values())
    await cases.write_steps(
        work,
        [step for act in acts for step in act.steps],
        [text for act in acts for text in act.texts],
    )
    await word.write_notices(work, [one for act in acts for one in act.told.notices()])
    return await work.commit()


@dataclass(frozen=True, slots=True)
class OfferDone:
    """The offer that an act was about, as the act left it."""

    id: UUID
    state: OfferState
    version: int
    late: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What an act answers with: the referral as it left it, and the position that shows it.

    id: of what the act made or was about (an offer, a claim), else of the referral. owner_id: whose
    the referral is; how it stands is told to no provider, whom that would tell what others answered.
    """

    id: UUID
    referral_id: UUID
    owner_id: UUID
    number: str
    state: ReferralState
    version: int
    position: Position
    server_time: datetime
    offer: OfferDone | None = None


async def acting(
    container: Container,
    actor: Actor,
    action: Action,
    find: UUID | Callable[[UnitOfWork], Awaitable[UUID]],
    do: Callable[[Act, Case], Awaitable[UUID | None]],
    *,
    address: str | None = None,
    happened_at: datetime | None = None,
    may_do: Callable[[Case], None] | None = None,
    pools: Iterable[UUID] | Callable[[Case], Iterable[UUID]] = (),
    expected_version: int | None = None,
    request: Request | None = None,
) -> Done:
    """Does something to one case in one transaction.

    find: the referral's id, or what finds it. may_do: who may, when that isn't the owner's
    coordinators. pools: those that the act needs besides where the case holds a place.
    expected_version: of the referral, as it was shown. request: with it, doing it again changes nothing
    and answers the same id. Raises what `do` raises, NotFound, NotAllowed, VersionChanged and
    IdempotencyMismatch.
    """

    async def act(work: UnitOfWork) -> Done:
        referral_id = find if isinstance(find, UUID) else await find(work)
        found = await cases.lock_cases(work, [referral_id])
        if referral_id not in found:
            raise NotFound
        case = found[referral_id]
        if may_do is not None:
            may_do(case)
        else:
            require(actor, action, case.referral.region_id, case.referral.owner_id)
        region_id = RegionId(case.referral.region_id)
        begun = await begin(work, actor, region_id, address, happened_at)
        check_not_before(case, happened_at)
        needed = pools(case) if callable(pools) else pools
        await begun.lock_places({*needed, *case.pool_ids})

        async def once_only() -> dict[str, str | None]:
            if expected_version is not None and expected_version != case.referral.version:
                raise VersionChanged(case.referral.version)
            made = await do(begun, case)
            audit(begun, action, case)
            return {"id": str(made) if made is not None else None}

        answer, repeated = await once(work, request, once_only)
        made = UUID(answer["id"]) if answer["id"] is not None else None
        if repeated:
            head = await registers.head_of(work, region_id)
            await work.commit()
            return done(case, made, {region_id: head}, begun.now)
        positions = await finish(begun, [case])
        return done(case, made, positions, begun.now)

    return await container.act(act)


def done(
    case: Case, made: UUID | None, positions: Mapping[RegionId, Position], now: datetime
) -> Done:
    """The answer to an act."""
    referral = case.referral
    return Done(
        id=made or referral.id,
        referral_id=referral.id,
        owner_id=referral.owner_id,
        number=referral.number,
        state=ReferralState(referral.state),
        version=referral.version,
        position=positions[RegionId(referral.region_id)],
        server_time=now,
        offer=_offer_of(case, made),
    )


def _offer_of(case: Case, made: UUID | None) -> OfferDone | None:
    """The offer that an act made or was about: itself, a question about it, or the stay it led to."""
    about = {made}
    about |= {question.offer_id for question in case.questions if question.id == made}
    if case.stay is not None and case.stay.id == made:
        about.add(case.stay.offer_id)
    row = next((offer for offer in case.offers if offer.id in about), None)
    if row is None:
        return None
    return OfferDone(row.id, OfferState(row.state), row.version, row.late)
