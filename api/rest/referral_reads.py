"""Reading referrals: the list of what has to be done, and one as a whole."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page
from api.cursors import Limit, decode, encode, moment_of
from api.observed import ETAG
from api.referral_parts import (
    AlertBody,
    BoardCheckKeptBody,
    ContactsBody,
    HandoverPartBody,
    HeldBody,
    IntakeTextsBody,
    NamedTeamBody,
    ReferralOfferBody,
    ReferralPlaceBody,
    ReferralQuestionBody,
    StayPartBody,
    TriageKeptBody,
    WaitBody,
    listed,
    offer_part,
    perhaps,
    texts_part,
    triage_part,
)
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from app.db.referral_reads import After, Selection, Sort, StoredReferral
from app.security.keys import Credential
from app.services.referrals import reading
from app.services.referrals.reading import Followed, Whole
from domain.actors import Action, Role
from domain.alerts import AlertKind
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.cases import CizStatus, Payer, Route, TargetGroup
from domain.errors import Code
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.matching.wishes import wishes_from
from domain.needs import Behaviour, Infection, LegalStatus, Setting, Sex, Urgency, age_band
from domain.next_actions import NextAction, Party
from domain.referrals import ReferralState

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], route_class=GuardedRoute)

Handler = Annotated[
    str | None,
    Query(
        pattern="^(me|none|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        description="`me`, `none`, or the id of a person or key.",
    ),
]


class HandlerBody(BaseModel):
    """Who has a referral in hand."""

    id: UUID
    name: str | None


class CoordinationPointBody(BaseModel):
    """The coordination point that has a referral."""

    id: UUID
    name: str
    telephone: str | None


class CareTypesBody(BaseModel):
    """What was asked for, what triage chose, and where somebody was placed."""

    asked: CareType | None
    triaged: CareType | None
    placed: CareType | None


class _Common(BaseModel):
    """What everybody who may see a referral sees of it."""

    id: UUID
    number: str
    state: ReferralState
    version: int
    urgency: Urgency
    age_from: Annotated[int, Field(description="An age band of ten years: 80 for 80 to 89.")]
    age_to: int
    sex: Sex
    pc4: str
    setting: Setting
    care_types: CareTypesBody
    coordination_point: CoordinationPointBody
    requested_by: UUID | None
    requested_by_name: str | None
    filed_at: datetime | None
    target_at: datetime | None
    ended_at: datetime | None
    ended_reason: str | None
    next_action: NextAction | None
    next_at: Annotated[
        datetime | None, Field(description="null with a next action: as soon as can be.")
    ]
    waits_on: Party | None
    waits_since: datetime | None


class ReferralSummaryBody(_Common):
    """A referral in a list. A referrer sees null where only the coordination point may see more."""

    birth_year: int | None
    handler: HandlerBody | None
    call_back_at: datetime | None
    alerts: Annotated[list[AlertKind] | None, Field(description="Kinds of those that are open.")]
    open_offers: int | None


class WishesBody(BaseModel):
    """What somebody would rather have; each may be unknown."""

    partner_pc4: str | None
    gemeente: Annotated[str | None, Field(description="By its CBS code.")]
    pc4s: list[str]
    known_to: list[UUID]


class ReferralBody(_Common):
    """A referral as its coordination point sees it. Only the last triage, check and hand-over are here."""

    audience: Literal["coordinator"]
    birth_year: int
    since: datetime | None
    needed_by: datetime | None
    infection: Infection
    behaviour: Behaviour
    features: list[Feature]
    skills: list[Skill]
    dagdelen: list[Dagdeel]
    legal_status: LegalStatus
    wishes: WishesBody
    texts: IntakeTextsBody
    route: Route
    first_contact_at: datetime
    handler: HandlerBody | None
    handler_since: datetime | None
    call_back_at: datetime | None
    needs_triage: bool
    triage_by: datetime | None
    norms_version: int
    episode_id: UUID
    previous_id: UUID | None
    target_group: TargetGroup | None
    no_place_since: datetime | None
    review_at: datetime | None
    ciz_status: CizStatus | None
    wlz_decided_on: date | None
    wlz_profile: str | None
    payer: Payer | None
    triage: TriageKeptBody | None
    board_check: BoardCheckKeptBody | None
    team: NamedTeamBody | None
    claims: list[HeldBody]
    offers: list[ReferralOfferBody]
    open_offers: int
    stay: StayPartBody | None
    handover: HandoverPartBody | None
    questions: list[ReferralQuestionBody]
    discharge_waits: list[WaitBody]
    alerts: list[AlertBody]
    contacts: ContactsBody


class FollowedReferralBody(_Common):
    """A referral as who asked for it sees it: the next step, the place, and what is asked of them."""

    audience: Literal["referrer"]
    place: ReferralPlaceBody | None
    questions: list[ReferralQuestionBody]
    team: NamedTeamBody | None


@router.get("", **asks(Action.REFERRAL_READ))
async def get_referrals(
    request: Request,
    here: Here,
    caller: Caller,
    is_open: Annotated[
        bool | None, Query(alias="open", description="True: those that go on. False: the others.")
    ] = None,
    state: ReferralState | None = None,
    urgency: Urgency | None = None,
    handler: Handler = None,
    alerts: Annotated[
        bool | None, Query(description="With an open alert, or without; coordinators only.")
    ] = None,
    pc4: Annotated[str | None, Query(pattern="^[1-9][0-9]{3}$")] = None,
    number: Annotated[str | None, Query(pattern="^[0-9]{4}-[0-9]{5,9}$")] = None,
    sort: Annotated[
        Sort, Query(description="`first`: what has to be done first; `newest`: came in last.")
    ] = Sort.FIRST,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ReferralSummaryBody]:
    """The referrals that a coordination point has in hand, or that a referrer asked for."""
    selection = Selection(
        is_open=is_open,
        state=state,
        urgency=urgency,
        pc4=pc4,
        number=number,
        unhandled=handler == "none",
        handler_id=_handler(handler, caller),
        # What a provider answered can be an alert, so a referrer can't ask for it.
        alerts=alerts if caller.actor.role is not Role.REFERRER else None,
        sort=sort,
    )
    found = await reading.list_referrals(
        here,
        caller.actor,
        selection,
        after=after_of_cursor(cursor),
        limit=limit + 1,
        address=address_of(request),
    )
    page, now = found[:limit], here.now()
    following = cursor_after(page[-1].after(sort)) if len(found) > limit else None
    items = [summary(one, caller, now) for one in page]
    return Page(items=items, next_cursor=following)


@router.get(
    "/{referral_id}",
    responses={200: {"headers": ETAG}},
    **asks(Action.REFERRAL_READ, Code.NOT_FOUND),
)
async def get_referral(
    request: Request, here: Here, caller: Caller, referral_id: UUID, response: Response
) -> ReferralBody | FollowedReferralBody:
    """One referral. Its coordination point sees all of it; who asked for it, how it goes on."""
    found = await reading.get_referral(here, caller.actor, referral_id, address_of(request))
    response.headers["etag"] = f'"{found.referral.version}"'
    common = _common(found.referral, here.now())
    match found:
        case Whole():
            return ReferralBody(**common, **_whole(found))
        case Followed():
            return FollowedReferralBody(
                **common,
                audience="referrer",
                place=perhaps(ReferralPlaceBody, found.place),
                questions=listed(ReferralQuestionBody, found.questions),
                team=perhaps(NamedTeamBody, found.team),
            )


def summary(one: StoredReferral, caller: Credential, now: datetime) -> ReferralSummaryBody:
    """A referral as the caller sees it in a list."""
    own = caller.actor.role is not Role.REFERRER
    return ReferralSummaryBody(
        **_common(one, now),
        birth_year=one.birth_year if own else None,
        handler=_has_it(one) if own else None,
        call_back_at=one.call_back_at if own else None,
        alerts=list(one.alerts) if own else None,
        open_offers=one.open_offers if own else None,
    )


def _common(one: StoredReferral, now: datetime) -> dict[str, Any]:
    age_from, age_to = age_band(one.birth_year, now.astimezone(AMSTERDAM).date())
    composed = ("age_from", "age_to", "care_types", "coordination_point", "requested_by")
    return {
        **{name: getattr(one, name) for name in _Common.model_fields if name not in composed},
        "age_from": age_from,
        "age_to": age_to,
        "care_types": CareTypesBody.model_validate(
            {
                "asked": one.care_type_asked,
                "triaged": one.care_type_triaged,
                "placed": one.care_type_placed,
            }
        ),
        "coordination_point": CoordinationPointBody(
            id=one.owner_id, name=one.owner_name, telephone=one.owner_telephone
        ),
        "requested_by": one.requested_by_id,
    }


def _whole(found: Whole) -> dict[str, Any]:
    """What the coordination point sees besides."""
    one, parts = found.referral, found.parts
    return {
        **{name: getattr(one, name) for name in _OF_THE_ROW},
        "audience": "coordinator",
        "handler": _has_it(one),
        "wishes": wishes_from(one.wishes).to_json(),
        "texts": texts_part(found.texts),
        "triage": triage_part(parts.triage, found.advice) if parts.triage else None,
        "board_check": perhaps(BoardCheckKeptBody, parts.board_check),
        "team": perhaps(NamedTeamBody, found.team),
        "claims": listed(HeldBody, parts.claims),
        "offers": [offer_part(offer) for offer in found.offers],
        "stay": perhaps(StayPartBody, parts.stay),
        "handover": perhaps(HandoverPartBody, parts.handover),
        "questions": listed(ReferralQuestionBody, parts.questions),
        "discharge_waits": listed(WaitBody, parts.waits),
        "alerts": listed(AlertBody, parts.alerts),
        "contacts": ContactsBody.model_validate(parts.contacts, from_attributes=True),
    }


_OF_THE_ROW = (
    *("birth_year", "since", "needed_by", "infection", "behaviour", "features", "skills"),
    *("dagdelen", "legal_status", "route", "first_contact_at", "handler_since", "call_back_at"),
    *("needs_triage", "triage_by", "norms_version", "episode_id", "previous_id", "target_group"),
    *("no_place_since", "review_at", "ciz_status", "wlz_decided_on", "wlz_profile", "payer"),
    "open_offers",
)


def _has_it(one: StoredReferral) -> HandlerBody | None:
    return HandlerBody(id=one.handler_id, name=one.handler_name) if one.handler_id else None


def _handler(handler: str | None, caller: Credential) -> UUID | None:
    if handler is None or handler == "none":
        return None
    return caller.actor.id if handler == "me" else UUID(handler)


def cursor_after(last: After) -> str:
    """The cursor of what follows this one."""
    return encode(f"{last.first.isoformat()}~{last.then.isoformat()}", str(last.id))


def after_of_cursor(cursor: str | None) -> After | None:
    """Where `cursor_after` pointed. Raises InvalidInput."""
    if cursor is None:
        return None
    (first, then), referral_id = decode(cursor, _moments, UUID)
    return After(first, then, referral_id)


def _moments(text: str) -> tuple[datetime, datetime]:
    first, then = text.split("~")
    return moment_of(first), moment_of(then)
