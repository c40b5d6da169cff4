"""Beds that are followed one by one (MFB), and the figures of their pool that follow from them."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.capacity import Figures
from domain.care_types import ClosedReason
from domain.errors import InvalidInput
from domain.observations import check_day
from domain.outlook import Forecast


class BedState(StrEnum):
    """What a provider says of a bed. HL7 table 0116 has the like: U, O, H and C."""

    FREE = "free"
    OCCUPIED = "occupied"
    CLEANING = "cleaning"
    CLOSED = "closed"


class Hold(StrEnum):
    """What this service itself keeps a bed for; no report of a provider ends it."""

    CLAIMED = "claimed"
    PROMISED = "promised"


@dataclass(frozen=True, slots=True)
class BedReport:
    """What is said of a bed. `expected_discharge` from day one of a stay; None: not known yet."""

    state: BedState
    closed_reason: ClosedReason | None = None
    expected_discharge: date | None = None


@dataclass(frozen=True, slots=True)
class Bed:
    """A bed as it stands: its last report (None: never reported) and until when that is believed."""

    report: BedReport | None
    hold: Hold | None = None
    observed_at: datetime | None = None
    valid_until: datetime | None = None


#: From the freest state to the one that promises least; of equal observations the last one stands.
_LESS_FREE = (BedState.FREE, BedState.CLEANING, BedState.OCCUPIED, BedState.CLOSED)


def rank(report: BedReport) -> tuple[int, ...]:
    """How little a report promises (see Observation): its state, then the later discharge."""
    day = report.expected_discharge
    leaves = day.toordinal() if day is not None else date.max.toordinal()
    return _LESS_FREE.index(report.state), leaves


def check_bed(report: BedReport, observed_on: date) -> None:
    """Raises InvalidInput for what can't be true of a bed; `observed_on` is the day in Amsterdam."""
    if (report.state is BedState.CLOSED) != (report.closed_reason is not None):
        raise InvalidInput(
            "Een gesloten bed heeft een reden, een ander bed niet.", "/closed_reason"
        )
    if report.expected_discharge is not None and report.state is not BedState.OCCUPIED:
        raise InvalidInput(
            "Een verwachte ontslagdatum hoort bij een bezet bed.", "/expected_discharge"
        )
    check_day(report.expected_discharge, observed_on, "/expected_discharge")


def shown_state(bed: Bed) -> str | None:
    """What a board shows of a bed: a hold hides that it is free; None: never reported."""
    if bed.report is None:
        return None
    if bed.hold is not None and bed.report.state in (BedState.FREE, BedState.CLEANING):
        return bed.hold
    return bed.report.state


@dataclass(frozen=True, slots=True)
class PoolOfBeds:
    """What the pool's row says of its beds.

    observed_at, valid_until: those of the bed whose report ends first, so that the sum is never
    believed longer than its weakest part.
    """

    figures: Figures
    forecast: Forecast
    claimed: int
    promised: int
    observed_at: datetime
    valid_until: datetime


def pool_of(beds: Collection[Bed]) -> PoolOfBeds | None:
    """The figures that follow from a pool's beds; None as long as none was ever reported.

    A bed that was never reported exists (physical) and is not staffed as far as anyone knows, so
    it never counts as free; one that is being cleaned counts as taken.
    """
    reported = [(bed, bed.report) for bed in beds if bed.report is not None]
    if not reported:
        return None
    states = Counter(report.state for _, report in reported)
    closed = states[BedState.CLOSED]
    oldest = min((bed for bed, _ in reported), key=_believed_until)
    assert oldest.observed_at is not None
    assert oldest.valid_until is not None
    held = [
        bed.hold
        for bed, report in reported
        if report.state in (BedState.FREE, BedState.CLEANING) and bed.hold is not None
    ]
    taken = sum(
        report.state is BedState.OCCUPIED
        or (report.state is BedState.CLEANING and bed.hold is None)
        for bed, report in reported
    )
    return PoolOfBeds(
        figures=Figures(
            physical=len(beds),
            operable=len(reported) - closed,
            occupied=taken,
            planned=0,
            closed=closed,
            closed_reason=_most_common(r.closed_reason for _, r in reported),
        ),
        forecast=Forecast.of(
            discharges=Counter(
                report.expected_discharge
                for _, report in reported
                if report.expected_discharge is not None
            )
        ),
        claimed=held.count(Hold.CLAIMED),
        promised=held.count(Hold.PROMISED),
        observed_at=oldest.observed_at,
        valid_until=oldest.valid_until,
    )


def _believed_until(bed: Bed) -> tuple[datetime, datetime]:
    assert bed.valid_until is not None
    assert bed.observed_at is not None
    return bed.valid_until, bed.observed_at


def _most_common(reasons: Iterable[ClosedReason | None]) -> ClosedReason | None:
    counted = Counter(reason for reason in reasons if reason is not None)
    return min(counted, key=lambda reason: (-counted[reason], reason)) if counted else None
