"""When word goes out: at once or in a digest, within the hours of duty, never in the quiet ones."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.calendar import AMSTERDAM, at_local
from domain.errors import InvalidInput
from domain.hours import WeeklyHours, is_open
from domain.notices import NoticeKind
from domain.word_settings import NOTHING_SET, Choice, Due, WordSetting, due_at
from tests.factories.clock import MINUTE, amsterdam

VRAAG = NoticeKind.VRAAG
ADDRESS = "intake@zorg.example"
OFFICE = WeeklyHours.from_json(
    {day: [["08:30", "17:00"]] for day in ("ma", "di", "wo", "do", "vr")}
)


def setting(choice: Choice = Choice.METEEN, **options: object) -> WordSetting:
    """One that wants to hear of questions."""
    return WordSetting(ADDRESS, {VRAAG: choice}, **options)  # type: ignore[arg-type]  # each by its own type


def due(wanted: WordSetting, now: datetime, *, urgent: bool = False) -> Due | None:
    """When a question goes out."""
    return due_at(wanted, VRAAG, urgent=urgent, now=now)


#: Mostly around changes of the clock.
moments = st.builds(
    lambda day, minutes: amsterdam(day) + minutes * MINUTE,
    st.sampled_from(["2026-12-24", "2027-03-26", "2027-10-29"]),
    st.integers(0, 4 * 24 * 60),
)
times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
hours = st.sampled_from(
    [
        None,
        OFFICE,
        WeeklyHours.from_json({"za": [["22:00", "24:00"]], "zo": [["00:00", "07:00"]]}),
        WeeklyHours.from_json({"zo": [["02:15", "02:45"]], "wo": [["09:00", "09:15"]]}),
    ]
)


def is_quiet(at: datetime, begins: time, ends: time) -> bool:
    """Whether a moment lies between the two as a clock of that night runs."""
    today = at.astimezone(AMSTERDAM).date()
    nights = [today - timedelta(days=1), today]
    over = timedelta(days=1 if ends < begins else 0)
    return any(at_local(day, begins) <= at < at_local(day + over, ends) for day in nights)


@given(moments, hours, times, times)
@settings(max_examples=200)
def test_at_once_is_the_first_minute_on_duty_that_is_not_quiet(
    now: datetime, windows: WeeklyHours | None, begins: time, ends: time
) -> None:
    assume(begins != ends)
    try:
        wanted = setting(windows=windows, quiet_from=begins, quiet_to=ends)
    except InvalidInput:
        assume(False)
    found = due(wanted, now)
    assert found is not None
    assert not found.digest
    assert found.at >= now

    def may_come(at: datetime) -> bool:
        return (windows is None or is_open(windows, at)) and not is_quiet(at, begins, ends)

    assert may_come(found.at)
    # All moments here are whole minutes; a day and a half is as far as it pays to walk.
    walked = now
    while walked < min(found.at, now + timedelta(hours=36)):
        assert not may_come(walked), walked
        walked += 15 * MINUTE if walked.minute % 15 == 0 else MINUTE


@given(moments, times)
def test_a_digest_goes_at_the_next_showing_of_its_time_whatever_the_hours(
    now: datetime, at: time
) -> None:
    wanted = setting(
        Choice.OVERZICHT, digest_at=at, windows=OFFICE, quiet_from=time(20), quiet_to=time(8)
    )
    found = due(wanted, now)
    assert found is not None
    assert found.digest
    assert now < found.at <= now + timedelta(hours=25)
    day = found.at.astimezone(AMSTERDAM).date()
    assert found.at == at_local(day, at)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22 21:59", "2026-11-22 21:59"),
        ("2026-11-22 22:00", "2026-11-23 07:00"),
        ("2026-11-23 06:59", "2026-11-23 07:00"),
        ("2026-11-23 07:00", "2026-11-23 07:00"),
        # A night of nine hours is one of eight by the clock that jumps.
        ("2027-03-27 23:00", "2027-03-28 07:00"),
    ],
)
def test_quiet_lasts_over_midnight_until_the_clock_shows_its_end(now: str, expected: str) -> None:
    night = setting(quiet_from=time(22), quiet_to=time(7))
    found = due(night, amsterdam(now))
    assert found == Due(amsterdam(expected).astimezone(UTC), digest=False)


def test_an_hour_that_comes_twice_is_quiet_once() -> None:
    night = setting(quiet_from=time(23), quiet_to=time(2, 30))
    second_two_fifteen = datetime(2027, 10, 31, 1, 15, tzinfo=UTC)
    assert due(night, second_two_fifteen) == Due(second_two_fifteen, digest=False)
    first_two_fifteen = second_two_fifteen - timedelta(hours=1)
    assert due(night, first_two_fifteen) == Due(first_two_fifteen + 15 * MINUTE, digest=False)


@given(moments)
def test_what_is_urgent_breaks_through_unless_that_is_off_or_the_kind_is(now: datetime) -> None:
    options = {"windows": OFFICE, "quiet_from": time(17), "quiet_to": time(8, 30)}
    for choice in (Choice.METEEN, Choice.OVERZICHT):
        assert due(setting(choice, **options), now, urgent=True) == Due(now, digest=False)
        calm = setting(choice, acuut_always=False, **options)
        assert due(calm, now, urgent=True) == due(calm, now)
    assert due(setting(Choice.UIT, **options), now, urgent=True) is None


def test_who_set_nothing_hears_nothing_by_mail() -> None:
    now = amsterdam("2026-11-22 12:00")
    for kind in NoticeKind:
        assert due_at(NOTHING_SET, kind, urgent=True, now=now) is None
    assert due_at(setting(), NoticeKind.ALARM, urgent=True, now=now) is None


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"address": "intake"}, "/address"),
        ({"address": "a@b.example\nBcc: c@d.example"}, "/address"),
        ({"address": "a@b.example, c@d.example"}, "/address"),
        ({"address": 5}, "/address"),
        ({"choices": {"vraag": "meteen"}}, "/address"),
        ({"choices": {"vraag": "soms"}}, "/choices/vraag"),
        ({"choices": {"sms": "meteen"}}, "/choices/sms"),
        ({"quiet_from": "22:00"}, "/quiet_to"),
        ({"quiet_from": "22:00", "quiet_to": "22:00"}, "/quiet_to"),
        ({"quiet_from": "25:00", "quiet_to": "22:00"}, "/quiet_from"),
        ({"digest_at": "24:00"}, "/digest_at"),
        ({"windows": {}}, "/windows"),
        ({"windows": {"ma": [["08:00", "07:00"]]}}, "/windows/ma/0"),
        (
            {"windows": {"ma": [["22:30", "24:00"]]}, "quiet_from": "22:00", "quiet_to": "07:00"},
            "/windows",
        ),
        ({"acuut_always": "ja"}, "/acuut_always"),
        ({"telefoon": "070"}, "/telefoon"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(
    data: dict[str, object], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        WordSetting.from_json(data, "/setting")
    assert refused.value.pointer == f"/setting{pointer}"


def test_a_setting_is_read_back_as_it_was_written() -> None:
    wanted = setting(windows=OFFICE, quiet_from=time(22), quiet_to=time(7), digest_at=time(9, 30))
    again = WordSetting.from_json(wanted.to_json())
    assert again.to_json() == wanted.to_json()
    assert due(again, amsterdam("2026-11-22 12:00")) == due(wanted, amsterdam("2026-11-22 12:00"))
    assert WordSetting.from_json({}) == NOTHING_SET
