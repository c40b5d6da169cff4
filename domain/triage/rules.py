"""A version of the triage rules: data, read strictly, sound before anybody is advised by it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from domain import strict
from domain.triage.conditions import facts_in
from domain.triage.soundness import unsound
from domain.triage.steps import (
    OUTCOMES_PLACE,
    ReasonRule,
    Step,
    read_outcomes,
    read_red_flags,
    read_steps,
)

_PLACE = re.compile(r"\{([^{}]*)\}")


class BadRules(strict.BadData):
    """These rules can't be used."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One version. steps: the first is where one begins when no red flag is up.

    reasons, questions: Dutch, by the code of the reason and the name of the fact.
    only_after_board_check: outcomes that come into view once the regular products had no place.
    """

    version: str
    valid_from: date
    red_flags: tuple[Step, ...]
    steps: tuple[Step, ...]
    reasons: Mapping[str, str]
    questions: Mapping[str, str]
    only_after_board_check: frozenset[str] = frozenset()

    @classmethod
    def from_data(cls, data: object) -> "Rules":
        """Rules as JSON has them. Raises BadRules with all that is wrong with their parts, or with the whole."""
        findings: list[str] = []
        rules = _read(data, findings)
        # Parts that couldn't be read make no whole: what is said of that would mislead.
        findings = findings or [*_loose_words(rules), *unsound(rules.red_flags, rules.steps)]
        if findings:
            raise BadRules(findings)
        return rules

    def step(self, step_id: str) -> Step:
        """The step with this id."""
        return next(step for step in self.steps if step.id == step_id)


def places_in(text: str) -> frozenset[str]:
    """The places that a reason's text has filled in."""
    return frozenset(_PLACE.findall(text))


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with these words at its places; a fact that isn't known is told to be so."""
    return _PLACE.sub(lambda place: words.get(place[1], "onbekend"), text)


def _read(data: object, findings: list[str]) -> Rules:
    members = strict.members(
        data,
        "",
        (
            *("version", "valid_from", "red_flags", "steps", "reasons", "questions"),
            "only_after_board_check",
        ),
        findings,
    )
    return Rules(
        version=strict.slug(members.get("version"), "/version", findings),
        valid_from=strict.day(members.get("valid_from"), "/valid_from", findings),
        red_flags=read_red_flags(members.get("red_flags"), findings),
        steps=read_steps(members.get("steps"), "/steps", findings),
        reasons=strict.texts(members.get("reasons"), "/reasons", findings),
        questions=strict.texts(members.get("questions"), "/questions", findings),
        only_after_board_check=frozenset(
            read_outcomes(
                members.get("only_after_board_check", []), "/only_after_board_check", findings
            )
        ),
    )


def _loose_words(rules: Rules) -> Iterator[str]:
    used: dict[str, ReasonRule] = {}
    asked: dict[str, None] = {}
    for step in rules.red_flags + rules.steps:
        asked.update(dict.fromkeys(facts_in(step.condition)))
        for reason in _reasons_of(step):
            used.setdefault(reason.code, reason)
            filled_in = {*reason.facts, *([OUTCOMES_PLACE] if reason.outcomes else [])}
            text = rules.reasons.get(reason.code)
            if text is None:
                yield f"stap {step.id}: reden {reason.code} heeft geen Nederlandse tekst"
            elif places_in(text) != filled_in:
                yield f"stap {step.id}: de tekst van reden {reason.code} vult iets anders in"
    branches = [branch for step in rules.red_flags + rules.steps for branch in step.branches]
    advised = {outcome for branch in branches for outcome in branch.advised}
    for outcome in sorted(rules.only_after_board_check - advised):
        yield f"/only_after_board_check: {outcome} wordt nergens geadviseerd"
    yield from (f"reden {code} wordt nergens gegeven" for code in rules.reasons if code not in used)
    yield from (f"gegeven {name} heeft geen vraag" for name in asked if name not in rules.questions)
    yield from (
        f"vraag {name} wordt nooit gesteld" for name in rules.questions if name not in asked
    )


def _reasons_of(step: Step) -> Iterator[ReasonRule]:
    for branch in step.branches:
        for verdict in branch.advise + branch.exclude:
            yield from verdict.reasons
