"""The closed language of a rule's condition, decided with three values: yes, no, and unknown.

What is decided stays decided however much more becomes known (Kleene's logic).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.triage.facts import FACTS, Facts


@dataclass(frozen=True, slots=True)
class FactIs:
    """A fact has this value."""

    fact: str
    value: bool | str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each holds; of nothing that is so."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds."""

    of: tuple["Condition", ...]


Condition = FactIs | Not | AllOf | AnyOf

ALWAYS = AllOf(())


def decide(condition: Condition, facts: Facts) -> bool | None:
    """Whether it holds; None when that depends on what isn't known."""
    match condition:
        case FactIs(fact, value):
            return facts[fact] == value if fact in facts else None
        case Not(of):
            decided = decide(of, facts)
            return None if decided is None else not decided
        case AllOf(of):
            return _until(False, of, facts)
        case AnyOf(of):
            return _until(True, of, facts)


def _until(settles: bool, parts: Iterable[Condition], facts: Facts) -> bool | None:
    """One part with the value that settles it is enough; without one, what is unknown stays so."""
    decided = [decide(part, facts) for part in parts]
    if settles in decided:
        return settles
    return None if None in decided else not settles


def missing(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """The unknown facts on which it depends, in its own order; none when it is decided."""
    if decide(condition, facts) is not None:
        return ()
    match condition:
        case FactIs(fact, _):
            return (fact,)
        case Not(of):
            return missing(of, facts)
        case AllOf(of) | AnyOf(of):
            return tuple(dict.fromkeys(fact for part in of for fact in missing(part, facts)))


def facts_in(condition: Condition) -> tuple[str, ...]:
    """Every fact that it names, once, in its own order."""
    return missing(condition, {})


def read_condition(data: object, at: str, findings: list[str]) -> Condition:
    """A condition as data has it. What is wrong is added to `findings`, and what is read is of no use."""
    if isinstance(data, dict):
        match data:
            case {"fact": str(fact), "is": bool() | str() as value, **rest} if not rest:
                return _fact_is(fact, value, at, findings)
            case {"not": of, **rest} if not rest:
                return Not(read_condition(of, f"{at}/not", findings))
            case {"all": list(of), **rest} if of and not rest:
                return AllOf(_parts(of, f"{at}/all", findings))
            case {"any": list(of), **rest} if of and not rest:
                return AnyOf(_parts(of, f"{at}/any", findings))
    findings.append(f"{at}: een voorwaarde is fact met is, of een van all, any en not")
    return ALWAYS


def _fact_is(name: str, value: bool | str, at: str, findings: list[str]) -> FactIs:
    fact = FACTS.get(name)
    if fact is None:
        findings.append(f"{at}: onbekend gegeven {name}")
    elif not fact.allows(value):
        findings.append(f"{at}: onbekende waarde {value} van {name}")
    return FactIs(name, value)


def _parts(data: Sequence[object], at: str, findings: list[str]) -> tuple[Condition, ...]:
    return tuple(
        read_condition(part, f"{at}/{number}", findings) for number, part in enumerate(data)
    )
