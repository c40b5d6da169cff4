"""Capacity of a pool: what a report says, how reports are ordered, and the balance of places.

The hot statement (`app/db/reports.py`) and the database's generated column do the same sums in
SQL; tests hold the three against each other.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.care_types import ClosedReason
from domain.errors import InvalidInput, ObservedInFuture
from domain.outlook import NO_FORECAST, Forecast

#: An observation may lie this far ahead of its receipt (clocks differ); beyond it is refused.
FUTURE_TOLERANCE = timedelta(minutes=5)

#: A sender's clock may be this far off. Beyond it, `sent_at` rather tells that the report was kept
#: waiting and sent again, and correcting it would make old figures new.
MAX_CLOCK_ERROR = timedelta(hours=1)

#: No source may book its admissions later than this, so older movements are in every figure.
MAX_LAG = timedelta(hours=24)

MAX_PLACES = 9999


class SourceKind(StrEnum):
    """How a figure reached us. No kind outranks another: the newest observation wins."""

    API = "api"
    PAGE = "page"
    FILE = "file"
    PHONE = "phone"


class Outcome(StrEnum):
    """What became of a report that was not refused."""

    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    REPEATED = "repeated"
    SANDBOX = "sandbox"


class Freshness(StrEnum):
    """How far a figure may be believed at a moment."""

    NEVER_REPORTED = "nooit-gemeld"
    FRESH = "vers"
    UNCONFIRMED = "onbevestigd"


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a report, in places; None is unknown and never matches.

    Feeds give the counts, people give `free` ("vrij nu"); never both, since free follows from
    the counts.
    """

    physical: int | None = None
    operable: int | None = None
    occupied: int | None = None
    planned: int | None = None
    closed: int | None = None
    closed_reason: ClosedReason | None = None
    free: int | None = None
    available_from: date | None = None
    forecast: Forecast = NO_FORECAST

    @property
    def discharges(self) -> int | None:
        """Places whose discharge is foreseen; None: of none."""
        return sum(places for _, places in self.forecast.discharges) or None

    @property
    def admissions(self) -> int | None:
        """Places for which an admission is foreseen; None: for none."""
        return sum(places for _, places in self.forecast.admissions) or None

    @property
    def base(self) -> int | None:
        """Places left over by the report's own account, before what it doesn't know."""
        if self.free is not None:
            return self.free
        if self.operable is None or self.occupied is None or self.planned is None:
            return None
        return self.operable - self.occupied - self.planned


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source's figures cover.

    lag: how long after the fact the source books admissions and discharges.
    includes_holds: the source counts our promises among its planned admissions.
    """

    lag: timedelta = timedelta(0)
    includes_holds: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """Someone was admitted through this service: when in fact, and on which promise."""

    at: datetime
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What happened through this service and a report may not know yet."""

    claimed: int = 0
    promised_at: tuple[datetime, ...] = ()
    admissions: tuple[Admission, ...] = ()
    discharged_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A pool's figures with what they cover, and the ledger beside them.

    counted_until: movements up to here are in the figures (observation minus the source's lag).
    folded_*: movements after `counted_until` that a "klopt nog" already put into the figures.
    """

    figures: Figures
    counted_until: datetime
    includes_holds: bool = False
    folded_admissions: int = 0
    folded_discharges: int = 0
    ledger: Ledger = field(default_factory=Ledger)


def check_figures(figures: Figures) -> None:
    """Raises InvalidInput for figures that can't be true. A shortage arises from acts, not from a report."""
    counts = {
        "physical": figures.physical,
        "operable": figures.operable,
        "occupied": figures.occupied,
        "planned": figures.planned,
        "closed": figures.closed,
        "free": figures.free,
    }
    for name, count in counts.items():
        if count is not None and not 0 <= count <= MAX_PLACES:
            raise InvalidInput(f"{name} moet tussen 0 en {MAX_PLACES} liggen.", f"/{name}")
    if figures.free is not None and None not in (figures.operable, figures.occupied):
        raise InvalidInput(
            "Geef de tellingen of alleen free: free volgt uit de tellingen.", "/free"
        )
    _check_at_most("occupied", figures.occupied, "operable", figures.operable)
    _check_at_most("operable", figures.operable, "physical", figures.physical)
    _check_at_most("closed", figures.closed, "physical", figures.physical)
    _check_at_most("free", figures.free, "physical", figures.physical)
    _check_at_most("free", figures.free, "operable", figures.operable)
    if None not in (figures.free, figures.closed, figures.physical) and (
        (figures.free or 0) + (figures.closed or 0) > (figures.physical or 0)
    ):
        raise InvalidInput("Vrije en gesloten plaatsen zijn samen meer dan er bestaan.", "/free")
    if figures.closed_reason is not None and not figures.closed:
        raise InvalidInput("closed_reason hoort bij gesloten plaatsen.", "/closed_reason")
    if figures.closed and figures.closed_reason is None:
        raise InvalidInput("Geef bij gesloten plaatsen de reden.", "/closed_reason")


def _check_at_most(name: str, value: int | None, limit_name: str, limit: int | None) -> None:
    if value is not None and limit is not None and value > limit:
        raise InvalidInput(f"{name} kan niet groter zijn dan {limit_name}.", f"/{name}")


def effective_observation(
    observed_at: datetime | None, sent_at: datetime | None, received_at: datetime
) -> datetime:
    """When the figures were true, by our clock.

    `sent_at` is the sender's clock at sending, so received - sent corrects a wrong clock.
    Never later than the receipt. Raises ObservedInFuture beyond five minutes ahead, and
    InvalidInput when `sent_at` is more than an hour from our clock.
    """
    if sent_at is not None and abs(received_at - sent_at) > MAX_CLOCK_ERROR:
        raise InvalidInput(
            "sent_at ligt meer dan een uur van onze klok. Zet uw klok gelijk, en geef sent_at bij"
            " elke poging opnieuw. Er is niets gewijzigd.",
            "/sent_at",
        )
    if observed_at is None:
        return received_at
    corrected = observed_at if sent_at is None else observed_at + (received_at - sent_at)
    if corrected - received_at > FUTURE_TOLERANCE:
        raise ObservedInFuture(observed_at, received_at)
    return min(corrected, received_at)


@dataclass(frozen=True, slots=True)
class Precedence:
    """Decides which of two reports of a pool stands, whichever comes first.

    The newest observation; of equal ones the lower figure (unknown lowest of all), because a
    place too few costs a call and a place too many costs trust; then the canonical bytes.
    """

    observed_at: datetime
    base: int | None
    digest: bytes

    def outranks(self, other: "Precedence") -> bool:
        """Whether this report replaces the other."""
        return self._key() > other._key()

    def _key(self) -> tuple[datetime, int, bytes]:
        return self.observed_at, -(self.base if self.base is not None else -MAX_PLACES), self.digest


def movements_since(account: Account) -> tuple[int, int]:
    """Admissions and discharges that the figures don't hold yet."""
    ledger, since = account.ledger, account.counted_until
    if account.includes_holds:
        admitted = sum(1 for a in ledger.admissions if (a.promised_at or a.at) > since)
    else:
        admitted = sum(1 for a in ledger.admissions if a.at > since)
    discharged = sum(1 for at in ledger.discharged_at if at > since)
    return admitted - account.folded_admissions, discharged - account.folded_discharges


def balance(account: Account) -> int | None:
    """Places left, signed: below zero is a shortage. None when the report leaves it unknown.

    operable - occupied - planned - holds - admissions not yet in the observation (+ discharges).
    """
    base = account.figures.base
    if base is None:
        return None
    ledger = account.ledger
    if account.includes_holds:
        promised = sum(1 for at in ledger.promised_at if at > account.counted_until)
    else:
        promised = len(ledger.promised_at)
    admitted, discharged = movements_since(account)
    return base - ledger.claimed - promised - admitted + discharged


def free_places(balance_: int | None) -> int | None:
    """What may be offered: never below zero, unknown stays unknown."""
    return None if balance_ is None else max(0, balance_)


def fold(account: Account) -> Account:
    """The report that "klopt nog" stores: movements since go into the figures, the balance stays.

    `counted_until` stays too: an admission that is registered later with an earlier time was not
    in what the person saw, so it still has to count.
    """
    admitted, discharged = movements_since(account)
    figures, moved = account.figures, admitted - discharged
    if figures.occupied is not None:
        figures = replace(figures, occupied=figures.occupied + moved)
    if figures.free is not None:
        figures = replace(figures, free=figures.free - moved)
    return replace(
        account,
        figures=figures,
        folded_admissions=account.folded_admissions + admitted,
        folded_discharges=account.folded_discharges + discharged,
    )


def freshness(valid_until: datetime | None, now: datetime) -> Freshness:
    """How far a figure may be believed at `now`; past its time to live it is never green by itself."""
    if valid_until is None:
        return Freshness.NEVER_REPORTED
    return Freshness.FRESH if now < valid_until else Freshness.UNCONFIRMED
