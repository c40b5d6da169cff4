"""When somebody can be admitted: opnamedagen, opnamevenster, aanmelden vóór, a maximum a day.

Free is not admissible. What is matched on is the vroegste opname that follows from these rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Self

from domain.calendar import (
    AMSTERDAM,
    MIDNIGHT,
    WEEKDAYS,
    Weekday,
    at_local,
    check_wall_time,
    end_at_local,
    is_holiday,
    read_wall_end,
    read_wall_time,
    wall_text,
)
from domain.errors import InvalidInput
from domain.members import items_of, members_of, whole_of, yes_or_no_of

#: An admission is looked for on the day itself and this many days after.
HORIZON_DAYS = 60
MOST_DAYS_AHEAD = 30
MOST_PER_DAY = 999

#: Until when an answer holds that nothing will change.
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)

_ONE_DAY = timedelta(days=1)
_NONE_TAKEN: Mapping[date, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """A pool's rules for admissions. Times are on the clock in Amsterdam, in whole minutes.

    opens, closes: the opnamevenster; None is the begin or the end of the day.
    apply_before, apply_days_ahead: by when to apply, so many calendar days before the admission;
    apply_before None is the end of that day.
    holidays: whether people are admitted on days off (domain.calendar.is_holiday).
    Raises InvalidInput for rules that no day can meet, with the JSON pointer of the member.
    """

    days: frozenset[Weekday] = frozenset(WEEKDAYS)
    opens: time | None = None
    closes: time | None = None
    apply_before: time | None = None
    apply_days_ahead: int = 0
    max_per_day: int | None = None
    holidays: bool = False

    def __post_init__(self) -> None:
        check_wall_time(self.opens, "/opens")
        check_wall_time(self.closes, "/closes")
        check_wall_time(self.apply_before, "/apply_before")
        if not self.days:
            raise InvalidInput("Noem minstens één opnamedag.", "/days")
        if self.closes is not None and self.closes <= (self.opens or MIDNIGHT):
            raise InvalidInput(
                "Het opnamevenster eindigt later dan het begint, op dezelfde dag.", "/closes"
            )
        _check_range(self.apply_days_ahead, 0, MOST_DAYS_AHEAD, "/apply_days_ahead")
        if self.max_per_day is not None:
            _check_range(self.max_per_day, 1, MOST_PER_DAY, "/max_per_day")

    @classmethod
    def from_json(cls, data: object, pointer: str = "") -> Self:
        """From an object with these members, each optional; null is as good as left out.

        Times are "10:00", for `closes` also "24:00"; days are codes such as "ma".
        Raises InvalidInput; `pointer` is where the data stands in the body.
        """
        given = {
            name: _READERS[name](value, f"{pointer}/{name}")
            for name, value in members_of(data, _READERS, pointer).items()
            if value is not None
        }
        try:
            return cls(**given)
        except InvalidInput as problem:
            raise InvalidInput(problem.detail, pointer + problem.pointer) from None

    def to_json(self) -> dict[str, object]:
        """All members, days in the order of the week, null for what isn't limited."""
        return {
            "days": [str(day) for day in WEEKDAYS if day in self.days],
            "opens": None if self.opens is None else wall_text(self.opens),
            "closes": None if self.closes is None else wall_text(self.closes),
            "apply_before": None if self.apply_before is None else wall_text(self.apply_before),
            "apply_days_ahead": self.apply_days_ahead,
            "max_per_day": self.max_per_day,
            "holidays": self.holidays,
        }


@dataclass(frozen=True, slots=True)
class Earliest:
    """The vroegste opname, as known at the `now` that was asked with.

    at: UTC. immediate: `at` is that now, and for each later now before `holds_until` it is that
    later one; otherwise `at` itself stays the answer until then.
    """

    at: datetime
    immediate: bool
    holds_until: datetime


def earliest_admission(
    rules: AdmissionRules | None,
    now: datetime,
    *,
    taken: Mapping[date, int] = _NONE_TAKEN,
    not_before: datetime | None = None,
) -> Earliest | None:
    """The first instant from now and from `not_before` on at which somebody can be admitted.

    rules None: at any hour. taken: admissions already agreed, by day in Amsterdam.
    None when there is no such instant within 60 days; that holds until midnight in Amsterdam.
    """
    now = now.astimezone(UTC)
    base = now if not_before is None else max(now, not_before.astimezone(UTC))
    if rules is None:
        return Earliest(base, base == now, FOREVER if base == now else base)
    day = base.astimezone(AMSTERDAM).date()
    for _ in range(HORIZON_DAYS + 1):
        if _admits_on(rules, day, taken):
            start = at_local(day, rules.opens or MIDNIGHT)
            end = end_at_local(day, rules.closes)
            at = max(start, base)
            deadline = _apply_until(rules, day)
            if at < end and now < deadline:
                immediate = at == now
                return Earliest(at, immediate, min(deadline, end if immediate else at))
        day += _ONE_DAY
    return None


def _admits_on(rules: AdmissionRules, day: date, taken: Mapping[date, int]) -> bool:
    return (
        WEEKDAYS[day.weekday()] in rules.days
        and (rules.holidays or not is_holiday(day))
        and (rules.max_per_day is None or taken.get(day, 0) < rules.max_per_day)
    )


def _apply_until(rules: AdmissionRules, day: date) -> datetime:
    """The instant from which it is too late to apply for an admission on this day."""
    if rules.apply_days_ahead:
        day -= timedelta(days=rules.apply_days_ahead)
    return end_at_local(day, rules.apply_before)


def _days_from(data: object, pointer: str) -> frozenset[Weekday]:
    days = []
    for number, item in enumerate(items_of(data, len(WEEKDAYS), pointer)):
        if item not in WEEKDAYS or item in days:
            raise InvalidInput(
                f"Noem elke dag één keer, als {', '.join(WEEKDAYS)}.", f"{pointer}/{number}"
            )
        days.append(item)
    return frozenset(Weekday(str(day)) for day in days)


def _check_range(value: int, least: int, most: int, pointer: str) -> None:
    if not least <= value <= most:
        raise InvalidInput(f"Dit is een getal van {least} tot en met {most}.", pointer)


_READERS: dict[str, Callable[[object, str], Any]] = {
    "days": _days_from,
    "opens": read_wall_time,
    "closes": read_wall_end,
    "apply_before": read_wall_time,
    "apply_days_ahead": whole_of,
    "max_per_day": whole_of,
    "holidays": yes_or_no_of,
}
