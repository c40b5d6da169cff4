"""The answer to an act on an offer, a stay or a hand-over: each party hears what is its own to know."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from api.acts import ACT
from api.writes import WithPosition
from app.security.keys import Credential
from app.services.referrals.acting import Done
from domain.errors import Code
from domain.offers import OfferState
from domain.referrals import ReferralState

#: What an act on an offer may answer with, besides what every call may.
ON_OFFER = (*ACT, Code.OFFER_ENDED)
#: One that promises a place.
PROMISING = (*ON_OFFER, Code.NO_PLACE_LEFT)

#: In these the referral is the provider's to deal with too.
_IN_HAND = (OfferState.TOEGEZEGD, OfferState.OPGENOMEN)


class OfferDoneBody(BaseModel):
    """The offer as the act left it."""

    id: UUID
    state: OfferState
    version: int
    late: Annotated[bool, Field(description="Answered after its deadline; it counts.")]


class PartyDoneBody(WithPosition):
    """What an act did. How the referral stands is told to the coordination point that has it alone:
    to a provider it would tell what others answered.
    """

    id: Annotated[UUID, Field(description="Of what was made or acted on, else of the referral.")]
    offer: Annotated[OfferDoneBody | None, Field(description="The offer that it was about.")]
    referral_id: Annotated[
        UUID | None, Field(description="For a provider: once a place is promised.")
    ]
    number: Annotated[
        str | None, Field(description="What people read to each other on the telephone.")
    ]
    state: Annotated[ReferralState | None, Field(description="Null unless the referral is yours.")]
    version: Annotated[int | None, Field(description="Null unless the referral is yours.")]
    server_time: datetime


def party_done(done: Done, caller: Credential, response: Response) -> PartyDoneBody:
    """The answer to an act; whose referral it is gets its version as the ETag."""
    mine = done.owner_id == caller.actor.organisation_id
    if mine:
        response.headers["etag"] = f'"{done.version}"'
    return told(done, caller)


def told(done: Done, caller: Credential) -> PartyDoneBody:
    """What the caller may hear of an act."""
    mine = done.owner_id == caller.actor.organisation_id
    offer = done.offer
    known = mine or (offer is not None and offer.state in _IN_HAND)
    return PartyDoneBody(
        id=done.id,
        offer=OfferDoneBody.model_validate(offer, from_attributes=True) if offer else None,
        referral_id=done.referral_id if known else None,
        number=done.number if known else None,
        state=done.state if mine else None,
        version=done.version if mine else None,
        position=str(done.position),
        server_time=done.server_time,
    )
