"""The questions of forms: each knows its words, reads what was typed and writes what stands.

A field's name is its JSON pointer with dots (`on_call.0.telephone`), so what the domain says of a
pointer finds its field. `formulier.html` draws each kind.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from api.web.language import marked

#: What a browser sends: text by the name of the input. A box that isn't ticked is left out.
Raw = dict[str, str]
Options = Sequence[tuple[str, str]]
TICKED = "aan"
_MISSING = marked("Dit is nog leeg.")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with what was typed; `pointer` as InvalidInput has it."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Input:
    """A place on the page that an error can point at."""

    pointer: str
    id: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """A question of a form. `hint` stands above the input."""

    name: str
    label: str
    hint: str = ""
    required: bool = False
    kind: ClassVar[str]

    @property
    def id(self) -> str:
        """Of its input, or of the first one."""
        return id_of(self.name)

    def holds(self, name: str) -> bool:
        """Whether this is one of its inputs."""
        return name == self.name or name.startswith(f"{self.name}.")

    def inputs(self) -> Iterator[Input]:
        """Where its errors go."""
        yield Input(pointer_of(self.name), self.id, self.label)

    @abstractmethod
    def read(self, raw: Raw, wrong: list[Wrong]) -> Any:
        """What was meant; what isn't clear is added to `wrong`."""

    def write(self, value: Any) -> Raw:
        """A value that stands, as somebody would type it."""
        return {} if value is None else {self.name: str(value)}

    def shown(self, raw: Raw) -> str:
        """What is typed, in words."""
        return raw.get(self.name, "")


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """One line of at most so many characters; `without` are characters that it can't hold."""

    kind = "text"
    most: int = 100
    without: str = ""
    #: The input's type and how a phone's keyboard helps.
    type: str = "text"
    inputmode: str = ""

    def read(self, raw: Raw, wrong: list[Wrong]) -> str | None:
        text = raw.get(self.name, "").strip()
        if not text:
            if self.required:
                wrong.append(Wrong(pointer_of(self.name), _MISSING))
            return None
        if len(text) > self.most:
            wrong.append(Wrong(pointer_of(self.name), marked("Dit is te lang.")))
        if not text.isprintable() or any(sign in text for sign in self.without):
            wrong.append(
                Wrong(pointer_of(self.name), marked("Hierin staat een teken dat niet kan."))
            )
        return text


@dataclass(frozen=True, kw_only=True)
class Lines(Field):
    """Free text of at most so many characters, on as many lines as it takes."""

    kind = "lines"
    most: int = 2000

    def read(self, raw: Raw, wrong: list[Wrong]) -> str | None:
        text = raw.get(self.name, "").replace("\r\n", "\n").strip()
        if not text:
            if self.required:
                wrong.append(Wrong(pointer_of(self.name), _MISSING))
            return None
        if len(text) > self.most:
            wrong.append(Wrong(pointer_of(self.name), marked("Dit is te lang.")))
        if not text.replace("\n", "").isprintable():
            wrong.append(
                Wrong(pointer_of(self.name), marked("Hierin staat een teken dat niet kan."))
            )
        return text


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A day from the browser's own picker."""

    kind = "day"

    def read(self, raw: Raw, wrong: list[Wrong]) -> date | None:
        text = raw.get(self.name, "").strip()
        try:
            found = date.fromisoformat(text) if text else None
        except ValueError:
            found = None
        # As far from the ends of the calendar as the API wants it.
        if (found is None and (text or self.required)) or (found and not 1900 <= found.year < 2200):
            detail = marked("Kies een dag.") if text else _MISSING
            wrong.append(Wrong(pointer_of(self.name), detail))
        return found


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number from `least` to `most`; whole unless it is said to have decimals."""

    kind = "number"
    least: float
    most: float
    decimals: bool = False
    unit: str = ""

    def read(self, raw: Raw, wrong: list[Wrong]) -> int | float | None:
        text = raw.get(self.name, "").strip().replace(",", ".")
        if not text:
            if self.required:
                wrong.append(Wrong(pointer_of(self.name), _MISSING))
            return None
        shape = r"-?\d{1,9}(\.\d{1,15})?" if self.decimals else r"-?\d{1,9}"
        if re.fullmatch(shape, text, re.ASCII) is None:
            wrong.append(Wrong(pointer_of(self.name), marked("Vul een getal in.")))
            return None
        number = float(text) if self.decimals else int(text)
        if not self.least <= number <= self.most:
            told = f"Vul een getal in van {self.least} tot en met {self.most}."
            wrong.append(Wrong(pointer_of(self.name), told))
        return number


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of some; without `required` also none of them."""

    kind = "choice"
    options: Options
    none: str = marked("Kies")

    def read(self, raw: Raw, wrong: list[Wrong]) -> str | None:
        chosen = raw.get(self.name, "")
        if chosen and chosen not in dict(self.options):
            wrong.append(Wrong(pointer_of(self.name), marked("Kies er een uit de lijst.")))
        elif not chosen and self.required:
            wrong.append(Wrong(pointer_of(self.name), _MISSING))
        return chosen or None

    def shown(self, raw: Raw) -> str:
        return dict(self.options).get(raw.get(self.name, ""), "")


