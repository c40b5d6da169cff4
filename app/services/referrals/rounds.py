"""A round of offers: who is asked at once, with which clock, and what the board said then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.container import Container
from app.db import board_checks, matches, offers, registers, triages
from app.db.cases import Case
from app.db.idempotency import Request
from app.db.offers import Target
from app.db.tables import OfferRow
from app.live.board import RegionBoard
from app.live.board_checks import pool_candidate, team_candidate
from app.live.posted_facts import facts_of_pool, facts_of_team
from app.services.referrals import needs, offer_clocks
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, check_seeking
from app.services.referrals.triages import BOARD_CHECK_COUNTS_FOR
from domain.actors import Action, Actor, OrganisationKind
from domain.care_types import CareType
from domain.cases import TextKind
from domain.errors import (
    ArgumentRequired,
    BoardCheckRequired,
    InvalidInput,
    WrongState,
)
from domain.identifiers import PoolId, RegionId, TeamId
from domain.matching.board_checks import failure_json
from domain.matching.criteria import Criterion, Failure, failures, team_failures
from domain.needs import Urgency
from domain.norms import LONGEST_CLAIM_MINUTES, ClockHours
from domain.offers import OfferState, check_round
from domain.referrals import Step

#: Asking is how one gets to know more, so these alone need no argument; all are kept with the offer.
_ASKED_TO_KNOW = frozenset({Criterion.ONBEKEND, Criterion.ONBEVESTIGD, Criterion.STOPLICHT})


_PROVIDERS = frozenset({OrganisationKind.PROVIDER, OrganisationKind.HOSPICE, OrganisationKind.GGZ})


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """Whom to ask: a pool (perhaps one bed of it), a team, or an organisation for care without places."""

    pool_id: UUID | None = None
    bed_id: UUID | None = None
    team_id: UUID | None = None
    organisation_id: UUID | None = None

    def __post_init__(self) -> None:
        given = [self.pool_id, self.team_id, self.organisation_id]
        if sum(one is not None for one in given) != 1:
            raise InvalidInput("Noem één plaats, één team of één organisatie.", "")
        if self.bed_id is not None and self.pool_id is None:
            raise InvalidInput("Noem bij een bed ook de plaats.", "/bed_id")

    def to_json(self) -> dict[str, str]:
        """As a referral keeps whom to ask in the next round."""
        named = {"pool_id": self.pool_id, "bed_id": self.bed_id, "team_id": self.team_id}
        named["organisation_id"] = self.organisation_id
        return {name: str(value) for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Round:
    """Who is asked at once, for which type of care; `following`: who next, one by one, should all
    decline and the norms let the next round begin by itself.

    argument: one line, for what deviates from triage or crosses a hard criterion. match_id: the match
    that it goes by, which is kept then.
    """

    asked: Sequence[AskedPlace]
    care_type: CareType | None = None
    argument: str | None = None
    following: Sequence[AskedPlace] = ()
    match_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What a round made; `done` is about its first offer."""

    done: Done
    offer_ids: tuple[UUID, ...]


async def offer(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    round_: Round,
    request: Request | None = None,
    *,
    expected_version: int | None = None,
    address: str | None = None,
) -> Offered:
    """Asks providers for a place. With `request`, doing it again asks nobody anew.

    Raises NotFound, WrongState (not triaged, or to be triaged again), TooManyOffers, InvalidInput,
    ArgumentRequired and BoardCheckRequired.
    """

    made: list[OfferRow] = []

    async def do(act: Act, case: Case) -> UUID:
        made[:] = await offered(container, act, case, round_)
        await matches.mark_acted(act.work, case.id, round_.match_id, [row.id for row in made])
        return made[0].id

    done = await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
        expected_version=expected_version,
        request=request,
    )
    ids = [row.id for row in made]
    if ids[:1] != [done.id]:
        # Done before: those of the same round. What a try that was undone made is nothing.
        ids = await container.read(lambda connection: offers.ids_of_round(connection, done.id))
    return Offered(done, tuple(ids))


