"""The steps that a form of "achteraf vastleggen" takes: each the body of its act, with when it happened."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, TypeAlias, get_args
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError

from api.acts import TextInput
from api.rest.board_checks import BoardCheckInput
from api.rest.offer_answers import AcceptanceInput, CounterInput, RefusalInput
from api.rest.offer_decisions import DecisionInput
from api.rest.referral_desk import ContactInput
from api.rest.referral_endings import ClosureInput, NoPlaceInput, WithdrawalInput
from api.rest.reports import Moment
from api.rest.rounds import RoundInput
from api.rest.stays import AppointmentInput, ArrivalInput
from api.rest.triages import TriageInput
from api.writes import Input
from app.services.referrals import records
from app.services.referrals.desk import Contact
from app.services.referrals.records import MOST_STEPS, Decider, Told, What
from app.services.referrals.triages import Triage
from domain.cases import ContactKind
from domain.errors import InvalidInput
from domain.triage.facts import read_facts


class StepKind(StrEnum):
    """What may be recorded afterwards."""

    TRIAGE = "triage"
    BOARD_CHECK = "board-check"
    OFFER = "offer"
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    COUNTER_PROPOSAL = "counter-proposal"
    COUNTER_DECISION = "counter-decision"
    CLIENT_ANSWER = "client-answer"
    DOCTOR_ANSWER = "doctor-answer"
    APPOINTMENT = "appointment"
    ADMISSION = "admission"
    CONTACT = "contact"
    NOTE = "note"
    NO_PLACE = "no-place"
    WITHDRAWAL = "withdrawal"
    CLOSURE = "closure"


class Timed(Input):
    """When it really happened."""

    happened_at: Moment


class OfOffer(Timed):
    """A step about an offer: by its id, by its place in the round that this form made before, or
    neither when there is one only.
    """

    offer_id: UUID | None = None
    index: int | None = Field(default=None, strict=True, ge=0, lt=MOST_STEPS)


class TriageStep(Timed, TriageInput):
    """A triage."""

    kind: Literal[StepKind.TRIAGE]

    def what(self) -> What:
        """As the service takes it. Raises InvalidInput."""
        return Triage(read_facts(self.facts, "/facts"), self.chosen, self.argument)


class BoardCheckStep(Timed, BoardCheckInput):
    """A look at the board. What is kept is what it shows now: it doesn't show the past."""

    kind: Literal[StepKind.BOARD_CHECK]

    def what(self) -> What:
        """As the service takes it."""
        return records.Looked(tuple(self.care_types))


class OfferStep(Timed, RoundInput):
    """Providers that were phoned."""

    kind: Literal[StepKind.OFFER]

    def what(self) -> What:
        """As the service takes it. Raises InvalidInput."""
        return self.round()


class AcceptanceStep(OfOffer, AcceptanceInput):
    """A yes."""

    kind: Literal[StepKind.ACCEPTANCE]
    happened_at: Moment

    def what(self) -> What:
        """As the service takes it."""
        return self.given()


class RefusalStep(OfOffer, RefusalInput):
    """A no."""

    kind: Literal[StepKind.REFUSAL]
    happened_at: Moment

    def what(self) -> What:
        """As the service takes it."""
        return records.Refused(self.code, self.text)


class CounterProposalStep(OfOffer, CounterInput):
    """Something else."""

    kind: Literal[StepKind.COUNTER_PROPOSAL]
    happened_at: Moment

    def what(self) -> What:
        """As the service takes it."""
        return self.given()


class DecisionStep(OfOffer, DecisionInput):
    """The yes or no of the coordination point, the client or the doctor."""

    kind: Literal[StepKind.COUNTER_DECISION, StepKind.CLIENT_ANSWER, StepKind.DOCTOR_ANSWER]

    def what(self) -> What:
        """As the service takes it."""
        by = {
            StepKind.COUNTER_DECISION: Decider.COUNTER,
            StepKind.CLIENT_ANSWER: Decider.CLIENT,
            StepKind.DOCTOR_ANSWER: Decider.DOCTOR,
        }
        return records.Decided(by[self.kind], self.agreed, self.text)


