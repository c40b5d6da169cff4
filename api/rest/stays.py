"""From a promise to leaving: opnameafspraak, admission, not arrived, and discharge from day one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import ACT, Text
from api.observed import Day
from api.offer_acts import ON_OFFER, PartyDoneBody, party_done
from api.rest.reports import Moment
from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import Input
from app.services.referrals import appointments, stays
from app.services.referrals.appointments import Appointment
from app.services.referrals.stays import Arrival
from domain.actors import Action
from domain.care_types import CareType
from domain.cases import Destination

router = APIRouter(prefix="/v1", tags=["stays"], route_class=GuardedRoute)

Settled = Annotated[bool, Field(strict=True)]


class SettledInput(Input):
    """What an opnameafspraak settles; what is left out isn't settled."""

    transport: Settled = False
    medication_list: Settled = False
    medication_supply: Settled = False
    aids: Settled = False
    uitvoeringsverzoek: Settled = False
    treatment_limits: Settled = False
    doctors_spoke: Settled = False
    nursing_handover: Settled = False


class AppointmentInput(Input):
    """When somebody comes, and what is settled."""

    admission_at: Moment
    settled: SettledInput = SettledInput()
    contact: Annotated[Text | None, Field(description="Who is responsible, and whom to call.")] = (
        None
    )

    def given(self) -> Appointment:
        """As the service takes it."""
        return Appointment(self.admission_at, self.settled.model_dump(), self.contact)


class ArrivalInput(Input):
    """Somebody came, or home nursing began."""

    admitted_at: Annotated[Moment | None, Field(description="By default now.")] = None
    expected_discharge: Day | None = None
    temporary: Annotated[
        bool, Field(strict=True, description="It waits here for another place: the search goes on.")
    ] = False

    def given(self) -> Arrival:
        """As the service takes it."""
        return Arrival(self.admitted_at, self.expected_discharge, self.temporary)


class NonArrivalInput(Input):
    """Somebody didn't come."""

    expected_at: Annotated[
        Moment | None, Field(description="When instead; null: the place is given back.")
    ]
    text: Text | None = None


class ExpectedDischargeInput(Input):
    """When somebody is expected to leave."""

    expected: Annotated[Day | None, Field(description="Null: nobody can tell.")]


class ReadinessInput(Input):
    """Somebody may leave."""

    ready_at: Annotated[Moment | None, Field(description="By default now.")] = None
    awaited: Annotated[
        CareType | None, Field(description="What is waited for; null: nothing, it goes home.")
    ] = None


class DischargeInput(Input):
    """Somebody left."""

    left_at: Annotated[Moment | None, Field(description="By default now.")] = None
    destination: Destination


@router.put("/offers/{offer_id}/appointment", **asks(Action.OFFER_ANSWER, *ON_OFFER))
async def put_appointment(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: AppointmentInput,
    response: Response,
) -> PartyDoneBody:
    """The opnameafspraak of a promise, whole: made, or made anew."""
    done = await appointments.appoint(
        here, caller.actor, offer_id, body.given(), address=address_of(request)
    )
    return party_done(done, caller, response)


@router.post("/offers/{offer_id}/non-arrival", **asks(Action.OFFER_ANSWER, *ON_OFFER))
async def post_non_arrival(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: NonArrivalInput,
    response: Response,
) -> PartyDoneBody:
    """Somebody didn't come: expected at another moment, or not any more."""
    done = await appointments.not_arrived(
        here,
        caller.actor,
        offer_id,
        expected_at=body.expected_at,
        text=body.text,
        address=address_of(request),
    )
    return party_done(done, caller, response)


@router.post(
    "/offers/{offer_id}/admission", status_code=201, **asks(Action.OFFER_ANSWER, *ON_OFFER)
)
async def post_admission(
    request: Request,
    here: Here,
    caller: Caller,
    offer_id: UUID,
    body: ArrivalInput,
    response: Response,
) -> PartyDoneBody:
    """An admission at its actual time. Whoever waited elsewhere leaves there at that moment."""
    done = await stays.admit(
        here, caller.actor, offer_id, body.given(), address=address_of(request)
    )
    return party_done(done, caller, response)


@router.put("/referrals/{referral_id}/expected-discharge", **asks(Action.OFFER_ANSWER, *ACT))
async def put_expected_discharge(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: ExpectedDischargeInput,
    response: Response,
) -> PartyDoneBody:
    """When somebody is expected to leave: told from day one of a stay, and revised at will."""
    done = await stays.expect_discharge(
        here, caller.actor, referral_id, body.expected, address=address_of(request)
    )
    return party_done(done, caller, response)


@router.post("/referrals/{referral_id}/discharge-readiness", **asks(Action.OFFER_ANSWER, *ACT))
async def post_discharge_readiness(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: ReadinessInput,
    response: Response,
) -> PartyDoneBody:
    """Somebody may leave, and waits for care elsewhere."""
    done = await stays.ready(
        here,
        caller.actor,
        referral_id,
        body.ready_at,
        body.awaited,
        address=address_of(request),
    )
    return party_done(done, caller, response)


@router.post("/referrals/{referral_id}/discharge", **asks(Action.OFFER_ANSWER, *ACT))
async def post_discharge(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: DischargeInput,
    response: Response,
) -> PartyDoneBody:
    """Somebody left, and where to. The place counts at once."""
    done = await stays.discharge(
        here,
        caller.actor,
        referral_id,
        body.left_at,
        body.destination,
        address=address_of(request),
    )
    return party_done(done, caller, response)


@router.post("/referrals/{referral_id}/stay-kept", **asks(Action.REFERRAL_WRITE, *ACT))
async def post_stay_kept(
    request: Request, here: Here, caller: Caller, referral_id: UUID, response: Response
) -> PartyDoneBody:
    """Somebody stays where they waited: the search ends there."""
    done = await stays.keep(here, caller.actor, referral_id, address=address_of(request))
    return party_done(done, caller, response)
