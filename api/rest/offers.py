"""Offers: providers are asked for a place, and each party reads what is its own to know."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, after_of
from api.cursors import Limit, encode
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.db.offer_reads import PersonAsked
from app.services.referrals import offer_reading
from app.services.referrals.offer_reading import Seen, View
from domain.actors import Action
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.cases import TextKind
from domain.errors import Code
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.needs import Behaviour, Infection, LegalStatus, Setting, Sex, Urgency, age_band
from domain.norms import ClockHours
from domain.offers import Awaiting, Ending, OfferState, Refusal

router = APIRouter(prefix="/v1", tags=["offers"], route_class=GuardedRoute)


class OfferPlaceBody(BaseModel):
    """What is asked for. `telephone`: of the location, the team or else the organisation."""

    pool_id: UUID | None
    pool_name: str | None
    bed_id: UUID | None
    bed_name: str | None
    team_id: UUID | None
    team_name: str | None
    location_id: UUID | None
    location_name: str | None
    address: str | None
    place: str | None
    telephone: str | None


class AskedNeedBody(BaseModel):
    """What somebody needs, without who it is."""

    age_from: Annotated[int, Field(description="An age band of ten years: 80 for 80 to 89.")]
    age_to: int
    sex: Sex
    pc4: str
    setting: Setting
    since: datetime | None
    needed_by: datetime | None
    infection: Infection
    behaviour: Behaviour
    features: list[Feature]
    skills: list[Skill]
    dagdelen: list[Dagdeel]
    legal_status: LegalStatus
    urgency: Urgency


class AskedTextsBody(BaseModel):
    """What was typed at intake."""

    what_happened: str | None
    help_needed: str | None
    remark: str | None


class QuestionBody(BaseModel):
    """Something the provider asked about the offer."""

    id: UUID
    asked_at: datetime
    text: str | None
    answered_at: datetime | None
    answer: str | None


class ProposalBody(BaseModel):
    """What the provider proposed instead."""

    admission_at: datetime | None
    pool_id: UUID | None
    bed_id: UUID | None


class AskerBody(BaseModel):
    """The coordination point that has the referral."""

    id: UUID
    name: str
    telephone: str | None


class OnCallBody(BaseModel):
    """Who answers the telephone now."""

    name: str
    telephone: str


class CoordinationBody(BaseModel):
    """What the coordination point alone sees of an offer."""

    provider_id: UUID
    provider_name: str
    on_call: Annotated[
        OnCallBody | None, Field(description="Now, of the location, else of the organisation.")
    ]
    round: int
    by_phone: bool
    norm_minutes: int
    norm_hours: ClockHours
    norms_version: int
    posted: Annotated[
        dict[str, Any] | None, Field(description="What the board told when it was offered.")
    ]
    posted_at_answer: dict[str, Any] | None
    board_position: str | None


class OfferBody(BaseModel):
    """An offer, as far as the caller may see it.

    A provider sees a pseudonymous need; once its place is promised also the birth year and whom to
    call back; and once it ended otherwise only that it was asked, when, and how it ended: all
    else is null.
    """

    id: UUID
    state: OfferState
    version: int
    offered_at: datetime
    deadline_at: datetime
    seen_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    late: bool
    refusal: Refusal | None
    ending: Ending | None
    care_type: CareType | None
    place: OfferPlaceBody | None
    asked: Annotated[int | None, Field(description="How many were asked at once.")]
    held: Annotated[bool | None, Field(description="Whether a place is kept for it now.")]
    awaiting: Awaiting | None
    over_free: bool | None
    proposal: ProposalBody | None
    promised_at: datetime | None
    admission_at: datetime | None
    appointment: Annotated[
        dict[str, bool] | None, Field(description="What the opnameafspraak settles.")
    ]
    asked_by: AskerBody | None
    number: str | None
    need: AskedNeedBody | None
    referral_id: Annotated[UUID | None, Field(description="Once a place is promised.")]
    birth_year: Annotated[int | None, Field(description="Once a place is promised.")]
    coordination: Annotated[
        CoordinationBody | None, Field(description="For the coordination point.")
    ]


class WholeOfferBody(OfferBody):
    """One offer, with what was typed."""

    texts: AskedTextsBody | None
    questions: list[QuestionBody]
    callback: Annotated[str | None, Field(description="Once a place is promised.")]
    contact: Annotated[str | None, Field(description="Whom the opnameafspraak names.")]


@router.get("/offers", **asks(Action.OFFER_READ))
async def get_offers(
    request: Request,
    here: Here,
    caller: Caller,
    is_open: Annotated[
        bool | None, Query(alias="open", description="True: those that go on. False: the others.")
    ] = None,
    referral_id: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[OfferBody]:
    """What the caller's organisation was asked, or asked itself; the newest first."""
    found = await offer_reading.list_offers(
        here,
        caller.actor,
        is_open=is_open,
        referral_id=referral_id,
        before=after_of(cursor),
        limit=limit + 1,
        address=address_of(request),
    )
    page = found[:limit]
    following = encode("", str(page[-1].offer.id)) if len(found) > limit else None
    now = here.now()
    return Page(items=[OfferBody(**_shown(seen, now)) for seen in page], next_cursor=following)


