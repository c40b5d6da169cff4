"""Organisations: listed, read, made, changed, merged and closed."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.boards import Cursor, Page, Region, Status, find, page_of, region_board, selected
from api.cursors import Limit
from api.positions import MinPosition, reached
from api.rest.regions import RegionNumber
from api.routing import Caller, GuardedRoute, Here, address_of, asks, shown_version
from api.writes import (
    Day,
    IdempotencyKey,
    Input,
    Name,
    OnCall,
    WithPosition,
    named_request,
    needed_version,
    shown,
)
from app.services import mergers, organisations
from domain.actors import Action, OrganisationKind
from domain.errors import Code
from domain.events import Kind
from domain.hours import contacts_from_json
from domain.identifiers import OrganisationId, RegionId
from domain.organisations import Insurer, Organisation

router = APIRouter(prefix="/v1/organisations", tags=["registers"], route_class=GuardedRoute)

Eight = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
Pc4 = Annotated[str, Field(pattern=r"^[1-9][0-9]{3}$")]
#: Its shape is judged in the domain.
Telephone = Annotated[str, Field(min_length=1, max_length=30)]


class InsurerBody(BaseModel):
    """A contract with a health insurer; both days count, null has no end."""

    uzovi: str
    valid_from: date
    valid_until: date | None


class InsurerInput(Input):
    """A contract with a health insurer; both days count, null has no end."""

    uzovi: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    valid_from: Day
    valid_until: Day | None = None


class OrganisationBody(BaseModel):
    """An organisation, or a coordination point. `merged_into` took over what it had."""

    id: UUID
    agb: str
    ura: str | None
    kvk: str | None
    name: str
    kind: OrganisationKind
    telephone: str | None
    regions: list[int]
    pc4s: list[str]
    insurers: list[InsurerBody] | None
    on_call: list[dict[str, Any]] | None
    status: str
    merged_into: UUID | None
    version: int


class WrittenOrganisationBody(OrganisationBody, WithPosition):
    """An organisation as it was written."""


class OrganisationInput(Input):
    """All that people fill in of an organisation; only a coordination point serves PC4s."""

    agb: Eight
    ura: Eight | None = None
    kvk: Eight | None = None
    name: Name
    kind: OrganisationKind
    telephone: Telephone | None = None
    regions: Annotated[list[RegionNumber], Field(min_length=1, max_length=100)]
    pc4s: Annotated[list[Pc4], Field(max_length=5000)] = Field(default_factory=list)
    insurers: Annotated[list[InsurerInput], Field(max_length=200)] | None = None
    on_call: OnCall | None = None

    def organisation(self) -> Organisation:
        """As the domain has it. Raises InvalidInput."""
        return Organisation(
            agb=self.agb,
            name=self.name,
            kind=self.kind,
            regions=frozenset(RegionId(number) for number in self.regions),
            ura=self.ura,
            kvk=self.kvk,
            telephone=self.telephone,
            pc4s=frozenset(self.pc4s),
            insurers=tuple(
                Insurer(insurer.uzovi, insurer.valid_from, insurer.valid_until)
                for insurer in self.insurers or ()
            ),
            on_call=contacts_from_json(self.on_call or [], "/on_call"),
        )


class MergerInput(Input):
    """Who takes over."""

    into: UUID


@router.get("", **asks(Action.REGISTER_READ, Code.NOT_FOUND))
async def get_organisations(
    here: Here,
    caller: Caller,
    region: Region = None,
    kind: OrganisationKind | None = None,
    status: Status = Status.ACTIVE,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[OrganisationBody]:
    """The organisations that work in a region."""
    board = region_board(here, caller, region, Action.REGISTER_READ)
    found = selected(board.all(Kind.ORGANISATION), status, kind=kind)
    items, following = page_of(found, limit, cursor)
    return Page(
        items=[OrganisationBody.model_validate(data) for data in items], next_cursor=following
    )


@router.post(
    "",
    status_code=201,
    **asks(
        Action.REGISTER_WRITE,
        Code.ALREADY_EXISTS,
        Code.IDEMPOTENCY_MISMATCH,
        Code.OUTCOME_UNKNOWN,
    ),
)
async def post_organisation(
    request: Request,
    here: Here,
    caller: Caller,
    body: OrganisationInput,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> WrittenOrganisationBody:
    """A new organisation."""
    written = await organisations.create_organisation(
        here,
        caller.actor,
        body.organisation(),
        await named_request(request, caller, idempotency_key),
        address_of(request),
    )
    return WrittenOrganisationBody.model_validate(shown(written, response))


@router.get("/{organisation_id}", **asks(Action.REGISTER_READ, Code.NOT_FOUND, Code.NOT_YET_THERE))
async def get_organisation(
    here: Here,
    caller: Caller,
    organisation_id: UUID,
    response: Response,
    min_position: MinPosition = None,
) -> OrganisationBody:
    """One organisation that works in a region of the caller."""
    await reached(here, min_position)
    organisation = OrganisationBody.model_validate(
        find(here, caller, Kind.ORGANISATION, organisation_id, Action.REGISTER_READ)
    )
    response.headers["etag"] = f'"{organisation.version}"'
    return organisation


@router.put(
    "/{organisation_id}",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.STILL_IN_USE,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.ALREADY_EXISTS,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_organisation(
    request: Request,
    here: Here,
    caller: Caller,
    organisation_id: UUID,
    body: OrganisationInput,
    response: Response,
) -> WrittenOrganisationBody:
    """All of an organisation anew. A region is left only with nothing active in it."""
    written = await organisations.change_organisation(
        here,
        caller.actor,
        OrganisationId(organisation_id),
        body.organisation(),
        needed_version(request),
        address_of(request),
    )
    return WrittenOrganisationBody.model_validate(shown(written, response))


@router.post(
    "/{organisation_id}/merger",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.VERSION_CHANGED,
        Code.ALREADY_EXISTS,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
)
async def post_merger(
    request: Request,
    here: Here,
    caller: Caller,
    organisation_id: UUID,
    body: MergerInput,
    response: Response,
) -> WrittenOrganisationBody:
    """Ends an organisation; another takes over all it has. Answers with the one that took over."""
    written = await mergers.merge_organisation(
        here,
        caller.actor,
        OrganisationId(organisation_id),
        OrganisationId(body.into),
        shown_version(request),
        address_of(request),
    )
    return WrittenOrganisationBody.model_validate(shown(written, response))


@router.post(
    "/{organisation_id}/closure",
    **asks(
        Action.REGISTER_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.STILL_IN_USE,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=False,
    ),
)
async def post_closure(
    request: Request, here: Here, caller: Caller, organisation_id: UUID, response: Response
) -> WrittenOrganisationBody:
    """Ends an organisation that has nothing active any more, and revokes its keys."""
    written = await organisations.close_organisation(
        here,
        caller.actor,
        OrganisationId(organisation_id),
        shown_version(request),
        address_of(request),
    )
    return WrittenOrganisationBody.model_validate(shown(written, response))
