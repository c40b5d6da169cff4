"""What a match says of a place, in Dutch, as somebody would say it on the telephone."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from domain.calendar import AMSTERDAM
from domain.delivery_records import Share
from domain.features import Feature
from domain.geography import GEMEENTEN
from domain.matching.near_misses import Change, NearMiss
from domain.matching.scoring import Params, Reason
from domain.matching.weights import Component

_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni", "juli"),
    *("augustus", "september", "oktober", "november", "december"),
)
_NEAR = {-1: "gisteren", 0: "vandaag", 1: "morgen", 2: "overmorgen"}

#: What somebody would have to do without.
WITHOUT: dict[Feature, str] = {
    Feature.EENPERSOONSKAMER: "eenpersoonskamer",
    Feature.ZUURSTOF: "zuurstof",
    Feature.INFUUS: "infuus",
    Feature.SONDE: "sondevoeding",
    Feature.STOMA: "stomazorg",
    Feature.BARIATRISCH: "bariatrische zorg",
    Feature.TILLIFT: "tillift",
    Feature.ROLSTOEL: "rolstoel",
    Feature.ARTS_ANW: "arts in avond, nacht en weekend",
    Feature.PARTNER: "partner",
    Feature.HUISDIER: "huisdier",
}


def reason_text(reason: Reason, now: datetime) -> str:
    """Why a place stands where it stands, by one component."""
    return _REASONS[reason.code](reason.params, now)


def near_text(miss: NearMiss, now: datetime) -> str:
    """What would have to be otherwise."""
    said: Any = miss.params
    match miss.change:
        case Change.BEVESTIGD:
            return f"sinds {day_text(said['valid_until'], now)} onbevestigd: bel"
        case Change.IN_OVERLEG:
            return "in overleg: bel"
        case Change.LATER:
            return f"vrij {moment_text(said['earliest'], now)}"
        case Change.LATER_START:
            return f"start {day_text(said['earliest'], now)}"
        case Change.STOP_VOORBIJ:
            return f"na de opnamestop, {moment_text(said['earliest'], now)}"
        case Change.ZONDER_VOORZIENING:
            return f"alleen zonder {WITHOUT[Feature(said['feature'])]}"


def day_text(day: date, now: datetime) -> str:
    """A day, or that of a moment, in Amsterdam: vandaag, dinsdag, dinsdag 8 december."""
    on = day.astimezone(AMSTERDAM).date() if isinstance(day, datetime) else day
    days = (on - now.astimezone(AMSTERDAM).date()).days
    if days in _NEAR:
        return _NEAR[days]
    name = _DAYS[on.weekday()]
    return name if abs(days) < len(_DAYS) else f"{name} {on.day} {_MONTHS[on.month - 1]}"


def moment_text(moment: datetime, now: datetime) -> str:
    """A moment by its day, and by its hour too when that is today."""
    local, day = moment.astimezone(AMSTERDAM), day_text(moment, now)
    return f"{day} om {local:%H:%M}" if day == _NEAR[0] else day


def _distance(said: Params, _now: datetime) -> str:
    metres = said["metres"]
    if not isinstance(metres, int):
        return "afstand onbekend"
    whose = "de partner" if said["to"] == "partner" else "huis"
    return f"{metres / 1000:.1f} km van {whose}".replace(".", ",")


def _gemeente(said: Params, _now: datetime) -> str:
    wished, gemeente = said["wished"], said["gemeente"]
    if wished is None or gemeente is None:
        return "gemeente onbekend"
    name = GEMEENTEN.get(str(gemeente), f"gemeente {gemeente}")
    if wished == gemeente:
        return f"in {name}"
    return f"in {name}, niet in {GEMEENTEN.get(str(wished), f'gemeente {wished}')}"


def _admission(said: Params, now: datetime) -> str:
    earliest = said["earliest"]
    if not isinstance(earliest, datetime):
        return "niet te voorzien"
    return "kan nu" if earliest <= now else f"kan {moment_text(earliest, now)}"


def _freshness(said: Params, now: datetime) -> str:
    observed = said["observed_at"]
    if not isinstance(observed, datetime):
        return "nooit bevestigd"
    minutes = max(0, int((now - observed).total_seconds()) // 60)
    if minutes < 60:
        return "zojuist bevestigd" if minutes < 2 else f"{minutes} minuten geleden bevestigd"
    hours = minutes // 60
    return (
        f"{hours} uur geleden bevestigd" if hours < 48 else f"{day_text(observed, now)} bevestigd"
    )


def _record(said: Params, _now: datetime) -> str:
    refused, due = _share(said, "refused", "called_on"), _share(said, "not_arrived", "due")
    parts = []
    if refused.value is not None:
        parts.append(f"{refused.count} van {refused.of} keer geweigerd terwijl er plek was")
    if due.value is not None:
        parts.append(f"{due.count} van {due.of} toezeggingen gingen niet door")
    return "; ".join(parts) or "te weinig aanvragen om iets te zeggen over nakomen"


def _share(said: Params, count: str, of: str) -> Share:
    return Share(int(str(said[count])), int(str(said[of])))


def _spread(said: Params, _now: datetime) -> str:
    if not said["held"]:
        return "nog niets vastgehouden"
    return f"{said['held']} vastgehouden of toegezegd, {said['free']} vrij"


def _known(said: Params, _now: datetime) -> str:
    return "kent deze persoon" if said["known"] else "kent deze persoon nog niet"


_REASONS: dict[Component, Callable[[Params, datetime], str]] = {
    Component.AFSTAND: _distance,
    Component.GEMEENTE: _gemeente,
    Component.OPNAME: _admission,
    Component.VERSHEID: _freshness,
    Component.NAKOMEN: _record,
    Component.SPREIDING: _spread,
    Component.BEKEND: _known,
}
