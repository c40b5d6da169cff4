"""A form with what was typed in it: read as a whole, shown again when something is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api.web.fields import Field, Input, Raw, Rows, Wrong, pointer_of
from domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else changed: taken over (`told` is what was there), or standing beside what is
    typed (`told` is what stands now)."""

    taken: bool
    told: str


class Form:
    """Fields with what is typed in them, what is wrong with it, and what stands meanwhile."""

    def __init__(self, fields: Iterable[Field], raw: Raw) -> None:
        self.fields = tuple(fields)
        for field in self.fields:
            if isinstance(field, Rows):
                raw = field.compacted(raw)
        self.raw = raw
        self.wrong: list[Wrong] = []
        self._inputs = {found.pointer: found for field in self.fields for found in field.inputs()}
        self._theirs: dict[str, Theirs] = {}

    def meet(self, before: Raw, standing: Raw) -> None:
        """Somebody else changed it meanwhile: what they changed and this reader didn't, is taken over.

        before: what the reader was shown. standing: what there is now.
        """
        for field in self.fields:
            was, mine, theirs = (field.shown(raw) for raw in (before, self.raw, standing))
            if theirs in (was, mine):
                continue
            taken = mine == was
            self._theirs[field.name] = Theirs(taken, was if taken else theirs)
            if taken:
                kept = {name: text for name, text in self.raw.items() if not field.holds(name)}
                own = {name: text for name, text in standing.items() if field.holds(name)}
                self.raw = {**kept, **own}

    def theirs(self, field: Field) -> Theirs | None:
        """What somebody else made of a field meanwhile."""
        return self._theirs.get(field.name)

    def read(self) -> dict[str, Any]:
        """What was meant, by the names of the fields. Raises InvalidInput, and `wrong` tells all."""
        given = {field.name: field.read(self.raw, self.wrong) for field in self.fields}
        if self.wrong:
            raise InvalidInput(self.wrong[0].detail, self.wrong[0].pointer)
        return given

    def refuse(self, problem: InvalidInput) -> None:
        """Shows what the domain says, unless the fields said it."""
        if not self.wrong:
            self.wrong.append(Wrong(problem.pointer, problem.detail))

    def error(self, name: str) -> str | None:
        """What is wrong with one input."""
        mine = pointer_of(name)
        return next((each.detail for each in self.wrong if self._place(each) == mine), None)

    @property
    def summary(self) -> list[tuple[Input | None, str]]:
        """Everything that is wrong, with where to mend it."""
        return [(self._inputs.get(self._place(each)), each.detail) for each in self.wrong]

    def _place(self, wrong: Wrong) -> str:
        """The nearest pointer above that has an input."""
        pointer = wrong.pointer
        while pointer and pointer not in self._inputs:
            pointer = pointer.rpartition("/")[0]
        return pointer


def raw_of(fields: Iterable[Field], state: dict[str, Any]) -> Raw:
    """What stands, as somebody would type it."""
    raw: Raw = {}
    for field in fields:
        value: Any = state
        for step in field.name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        raw |= field.write(value)
    return raw
