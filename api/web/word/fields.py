"""The questions that only the settings of word ask: how one hears of each kind, and a time of day."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.web.fields import Field, Input, Options, Raw, Text, Wrong, id_of, pointer_of
from api.web.language import marked
from api.web.registers import hours
from domain.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Grid(Field):
    """The same choice for each of some things; what isn't chosen is the last of the options."""

    kind = "grid"
    rows: Options
    options: Options

    @property
    def id(self) -> str:
        return f"{id_of(self.row_name(self.rows[0][0]))}-{self.options[0][0]}"

    def row_name(self, code: str) -> str:
        """The name of the inputs of one row."""
        return f"{self.name}.{code}"

    def chosen(self, raw: Raw, code: str) -> str:
        """What is chosen for one row."""
        return raw.get(self.row_name(code)) or self.options[-1][0]

    def inputs(self) -> Iterator[Input]:
        yield Input(pointer_of(self.name), self.id, self.label)
        for code, label in self.rows:
            name = self.row_name(code)
            yield Input(pointer_of(name), f"{id_of(name)}-{self.options[0][0]}", label)

    def read(self, raw: Raw, wrong: list[Wrong]) -> dict[str, str]:
        found = {code: self.chosen(raw, code) for code, _ in self.rows}
        for code, choice in found.items():
            if choice not in dict(self.options):
                pointer = pointer_of(self.row_name(code))
                wrong.append(Wrong(pointer, marked("Kies er een uit de lijst.")))
        return found

    def write(self, value: Any) -> Raw:
        known = dict(self.rows)
        return {self.row_name(code): said for code, said in (value or {}).items() if code in known}

    def shown(self, raw: Raw) -> str:
        said = [
            f"{label}: {dict(self.options).get(self.chosen(raw, code), '')}"
            for code, label in self.rows
            if self.chosen(raw, code) != self.options[-1][0]
        ]
        return "; ".join(said)


@dataclass(frozen=True, kw_only=True)
class TimeOfDay(Text):
    """A time as somebody types it: `8`, `8.30`, `08:30`."""

    most: int = 5
    inputmode: str = "text"

    def read(self, raw: Raw, wrong: list[Wrong]) -> str | None:
        text = raw.get(self.name, "").strip().lower()
        if not text:
            return None
        try:
            return hours.read_time(text, pointer_of(self.name))
        except InvalidInput as problem:
            wrong.append(Wrong(problem.pointer, problem.detail))
            return None
