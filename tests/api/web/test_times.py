"""Moments and ages in words, in Amsterdam."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api.web import times

NOW = datetime(2026, 11, 22, 16, 42, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "said"),
    {
        datetime(2026, 11, 22, 17, 15, tzinfo=UTC): "vandaag 18:15",
        datetime(2026, 11, 22, 22, 59, tzinfo=UTC): "vandaag 23:59",
        datetime(2026, 11, 22, 23, 0, tzinfo=UTC): "morgen 00:00",
        datetime(2026, 11, 21, 12, 0, tzinfo=UTC): "gisteren 13:00",
        datetime(2026, 11, 24, 9, 0, tzinfo=UTC): "di 24 nov 10:00",
        datetime(2027, 6, 24, 9, 0, tzinfo=UTC): "do 24 jun 2027 11:00",
    }.items(),
)
def test_a_moment_is_told_by_its_day_and_the_clock_on_the_wall(at: datetime, said: str) -> None:
    assert times.moment(at, NOW, "nl") == said


def test_the_hour_that_comes_twice_is_the_same_on_the_wall() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert times.clock(first) == times.clock(second) == "02:30"
    assert times.clock(second + timedelta(hours=1)) == "03:30"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-5, "0 min"),
        (0, "0 min"),
        (59.9, "59 min"),
        (60, "1 u"),
        (26 * 60, "26 u"),
        (48 * 60 - 1, "47 u"),
        (48 * 60, "2 d"),
        (71 * 60, "2 d"),
    ],
)
def test_an_age_is_never_rounded_up(minutes: float, said: str) -> None:
    assert times.age(NOW - timedelta(minutes=minutes), NOW, "nl") == said


def test_another_language_has_its_own_names_of_days() -> None:
    assert times.day(date(2026, 11, 24), date(2026, 11, 22), "nl") == "di 24 nov"
    assert times.day(date(2027, 11, 24), date(2026, 11, 22), "nl").endswith("2027")