@router.get("/offers/{offer_id}", **asks(Action.OFFER_READ, Code.NOT_FOUND))
async def get_offer(
    request: Request, here: Here, caller: Caller, offer_id: UUID, response: Response
) -> WholeOfferBody:
    """One offer. That it was read is kept; `POST …/sight` tells the coordination point."""
    seen = await offer_reading.get_offer(here, caller.actor, offer_id, address_of(request))
    response.headers["etag"] = f'"{seen.offer.version}"'
    return WholeOfferBody(**_shown(seen, here.now()), **_typed(seen))


def asked_need(person: PersonAsked, now: datetime) -> AskedNeedBody:
    """A need without who it is."""
    age_from, age_to = age_band(person.birth_year, now.astimezone(AMSTERDAM).date())
    told = asdict(person)
    del told["birth_year"]
    return AskedNeedBody(age_from=age_from, age_to=age_to, **told)


def _shown(seen: Seen, now: datetime) -> dict[str, Any]:
    """The members of a body that the caller may see; the others are null."""
    offer, view = seen.offer, seen.view
    told = {name: getattr(offer, name) for name in _ALWAYS}
    hidden = set(OfferBody.model_fields) - set(told)
    if view is View.ENDED:
        return {**told, **dict.fromkeys(hidden)}
    in_hand = view in (View.IN_HAND, View.OWNER)
    return {
        **told,
        **{name: getattr(offer, name) for name in _UNDER_WAY},
        "place": OfferPlaceBody.model_validate(offer.place, from_attributes=True),
        "proposal": ProposalBody(
            admission_at=offer.proposed_at,
            pool_id=offer.proposed_pool_id,
            bed_id=offer.proposed_bed_id,
        )
        if offer.proposed_at or offer.proposed_pool_id or offer.proposed_bed_id
        else None,
        "asked_by": AskerBody(
            id=offer.owner_id, name=offer.owner_name, telephone=offer.owner_telephone
        ),
        "need": asked_need(offer.person, now),
        "referral_id": offer.referral_id if in_hand else None,
        "birth_year": offer.person.birth_year if in_hand else None,
        "coordination": _coordination(seen) if view is View.OWNER else None,
    }


_ALWAYS = (
    *("id", "state", "version", "offered_at", "deadline_at", "seen_at", "answered_at"),
    *("ended_at", "late", "refusal", "ending"),
)
_UNDER_WAY = (
    *("care_type", "asked", "held", "awaiting", "over_free", "promised_at", "admission_at"),
    *("appointment", "number"),
)


def _coordination(seen: Seen) -> CoordinationBody:
    offer, answers = seen.offer, seen.on_call
    of_its_own = {n: getattr(offer, n) for n in CoordinationBody.model_fields if n != "on_call"}
    contact = OnCallBody(name=answers.name, telephone=answers.telephone) if answers else None
    return CoordinationBody(**of_its_own, on_call=contact)


def _typed(seen: Seen) -> dict[str, Any]:
    texts = seen.texts
    if texts is None:
        return {"texts": None, "questions": [], "callback": None, "contact": None}
    in_hand = seen.view in (View.IN_HAND, View.OWNER)
    return {
        "texts": AskedTextsBody(
            what_happened=texts.intake.get(TextKind.WHAT_HAPPENED),
            help_needed=texts.intake.get(TextKind.HELP_NEEDED),
            remark=texts.intake.get(TextKind.REMARK),
        ),
        "questions": [
            QuestionBody.model_validate(q, from_attributes=True) for q in texts.questions
        ],
        "callback": texts.intake.get(TextKind.CALLBACK) if in_hand else None,
        "contact": texts.contact,
    }
