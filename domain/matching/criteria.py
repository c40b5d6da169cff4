"""The hard criteria of a match: what stands in the way of somebody at a place or with a team.

All that fails is named, not just the first. No criterion is crossed silently: who offers a place all
the same says why. Nothing here prefers one place to another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.admission_stops import Stop
from domain.calendar import AMSTERDAM
from domain.capacity import Freshness, freshness
from domain.care_types import CareType
from domain.combined_care import combined_fit, needs_of
from domain.features import Feature
from domain.home_care import Coverage, Light, Reason, TeamReport
from domain.needs import Need

#: What is known of a failure: codes, figures, moments (UTC) and days (in Amsterdam).
Detail = Mapping[str, str | int | datetime | date | tuple[str, ...] | None]


class Criterion(StrEnum):
    """What can stand in the way, in the order in which it is told.

    A feature has the criterion of its own code. Of a pool: up to `vroegste-opname`. Of a team:
    `onbekend`, `onbevestigd`, and from `werkgebied` on.
    """

    ZORGSOORT = "zorgsoort"
    EENPERSOONSKAMER = "eenpersoonskamer"
    ISOLATIE = "isolatie"
    ZUURSTOF = "zuurstof"
    INFUUS = "infuus"
    SONDE = "sonde"
    STOMA = "stoma"
    BARIATRISCH = "bariatrisch"
    TILLIFT = "tillift"
    ROLSTOEL = "rolstoel"
    ARTS_ANW = "arts-anw"
    PARTNER = "partner"
    HUISDIER = "huisdier"
    KAMER = "kamer"
    WZD_WVGGZ = "wzd-wvggz"
    WLZ_CONTRACT = "wlz-contract"
    ONBEKEND = "onbekend"
    ONBEVESTIGD = "onbevestigd"
    OPNAMESTOP = "opnamestop"
    TEKORT = "tekort"
    VOL = "vol"
    VROEGSTE_OPNAME = "vroegste-opname"
    WERKGEBIED = "werkgebied"
    VAARDIGHEID = "vaardigheid"
    DAGDEEL = "dagdeel"
    STOPLICHT = "stoplicht"
    STARTDATUM = "startdatum"


CRITERION_LABELS: dict[Criterion, str] = {
    Criterion.ZORGSOORT: "andere zorgsoort",
    Criterion.EENPERSOONSKAMER: "geen eenpersoonskamer",
    Criterion.ISOLATIE: "geen isolatie",
    Criterion.ZUURSTOF: "geen zuurstof",
    Criterion.INFUUS: "geen infuus",
    Criterion.SONDE: "geen sondevoeding",
    Criterion.STOMA: "geen stomazorg",
    Criterion.BARIATRISCH: "geen bariatrische zorg",
    Criterion.TILLIFT: "geen tillift",
    Criterion.ROLSTOEL: "niet rolstoeltoegankelijk",
    Criterion.ARTS_ANW: "geen arts in avond, nacht en weekend",
    Criterion.PARTNER: "partner kan niet mee verblijven",
    Criterion.HUISDIER: "huisdier niet welkom",
    Criterion.KAMER: "geen kamer voor dit geslacht",
    Criterion.WZD_WVGGZ: "geen accommodatie voor deze juridische status",
    Criterion.WLZ_CONTRACT: "locatie zonder Wlz-contract",
    Criterion.ONBEKEND: "niets bekend",
    Criterion.ONBEVESTIGD: "al te lang niet bevestigd",
    Criterion.OPNAMESTOP: "opnamestop",
    Criterion.TEKORT: "tekort aan plaatsen",
    Criterion.VOL: "vol",
    Criterion.VROEGSTE_OPNAME: "vroegste opname te laat",
    Criterion.WERKGEBIED: "werkt niet in dit postcodegebied",
    Criterion.VAARDIGHEID: "doet deze zorg niet",
    Criterion.DAGDEEL: "komt niet in dit dagdeel",
    Criterion.STOPLICHT: "neemt geen cliënten aan, of alleen in overleg",
    Criterion.STARTDATUM: "kan pas later starten",
}

_ORDER = {criterion: number for number, criterion in enumerate(Criterion)}
_ACCOMMODATIONS = frozenset({Feature.WZD, Feature.WVGGZ})
_ROOMS = frozenset({Feature.KAMER_MAN, Feature.KAMER_VROUW})
NEEDS_CONTRACT = frozenset({CareType.WLZ_VV, CareType.WLZ_TIJDELIJK, CareType.WLZ_CRISIS})


@dataclass(frozen=True, slots=True)
class Failure:
    """A criterion that isn't met, with what is known of it. Who is asked for is told by the need."""

    criterion: Criterion
    detail: Detail


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pool as the criteria look at it, as known at one moment.

    balance, observed_at, valid_until: of the report that stands; None: unknown.
    stop: an opnamestop that nobody lifted.
    earliest: the vroegste opname of one place, that moment itself when at once; None: not foreseen.
    """

    id: UUID
    care_types: frozenset[CareType]
    features: frozenset[Feature]
    wlz_contract: bool
    balance: int | None
    observed_at: datetime | None
    valid_until: datetime | None
    stop: Stop | None
    earliest: datetime | None


@dataclass(frozen=True, slots=True)
class TeamCandidate:
    """A home-care team as the criteria look at it; `report` None: it never said anything."""

    id: UUID
    coverage: Coverage
    report: TeamReport | None
    observed_at: datetime | None
    valid_until: datetime | None


def failures(
    need: Need, care_type: CareType, candidate: Candidate, now: datetime
) -> tuple[Failure, ...]:
    """All that stands in the way of this need at a pool, in the order of the criteria; none: it fits.

    What counts is the vroegste opname, not a place free now: full today and free in time fits, and
    full with a place foreseen too late fails on `vroegste-opname`; `vol` and `tekort` are for what
    has none in sight. An opnamestop that holds always fails, since no clock lifts it. A need that
    should have been met already is met by what admits at once.
    """
    found = [*_of_register(need, care_type, candidate), *_of_figures(need, candidate, now)]
    return tuple(sorted(found, key=lambda failure: _ORDER[failure.criterion]))


def team_failures(need: Need, candidate: TeamCandidate, now: datetime) -> tuple[Failure, ...]:
    """All that stands in the way of this need with one team, in the order of the criteria.

    Oranje (in overleg) fails too: such a team may do it, and only a call tells.
    """
    found = [*_of_coverage(need, candidate.coverage), *_of_report(need, candidate, now)]
    return tuple(sorted(found, key=lambda failure: _ORDER[failure.criterion]))


def _of_register(need: Need, care_type: CareType, candidate: Candidate) -> Iterator[Failure]:
    if care_type not in candidate.care_types:
        yield Failure(Criterion.ZORGSOORT, {"offered": _codes(candidate.care_types)})
    lacking = need.required - candidate.features
    for feature in lacking - _ACCOMMODATIONS:
        yield Failure(Criterion(feature.value), {})
    if lacking & _ACCOMMODATIONS:
        offered = candidate.features & _ACCOMMODATIONS
        asked = lacking & _ACCOMMODATIONS
        yield Failure(Criterion.WZD_WVGGZ, {"lacking": _codes(asked), "offered": _codes(offered)})
    if not need.fits_room(candidate.features):
        yield Failure(Criterion.KAMER, {"offered": _codes(candidate.features & _ROOMS)})
    if care_type in NEEDS_CONTRACT and not candidate.wlz_contract:
        yield Failure(Criterion.WLZ_CONTRACT, {})


def _of_figures(need: Need, candidate: Candidate, now: datetime) -> Iterator[Failure]:
    stop, balance, earliest = candidate.stop, candidate.balance, candidate.earliest
    stopped = stop is not None and (stop.since is None or stop.since <= now)
    if stop is not None and stopped:
        yield Failure(
            Criterion.OPNAMESTOP,
            {"reason": stop.reason, "since": stop.since, "expected_until": stop.expected_until},
        )
    if candidate.valid_until is None or balance is None:
        yield Failure(Criterion.ONBEKEND, {"observed_at": candidate.observed_at})
        return
    if freshness(candidate.valid_until, now) is Freshness.UNCONFIRMED:
        yield _unconfirmed(candidate.observed_at, candidate.valid_until)
        return
    if earliest is not None and (need.needed_by is None or earliest <= max(need.needed_by, now)):
        return
    if earliest is not None or (balance > 0 and not stopped):
        yield Failure(
            Criterion.VROEGSTE_OPNAME,
            {"earliest": earliest, "needed_by": need.needed_by, "balance": balance},
        )
    elif balance <= 0:
        yield Failure(Criterion.TEKORT if balance else Criterion.VOL, {"balance": balance})


def _of_coverage(need: Need, coverage: Coverage) -> Iterator[Failure]:
    if need.pc4 not in coverage.pc4s:
        yield Failure(Criterion.WERKGEBIED, {"pc4": need.pc4})
    if need.skills - coverage.skills:
        yield Failure(Criterion.VAARDIGHEID, {"lacking": _codes(need.skills - coverage.skills)})
    if need.dagdelen - coverage.dagdelen:
        lacking = need.dagdelen - coverage.dagdelen
        yield Failure(Criterion.DAGDEEL, {"lacking": _codes(lacking)})


def _of_report(need: Need, candidate: TeamCandidate, now: datetime) -> Iterator[Failure]:
    valid_until = candidate.valid_until
    if candidate.report is None or valid_until is None:
        yield Failure(Criterion.ONBEKEND, {"observed_at": candidate.observed_at})
        return
    if freshness(valid_until, now) is Freshness.UNCONFIRMED:
        yield _unconfirmed(candidate.observed_at, valid_until)
        return
    fit = combined_fit(
        candidate.coverage,
        candidate.report,
        Freshness.FRESH,
        needs_of(sorted(need.skills), sorted(need.dagdelen)),
        start_by=None if need.needed_by is None else _day_of(max(need.needed_by, now)),
        today=_day_of(now),
    )
    red, orange = fit.those_with(Reason.ROOD), fit.those_with(Reason.ORANJE)
    if red or orange:
        # The hardest light, and only what that one stands in the way of.
        unwilling = red or orange
        yield Failure(
            Criterion.STOPLICHT,
            {
                "light": Light.ROOD if red else Light.ORANJE,
                "skills": _codes({part.skill for part in unwilling if part.skill}),
                "dagdelen": _codes({part.dagdeel for part in unwilling if part.dagdeel}),
            },
        )
    late = [part.start for _, part in fit.parts if Reason.LATER in part.reasons and part.start]
    if late:
        yield Failure(Criterion.STARTDATUM, {"earliest": max(late), "needed_by": need.needed_by})


def _unconfirmed(observed_at: datetime | None, valid_until: datetime) -> Failure:
    return Failure(Criterion.ONBEVESTIGD, {"observed_at": observed_at, "valid_until": valid_until})


def _codes(codes: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(sorted(str(code) for code in codes))


def _day_of(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()
