"""Opnamestop of a location: a page of its own to set it on, so that nobody does so by accident."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web import notices
from api.web.capacity.answers import back, refused, shown_in, status_of, text_of
from api.web.capacity.cards import Sheet
from api.web.capacity.showing import ROLES, around, show
from api.web.capacity.views import sheet_of
from api.web.days import read_day
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.services import admission_stops
from app.services.own_sources import credential_of
from domain.actors import Action
from domain.admission_stops import Stop
from domain.calendar import AMSTERDAM
from domain.capacity import SourceKind
from domain.care_types import ClosedReason
from domain.errors import InvalidInput, NotFound, VersionChanged
from domain.identifiers import LocationId

_MOST_NOTE = 200


async def stop_page(request: Request) -> Response:
    """The form."""
    return _form(request, _sheet(request))


async def set_stop(request: Request) -> Response:
    """Sets it, or changes the one that stands."""
    sheet = _sheet(request)
    container = container_of(request)
    form = await request.form()
    try:
        stop = _stop(form, request)
        place = await admission_stops.find_location(container, _location(request))
        receipt = await admission_stops.set_stop(
            container,
            await credential_of(container, actor_of(request), SourceKind.PAGE),
            place,
            stop,
            shown_in(form).version,
            address=address_of(request),
        )
    except (InvalidInput, VersionChanged) as problem:
        return _form(request, _sheet(request), form, problem, status_of(problem))
    await container.board.regions[place.region_id].reach(receipt.position.number)
    return back(f"{sheet.address}#h-stop", m="stop")


async def lift_stop(request: Request) -> Response:
    """Lifts the one that was shown."""
    sheet = _sheet(request)
    container = container_of(request)
    form = await request.form()
    place = await admission_stops.find_location(container, _location(request))
    try:
        receipt = await admission_stops.lift_stop(
            container,
            await credential_of(container, actor_of(request), SourceKind.PAGE),
            place,
            shown_in(form).version,
            address=address_of(request),
        )
    except VersionChanged as problem:
        return show(request, told=refused(request, "", problem), status=409)
    await container.board.regions[place.region_id].reach(receipt.position.number)
    return back(f"{sheet.address}#h-stop", m="opgeheven")


def routes() -> list[Route]:
    """The paths of this module."""
    asks, path = Action.CAPACITY_REPORT, "/mijn-capaciteit/opnamestop/{id:uuid}"
    return [
        page(path, stop_page, asks=asks),
        page(path, set_stop, asks=asks, methods=["POST"]),
        page(f"{path}/opheffen", lift_stop, asks=asks, methods=["POST"]),
    ]


def _location(request: Request) -> LocationId:
    return LocationId(request.path_params["id"])


def _sheet(request: Request) -> Sheet:
    """The location's page. Raises NotFound for one that isn't the organisation's own."""
    location_id = str(request.path_params["id"])
    sheet = sheet_of(container_of(request), actor_of(request), location_id)
    if sheet.place is None or str(sheet.place.id) != location_id:
        raise NotFound
    return sheet


def _form(
    request: Request,
    sheet: Sheet,
    typed: FormData | None = None,
    problem: InvalidInput | VersionChanged | None = None,
    status: int = 200,
) -> Response:
    if actor_of(request).role not in ROLES:
        return notices.forbidden(request)
    context = {
        **around(request),
        "sheet": sheet,
        "typed": typed,
        "problem": problem,
        "told": refused(request, "", problem).text if problem else "",
        "reasons": tuple(ClosedReason),
    }
    return render(request, "capaciteit_stop.html", context, status=status)


def _stop(form: FormData, request: Request) -> Stop:
    today = container_of(request).now().astimezone(AMSTERDAM).date()
    try:
        reason = ClosedReason(text_of(form, "reden"))
    except ValueError as error:
        raise InvalidInput("Kies waarom er geen opname is.", "/reden") from error
    note = " ".join(text_of(form, "toelichting").split())
    if any(ord(sign) < 0x20 or sign == "\x7f" for sign in note):
        raise InvalidInput("Er staan tekens in de toelichting die niet kunnen.", "/toelichting")
    if len(note) > _MOST_NOTE:
        raise InvalidInput(f"Houd de toelichting op hoogstens {_MOST_NOTE} tekens.", "/toelichting")
    until = read_day(text_of(form, "tot"), today, "/tot")
    if until is not None and until < today:
        raise InvalidInput("Deze dag is voorbij.", "/tot")
    return Stop(reason, note or None, expected_until=until)
