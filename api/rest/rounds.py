"""A round of offers: who is asked at once, and who after them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.acts import ACT, Text
from api.offer_acts import PartyDoneBody, party_done
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import IdempotencyKey, Input, named_request
from app.services.referrals import rounds
from app.services.referrals.rounds import AskedPlace, Round
from domain.actors import Action
from domain.care_types import CareType
from domain.errors import Code, InvalidInput

router = APIRouter(prefix="/v1", tags=["offers"], route_class=GuardedRoute)

_MOST_ASKED = 20
_MOST_FOLLOWING = 20


class AskedInput(Input):
    """Whom to ask: a pool, perhaps one bed of it; a team; or an organisation, for care without places."""

    pool_id: UUID | None = None
    bed_id: UUID | None = None
    team_id: UUID | None = None
    organisation_id: UUID | None = None


class RoundInput(Input):
    """Who is asked at once, and who after them."""

    to: Annotated[list[AskedInput], Field(min_length=1, max_length=_MOST_ASKED)]
    care_type: Annotated[
        CareType | None, Field(description="By default what was chosen at triage.")
    ] = None
    argument: Annotated[
        Text | None,
        Field(description="One line, for what deviates from triage or crosses a hard criterion."),
    ] = None
    following: Annotated[
        tuple[AskedInput, ...],
        Field(
            max_length=_MOST_FOLLOWING,
            description="Who next, one by one, where the norms let the next round begin by itself.",
        ),
    ] = ()
    match_id: Annotated[
        UUID | None, Field(description="The match that this goes by; it is kept then.")
    ] = None

    def round(self) -> Round:
        """As the service takes it. Raises InvalidInput."""
        return Round(
            _places("/to", self.to),
            self.care_type,
            self.argument,
            _places("/following", self.following),
            self.match_id,
        )


class OfferedBody(PartyDoneBody):
    """What a round made; `id` is its first offer."""

    offers: Annotated[list[UUID], Field(description="In the order in which they were asked.")]


@router.post(
    "/referrals/{referral_id}/offers",
    status_code=201,
    **asks(
        Action.REFERRAL_WRITE,
        *ACT,
        Code.TOO_MANY_OFFERS,
        Code.ARGUMENT_REQUIRED,
        Code.BOARD_CHECK_REQUIRED,
        Code.VERSION_CHANGED,
        Code.IDEMPOTENCY_MISMATCH,
        if_match=False,
    ),
)
async def post_offers(
    request: Request,
    here: Here,
    caller: Caller,
    referral_id: UUID,
    body: RoundInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OfferedBody:
    """Asks one provider, or several at once up to what the urgency allows. `If-Match`: the referral's.

    An MFB takes a recorded look at the regular places first.
    """
    made = await rounds.offer(
        here,
        caller.actor,
        referral_id,
        body.round(),
        await named_request(request, caller, idempotency_key),
        expected_version=shown_version(request),
        address=address_of(request),
    )
    done = party_done(made.done, caller, response)
    return OfferedBody(**dict(done), offers=list(made.offer_ids))


def _places(pointer: str, asked: Sequence[AskedInput]) -> list[AskedPlace]:
    found: list[AskedPlace] = []
    for index, one in enumerate(asked):
        try:
            found.append(AskedPlace(**one.model_dump()))
        except InvalidInput as problem:
            raise InvalidInput(problem.detail, f"{pointer}/{index}{problem.pointer}") from None
    return found
