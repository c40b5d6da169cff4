"""Triage: what the rules advise, and what a person decides."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.acts import ACT, DoneBody, done_body
from api.needs import NeedInput
from api.observed import ETAG
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import Input
from app import triage_rules
from app.services.referrals import triages
from app.services.referrals.triages import Triage
from domain.actors import Action
from domain.calendar import AMSTERDAM
from domain.errors import Code, InvalidInput
from domain.needs import Need
from domain.triage.advice import LONGEST_ARGUMENT, Reason, text_of
from domain.triage.facts import BOARD_CHECK, FACTS, read_facts
from domain.triage.outcomes import OUTCOME_LABELS
from domain.triage.rules import Rules

router = APIRouter(prefix="/v1", tags=["triage"], route_class=GuardedRoute)

FactsInput = Annotated[
    dict[str, Any],
    Field(
        description="What is known, by the name of the fact (GET /v1/triage-rules); leave out the rest.",
        max_length=len(FACTS),
        examples=[{"wlz": "geen", "medische-noodzaak": True}],
    ),
]
Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_ARGUMENT,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        json_schema_extra={"format": "line"},
    ),
]


class AdviceInput(Input):
    """What is known so far."""

    facts: FactsInput
    need: NeedInput | None = None


class TriageInput(Input):
    """What is known, and what is chosen by it."""

    facts: FactsInput
    chosen: Annotated[
        str,
        Field(
            max_length=40,
            pattern="^[a-z]+(-[a-z]+)*$",
            description="A care type, or `ziekenhuis`, `ggz-crisisdienst` or `thuis`.",
        ),
    ]
    argument: Annotated[
        Line | None, Field(description="Needed when the choice differs from the advice.")
    ] = None


class ReasonBody(BaseModel):
    """Why: a code, and Dutch for people."""

    code: str
    text: str


class AdvisedBody(BaseModel):
    """An outcome that fits. `usable` false: it waits for a recorded check of the board."""

    outcome: str
    label: str
    reasons: list[ReasonBody]
    source: str
    red_flag: bool
    only_after_board_check: bool
    usable: bool


class ExcludedBody(BaseModel):
    """An outcome that doesn't fit, whatever else becomes known."""

    outcome: str
    label: str
    reasons: list[ReasonBody]
    source: str


class AskBody(BaseModel):
    """What has to be known before triage can go on."""

    fact: str
    question: str


class AdviceBody(BaseModel):
    """What the rules come to so far; complete when nothing is asked."""

    version: str
    outcomes: list[AdvisedBody]
    asks: list[AskBody]
    excluded: list[ExcludedBody]


class FactBody(BaseModel):
    """Something that can be known. `values`: its codes with their Dutch; null: true or false."""

    name: str
    label: str
    question: str | None
    values: dict[str, str] | None


class RulesBody(BaseModel):
    """The rules that hold today."""

    version: str
    valid_from: date
    facts: list[FactBody]
    outcomes: Annotated[dict[str, str], Field(description="Dutch by code.")]


@router.post("/triage-advice", **asks(Action.REFERRAL_WRITE))
async def post_advice(here: Here, body: AdviceInput) -> AdviceBody:
    """What the rules of today advise, for who is still asking. Nothing is kept."""
    need = _need(body.need) if body.need is not None else None
    advice, rules = triages.advice_now(here, read_facts(body.facts, "/facts"), need)
    return AdviceBody(
        version=advice.version,
        outcomes=[
            AdvisedBody(
                outcome=advised.outcome,
                label=OUTCOME_LABELS[advised.outcome],
                reasons=_reasons(rules, advised.reasons),
                source=advised.source,
                red_flag=advised.red_flag,
                only_after_board_check=advised.only_after_board_check,
                usable=advised.usable,
            )
            for advised in advice.outcomes
        ],
        asks=[AskBody(fact=ask.fact, question=ask.question) for ask in advice.asks],
        excluded=[
            ExcludedBody(
                outcome=excluded.outcome,
                label=OUTCOME_LABELS[excluded.outcome],
                reasons=_reasons(rules, excluded.reasons),
                source=excluded.source,
            )
            for excluded in advice.excluded
        ],
    )


@router.get("/triage-rules", **asks(Action.REFERRAL_READ))
async def get_rules(here: Here) -> RulesBody:
    """What triage looks at, and what it can come to, by the rules that hold today."""
    rules = triage_rules.current(here.now().astimezone(AMSTERDAM).date())
    return RulesBody(
        version=rules.version,
        valid_from=rules.valid_from,
        facts=[
            FactBody(
                name=fact.name,
                label=fact.label,
                question=rules.questions.get(fact.name),
                values=dict(fact.codes) if fact.codes is not None else None,
            )
            for fact in FACTS.values()
            # The check of the board is recorded, never told.
            if fact.name != BOARD_CHECK
        ],
        outcomes=OUTCOME_LABELS,
    )


@router.post(
    "/referrals/{referral_id}/triage",
    responses={200: {"headers": ETAG}},
    **asks(Action.REFERRAL_WRITE, *ACT, Code.VERSION_CHANGED, if_match=False),
)
async def post_triage(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: TriageInput,
    response: Response,
) -> DoneBody:
    """Records a triage, or one more: from here on offers decide on the state.

    What differs from the advice needs an argument. An outcome that is no place closes the referral.
    """
    done = await triages.triage(
        here,
        caller.actor,
        referral_id,
        Triage(read_facts(body.facts, "/facts"), body.chosen, body.argument),
        expected_version=shown_version(request),
        address=address_of(request),
    )
    return done_body(done, response)


def _reasons(rules: Rules, reasons: tuple[Reason, ...]) -> list[ReasonBody]:
    return [ReasonBody(code=reason.code, text=text_of(rules, reason)) for reason in reasons]


def _need(given: NeedInput) -> Need:
    try:
        return given.need()
    except InvalidInput as problem:
        raise InvalidInput(problem.detail, f"/need{problem.pointer}") from None
