"""Who plays what around referrals: each desk with a key gets its part, as a board shows the region."""

from collections.abc import Iterator, Sequence

from domain.actors import OrganisationKind, Role
from workers.simulator.client import Desk
from workers.simulator.coordinating import Point
from workers.simulator.intake import manners
from workers.simulator.needs import Asker
from workers.simulator.players import Context
from workers.simulator.referral_players import (
    AtWork,
    Beat,
    CoordinatorPlayer,
    IntakePlayer,
    ReferrerPlayer,
)
from workers.simulator.region import Region

#: Needs an hour by day, by who asks. Lively enough to look at, not what a region really has.
_HOURLY = {
    OrganisationKind.HOSPITAL: 0.7,
    OrganisationKind.OUT_OF_HOURS_POST: 0.8,
    OrganisationKind.GENERAL_PRACTICE: 0.3,
    OrganisationKind.COORDINATION_POINT: 1.5,
}
#: One in so many lives in the area of another coordination point.
_ELSEWHERE = 12


def cast_desks(
    region: Region, desks: Sequence[Desk], seed: int, beat: Beat, context: Context
) -> list[AtWork]:
    """The parts of the desks that work with referrals; whoever the region doesn't know gets none."""
    known = [desk for desk in desks if region.organisation_id(desk.agb) is not None]
    return [
        *_referrers(region, known, seed, beat, context),
        *_points(region, known, seed, beat, context),
        *_intakes(region, known, seed, beat, context),
    ]


def _referrers(
    region: Region, desks: Sequence[Desk], seed: int, beat: Beat, context: Context
) -> Iterator[AtWork]:
    for desk in desks:
        own_id, pc4 = region.organisation_id(desk.agb), region.pc4_of(desk.agb)
        kind = region.kind_of(desk.agb)
        if desk.role is not Role.REFERRER or own_id is None or pc4 is None or kind not in _HOURLY:
            continue
        own = next((pc4s for pc4s in region.points().values() if pc4 in pc4s), None)
        if own is not None:
            asker = Asker(desk.agb, kind, _lived_in(region, own), _HOURLY[kind])
            yield ReferrerPlayer(desk, own_id, asker, seed, beat, context)


def _points(
    region: Region, desks: Sequence[Desk], seed: int, beat: Beat, context: Context
) -> Iterator[AtWork]:
    points = region.points()
    callers = [
        id_
        for id_, state in sorted(region.all("organisation").items(), key=lambda one: one[1]["agb"])
        if state["kind"] == OrganisationKind.GENERAL_PRACTICE and state["status"] == "active"
    ]
    for desk in desks:
        own_id = region.organisation_id(desk.agb)
        if desk.role is not Role.COORDINATOR or own_id is None or own_id not in points:
            continue
        others = {id_: pc4s for id_, pc4s in points.items() if id_ != own_id}
        point = Point(own_id, points[own_id], others)
        kind = OrganisationKind.COORDINATION_POINT
        asker = Asker(desk.agb, kind, _lived_in(region, points[own_id]), _HOURLY[kind])
        yield CoordinatorPlayer(desk, point, asker, callers, seed, beat, context)


def _intakes(
    region: Region, desks: Sequence[Desk], seed: int, beat: Beat, context: Context
) -> Iterator[AtWork]:
    found = [
        desk
        for desk in desks
        if desk.role is Role.PROVIDER_INTAKE
        and (any(region.own("pool", desk.agb)) or any(region.own("home-care-team", desk.agb)))
    ]
    parts = manners((desk.agb for desk in found), seed)
    for desk in found:
        yield IntakePlayer(desk, parts[desk.agb], seed, beat, context)


def _lived_in(region: Region, own: frozenset[str]) -> Sequence[str]:
    """Where the people live that somebody hears of: nearly all in the area of its own point."""
    elsewhere = sorted(pc4 for pc4s in region.points().values() for pc4 in pc4s - own)
    return (*sorted(own), *elsewhere[:: max(1, _ELSEWHERE * len(elsewhere) // len(own))])
