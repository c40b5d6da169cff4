"""How a referral went: what the coordination point did, and the team that the referrer asked itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from api.web import labels
from api.web.language import translations
from api.web.my_referrals.words import STEP
from api.web.rendering import Spoken
from app.db.case_reads import PromisedPlace
from app.db.named_teams import NamedTeam
from app.db.step_reads import StoredStep
from app.services.referrals.reading import Followed
from domain.care_types import CareType
from domain.offers import OfferState
from domain.referrals import Step


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened."""

    at: datetime
    text: str


class Course:
    """Puts a course into words for one reader, as of one moment."""

    def __init__(self, now: datetime, language: str) -> None:
        self._spoken = Spoken(now, language)
        self._: Callable[[str], str] = translations(language).gettext

    def of(self, followed: Followed, steps: Iterable[StoredStep]) -> list[Moment]:
        """What happened, the last first."""
        found = [self._step(step) for step in steps if Step(step.step) in STEP]
        team = followed.team
        if team is not None and team.offer is not None:
            found += self._direct(team)
        if followed.place is not None and not (team and team.offer and team.offer.promised_at):
            found += self._promised(followed.place)
        # Of one moment: as they were recorded, so the later one stands above.
        numbered = sorted(enumerate(found), key=lambda each: (each[1].at, each[0]), reverse=True)
        return [moment for _, moment in numbered]

    def _step(self, step: StoredStep) -> Moment:
        text = self._(STEP[Step(step.step)])
        chosen = (step.data or {}).get("chosen")
        if step.step == Step.TRIAGED and chosen in list(CareType):
            text = f"{text}: {self._(labels.CARE[CareType(chosen)])}"
        return Moment(step.happened_at, text)

    def _direct(self, team: NamedTeam) -> Iterable[Moment]:
        offer, name = team.offer, {"team": team.name}
        assert offer is not None
        yield Moment(offer.offered_at, self._("Gevraagd aan %(team)s") % name)
        if offer.seen_at is not None and offer.seen_at != offer.answered_at:
            yield Moment(offer.seen_at, self._("%(team)s heeft het gezien") % name)
        if offer.answered_at is not None and offer.proposed_at is not None:
            told = {**name, "moment": self._spoken.moment(offer.proposed_at)}
            text = self._("%(team)s stelt een andere start voor: %(moment)s") % told
            yield Moment(offer.answered_at, text)
        if offer.promised_at is not None:
            yield Moment(offer.promised_at, self._("Toegezegd door %(team)s") % name)
        ended = {
            OfferState.GEWEIGERD: self._("%(team)s kan het niet doen"),
            OfferState.VERLOPEN: self._("%(team)s antwoordde niet op tijd"),
            OfferState.INGETROKKEN: self._("De vraag aan %(team)s is vervallen"),
            OfferState.LOSGELATEN: self._("De toezegging van %(team)s is vervallen"),
        }
        text = ended.get(OfferState(offer.state), "")
        if offer.ended_at is not None and text:
            yield Moment(offer.ended_at, text % name)

    def _promised(self, place: PromisedPlace) -> Iterable[Moment]:
        if place.promised_at is not None:
            name = place.team or place.location or place.organisation
            yield Moment(place.promised_at, self._("Toegezegd door %(team)s") % {"team": name})