async def offered(
    container: Container, act: Act, case: Case, round_: Round, *, by_phone: bool = False
) -> list[OfferRow]:
    """Makes the offers of a round."""
    referral = case.referral
    check_seeking(case, Step.OFFERED)
    if referral.needs_triage:
        raise WrongState(Step.OFFERED, referral.state)
    if not round_.asked:
        raise InvalidInput("Noem minstens één plaats of team.", "/to")
    waiting = [o for o in case.open_offers if OfferState(o.state).can_be_answered]
    most = act.norms.most_at_once[Urgency(referral.urgency)]
    check_round(len(waiting), len(round_.asked), most)
    care_type = round_.care_type or _triaged(referral.care_type_triaged)
    argument = (round_.argument or "").strip() or None
    await _check_product(act, case, care_type, argument)
    board = container.board.regions.get(RegionId(referral.region_id))
    number = max((o.round for o in case.offers), default=0) + 1
    made: list[OfferRow] = []
    for index, asked in enumerate(round_.asked):
        pointer = f"/to/{index}"
        target = await _target(act, case, asked, care_type, pointer)
        if any(_same(o, asked) for o in (*waiting, *made)):
            raise InvalidInput("Deze plaats wordt al gevraagd.", pointer)
        posted, crossed = _posted(board, act, case, asked, care_type)
        if any(one.criterion not in _ASKED_TO_KNOW for one in crossed) and argument is None:
            raise ArgumentRequired(
                "Deze plaats voldoet niet aan alle harde eisen. Geef in één regel waarom u toch"
                " vraagt.",
                failures=[failure_json(one) for one in crossed],
                index=index,
            )
        row = OfferRow(
            referral_id=case.id,
            region_id=referral.region_id,
            provider_id=target.provider_id,
            pool_id=asked.pool_id,
            bed_id=asked.bed_id,
            team_id=asked.team_id,
            care_type=care_type,
            state=OfferState.GEVRAAGD,
            # Touched as it is recorded, which makes it the first.
            version=0,
            round=number,
            asked=len(waiting) + len(round_.asked),
            offered_at=act.at,
            offered_by=act.by,
            deadline_at=act.at,
            norm_minutes=0,
            norm_hours=ClockHours.ALTIJD,
            norms_version=act.norms_version,
            by_phone=by_phone,
            posted={**(posted or {}), "failures": [failure_json(one) for one in crossed]},
            board_position=str(board.position) if board else None,
        )
        await offer_clocks.start(act, case, row)
        await act.work.add(row)
        made.append(row)
    # Earlier ones are told that more are asked now; never fewer, which would tell who declined.
    for earlier in waiting:
        if earlier.asked < len(waiting) + len(made):
            earlier.asked = len(waiting) + len(made)
            act.touch_offer(earlier)
    case.offers.extend(made)
    referral.next_targets = [one.to_json() for one in round_.following] or None
    for row in made:
        act.step(
            case,
            Step.OFFERED,
            offer=row,
            data={
                "care_type": care_type,
                "round": number,
                "asked": row.asked,
                "deadline_at": row.deadline_at.isoformat(),
            },
            text=(TextKind.ARGUMENT, argument),
        )
        _hold_on(act, case, row)
    return made


def _triaged(code: str | None) -> CareType:
    if code is None:
        raise InvalidInput("Noem de zorgsoort.", "/care_type")
    return CareType(code)


async def _check_product(act: Act, case: Case, care_type: CareType, argument: str | None) -> None:
    """The MFB is a safety net, and another product than triage named asks for a reason."""
    if care_type is CareType.MFB:
        checked = await board_checks.last_check(
            act.work, case.id, act.at - BOARD_CHECK_COUNTS_FOR, act.at
        )
        if checked is None:
            raise BoardCheckRequired
        if not checked.regular_failed and argument is None:
            raise ArgumentRequired(
                "Op het bord staat een reguliere plaats die past. Geef in één regel waarom die het"
                " niet wordt.",
                board_check=str(checked.id),
            )
        return
    named = {case.referral.care_type_triaged, *await triages.last_outcomes(act.work, case.id)}
    if care_type not in named and argument is None:
        raise ArgumentRequired(
            "Deze zorgsoort volgt niet uit de triage. Geef in één regel waarom u afwijkt."
        )


