"""Triage itself: what is known goes in, care types in order come out, each with its reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.care_types import CareType
from domain.errors import InvalidInput
from domain.needs import Need
from domain.triage.conditions import decide, missing
from domain.triage.facts import BOARD_CHECK, FACTS, Facts, facts_of
from domain.triage.outcomes import OUTCOME_LABELS
from domain.triage.rules import Rules, filled
from domain.triage.steps import OUTCOMES_PLACE, Step, Verdict

#: What fits a line; a whole story belongs elsewhere.
LONGEST_ARGUMENT = 300


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code, and what its text fills in: values of facts by name, and `zorgsoorten`."""

    code: str
    params: Mapping[str, bool | str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advised:
    """An outcome that fits. usable: False while it waits for a recorded check of the board."""

    outcome: str
    reasons: tuple[Reason, ...]
    source: str
    red_flag: bool = False
    only_after_board_check: bool = False
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Excluded:
    """An outcome that doesn't fit, whatever else becomes known."""

    outcome: str
    reasons: tuple[Reason, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What has to be known before triage can go on."""

    fact: str
    question: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What triage comes to so far; it is complete when nothing is asked.

    facts: all that it looked at, what the need told included. Whoever keeps them can be advised again.
    """

    version: str
    facts: Facts
    outcomes: tuple[Advised, ...] = ()
    asks: tuple[Ask, ...] = ()
    excluded: tuple[Excluded, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The outcomes' codes, in order."""
        return tuple(advised.outcome for advised in self.outcomes)


def advise(rules: Rules, facts: Facts, need: Need | None = None) -> Advice:
    """What these rules come to. What a need tells goes before the same fact.

    Red flags come first, all of them, and with one up nothing else is looked at. Then the steps in
    their order, until one can't be decided: what that depends on is asked. So whoever knows more gets the
    same advice or more of it, and what was excluded stays so.
    """
    known = {**facts, **facts_of(need)} if need is not None else dict(facts)
    advice = _red_flags(rules, known)
    return advice if advice.outcomes or advice.asks else _steps(rules, known)


def _red_flags(rules: Rules, facts: Facts) -> Advice:
    outcomes: list[Advised] = []
    asked: dict[str, None] = {}
    for flag in rules.red_flags:
        asked |= dict.fromkeys(missing(flag.condition, facts))
        if decide(flag.condition, facts):
            outcomes += _advised(rules, flag, flag.then.advise, facts, red_flag=True)
    return Advice(rules.version, facts, tuple(outcomes), _asks(rules, asked))


def _steps(rules: Rules, facts: Facts) -> Advice:
    outcomes: list[Advised] = []
    excluded: dict[str, Excluded] = {}
    asks: tuple[Ask, ...] = ()
    step: Step | None = rules.steps[0]
    while step is not None:
        decided = decide(step.condition, facts)
        if decided is None:
            asks = _asks(rules, missing(step.condition, facts))
            break
        branch = step.then if decided else step.otherwise
        assert branch is not None, "a step without a condition always holds"
        for verdict in branch.exclude:
            reasons = _reasons(verdict, facts)
            for outcome in verdict.outcomes:
                excluded.setdefault(outcome, Excluded(outcome, reasons, step.source))
        outcomes += [
            advised
            for advised in _advised(rules, step, branch.advise, facts)
            if advised.outcome not in excluded
        ]
        step = rules.step(branch.next) if branch.next is not None else None
    return Advice(rules.version, facts, tuple(outcomes), asks, tuple(excluded.values()))


def _advised(
    rules: Rules,
    step: Step,
    verdicts: tuple[Verdict, ...],
    facts: Facts,
    *,
    red_flag: bool = False,
) -> Iterator[Advised]:
    for verdict in verdicts:
        reasons = _reasons(verdict, facts)
        for outcome in verdict.outcomes:
            waits = outcome in rules.only_after_board_check
            usable = not waits or facts.get(BOARD_CHECK) is True
            yield Advised(outcome, reasons, step.source, red_flag, waits, usable)


def _reasons(verdict: Verdict, facts: Facts) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            reason.code,
            {name: facts[name] for name in reason.facts if name in facts}
            | ({OUTCOMES_PLACE: reason.outcomes} if reason.outcomes else {}),
        )
        for reason in verdict.reasons
    )


def _asks(rules: Rules, names: tuple[str, ...] | dict[str, None]) -> tuple[Ask, ...]:
    return tuple(Ask(name, rules.questions[name]) for name in names)


def text_of(rules: Rules, reason: Reason) -> str:
    """A reason in Dutch; care types and values by their Dutch names."""
    words = {name: _words(name, value) for name, value in reason.params.items()}
    return filled(rules.reasons[reason.code], words)


def _words(name: str, value: bool | str | tuple[str, ...]) -> str:
    if not isinstance(value, tuple):
        return FACTS[name].value_text(value)
    labels = [OUTCOME_LABELS[outcome] for outcome in value]
    return " en ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)


def check_choice(advice: Advice, chosen: CareType | str, argument: str | None) -> str | None:
    """The argument to keep with a choice. Raises InvalidInput when one is missing.

    Without argument: the first that is advised, and after the check of the board what waited for it.
    """
    code = str(chosen)
    if code not in OUTCOME_LABELS:
        raise InvalidInput(f"Onbekende zorgsoort {code}.", "/chosen")
    said = (argument or "").strip()
    if len(said.splitlines()) > 1 or len(said) > LONGEST_ARGUMENT:
        raise InvalidInput(
            f"Geef het argument in één regel van hoogstens {LONGEST_ARGUMENT} tekens.", "/argument"
        )
    if not said and code not in _free_to_choose(advice):
        raise InvalidInput(_wants_argument(advice, code), "/argument")
    return said or None


def _free_to_choose(advice: Advice) -> set[str]:
    waited = [a.outcome for a in advice.outcomes if a.only_after_board_check and a.usable]
    return {*advice.codes[:1], *waited[:1]}


def _wants_argument(advice: Advice, code: str) -> str:
    label = OUTCOME_LABELS[code]
    if not advice.outcomes:
        return f"Er is nog geen advies. Geef in één regel waarom u voor {label} kiest."
    first = OUTCOME_LABELS[advice.codes[0]]
    return f"Het advies is eerst {first}. Geef in één regel waarom u voor {label} kiest."
