"""Figures, movements and times for property tests: few values, so that they meet at their edges."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.capacity import Account, Admission, Figures, Ledger, check_figures
from domain.care_types import ClosedReason
from domain.errors import InvalidInput

MORNING = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
STEP = timedelta(minutes=10)

#: Moments of one morning, ten minutes apart: many reports and movements share one.
moments = st.integers(0, 18).map(lambda step: MORNING + step * STEP)
lags = st.sampled_from([timedelta(0), STEP, timedelta(hours=2), timedelta(hours=24)])

_counts = st.none() | st.integers(0, 6)
_any_counts = st.none() | st.integers(-1, 4) | st.sampled_from([9999, 10_000, 32_767])
_reasons = st.none() | st.sampled_from(ClosedReason)
_dates = st.none() | st.just(date(2026, 11, 23))

#: Figures of any kind, most of them impossible.
any_figures = st.builds(
    Figures,
    physical=_any_counts,
    operable=_any_counts,
    occupied=_any_counts,
    planned=_any_counts,
    closed=_any_counts,
    closed_reason=_reasons,
    free=_any_counts,
    available_from=_dates,
)


def _possible(figures: Figures) -> bool:
    try:
        check_figures(figures)
    except InvalidInput:
        return False
    return True


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    """Figures that a report may have: the counts of a feed, or what a person sees as free."""
    closed = draw(_counts)
    reason = draw(st.sampled_from(ClosedReason)) if closed else None
    if draw(st.booleans()):
        said = Figures(
            physical=draw(st.none() | st.integers(6, 8)),
            operable=draw(st.none() | st.just(6)),
            occupied=draw(_counts),
            planned=draw(_counts),
            closed=closed,
            closed_reason=reason,
        )
    else:
        free = draw(_counts)
        room = max(6, (free or 0) + (closed or 0))
        said = Figures(
            physical=draw(st.none() | st.integers(room, 12)),
            operable=draw(st.none() | st.just(6)),
            closed=closed,
            closed_reason=reason,
            free=free,
            available_from=draw(_dates),
        )
    assert _possible(said)
    return said


_NAMES = ("physical", "operable", "occupied", "planned", "closed", "free")


@st.composite
def nearly_possible_figures(draw: st.DrawFn) -> Figures:
    """Figures that a report may have but for one thing, which may be just as well."""
    said = draw(figures())
    name = draw(st.sampled_from([*_NAMES, "closed_reason"]))
    value: Any = draw(_reasons if name == "closed_reason" else st.integers(-1, 10) | _any_counts)
    return replace(said, **{name: value})


@st.composite
def admissions(draw: st.DrawFn) -> Admission:
    """An admission, on an earlier promise or without one."""
    at = draw(moments)
    promised = draw(st.none() | st.integers(0, 3))
    return Admission(at, None if promised is None else at - promised * STEP)


ledgers = st.builds(
    Ledger,
    claimed=st.integers(0, 3),
    promised_at=st.lists(moments, max_size=4).map(tuple),
    admissions=st.lists(admissions(), max_size=4).map(tuple),
    discharged_at=st.lists(moments, max_size=4).map(tuple),
)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """A pool's figures with what they cover and the ledger beside them."""
    return Account(
        figures=draw(figures()),
        counted_until=draw(moments) - draw(lags),
        includes_holds=draw(st.booleans()),
        ledger=draw(ledgers),
    )
