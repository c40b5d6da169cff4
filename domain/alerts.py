"""The watchdog: what somebody has to be told about a referral, and when to look again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.deadlines import near_at
from domain.needs import Urgency
from domain.norms import Norms
from domain.offers import Ending, OfferState
from domain.referrals import PROMISED, ReferralState

S = ReferralState
_ONE_DAY = timedelta(days=1)
#: A provider answered, and somebody else has to say something now.
_NEEDS_A_WORD = frozenset({S.TEGENVOORSTEL, S.ONDER_VOORBEHOUD_ARTS, S.WACHT_OP_CLIENT})


class AlertKind(StrEnum):
    """What an alert says. Those of `BY_THE_CLOCK` follow from the referral and the time alone."""

    ACUUT_NIET_GEZIEN = "acuut-niet-gezien"
    ALLE_GEWEIGERD = "alle-geweigerd"
    NIEMAND_ANTWOORDDE = "niemand-antwoordde"
    TOEZEGGING_VERVALLEN = "toezegging-vervallen"
    GEEN_EIGENAAR = "geen-eigenaar"
    TRIAGE_TE_LAAT = "triage-te-laat"
    DOELTIJD_NADERT = "doeltijd-nadert"
    DOELTIJD_VOORBIJ = "doeltijd-voorbij"
    TERUGBELLEN = "terugbellen"
    NIET_AANGEKOMEN = "niet-aangekomen"
    WACHT_TE_LANG = "wacht-te-lang"
    EVALUATIE = "evaluatie"
    MOGELIJK_DUBBEL = "mogelijk-dubbel"
    OPNIEUW_BINNEN_30_DAGEN = "opnieuw-binnen-30-dagen"
    BETALER_WIJZIGT = "betaler-wijzigt"
    GEEN_WLZ_CONTRACT = "geen-wlz-contract"
    OVERDRACHT_GEWEIGERD = "overdracht-geweigerd"
    CAPACITEIT_ONBEVESTIGD = "capaciteit-onbevestigd"


BY_THE_CLOCK = frozenset(
    {
        AlertKind.GEEN_EIGENAAR,
        AlertKind.TRIAGE_TE_LAAT,
        AlertKind.DOELTIJD_NADERT,
        AlertKind.DOELTIJD_VOORBIJ,
        AlertKind.TERUGBELLEN,
        AlertKind.NIET_AANGEKOMEN,
        AlertKind.WACHT_TE_LANG,
        AlertKind.EVALUATIE,
    }
)

#: A round ended with nothing; a new round, or any other way on, answers it.
OF_A_ROUND = frozenset(
    {AlertKind.ALLE_GEWEIGERD, AlertKind.NIEMAND_ANTWOORDDE, AlertKind.TOEZEGGING_VERVALLEN}
)


def alert_of_round(ended: Collection[tuple[OfferState, Ending | None]]) -> AlertKind | None:
    """What a round that came to nothing has to tell; None when the coordination point ended it itself."""
    lost = {Ending.AANBIEDER_KAN_NIET, Ending.ARTS_WEIGERT, Ending.NIET_AANGEKOMEN}
    states = {state for state, _ in ended}
    if any(state is OfferState.LOSGELATEN and ending in lost for state, ending in ended):
        return AlertKind.TOEZEGGING_VERVALLEN
    if OfferState.GEWEIGERD in states:
        return AlertKind.ALLE_GEWEIGERD
    return AlertKind.NIEMAND_ANTWOORDDE if OfferState.VERLOPEN in states else None


@dataclass(frozen=True, slots=True)
class Watched:
    """What of a referral the clock can make an alert of.

    unhandled_since: since when nobody has it in hand; None: somebody has. target_at: when a place
    must have been found and filled: what was told, or else the norm. admission_at: as agreed with the
    provider of a promised place; None: no moment was agreed. promised_at: since when it is promised.
    answered_at: when a provider answered what now needs the client's, the doctor's or the coordination
    point's word.
    """

    state: ReferralState
    urgency: Urgency
    filed_at: datetime | None
    unhandled_since: datetime | None = None
    needs_triage: bool = False
    triage_by: datetime | None = None
    target_at: datetime | None = None
    call_back_at: datetime | None = None
    admission_at: datetime | None = None
    promised_at: datetime | None = None
    answered_at: datetime | None = None
    review_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """The alerts that hold now, and the first moment at which another may come; None: no such moment."""

    alerts: frozenset[AlertKind]
    look_again_at: datetime | None


def watch(watched: Watched, now: datetime, norms: Norms) -> Watch:
    """What the clock says of a referral. A referral that ended, or isn't filed, worries nobody."""
    if watched.state.ended or watched.filed_at is None:
        return Watch(frozenset(), None)
    moments = dict(_moments(watched, norms))
    if AlertKind.DOELTIJD_VOORBIJ in moments and now >= moments[AlertKind.DOELTIJD_VOORBIJ]:
        del moments[AlertKind.DOELTIJD_NADERT]
    raised = frozenset(kind for kind, at in moments.items() if at <= now)
    coming = [at for at in moments.values() if at > now]
    return Watch(raised, min(coming, default=None))


def _moments(watched: Watched, norms: Norms) -> list[tuple[AlertKind, datetime]]:
    """When each alert begins to hold, as far as things stay as they are."""
    assert watched.filed_at is not None
    state, found = watched.state, list[tuple[AlertKind, datetime]]()
    if watched.unhandled_since is not None and state is not S.OPGENOMEN:
        minutes = norms.no_owner_minutes[watched.urgency]
        found.append(
            (AlertKind.GEEN_EIGENAAR, watched.unhandled_since + timedelta(minutes=minutes))
        )
    if watched.needs_triage and watched.triage_by is not None:
        found.append((AlertKind.TRIAGE_TE_LAAT, watched.triage_by))
    if watched.target_at is not None and state is not S.OPGENOMEN:
        # Told late: then it is near from the start.
        started = min(watched.filed_at, watched.target_at)
        near = near_at(watched.target_at, started, norms.near_share)
        # With a place promised there is nothing left to hurry for until the target has passed.
        nearing = watched.target_at if state in PROMISED else near
        found.append((AlertKind.DOELTIJD_NADERT, nearing))
        found.append((AlertKind.DOELTIJD_VOORBIJ, watched.target_at))
    if watched.call_back_at is not None:
        found.append((AlertKind.TERUGBELLEN, watched.call_back_at))
    if watched.promised_at is not None and state in PROMISED:
        # Without a moment somebody is expected by the target, or a day after the promise.
        soon = max(watched.promised_at + _ONE_DAY, watched.target_at or watched.promised_at)
        expected = watched.admission_at or soon
        late = expected + timedelta(minutes=norms.not_arrived_minutes)
        found.append((AlertKind.NIET_AANGEKOMEN, late))
    if watched.answered_at is not None and state in _NEEDS_A_WORD:
        minutes = norms.answer[watched.urgency].minutes
        found.append((AlertKind.WACHT_TE_LANG, watched.answered_at + timedelta(minutes=minutes)))
    if watched.review_at is not None and state in (S.OPGENOMEN, S.TIJDELIJK_GEPLAATST):
        found.append((AlertKind.EVALUATIE, watched.review_at))
    return found