@dataclass(frozen=True, kw_only=True)
class Choices(Field):
    """Any of some, each a box of its own."""

    kind = "choices"
    options: Options

    @property
    def id(self) -> str:
        return id_of(self.box(self.options[0][0])) if self.options else id_of(self.name)

    def box(self, code: str) -> str:
        """The name of one box."""
        return f"{self.name}.{code}"

    def read(self, raw: Raw, wrong: list[Wrong]) -> list[str]:
        chosen = [code for code, _ in self.options if raw.get(self.box(code)) == TICKED]
        if not chosen and self.required:
            wrong.append(Wrong(pointer_of(self.name), marked("Kies er minstens een.")))
        return chosen

    def write(self, value: Any) -> Raw:
        return {self.box(str(code)): TICKED for code in value or ()}

    def shown(self, raw: Raw) -> str:
        return ", ".join(text for code, text in self.options if raw.get(self.box(code)) == TICKED)


@dataclass(frozen=True, kw_only=True)
class Tick(Field):
    """Yes or no."""

    kind = "tick"

    def read(self, raw: Raw, wrong: list[Wrong]) -> bool:  # noqa: ARG002 - nothing can be wrong with it
        return raw.get(self.name) == TICKED

    def write(self, value: Any) -> Raw:
        return {self.name: TICKED} if value else {}

    def shown(self, raw: Raw) -> str:
        return marked("ja") if raw.get(self.name) == TICKED else marked("nee")


@dataclass(frozen=True, kw_only=True)
class Codes(Field):
    """Codes behind each other, with spaces, commas or lines between them."""

    kind = "codes"
    most: int

    def read(self, raw: Raw, wrong: list[Wrong]) -> list[str]:
        found = list(dict.fromkeys(re.findall(r"[^\s,;]+", raw.get(self.name, ""))))
        if not found and self.required:
            wrong.append(Wrong(pointer_of(self.name), _MISSING))
        if len(found) > self.most:
            wrong.append(Wrong(pointer_of(self.name), marked("Dit zijn er te veel.")))
        return found

    def write(self, value: Any) -> Raw:
        return {self.name: " ".join(value)} if value else {}


@dataclass(frozen=True, kw_only=True)
class Rows(Field):
    """The same questions some times over; a row that is left empty isn't there."""

    kind = "rows"
    columns: tuple[Field, ...]
    row: str
    most: int = 50
    #: Empty rows below those that are filled in.
    spare: int = 2

    def row_fields(self, number: int) -> list[Field]:
        """The fields of one row."""
        return [
            replace(column, name=f"{self.name}.{number}.{column.name}") for column in self.columns
        ]

    def filled(self, raw: Raw) -> list[int]:
        """The numbers of the rows that hold something."""
        pattern = re.compile(rf"{re.escape(self.name)}\.(\d{{1,3}})\.")
        found = (pattern.match(name) for name, text in raw.items() if text)
        return sorted({int(match[1]) for match in found if match})

    def compacted(self, raw: Raw) -> Raw:
        """The same with the empty rows closed up, so that the rows count as the domain counts."""
        kept = {name: text for name, text in raw.items() if not name.startswith(f"{self.name}.")}
        for number, was in enumerate(self.filled(raw)):
            for now, then in zip(self.row_fields(number), self.row_fields(was), strict=True):
                if then.name in raw:
                    kept[now.name] = raw[then.name]
        return kept

    def shown_rows(self, raw: Raw) -> range:
        """The numbers of the rows that a page shows."""
        return range(min(len(self.filled(raw)) + self.spare, self.most))

    def inputs(self) -> Iterator[Input]:
        first = self.row_fields(0)[0].id
        yield Input(pointer_of(self.name), first, self.label)
        for number in range(self.most):
            for column in self.row_fields(number):
                yield Input(pointer_of(column.name), column.id, f"{column.label} {number + 1}")

    def read(self, raw: Raw, wrong: list[Wrong]) -> list[dict[str, Any]]:
        found = []
        for number in self.filled(raw):
            fields = zip(self.columns, self.row_fields(number), strict=True)
            found.append({column.name: field.read(raw, wrong) for column, field in fields})
        if len(found) > self.most:
            wrong.append(Wrong(pointer_of(self.name), marked("Dit zijn er te veel.")))
        return found

    def write(self, value: Any) -> Raw:
        raw: Raw = {}
        for number, given in enumerate(value or ()):
            for column, field in zip(self.columns, self.row_fields(number), strict=True):
                raw |= field.write(given[column.name])
        return raw

    def shown(self, raw: Raw) -> str:
        rows = (self.row_fields(number) for number in self.filled(raw))
        return "; ".join(" ".join(filter(None, (one.shown(raw) for one in row))) for row in rows)


def id_of(name: str) -> str:
    """The id of an input."""
    return f"v-{name.replace('.', '-')}"


def pointer_of(name: str) -> str:
    """Where the value of an input stands in what the domain reads."""
    return f"/{name.replace('.', '/')}"
