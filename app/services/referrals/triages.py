"""Triage of a referral: advised by the rules, decided by a person, kept with version and facts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app import triage_rules
from app.container import Container
from app.db import board_checks
from app.db.cases import Case
from app.db.tables import TriageRow
from app.services.referrals import endings, needs
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting
from domain.actors import Action, Actor
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.cases import Closure, TextKind
from domain.errors import InvalidInput
from domain.needs import Need
from domain.referrals import ReferralState, Step
from domain.triage.advice import Advice, advise, check_choice
from domain.triage.facts import BOARD_CHECK, Facts
from domain.triage.outcomes import NoPlace, care_type_of
from domain.triage.rules import Rules

#: A look at the board says nothing any more after this long.
BOARD_CHECK_COUNTS_FOR = timedelta(hours=2)

S = ReferralState


@dataclass(frozen=True, slots=True)
class Triage:
    """What is known, and what a coordinator chooses by it.

    chosen: a care type, or an outcome that is no place; then the referral is closed by it.
    argument: one line, needed when the choice differs from the advice.
    """

    facts: Facts
    chosen: str
    argument: str | None = None


#: What an outcome that is no place means for the referral; at home it goes on, with care there.
_CLOSES = {
    NoPlace.ZIEKENHUIS: Closure.NAAR_ZIEKENHUIS,
    NoPlace.GGZ_CRISISDIENST: Closure.NAAR_GGZ_CRISISDIENST,
}


def advice_now(container: Container, facts: Facts, need: Need | None) -> tuple[Advice, Rules]:
    """What the rules of today come to, for somebody who is still asking; nothing is kept."""
    rules = triage_rules.current(container.now().astimezone(AMSTERDAM).date())
    return advise(rules, _without_check(facts), need), rules


async def triage(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    given: Triage,
    *,
    expected_version: int | None = None,
    address: str | None = None,
) -> Done:
    """Records a triage: from here on offers decide on the state.

    Raises NotFound, WrongState, VersionChanged and InvalidInput (a choice without its argument).
    """

    async def do(act: Act, case: Case) -> UUID:
        return await triaged(act, case, given)

    return await acting(
        container,
        actor,
        Action.REFERRAL_WRITE,
        referral_id,
        do,
        address=address,
        expected_version=expected_version,
    )


async def triaged(act: Act, case: Case, given: Triage, *, by_setting: str | None = None) -> UUID:
    """Triages a case; answers with the triage's id.

    by_setting: the norm by which nobody chooses, so nobody argues either.
    """
    referral = case.referral
    rules = triage_rules.current(act.at.astimezone(AMSTERDAM).date())
    facts: dict[str, Any] = dict(_without_check(given.facts))
    checked = await board_checks.last_check(
        act.work, case.id, act.at - BOARD_CHECK_COUNTS_FOR, act.at
    )
    if checked is not None:
        facts[BOARD_CHECK] = checked.regular_failed
    advice = advise(rules, facts, needs.need_of(referral))
    argument = None if by_setting else check_choice(advice, given.chosen, given.argument)
    care_type = care_type_of(given.chosen)
    row = TriageRow(
        referral_id=case.id,
        region_id=referral.region_id,
        rules_version=advice.version,
        urgency=referral.urgency,
        facts=dict(advice.facts),
        advice={"outcomes": list(advice.codes), "asks": [ask.fact for ask in advice.asks]},
        chosen=given.chosen,
        deviates=argument is not None,
        at=act.at,
        by=act.by,
    )
    await act.work.add(row)
    closes = _CLOSES.get(NoPlace(given.chosen)) if care_type is None else None
    referral.triaged, referral.needs_triage = True, False
    # To triage again is to begin anew, off the tussen-wal-en-schip register.
    referral.no_place_since = referral.target_group = None
    referral.care_type_triaged = _care_type(given.chosen, care_type)
    to = S.GETRIEERD if S(referral.state) not in _WITH_OFFERS else None
    act.step(
        case,
        Step.TRIAGED,
        to=to,
        reason=by_setting,
        data={
            "triage": str(row.id),
            "version": advice.version,
            "advised": list(advice.codes),
            "chosen": given.chosen,
        },
        text=(TextKind.ARGUMENT, argument),
    )
    # Whoever is being asked hears that what they were asked for changed.
    for offer in case.open_offers:
        act.touch_offer(offer)
    if closes is not None:
        endings.closed(act, case, closes, None)
    return row.id


_WITH_OFFERS = frozenset(
    {S.GETRIEERD, S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT, S.GEACCEPTEERD}
    | {S.ONDER_VOORBEHOUD_ARTS, S.TIJDELIJK_GEPLAATST, S.GEEN_PLEK}
)


def _care_type(chosen: str, care_type: CareType | None) -> CareType | None:
    """What is looked for: at home that is home nursing."""
    return CareType.WIJKVERPLEGING if chosen == NoPlace.THUIS else care_type


def _without_check(facts: Facts) -> Facts:
    """Whether the board was looked at isn't for the caller to say: it is recorded, or it isn't."""
    if BOARD_CHECK in facts:
        raise InvalidInput(
            "Of het bord bekeken is, volgt uit de vastgelegde controle.", f"/facts/{BOARD_CHECK}"
        )
    return facts
