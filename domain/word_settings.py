"""What somebody wants to hear of by mail, when and how: at once, in a digest, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from domain.calendar import (
    AMSTERDAM,
    at_local,
    check_wall_time,
    read_wall_time,
    wall_text,
)
from domain.errors import InvalidInput
from domain.hours import Span, WeeklyHours, next_opening
from domain.identifiers import is_mail_address
from domain.members import members_of, yes_or_no_of
from domain.notices import NoticeKind

_ONE_DAY = timedelta(days=1)
_DIGEST_AT = time(8)


class Choice(StrEnum):
    """How somebody hears of a kind of notice."""

    METEEN = "meteen"
    OVERZICHT = "overzicht"
    UIT = "uit"


@dataclass(frozen=True, slots=True)
class WordSetting:
    """What goes to one mailbox. The default is nothing: notices stand on the page all the same.

    choices: a kind left out is off. windows: hours of duty, outside which everything waits for the
    next; None: always. quiet_from, quiet_to: hours of the night, over midnight too, in which nothing
    comes. digest_at: when the digest goes, each day, whatever the hours. acuut_always: what is urgent
    comes at once, through all of these, unless its kind is off. Times are those of a clock in
    Amsterdam.

    Raises InvalidInput with the member's pointer.
    """

    address: str | None = None
    choices: Mapping[NoticeKind, Choice] = field(default_factory=lambda: MappingProxyType({}))
    windows: WeeklyHours | None = None
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time = _DIGEST_AT
    acuut_always: bool = True

    def __post_init__(self) -> None:
        if self.address is not None and not is_mail_address(self.address):
            raise InvalidInput("Dit is geen mailadres.", "/address")
        if self.address is None and any(one is not Choice.UIT for one in self.choices.values()):
            raise InvalidInput("Geef een mailadres om berichten te krijgen.", "/address")
        for name in ("quiet_from", "quiet_to", "digest_at"):
            check_wall_time(getattr(self, name), f"/{name}")
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise InvalidInput("Rust heeft een begin en een eind.", "/quiet_to")
        if self.quiet_from is not None and self.quiet_from == self.quiet_to:
            raise InvalidInput("Rust is korter dan een hele dag.", "/quiet_to")
        if self.windows is not None:
            _check_some_time(self.windows, self.quiet_from, self.quiet_to)

    @classmethod
    def from_json(cls, data: object, pointer: str = "") -> Self:
        """From an object with these members, each optional; null is as good as left out.

        Raises InvalidInput; `pointer` is where the data stands in the body.
        """
        given = {
            name: _READERS[name](value, f"{pointer}/{name}")
            for name, value in members_of(data, tuple(_READERS), pointer).items()
            if value is not None
        }
        try:
            return cls(**given)
        except InvalidInput as problem:
            raise InvalidInput(problem.detail, pointer + problem.pointer) from None

    def to_json(self) -> dict[str, Any]:
        """All members, each kind with its choice."""
        return {
            "address": self.address,
            "choices": {str(kind): str(self.choices.get(kind, Choice.UIT)) for kind in NoticeKind},
            "windows": self.windows.to_json() if self.windows is not None else None,
            "quiet_from": _text(self.quiet_from),
            "quiet_to": _text(self.quiet_to),
            "digest_at": wall_text(self.digest_at),
            "acuut_always": self.acuut_always,
        }


#: Of an organisation or a person that set nothing.
NOTHING_SET = WordSetting()


@dataclass(frozen=True, slots=True)
class Due:
    """When a notice goes out; digest: together with others."""

    at: datetime
    digest: bool


def due_at(setting: WordSetting, kind: NoticeKind, *, urgent: bool, now: datetime) -> Due | None:
    """When somebody with this setting hears of a notice; None: not by mail."""
    choice = setting.choices.get(kind, Choice.UIT)
    if setting.address is None or choice is Choice.UIT:
        return None
    now = now.astimezone(UTC)
    if urgent and setting.acuut_always:
        return Due(now, digest=False)
    if choice is Choice.OVERZICHT:
        return Due(_next_digest(setting.digest_at, now), digest=True)
    at = _next_moment(setting, now)
    return Due(at, digest=False) if at is not None else None


def _next_digest(digest_at: time, now: datetime) -> datetime:
    """The first moment after now at which a clock shows this time; in an hour that comes twice, once."""
    today = now.astimezone(AMSTERDAM).date()
    return next(at for day in (today, today + _ONE_DAY) if (at := at_local(day, digest_at)) > now)


def _next_moment(setting: WordSetting, now: datetime) -> datetime | None:
    """The first moment from now on within the windows and outside the quiet hours."""
    at: datetime | None = now
    while at is not None:
        opened = next_opening(setting.windows, at) if setting.windows is not None else at
        awake = _end_of_quiet(setting, opened) if opened is not None else None
        if awake is None or awake == opened:
            return opened
        at = awake
    return None


def _end_of_quiet(setting: WordSetting, at: datetime) -> datetime:
    """When the quiet in which a moment falls is over; the moment itself when it falls in none."""
    if setting.quiet_from is None or setting.quiet_to is None:
        return at
    over_midnight = setting.quiet_to < setting.quiet_from
    today = at.astimezone(AMSTERDAM).date()
    for day in (today - _ONE_DAY, today):
        ends_on = day + _ONE_DAY if over_midnight else day
        ends = at_local(ends_on, setting.quiet_to)
        if at_local(day, setting.quiet_from) <= at < ends:
            return ends
    return at


def _check_some_time(windows: WeeklyHours, quiet_from: time | None, quiet_to: time | None) -> None:
    """Raises InvalidInput unless some hours of duty lie outside the quiet ones."""
    spans = [span for day in (*windows.week, windows.holidays) for span in day]
    if not spans:
        raise InvalidInput("Geef minstens één tijd waarop berichten mogen komen.", "/windows")
    if quiet_from is None or quiet_to is None:
        return
    if all(_is_quiet(span, quiet_from, quiet_to) for span in spans):
        raise InvalidInput("Alle tijden van dienst vallen in de rust.", "/windows")


def _is_quiet(span: Span, quiet_from: time, quiet_to: time) -> bool:
    """Whether a span of a day lies in the quiet hours as a whole."""
    if quiet_from < quiet_to:
        return quiet_from <= span.start and span.until is not None and span.until <= quiet_to
    return span.start >= quiet_from or (span.until is not None and span.until <= quiet_to)


def _text(wall_time: time | None) -> str | None:
    return wall_text(wall_time) if wall_time is not None else None


def _address_from(value: object, pointer: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput("Dit is geen mailadres.", pointer)
    return value.strip()


def _choices_from(data: object, pointer: str) -> Mapping[NoticeKind, Choice]:
    found = {}
    for name, value in members_of(data, tuple(NoticeKind), pointer).items():
        if value not in tuple(Choice):
            raise InvalidInput(f"Kies uit: {', '.join(Choice)}.", f"{pointer}/{name}")
        found[NoticeKind(name)] = Choice(str(value))
    return MappingProxyType(found)


_READERS: Mapping[str, Any] = {
    "address": _address_from,
    "choices": _choices_from,
    "windows": WeeklyHours.from_json,
    "quiet_from": read_wall_time,
    "quiet_to": read_wall_time,
    "digest_at": read_wall_time,
    "acuut_always": yes_or_no_of,
}
