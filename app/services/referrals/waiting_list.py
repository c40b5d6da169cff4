"""Who of a coordination point waits for a place, in the order in which places are given."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.db import proposals
from app.db.proposals import Besides
from app.db.tables import ReferralRow
from app.db.unit_of_work import UnitOfWork
from app.live.board import RegionBoard
from app.live.feasibility import AskedReferral, fit_somewhere
from app.services.referrals import needs
from app.services.referrals.triages import BOARD_CHECK_COUNTS_FOR
from domain.care_types import CareType
from domain.identifiers import RegionId
from domain.matching.board_checks import regular_for_mfb
from domain.matching.proposals import MOST_WAITING, LeftOut, Unplaced
from domain.matching.scoring import Asked
from domain.matching.waiting import Waiting, in_order
from domain.matching.wishes import Wishes
from domain.needs import Need, Urgency
from domain.triage.outcomes import care_type_of


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody who waits. care_types: what triage chose, then what else it advised.

    not_again: pools that aren't asked. unplaced: why no place may be looked for yet; None: one may.
    """

    waiting: Waiting
    need: Need
    wishes: Wishes
    care_types: tuple[CareType, ...]
    not_again: Collection[UUID]
    unplaced: Unplaced | None


@dataclass(frozen=True, slots=True)
class WaitingList:
    """first: who comes first. left_out: who waits too, and why no proposal is for them."""

    listed: list[Listed]
    left_out: dict[UUID, LeftOut]


async def waiting_list(
    work: UnitOfWork, board: RegionBoard, region_id: RegionId, owner_id: UUID
) -> WaitingList:
    """Who was triaged and waits in a region while nobody is asked for a place, and none is promised.

    Only a coordination point's own: nobody acts on what another has in hand. Care that comes to the
    home has no places to share out. The board is looked at last, in one go: whoever looks at it on
    without a wait sees the same.
    """
    found_rows = await proposals.waiting_rows(work, region_id, owner_id)
    rows = sorted(found_rows, key=lambda one: one.id)
    around = await proposals.besides(
        work, [row.id for row in rows], work.now - BOARD_CHECK_COUNTS_FOR
    )
    not_again = await proposals.not_again(work, [row.id for row in rows])
    norms = await proposals.norms_of(work, region_id, {row.norms_version for row in rows})
    reasons = {row.id: _left_out(row, around[row.id]) for row in rows}
    left_out = {referral_id: why for referral_id, why in reasons.items() if why is not None}
    waits = [row for row in rows if row.id not in left_out]
    around = checked_again(board, waits, around, work.now)
    found: dict[UUID, Listed] = {}
    for row in waits:
        urgency, beside = Urgency(row.urgency), around[row.id]
        care_types = wanted(row, beside)
        found[row.id] = Listed(
            Waiting(
                row.id,
                urgency,
                row.filed_at or row.created_at,
                norms[row.norms_version].placement[urgency].minutes,
                beside.wrong_bed_since,
            ),
            needs.matched(row),
            needs.wishes_of(row),
            care_types,
            not_again.get(row.id, ()),
            not_yet(care_types[0], beside),
        )
    order = in_order((one.waiting for one in found.values()), work.now)
    left_out |= {one.id: LeftOut.VOLGENDE_KEER for one in order[MOST_WAITING:]}
    return WaitingList([found[one.id] for one in order[:MOST_WAITING]], left_out)


def _left_out(row: ReferralRow, beside: Besides) -> LeftOut | None:
    if row.needs_triage or row.care_type_triaged is None:
        return LeftOut.OPNIEUW_TRIEREN
    if not CareType(row.care_type_triaged).has_places:
        return LeftOut.ZORG_AAN_HUIS
    if beside.handed_over:
        return LeftOut.OVERDRACHT_LOOPT
    return LeftOut.PLEK_VASTGEHOUDEN if beside.held else None


def checked_again(
    board: RegionBoard, rows: Sequence[ReferralRow], around: Mapping[UUID, Besides], now: datetime
) -> dict[UUID, Besides]:
    """The same as the board is now: what an earlier look at it permits ends once something regular fits."""
    permitted = [
        row
        for row in rows
        if around[row.id].regular_failed and CareType.MFB in wanted(row, around[row.id])
    ]
    regular = [
        AskedReferral(row.id, Asked(needs.matched(row)), _regular(around[row.id]))
        for row in permitted
    ]
    again = {
        row.id: replace(around[row.id], regular_failed=not fits)
        for row, fits in zip(permitted, fit_somewhere(board, regular, now), strict=True)
    }
    return {**around, **again}


def _regular(beside: Besides) -> tuple[CareType, ...]:
    advised = [care_type_of(code) for code in beside.outcomes]
    return regular_for_mfb(one for one in advised if one is not None)


def wanted(row: ReferralRow, beside: Besides) -> tuple[CareType, ...]:
    """What was chosen, then what was advised beside it, unless the choice set that aside.

    The MFB is a safety net: nobody gets one for being advised it while a regular place fits.
    """
    return tuple(dict.fromkeys(_wanted(row, beside)))


def _wanted(row: ReferralRow, beside: Besides) -> Iterator[CareType]:
    yield CareType(row.care_type_triaged or "")
    if beside.deviates:
        return
    for code in beside.outcomes:
        care_type = care_type_of(code)
        if care_type is None or not care_type.has_places:
            continue
        if care_type is not CareType.MFB or beside.regular_failed:
            yield care_type


def not_yet(care_type: CareType, beside: Besides) -> Unplaced | None:
    """Why nobody may be asked for this care yet: what an offer would be refused for."""
    if care_type is not CareType.MFB or beside.regular_failed:
        return None
    if beside.regular_failed is None:
        return Unplaced.BORDCONTROLE_NODIG
    return Unplaced.REGULIER_PAST
