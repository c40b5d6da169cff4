"""What a referral needs, on its row: read, written, changed; and the clocks that follow from it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.container import Container
from app.db import registers
from app.db.cases import Case
from app.db.tables import ReferralRow, WaitRow
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import offer_clocks
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting, require
from domain.actors import Action, Actor, Role, scope_of
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.cases import INTAKE_TEXTS, TextKind
from domain.deadlines import deadline
from domain.errors import InvalidInput, NotAllowed, NotFound, Problem
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.identifiers import is_telephone
from domain.matching.wishes import NO_WISHES, Wishes, wishes_from
from domain.needs import (
    Behaviour,
    Infection,
    LegalStatus,
    Need,
    Setting,
    Sex,
    Urgency,
    check_need,
)
from domain.offers import OfferState
from domain.referrals import Step


def need_of(row: ReferralRow) -> Need:
    """A referral's need as the domain has it."""
    return Need(
        birth_year=row.birth_year,
        sex=Sex(row.sex),
        pc4=row.pc4,
        setting=Setting(row.setting),
        since=row.since,
        needed_by=row.needed_by,
        infection=Infection(row.infection),
        behaviour=Behaviour(row.behaviour),
        features=frozenset(map(Feature, row.features)),
        skills=frozenset(map(Skill, row.skills)),
        dagdelen=frozenset(map(Dagdeel, row.dagdelen)),
        legal_status=LegalStatus(row.legal_status),
    )


def matched(row: ReferralRow) -> Need:
    """The need as places are looked for: when nothing was told, by the target that follows from urgency.

    Without that a place that is foreseen in five weeks would count for somebody who can't wait.
    """
    return replace(need_of(row), needed_by=row.needed_by or row.target_at)


def columns(need: Need) -> dict[str, Any]:
    """A need as the columns of a referral."""
    return {
        "birth_year": need.birth_year,
        "sex": need.sex,
        "pc4": need.pc4,
        "setting": need.setting,
        "since": need.since,
        "needed_by": need.needed_by,
        "infection": need.infection,
        "behaviour": need.behaviour,
        "features": sorted(need.features),
        "skills": sorted(need.skills),
        "dagdelen": sorted(need.dagdelen),
        "legal_status": need.legal_status,
    }


def wishes_of(row: ReferralRow) -> Wishes:
    """What somebody would rather have."""
    return wishes_from(row.wishes)


def wishes_column(wishes: Wishes) -> dict[str, object] | None:
    """Wishes as the column of a referral."""
    return None if wishes == NO_WISHES else wishes.to_json()


def check(need: Need, now: datetime) -> None:
    """Raises InvalidInput for a need that can't be true now."""
    check_need(need, now, now.astimezone(AMSTERDAM).date())


def check_texts(texts: Mapping[TextKind, str]) -> None:
    """Raises InvalidInput for a text that isn't asked at intake, and a callback nobody can dial."""
    for kind, text in texts.items():
        if kind not in INTAKE_TEXTS:
            raise InvalidInput("Deze tekst wordt bij de intake niet gevraagd.", f"/{kind}")
        if kind is TextKind.CALLBACK and text.strip() and not is_telephone(text.strip()):
            raise InvalidInput(
                "Een telefoonnummer bestaat uit cijfers, spaties, streepjes en haakjes.",
                "/callback",
            )


async def check_organisation(work: UnitOfWork, organisation_id: UUID, pointer: str) -> None:
    """Raises InvalidInput when there is no such organisation, or it was ended."""
    try:
        await registers.get_organisation(work, organisation_id)
    except Problem:
        raise InvalidInput("Deze organisatie bestaat niet (meer).", pointer) from None


def start_clocks(act: Act, case: Case) -> None:
    """Starts the clocks of triage and placement, with today's norms copied."""
    referral = case.referral
    urgency = Urgency(referral.urgency)
    # The coordination point is there day and night, so its clocks run so.
    triage = deadline(act.norms.triage[urgency], act.at, None, act.norms_version)
    placement = deadline(act.norms.placement[urgency], act.at, None, act.norms_version)
    referral.triage_by = triage.at
    referral.target_at = referral.needed_by or placement.at
    referral.norms_version = act.norms_version


async def change(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    need: Need,
    urgency: Urgency,
    texts: Mapping[TextKind, str],
    wishes: Wishes | None = None,
    *,
    expected_version: int | None = None,
    address: str | None = None,
) -> Done:
    """Fills in or changes what is needed: triage again, new clocks, and open offers are told.

    wishes: None: as they were; others ask no new triage. Raises NotFound, WrongState, VersionChanged and InvalidInput.
    """

    async def do(act: Act, case: Case) -> None:
        await changed(act, case, need, urgency, texts, wishes)

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
        expected_version=expected_version,
    )


async def changed(
    act: Act,
    case: Case,
    need: Need,
    urgency: Urgency,
    texts: Mapping[TextKind, str],
    wishes: Wishes | None = None,
) -> None:
    """Changes the need of a case. What is the same as before starts no clock anew."""
    check(need, act.now)
    check_texts(texts)
    referral = case.referral
    before, urgency_before = columns(need_of(referral)), referral.urgency
    after = columns(need)
    differs = sorted(name for name in after if after[name] != before[name])
    for name in differs:
        setattr(referral, name, after[name])
    referral.urgency = urgency
    if urgency != urgency_before:
        differs.append("urgency")
    for kind, text in texts.items():
        act.say(case, kind, text)
    wished = wishes is not None and wishes != wishes_of(referral)
    if wishes is not None:
        referral.wishes = wishes_column(wishes)
    act.step(
        case,
        Step.NEEDS_CHANGED,
        to=None,
        data={
            "changed": [*differs, "wishes"] if wished else differs,
            "urgency": [urgency_before, urgency],
        },
        told=bool(differs),
    )
    if not differs:
        return
    referral.needs_triage = True
    if referral.filed_at is None:
        return
    start_clocks(act, case)
    for offer in case.open_offers:
        if offer.state == OfferState.GEVRAAGD and urgency != urgency_before:
            await offer_clocks.start(act, case, offer)
        act.touch_offer(offer)


def begin_wait(act: Act, case: Case, care_type: CareType, since: datetime) -> None:
    """Starts the wrong-bed clock for a type of care. Raises InvalidInput for the future."""
    if since > act.now:
        raise InvalidInput("Ontslagklaar sinds kan niet in de toekomst liggen.", "/since")
    act.work.session.add(WaitRow(referral_id=case.id, care_type=care_type, since=since))
    act.step(
        case,
        Step.WAIT_BEGUN,
        data={"care_type": care_type, "since": since.isoformat()},
    )


def found(cases: Mapping[UUID, Case], referral_id: UUID) -> Case:
    """The case. Raises NotFound."""
    if referral_id not in cases:
        raise NotFound
    return cases[referral_id]


def require_party(actor: Actor, action: Action, case: Case) -> None:
    """Raises NotFound unless the referral is the coordination point's or was asked by the referrer."""
    if scope_of(actor, action) is None:
        raise NotAllowed
    referral = case.referral
    owner = referral.owner_id if actor.role is not Role.REFERRER else referral.requested_by_id
    require(actor, action, referral.region_id, owner)