async def _target(
    act: Act, case: Case, asked: AskedPlace, care_type: CareType, pointer: str
) -> Target:
    """Whom an offer goes to. Raises InvalidInput for one that can't be asked this."""
    if asked.organisation_id is not None:
        if care_type.has_places or care_type is CareType.WIJKVERPLEGING:
            raise InvalidInput("Noem de plaats of het team.", pointer)
        await _check_provider(act, case, asked.organisation_id, f"{pointer}/organisation_id")
        return Target(
            asked.organisation_id,
            asked.organisation_id,
            case.referral.region_id,
            frozenset({care_type}),
            active=True,
        )
    if asked.pool_id is not None:
        name, found = "pool_id", await offers.find_pool(act.work, asked.pool_id)
    else:
        assert asked.team_id is not None
        name, found = "team_id", await offers.find_team(act.work, asked.team_id)
    if found is None or not found.active or found.region_id != case.referral.region_id:
        raise InvalidInput("Dit is er niet (meer) in deze regio.", f"{pointer}/{name}")
    if care_type not in found.care_types:
        raise InvalidInput("Hier wordt deze zorgsoort niet gegeven.", f"{pointer}/{name}")
    if asked.bed_id is not None and not await offers.has_bed(act.work, found.id, asked.bed_id):
        raise InvalidInput("Dit bed hoort niet bij deze plaatsen.", f"{pointer}/bed_id")
    return found


def _posted(
    board: RegionBoard | None, act: Act, case: Case, asked: AskedPlace, care_type: CareType
) -> tuple[dict[str, Any] | None, tuple[Failure, ...]]:
    """What the board says of a place now, and which hard criteria it doesn't meet."""
    if board is None:
        return None, ()
    need = needs.matched(case.referral)
    if asked.pool_id is not None:
        pool = pool_candidate(board, PoolId(asked.pool_id), act.now)
        facts = facts_of_pool(board, PoolId(asked.pool_id), act.now)
        if pool is None or facts is None:
            return None, ()
        held = any(claim.pool_id == asked.pool_id for claim in case.claims)
        crossed = failures(need, care_type, pool, act.now)
        # What is held for this very referral is full to everybody else only.
        full = {Criterion.VOL, Criterion.TEKORT, Criterion.VROEGSTE_OPNAME} if held else set()
        return facts.to_json(), tuple(one for one in crossed if one.criterion not in full)
    if asked.team_id is not None:
        team = team_candidate(board, TeamId(asked.team_id), act.now)
        told = facts_of_team(board, TeamId(asked.team_id), act.now)
        if team is None or told is None:
            return None, ()
        return told.to_json(), team_failures(need, team, act.now)
    return None, ()


async def _check_provider(act: Act, case: Case, organisation_id: UUID, pointer: str) -> None:
    """Raises InvalidInput unless an organisation gives care in the referral's region."""
    await needs.check_organisation(act.work, organisation_id, pointer)
    organisation = await registers.get_organisation(act.work, organisation_id)
    here = case.referral.region_id in await registers.regions_of(act.work, organisation_id)
    if OrganisationKind(organisation.kind) not in _PROVIDERS or not here:
        raise InvalidInput("Deze organisatie biedt in deze regio geen zorg aan.", pointer)


def _same(row: OfferRow, asked: AskedPlace) -> bool:
    if asked.organisation_id is not None:
        return row.provider_id == asked.organisation_id and row.pool_id is row.team_id is None
    return (row.pool_id, row.team_id, row.bed_id) == (asked.pool_id, asked.team_id, asked.bed_id)


def _hold_on(act: Act, case: Case, row: OfferRow) -> None:
    """A place that is held for the referral stays held while its provider is asked for it."""
    longest = act.now + timedelta(minutes=LONGEST_CLAIM_MINUTES)
    for claim in case.claims:
        if claim.pool_id == row.pool_id:
            claim.expires_at = max(claim.expires_at, min(row.deadline_at, longest))
            act.work.session.add(claim)
            row.bed_id = row.bed_id or claim.bed_id
