"""What comes next for a referral, until when, and who is waited on: every open one has an answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.referrals import PROMISED, ReferralState

S = ReferralState


class NextAction(StrEnum):
    """What is to be done next; every open referral has one."""

    INDIENEN = "indienen"
    AANVULLEN = "aanvullen"
    TRIEREN = "trieren"
    OPNIEUW_TRIEREN = "opnieuw-trieren"
    AANBIEDEN = "aanbieden"
    VERDER_ZOEKEN = "verder-zoeken"
    AANBIEDER_BELLEN = "aanbieder-bellen"
    ANTWOORD_AFWACHTEN = "antwoord-afwachten"
    VRAAG_BEANTWOORDEN = "vraag-beantwoorden"
    TEGENVOORSTEL_BEOORDELEN = "tegenvoorstel-beoordelen"
    ARTS_AFWACHTEN = "arts-afwachten"
    CLIENT_AFWACHTEN = "client-afwachten"
    OPNAMEAFSPRAAK_MAKEN = "opnameafspraak-maken"
    OPNAME_AFWACHTEN = "opname-afwachten"
    OPNAME_NAVRAGEN = "opname-navragen"
    OVERDRACHT_AFWACHTEN = "overdracht-afwachten"
    EVALUEREN = "evalueren"
    PLEK_BLIJVEN_ZOEKEN = "plek-blijven-zoeken"


class Party(StrEnum):
    """Who is waited on."""

    COORDINATIEPUNT = "coordinatiepunt"
    VERWIJZER = "verwijzer"
    AANBIEDER = "aanbieder"
    CLIENT = "client"
    ARTS = "arts"
    VERVOER = "vervoer"
    CIZ = "ciz"


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What of a referral decides on the next action, as it stands after an act.

    deadline: when the first open offer has to be answered. unseen: an acuut offer that nobody has
    looked at in time. appointment: the opnameafspraak was made, for `admission_at`.
    question_open: a provider asked something and got no answer yet. counter_to_referrer: another
    proposal came of a team that the referrer asked itself.
    """

    state: ReferralState
    triaged: bool = False
    needs_triage: bool = False
    offered_before: bool = False
    deadline: datetime | None = None
    unseen: bool = False
    counter_to_referrer: bool = False
    question_open: bool = False
    handover_open: bool = False
    appointment: bool = False
    admission_at: datetime | None = None
    overdue_admission: bool = False
    triage_by: datetime | None = None
    review_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The next action, until when, and who is waited on. `at` None: as soon as can be."""

    action: NextAction
    at: datetime | None
    waits_on: Party


_COORDINATOR = Party.COORDINATIEPUNT


def next_of(out: Outstanding) -> Next | None:
    """What comes next; None for a referral that ended, and for nothing else."""
    if out.state.ended:
        return None
    if out.question_open:
        return Next(NextAction.VRAAG_BEANTWOORDEN, out.deadline, _COORDINATOR)
    if out.needs_triage and out.state not in (S.CONCEPT, S.AANVULLING_GEVRAAGD, S.OPGENOMEN):
        action = NextAction.OPNIEUW_TRIEREN if out.triaged else NextAction.TRIEREN
        return Next(action, out.triage_by, _COORDINATOR)
    if out.unseen and out.state is S.AANGEBODEN:
        return Next(NextAction.AANBIEDER_BELLEN, None, _COORDINATOR)
    if out.handover_open and out.state not in PROMISED:
        return Next(NextAction.OVERDRACHT_AFWACHTEN, out.triage_by, _COORDINATOR)
    return _by_state(out)


def _by_state(out: Outstanding) -> Next:
    match out.state:
        case S.CONCEPT:
            return Next(NextAction.INDIENEN, None, Party.VERWIJZER)
        case S.INGEDIEND | S.OVERGEDRAGEN:
            return Next(NextAction.TRIEREN, out.triage_by, _COORDINATOR)
        case S.AANVULLING_GEVRAAGD:
            return Next(NextAction.AANVULLEN, out.triage_by, Party.VERWIJZER)
        case S.AANGEBODEN:
            return Next(NextAction.ANTWOORD_AFWACHTEN, out.deadline, Party.AANBIEDER)
        case S.TEGENVOORSTEL if out.counter_to_referrer:
            return Next(NextAction.TEGENVOORSTEL_BEOORDELEN, out.deadline, Party.VERWIJZER)
        case S.TEGENVOORSTEL:
            return Next(NextAction.TEGENVOORSTEL_BEOORDELEN, out.deadline, _COORDINATOR)
        case S.ONDER_VOORBEHOUD_ARTS:
            return Next(NextAction.ARTS_AFWACHTEN, out.deadline, Party.ARTS)
        case S.WACHT_OP_CLIENT:
            return Next(NextAction.CLIENT_AFWACHTEN, out.deadline, Party.CLIENT)
        case S.GEACCEPTEERD if out.overdue_admission:
            return Next(NextAction.OPNAME_NAVRAGEN, out.admission_at, _COORDINATOR)
        case S.GEACCEPTEERD if out.appointment:
            return Next(NextAction.OPNAME_AFWACHTEN, out.admission_at, Party.VERVOER)
        case S.GEACCEPTEERD:
            return Next(NextAction.OPNAMEAFSPRAAK_MAKEN, out.admission_at, _COORDINATOR)
        case S.OPGENOMEN:
            return Next(NextAction.EVALUEREN, out.review_at, Party.AANBIEDER)
        case S.GEEN_PLEK:
            return Next(NextAction.PLEK_BLIJVEN_ZOEKEN, None, _COORDINATOR)
        case _ if out.offered_before:
            return Next(NextAction.VERDER_ZOEKEN, out.deadline, _COORDINATOR)
        case _:
            return Next(NextAction.AANBIEDEN, out.deadline, _COORDINATOR)