class AppointmentStep(OfOffer, AppointmentInput):
    """An opnameafspraak."""

    kind: Literal[StepKind.APPOINTMENT]

    def what(self) -> What:
        """As the service takes it."""
        return self.given()


class AdmissionStep(OfOffer, ArrivalInput):
    """Somebody came; by default when it happened."""

    kind: Literal[StepKind.ADMISSION]

    def what(self) -> What:
        """As the service takes it."""
        return self.given()


class ContactStep(Timed, ContactInput):
    """A call, or a try at one. `how`: what a contact alone calls its kind."""

    kind: Literal[StepKind.CONTACT]  # type: ignore[assignment]  # of the step; the contact's is `how`
    how: ContactKind

    def what(self) -> What:
        """As the service takes it."""
        told = self.model_dump(exclude={"kind", "how", "happened_at"})
        return Contact(self.how, **{**told, "started_at": self.started_at or self.happened_at})


class NoteStep(Timed, TextInput):
    """Something worth knowing."""

    kind: Literal[StepKind.NOTE]

    def what(self) -> What:
        """As the service takes it."""
        return records.Noted(self.text)


class NoPlaceStep(Timed, NoPlaceInput):
    """No place could be found."""

    kind: Literal[StepKind.NO_PLACE]
    happened_at: Moment

    def what(self) -> What:
        """As the service takes it."""
        return records.NoPlace(self.target_group, self.text)


class WithdrawalStep(Timed, WithdrawalInput):
    """Taken back by who asked."""

    kind: Literal[StepKind.WITHDRAWAL]
    happened_at: Moment

    def what(self) -> What:
        """As the service takes it."""
        return records.Withdrawn(self.reason, self.text)


class ClosureStep(Timed, ClosureInput):
    """Nothing has to be found any more."""

    kind: Literal[StepKind.CLOSURE]
    happened_at: Moment

    def what(self) -> What:
        """As the service takes it."""
        return records.Closed(self.outcome, self.text)


Step: TypeAlias = (
    TriageStep
    | BoardCheckStep
    | OfferStep
    | AcceptanceStep
    | RefusalStep
    | CounterProposalStep
    | DecisionStep
    | AppointmentStep
    | AdmissionStep
    | ContactStep
    | NoteStep
    | NoPlaceStep
    | WithdrawalStep
    | ClosureStep
)
_MODELS: tuple[type[Step], ...] = get_args(Step)
#: The model of each kind of step.
STEPS: Mapping[str, type[Step]] = {
    kind: model for model in _MODELS for kind in get_args(model.model_fields["kind"].annotation)
}


def read_step(number: int, given: dict[str, Any]) -> Told:
    """A step of a form, by its kind: so that a mistake is told by the field's own place.

    Raises RequestValidationError and InvalidInput.
    """
    where = ("body", "steps", number)
    kind = given.get("kind")
    model = STEPS.get(kind) if isinstance(kind, str) else None
    if model is None:
        found = "missing" if "kind" not in given else "enum"
        expected = {"expected": ", ".join(STEPS)}
        raise RequestValidationError([{"type": found, "loc": (*where, "kind"), "ctx": expected}])
    try:
        step = model.model_validate(given)
        what = step.what()
    except ValidationError as error:
        raise RequestValidationError(
            [
                {**item, "loc": (*where, *item["loc"])}
                for item in error.errors(include_url=False, include_input=False)
            ]
        ) from None
    except InvalidInput as problem:
        raise InvalidInput(problem.detail, f"/steps/{number}{problem.pointer}") from None
    about = step if isinstance(step, OfOffer) else None
    return Told(
        step.happened_at,
        what,
        offer_id=about.offer_id if about else None,
        index=about.index if about else None,
    )
