"""Whether the steps of triage can be walked, and everything they say can be reached.

Every way that facts can fall out is walked, so that a step, a branch or an outcome that nothing leads to is
found, also when it is only the steps before it that rule it out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.triage.conditions import ALWAYS, AnyOf, Condition, decide, facts_in, missing
from domain.triage.facts import FACTS, Facts
from domain.triage.steps import Branch, Step

#: Rules with more ways through than this can't be read by a person either.
MOST_WAYS = 50_000


def unsound(red_flags: tuple[Step, ...], steps: tuple[Step, ...]) -> list[str]:
    """What is wrong with these steps together, in Dutch; nothing when they are sound."""
    loose = [*_loose_ends(red_flags, steps)] or _cycles(steps)
    return [*_dull(red_flags), *(loose or _unreachable(red_flags, steps))]


def _dull(red_flags: tuple[Step, ...]) -> Iterator[str]:
    for flag in red_flags:
        ways = _ways_to_decide(flag.condition, {})
        if not flag.then.advised or not any(decide(flag.condition, facts) for facts in ways):
            yield f"rode vlag {flag.id} adviseert nooit iets"
    advised = Counter(outcome for flag in red_flags for outcome in flag.then.advised)
    for outcome, count in advised.items():
        if count > 1:
            yield f"{outcome} staat bij {count} rode vlaggen"


def _loose_ends(red_flags: tuple[Step, ...], steps: tuple[Step, ...]) -> Iterator[str]:
    if not steps:
        yield "/steps: er is geen enkele stap"
    ids = Counter(step.id for step in red_flags + steps)
    yield from (f"stap {name} bestaat {count} keer" for name, count in ids.items() if count > 1)
    known = {step.id for step in steps}
    for step in steps:
        if step.condition != ALWAYS and step.otherwise is None:
            yield f"stap {step.id}: if zonder else"
        for branch in step.branches:
            if branch.next is not None and branch.next not in known:
                yield f"stap {step.id}: de volgende stap {branch.next} bestaat niet"


def _cycles(steps: tuple[Step, ...]) -> list[str]:
    following = {
        step.id: {branch.next for branch in step.branches if branch.next} for step in steps
    }
    # Taken away by turns: who leads to an end only, then to whom nobody leads. A circle is left.
    while ending := {name for name, ahead in following.items() if not ahead}:
        following = {name: ahead - ending for name, ahead in following.items() if ahead}
    while leading := following.keys() - set[str]().union(*following.values()):
        following = {name: ahead for name, ahead in following.items() if name not in leading}
    return [f"de stappen {', '.join(following)} komen niet tot een einde"] if following else []


@dataclass(slots=True)
class _Walk:
    """steps: by id. ahead: the facts that count from a step on. reached, advised: by step and side."""

    steps: Mapping[str, Step]
    ahead: Mapping[str, frozenset[str]]
    reached: set[tuple[str, bool]] = field(default_factory=set)
    advised: set[tuple[str, bool, str]] = field(default_factory=set)
    findings: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way so far: before a step, with what is known that counts from there, advised and excluded."""

    before: str
    known: frozenset[tuple[str, bool | str]] = frozenset()
    advised: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()


def _unreachable(red_flags: tuple[Step, ...], steps: tuple[Step, ...]) -> list[str]:
    walk = _Walk({step.id: step for step in steps}, _facts_ahead(steps))
    seen: set[_Way] = set()
    taken = 0
    waiting = [*_beginnings(walk, red_flags, steps[0].id)]
    while waiting:
        way = waiting.pop()
        if way in seen:
            continue
        seen.add(way)
        for onward in _onward(walk, way):
            taken += 1
            if taken > MOST_WAYS:
                return ["er zijn te veel wegen door deze stappen om na te gaan"]
            waiting += onward
    return [*walk.findings, *(line for step in steps for line in _never(walk, step))]


def _beginnings(walk: _Walk, red_flags: tuple[Step, ...], first: str) -> Iterator[_Way]:
    """The steps begin once it is known that no red flag is up."""
    any_flag = AnyOf(tuple(flag.condition for flag in red_flags))
    for facts in _ways_to_decide(any_flag, {}):
        if decide(any_flag, facts) is False:
            yield _Way(first, _counting(facts, walk.ahead[first]))


def _never(walk: _Walk, step: Step) -> Iterator[str]:
    if not any((step.id, side) in walk.reached for side in (True, False)):
        yield f"stap {step.id} wordt nooit bereikt"
        return
    for side, branch in _sides(step).items():
        name = "then" if side else "else"
        if (step.id, side) not in walk.reached:
            yield f"stap {step.id}: {name} wordt nooit bereikt"
            continue
        for outcome in branch.advised:
            if (step.id, side, outcome) not in walk.advised:
                yield f"stap {step.id}: {name} adviseert {outcome}, dat dan altijd is uitgesloten"


def _onward(walk: _Walk, way: _Way) -> Iterator[list[_Way]]:
    """A list for each way to go on; an empty one at an end."""
    step = walk.steps[way.before]
    for facts in _ways_to_decide(step.condition, dict(way.known)):
        side = decide(step.condition, facts) is True
        branch = _sides(step)[side]
        walk.reached.add((step.id, side))
        excluded = way.excluded | branch.excluded
        fit = [outcome for outcome in branch.advised if outcome not in excluded]
        walk.advised.update((step.id, side, outcome) for outcome in fit)
        walk.findings |= dict.fromkeys(_contradictions(step, branch, way, fit))
        if branch.next is None:
            yield []
        else:
            known = _counting(facts, walk.ahead[branch.next])
            yield [_Way(branch.next, known, way.advised | set(fit), excluded)]


def _contradictions(step: Step, branch: Branch, way: _Way, fit: list[str]) -> Iterator[str]:
    for outcome in sorted(branch.excluded & way.advised):
        yield f"stap {step.id} sluit {outcome} uit, dat al geadviseerd was"
    for outcome, count in Counter([*way.advised, *fit]).items():
        if count > 1:
            yield f"stap {step.id} adviseert {outcome} voor de tweede keer"
    if branch.next is None and not fit and not way.advised:
        yield f"na stap {step.id} kan er zonder advies een einde zijn"


def _sides(step: Step) -> dict[bool, Branch]:
    return dict(zip((True, False), step.branches, strict=False))


def _counting(facts: Facts, names: frozenset[str]) -> frozenset[tuple[str, bool | str]]:
    return frozenset((name, value) for name, value in facts.items() if name in names)


def _ways_to_decide(condition: Condition, known: Facts) -> Iterator[Facts]:
    """What has to be known besides, in every way in which it decides the condition."""
    unknown = missing(condition, known)
    if not unknown:
        yield known
        return
    for value in FACTS[unknown[0]].values:
        yield from _ways_to_decide(condition, {**known, unknown[0]: value})


def _facts_ahead(steps: tuple[Step, ...]) -> dict[str, frozenset[str]]:
    ahead = {step.id: frozenset(facts_in(step.condition)) for step in steps}
    for _ in steps:
        for step in steps:
            for branch in step.branches:
                if branch.next:
                    ahead[step.id] |= ahead[branch.next]
    return ahead
