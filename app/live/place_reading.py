"""Single subjects of a board as the columns of pools need them (place_rows.py)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.admission import AdmissionRules
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.errors import InvalidInput
from domain.features import Feature
from domain.geography import Point, projected
from domain.outlook import Expected, Forecast
from domain.places import Stop

NO_GEMEENTE = -1
NO_PC4 = -1

_CARE_TYPES = {care_type.value for care_type in CareType}
_FEATURES = {feature.value for feature in Feature}


class Rules:
    """Admission rules that pools share; `given` None: at any hour. Unreadable ones admit nobody."""

    def __init__(self, data: object) -> None:
        self.given: AdmissionRules | None = None
        self.readable = True
        try:
            self.given = None if data is None else AdmissionRules.from_json(data)
        except InvalidInput:
            self.readable = False


@dataclass(frozen=True, slots=True)
class Location:
    """A location as its pools need it. Kilometres east and north, NaN when it has no point."""

    east: float
    north: float
    gemeente: int
    pc4: int
    wlz_contract: bool
    stop: Stop | None


@dataclass(frozen=True, slots=True)
class Names:
    """What a pool or a team is called, and whom to call; `location` and `place` are of pools alone."""

    name: str
    organisation: str
    telephone: str | None
    location: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What the registers say of a pool, for whoever shows or weighs it."""

    id: UUID
    organisation_id: UUID
    location_id: str
    names: Names
    pc4: str | None
    gemeente: str | None
    where: Point | None
    care_types: frozenset[CareType]
    features: frozenset[Feature]
    wlz_contract: bool


def facts_of(
    pool: dict[str, Any], location: dict[str, Any], organisation: dict[str, Any]
) -> PlaceFacts:
    """Reads the facts from the states of a pool, its location and its organisation."""
    return PlaceFacts(
        id=UUID(pool["id"]),
        organisation_id=UUID(pool["organisation_id"]),
        location_id=pool["location_id"],
        names=Names(
            pool["name"],
            organisation["name"],
            location["telephone"] or organisation["telephone"],
            location["name"],
            location["place"],
        ),
        pc4=(location.get("postcode") or "")[:4] or None,
        gemeente=location["gemeente"],
        where=point_of(location),
        care_types=frozenset(CareType(code) for code in pool["care_types"] if code in _CARE_TYPES),
        features=frozenset(Feature(code) for code in pool["features"] if code in _FEATURES),
        wlz_contract=bool(location.get("wlz_contract")),
    )


@dataclass(frozen=True, slots=True)
class Posted:
    """What was last reported of a pool, believed or not; held: places claimed and promised since."""

    balance: int | None
    held: int
    observed_at: datetime | None
    valid_until: datetime | None


def posted_of(figures: dict[str, Any]) -> Posted:
    """Reads what was reported from a pool's figures; of none, nothing is known."""
    observed, until = figures.get("observed_at"), figures.get("valid_until")
    return Posted(
        figures.get("balance"), held_of(figures), observed and at(observed), until and at(until)
    )


def held_of(figures: dict[str, Any]) -> int:
    """Places claimed and promised."""
    held: int = (figures.get("claimed") or 0) + (figures.get("promised") or 0)
    return held


NOWHERE = Location(float("nan"), float("nan"), NO_GEMEENTE, NO_PC4, False, None)


def location_of(data: dict[str, Any], gemeente: int, told: dict[str, Any] | None) -> Location:
    """An open location; `gemeente` by its number, `told` is its opnamestop."""
    point = point_of(data)
    east, north = (NOWHERE.east, NOWHERE.north) if point is None else projected(point)
    stop = None
    if told is not None:
        until = told["expected_until"]
        stop = Stop.expected(at(told["since"]), date.fromisoformat(until) if until else None)
    return Location(
        east,
        north,
        gemeente,
        pc4_number(data.get("postcode")),
        bool(data.get("wlz_contract")),
        stop,
    )


def point_of(location: dict[str, Any]) -> Point | None:
    """Where a location is, as far as that is known."""
    try:
        if location["latitude"] is not None:
            return Point(location["latitude"], location["longitude"])
    except InvalidInput:
        # A point abroad, from before points were checked: as good as none.
        pass
    return None


def pc4_number(postcode: str | None) -> int:
    """The digits of a postcode as columns hold them."""
    return int(postcode[:4]) if postcode else NO_PC4


def expected_of(figures: dict[str, Any]) -> Expected | None:
    """What is foreseen of a pool besides its free places of now; None: nothing, or nothing to go by."""
    forecast = Forecast.from_data(figures.get("forecast"))
    available_from = figures.get("available_from")
    if figures.get("balance") is None or not (forecast or available_from):
        return None
    # Who says what is free has not taken planned admissions off: their dates do, each on its day.
    counted = None not in (figures.get("operable"), figures.get("occupied"))
    return Expected(
        figures["balance"],
        (figures.get("planned") or 0) if counted else 0,
        forecast,
        date.fromisoformat(available_from) if available_from else None,
        at(figures["observed_at"]).astimezone(AMSTERDAM).date(),
    )


def bits_of(codes: list[str] | None, bits: dict[str, int]) -> int:
    """Codes of a newer release are passed over."""
    return sum({bits.get(code, 0) for code in codes or ()})


def at(text: str) -> datetime:
    """A moment, UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
