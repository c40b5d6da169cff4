"""Moments and ages in the words of a page: `vandaag 18:15`, `ma 23 nov 10:00`, `26 u`."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from babel.dates import format_date

from api.web.labels import WEEKDAY
from api.web.language import translations
from domain.calendar import AMSTERDAM, WEEKDAYS, Weekday

_ONE_DAY = timedelta(days=1)


def clock(at: datetime) -> str:
    """The wall time in Amsterdam."""
    return at.astimezone(AMSTERDAM).strftime("%H:%M")


def day(on: date, today: date, language: str) -> str:
    """A day as people say it; beyond half a year the year is told too."""
    _ = translations(language).gettext
    if on == today:
        return _("vandaag")
    if on == today + _ONE_DAY:
        return _("morgen")
    if on == today - _ONE_DAY:
        return _("gisteren")
    pattern = "EEE d MMM" if abs((on - today).days) < 183 else "EEE d MMM y"
    return format_date(on, pattern, locale=language).replace(".", "")


def moment(at: datetime, now: datetime, language: str) -> str:
    """A moment by day and wall time in Amsterdam."""
    local = at.astimezone(AMSTERDAM)
    return f"{day(local.date(), now.astimezone(AMSTERDAM).date(), language)} {local:%H:%M}"


def weekdays(days: Collection[Weekday], language: str) -> str:
    """Days of the week: a run of three or more as `ma t/m vr`, others one by one."""
    _ = translations(language).gettext
    runs: list[list[Weekday]] = []
    for each in WEEKDAYS:
        if each not in days:
            continue
        before = WEEKDAYS[WEEKDAYS.index(each) - 1]
        if runs and runs[-1][-1] == before:
            runs[-1].append(each)
        else:
            runs.append([each])
    said: list[str] = []
    for run in runs:
        words = [_(WEEKDAY[each]) for each in run]
        said += [" ".join((words[0], _("t/m"), words[-1]))] if len(run) > 2 else words
    return ", ".join(said)


def age(since: datetime, now: datetime, language: str) -> str:
    """How old something is: minutes, then hours, then days, never rounded up."""
    _ = translations(language).gettext
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} {_('min')}"
    if minutes < 48 * 60:
        return f"{minutes // 60} {_('u')}"
    return f"{minutes // (24 * 60)} {_('d')}"
