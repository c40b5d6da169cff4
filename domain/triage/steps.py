"""The steps of triage as data has them: what is tested, and what follows."""

from dataclasses import dataclass

from domain import strict
from domain.triage.conditions import ALWAYS, Condition, read_condition
from domain.triage.facts import FACTS
from domain.triage.outcomes import OUTCOME_LABELS

#: The place in a reason's text for the outcomes that it is about; other places are facts.
OUTCOMES_PLACE = "zorgsoorten"


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """A reason to give: its code, and the facts and outcomes that its text tells."""

    code: str
    facts: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcomes in order, which the same reasons are for or against."""

    outcomes: tuple[str, ...]
    reasons: tuple[ReasonRule, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """What follows when a step is decided. next: the id of the step to go on with; None is the end."""

    advise: tuple[Verdict, ...] = ()
    exclude: tuple[Verdict, ...] = ()
    next: str | None = None

    @property
    def advised(self) -> tuple[str, ...]:
        """The outcomes that it advises, in order."""
        return tuple(outcome for verdict in self.advise for outcome in verdict.outcomes)

    @property
    def excluded(self) -> frozenset[str]:
        """The outcomes that it excludes."""
        return frozenset(outcome for verdict in self.exclude for outcome in verdict.outcomes)


@dataclass(frozen=True, slots=True)
class Step:
    """One test of the order. source: which guide, law or agreement it comes from, in Dutch.

    otherwise: None when its condition always holds, and for a red flag.
    """

    id: str
    source: str
    condition: Condition
    then: Branch
    otherwise: Branch | None = None

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Where it can lead."""
        return (self.then,) if self.otherwise is None else (self.then, self.otherwise)


def read_red_flags(data: object, findings: list[str]) -> tuple[Step, ...]:
    """Steps that only advise, each looked at whatever the others say."""
    flags = read_steps(data, "/red_flags", findings)
    for flag in flags:
        plain = flag.otherwise is None and flag.then.next is None and not flag.then.exclude
        if flag.condition == ALWAYS or not plain:
            findings.append(f"rode vlag {flag.id}: een rode vlag heeft if, en adviseert alleen")
    return flags


def read_steps(data: object, at: str, findings: list[str]) -> tuple[Step, ...]:
    """Steps in order; that they fit together is for `soundness` to say."""
    return tuple(
        _step(item, f"{at}/{number}", findings)
        for number, item in enumerate(strict.items(data, at, findings))
    )


def _step(data: object, at: str, findings: list[str]) -> Step:
    members = strict.members(data, at, ("id", "source", "if", "then", "else"), findings)
    condition: Condition = ALWAYS
    if "if" in members:
        condition = read_condition(members["if"], f"{at}/if", findings)
    elif "else" in members:
        findings.append(f"{at}: else zonder if")
    otherwise = _branch(members["else"], f"{at}/else", findings) if "else" in members else None
    return Step(
        id=strict.slug(members.get("id"), f"{at}/id", findings),
        source=strict.text(members.get("source"), f"{at}/source", findings),
        condition=condition,
        then=_branch(members.get("then"), f"{at}/then", findings),
        otherwise=otherwise,
    )


def _branch(data: object, at: str, findings: list[str]) -> Branch:
    members = strict.members(data, at, ("advise", "exclude", "next"), findings)
    following = members.get("next")
    return Branch(
        advise=_verdicts(members.get("advise", []), f"{at}/advise", findings),
        exclude=_verdicts(members.get("exclude", []), f"{at}/exclude", findings),
        next=None if following is None else strict.slug(following, f"{at}/next", findings),
    )


def _verdicts(data: object, at: str, findings: list[str]) -> tuple[Verdict, ...]:
    verdicts = []
    for number, item in enumerate(strict.items(data, at, findings)):
        here = f"{at}/{number}"
        members = strict.members(item, here, ("outcomes", "reasons"), findings)
        outcomes = read_outcomes(members.get("outcomes"), f"{here}/outcomes", findings)
        reasons = tuple(
            _reason(reason, f"{here}/reasons/{place}", findings)
            for place, reason in enumerate(
                strict.items(members.get("reasons"), f"{here}/reasons", findings)
            )
        )
        if not outcomes or not reasons:
            findings.append(f"{here}: noem minstens één uitkomst en één reden")
        verdicts.append(Verdict(outcomes, reasons))
    return tuple(verdicts)


def _reason(data: object, at: str, findings: list[str]) -> ReasonRule:
    members = strict.members(data, at, ("code", "facts", OUTCOMES_PLACE), findings)
    facts = [
        strict.text(name, f"{at}/facts", findings)
        for name in strict.items(members.get("facts", []), f"{at}/facts", findings)
    ]
    findings.extend(f"{at}: onbekend gegeven {name}" for name in facts if name not in FACTS)
    outcomes = read_outcomes(members.get(OUTCOMES_PLACE, []), f"{at}/{OUTCOMES_PLACE}", findings)
    return ReasonRule(
        strict.slug(members.get("code"), f"{at}/code", findings), tuple(facts), outcomes
    )


def read_outcomes(data: object, at: str, findings: list[str]) -> tuple[str, ...]:
    """Codes of outcomes, in order."""
    codes = [strict.text(code, at, findings) for code in strict.items(data, at, findings)]
    findings.extend(f"{at}: onbekende zorgsoort {c}" for c in codes if c not in OUTCOME_LABELS)
    return tuple(codes)
