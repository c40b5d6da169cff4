"""Fields that several registers ask: hours, who is on call, codes and telephone numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.web import labels
from api.web.fields import (
    Choice,
    Codes,
    Field,
    Input,
    Number,
    Raw,
    Rows,
    Text,
    Wrong,
    id_of,
    pointer_of,
)
from api.web.language import marked
from api.web.registers import hours, words
from domain.errors import InvalidInput
from domain.pools import LONGEST_MINUTES, SHORTEST_MINUTES
from domain.posting import PostingSchedule

MOST_TEAM_PC4S, MOST_SERVED_PC4S = 500, 5000


@dataclass(frozen=True, kw_only=True)
class Week(Field):
    """The hours of each day of a week and of holidays; nothing filled in: nobody told."""

    kind = "week"

    @property
    def days(self) -> Sequence[tuple[str, str]]:
        """Each day by the name of its input, with the day's own name."""
        return [(self.day_name(day), words.DAY[day]) for day in hours.DAYS]

    def day_name(self, day: str) -> str:
        """The name of a day's input."""
        return f"{self.name}.{day}"

    @property
    def id(self) -> str:
        return id_of(self.day_name(hours.DAYS[0]))

    def inputs(self) -> Iterator[Input]:
        yield Input(pointer_of(self.name), self.id, self.label)
        for day in hours.DAYS:
            name = self.day_name(day)
            yield Input(pointer_of(name), id_of(name), f"{self.label}, {day}")

    def read(self, raw: Raw, wrong: list[Wrong]) -> dict[str, Any] | None:
        found = {}
        for day in hours.DAYS:
            name = self.day_name(day)
            try:
                found[day] = hours.read_spans(raw.get(name, ""), pointer_of(name))
            except InvalidInput as problem:
                wrong.append(Wrong(problem.pointer, problem.detail))
        told = any(raw.get(self.day_name(day), "").strip() for day in hours.DAYS)
        return found if told else None

    def write(self, value: Any) -> Raw:
        if value is None:
            return {}
        return {self.day_name(day): hours.spans_text(value.get(day, [])) for day in hours.DAYS}

    def shown(self, raw: Raw) -> str:
        return "; ".join(
            f"{day} {raw[self.day_name(day)]}" for day in hours.DAYS if raw.get(self.day_name(day))
        )


@dataclass(frozen=True, kw_only=True)
class WeekText(Text):
    """The same in one line, where there is room for no more; empty is day and night."""

    most: int = 300

    def read(self, raw: Raw, wrong: list[Wrong]) -> Any:
        try:
            return hours.read_week(raw.get(self.name, ""), pointer_of(self.name))
        except InvalidInput as problem:
            wrong.append(Wrong(problem.pointer, problem.detail))
            return None

    def write(self, value: Any) -> Raw:
        return {self.name: hours.week_text(value)}


NAME = Text(name="name", label=marked("Naam"), required=True)
TELEPHONE = Text(name="telephone", label=marked("Telefoon"), most=30, type="tel", inputmode="tel")
OWN_CODE = Text(
    name="external_id",
    label=marked("Eigen code"),
    hint=marked("Zoals de organisatie dit in haar eigen systeem noemt, bijvoorbeeld ELV-2."),
    most=64,
    without="/",
    required=True,
)
ON_CALL = Rows(
    name="on_call",
    label=marked("Achterwacht"),
    hint=marked(
        "Wie opneemt, in de volgorde van bellen: een bureau of dienst, geen privénummer. Schrijf bij"
        " wanneer: ma t/m vr 17:00–23:00; za zo dag en nacht. Leeg is dag en nacht."
    ),
    row=marked("Contact"),
    columns=(
        Text(name="name", label=marked("Naam"), most=200, required=True),
        Text(name="telephone", label=marked("Telefoon"), most=30, type="tel", required=True),
        WeekText(name="hours", label=marked("Wanneer")),
    ),
)
#: When figures are due, and how long they are believed.
POSTING: tuple[Field, ...] = (
    Choice(
        name="posting_schedule",
        label=marked("Wanneer cijfers verwacht worden"),
        options=[(code.value, labels.POSTING[code]) for code in PostingSchedule],
        required=True,
    ),
    Number(
        name="time_to_live_minutes",
        label=marked("Houdbaarheid"),
        hint=marked("Hoe lang een cijfer hoogstens geldt. Leeg: zolang het schema zegt."),
        least=SHORTEST_MINUTES,
        most=LONGEST_MINUTES,
        unit=marked("minuten"),
    ),
)


def pc4s(label: str, hint: str, most: int, *, required: bool = False) -> Codes:
    """Postcodes of four digits."""
    return Codes(name="pc4s", label=label, hint=hint, most=most, required=required)


def options_of(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    """The codes of an enumeration with their words."""
    return [
        (code.value if isinstance(code, StrEnum) else str(code), text)
        for code, text in words.items()
    ]
