"""What belongs to a referral, as it is read with it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from api.rest.board_checks import BoardCheckBody
from api.rest.offers import OfferPlaceBody, OnCallBody
from api.rest.triages import ReasonBody
from app.db.case_reads import StoredTriage
from app.services.referrals.reading import ReadAdvice, ReadOffer
from domain.alerts import AlertKind
from domain.care_types import CareType
from domain.cases import Destination, HandoverReason, HandoverState, Payer, TextKind
from domain.needs import Urgency
from domain.offers import Awaiting, Ending, OfferState, Refusal

Body = TypeVar("Body", bound=BaseModel)


class IntakeTextsBody(BaseModel):
    """What was typed at intake, as it was typed last. `callback` is a telephone number."""

    what_happened: str | None
    help_needed: str | None
    remark: str | None
    callback: str | None


class TriageAdviceBody(BaseModel):
    """What the rules advised, and why."""

    outcome: str
    reasons: list[ReasonBody]
    source: str


class TriageKeptBody(BaseModel):
    """The last triage: what was known, what the rules of that version advised, what was chosen."""

    id: UUID
    rules_version: str
    urgency: Urgency
    facts: dict[str, bool | str]
    advice: list[TriageAdviceBody]
    chosen: str
    deviates: bool
    argument: str | None
    at: datetime
    by: UUID | None


class BoardCheckKeptBody(BaseModel):
    """The last look at the board. position: what of the stream it looked at."""

    id: UUID
    at: datetime
    by: UUID | None
    position: str
    found: BoardCheckBody


class HeldBody(BaseModel):
    """A place that is held."""

    id: UUID
    pool_id: UUID
    pool_name: str
    location_name: str
    bed_id: UUID | None
    bed_name: str | None
    claimed_at: datetime
    claimed_by: UUID | None
    expires_at: datetime


class ReferralOfferBody(BaseModel):
    """An offer of the referral. `on_call`: who answers the provider's telephone now."""

    id: UUID
    state: OfferState
    version: int
    provider_id: UUID
    provider_name: str
    place: OfferPlaceBody
    on_call: OnCallBody | None
    care_type: CareType
    round: int
    asked: Annotated[int, Field(description="How many were asked at once.")]
    offered_at: datetime
    deadline_at: datetime
    seen_at: datetime | None
    answered_at: datetime | None
    late: bool
    by_phone: bool
    refusal: Refusal | None
    ending: Ending | None
    awaiting: Awaiting | None
    over_free: bool
    held: bool
    proposed_at: datetime | None
    proposed_pool_id: UUID | None
    proposed_bed_id: UUID | None
    promised_at: datetime | None
    admission_at: datetime | None
    appointment: dict[str, bool] | None
    ended_at: datetime | None


class StayPartBody(BaseModel):
    """The stay that goes on, else the last one."""

    id: UUID
    offer_id: UUID
    provider_id: UUID
    provider_name: str
    pool_id: UUID | None
    location_name: str | None
    bed_id: UUID | None
    team_id: UUID | None
    care_type: CareType
    temporary: bool
    payer: Payer | None
    admitted_at: datetime
    expected_discharge: date | None
    ready_at: datetime | None
    awaited_type: CareType | None
    left_at: datetime | None
    destination: Destination | None


class HandoverPartBody(BaseModel):
    """The last hand-over to another coordination point."""

    id: UUID
    from_id: UUID
    to_id: UUID
    to_name: str
    state: HandoverState
    reason: HandoverReason
    offered_at: datetime
    ended_at: datetime | None


class ReferralQuestionBody(BaseModel):
    """A question and its answer; with an offer it was a provider's. Without `answer` it is open,
    or what it was about has ended (`answered_at`).
    """

    id: UUID
    offer_id: UUID | None
    asked_by_id: UUID | None
    asked_by_name: str | None
    asked_at: datetime
    answered_at: datetime | None
    text: str | None
    answer: str | None


class WaitBody(BaseModel):
    """Ontslagklaar since, for a type of care that is awaited. `until` null: still."""

    id: UUID
    care_type: CareType
    since: datetime
    until: datetime | None


class AlertBody(BaseModel):
    """What somebody has to be told, until an act answers it."""

    id: UUID
    kind: AlertKind
    offer_id: UUID | None
    data: dict[str, Any] | None
    raised_at: datetime
    taken_by: Annotated[UUID | None, Field(description='Who said "ik pak dit op".')]
    taken_at: datetime | None


class ContactsBody(BaseModel):
    """How often somebody was called: those spoken to, and the attempts besides."""

    calls: int
    attempts: int


class ReferralPlaceBody(BaseModel):
    """Where somebody can go, since it was promised."""

    organisation: str
    location: str | None
    address: str | None
    place: str | None
    team: str | None
    telephone: str | None
    care_type: CareType
    promised_at: datetime | None
    admission_at: datetime | None


class DirectOfferBody(BaseModel):
    """What became of asking the team straight away. In `tegenvoorstel` the referrer decides too, at
    `/v1/offers/{id}/counter-decision`.
    """

    id: UUID
    state: OfferState
    offered_at: datetime
    deadline_at: datetime
    seen_at: datetime | None
    answered_at: datetime | None
    proposed_at: Annotated[
        datetime | None, Field(description="The start that it proposed instead.")
    ]
    promised_at: datetime | None
    ended_at: datetime | None


class NamedTeamBody(BaseModel):
    """The home-care team that was named when it was filed. Without `offer` a wish."""

    id: UUID
    name: str
    organisation: str
    telephone: str | None
    offer: DirectOfferBody | None


def texts_part(texts: Mapping[TextKind, str]) -> IntakeTextsBody:
    """What was typed at intake."""
    return IntakeTextsBody(
        what_happened=texts.get(TextKind.WHAT_HAPPENED),
        help_needed=texts.get(TextKind.HELP_NEEDED),
        remark=texts.get(TextKind.REMARK),
        callback=texts.get(TextKind.CALLBACK),
    )


def triage_part(triage: StoredTriage, advice: Iterable[ReadAdvice]) -> TriageKeptBody:
    """The last triage with its reasons."""
    told = {n: getattr(triage, n) for n in TriageKeptBody.model_fields if n != "advice"}
    return TriageKeptBody(**told, advice=listed(TriageAdviceBody, advice))


def offer_part(read: ReadOffer) -> ReferralOfferBody:
    """An offer of the referral."""
    told = {
        name: getattr(read.offer, name)
        for name in ReferralOfferBody.model_fields
        if name not in ("place", "on_call")
    }
    return ReferralOfferBody(
        **told,
        place=OfferPlaceBody.model_validate(read.offer.place, from_attributes=True),
        on_call=perhaps(OnCallBody, read.on_call),
    )


def listed(body: type[Body], items: Iterable[object]) -> list[Body]:
    """Each as its body."""
    return [body.model_validate(item, from_attributes=True) for item in items]


def perhaps(body: type[Body], item: object | None) -> Body | None:
    """It as its body, if there is one."""
    return body.model_validate(item, from_attributes=True) if item is not None else None
