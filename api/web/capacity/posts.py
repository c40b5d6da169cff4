"""What a provider posts of its own: a pool's free places, a bed's state, a team's stoplight.

A form holds all that its report says, so that sending it again (after an answer that was lost, or
from another tab) is the same report, which counts once.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.capacity.answers import (
    Told,
    as_data,
    back,
    moment_of,
    refused,
    shown_in,
    status_of,
    taken,
    text_of,
    unless_changed,
    wants_data,
)
from api.web.capacity.showing import chosen, show, show_team
from api.web.capacity.views import bed_now, pool_now, sheet_of, team_now
from api.web.days import read_day
from api.web.reading import read_choice, read_places
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.services import bed_reports, beds, home_care_reports, observations, reports
from app.services.own_sources import credential_of
from domain.actors import Action
from domain.beds import BedReport, BedState
from domain.calendar import AMSTERDAM
from domain.capacity import Figures, SourceKind
from domain.care_types import ClosedReason
from domain.errors import InvalidInput, Problem, VersionChanged
from domain.home_care import Dagdeel, Light, Skill, TeamException, TeamReport
from domain.identifiers import BedId, PoolId, TeamId

_MOST_HOURS = 999


async def report_free(request: Request) -> Response:
    """Takes a number of free places in; it replaces all figures of its pool."""

    async def act(form: FormData) -> Told:
        container, actor = container_of(request), actor_of(request)
        figures = _figures(form, _today(request))
        pool = await reports.find_pool(container, PoolId(request.path_params["id"]))
        credential = await credential_of(container, actor, SourceKind.PAGE)
        observed, sent = _times(form)

        async def report(version: int | None) -> reports.Receipt:
            given = reports.Given(figures, observed, sent, version)
            return await reports.report_pool(
                container, credential, pool, given, address=address_of(request)
            )

        async def present(version: int) -> str:
            return await pool_now(container, pool.region_id, pool.id, version)

        receipt = await unless_changed(report, shown_in(form), present)
        await container.board.regions[pool.region_id].reach(receipt.position.number)
        signature = await pool_now(container, pool.region_id, pool.id, receipt.version)
        return taken(
            request, pool.id, receipt.outcome, receipt.version, signature, receipt.warnings
        )

    return await _answer(request, act)


async def report_bed(request: Request) -> Response:
    """Takes a bed's state in."""

    async def act(form: FormData) -> Told:
        container, actor = container_of(request), actor_of(request)
        said = _bed(form, _today(request))
        place = await beds.find_bed(container, BedId(request.path_params["id"]))
        credential = await credential_of(container, actor, SourceKind.PAGE)
        observed, sent = _times(form)

        async def report(version: int | None) -> observations.Receipt:
            told = observations.Told(observed, sent, version)
            return await bed_reports.report_bed(
                container, credential, place, said, told, address=address_of(request)
            )

        async def present(version: int) -> str:
            return await bed_now(container, place.region_id, place.id, version)

        receipt = await unless_changed(report, shown_in(form), present)
        await container.board.regions[place.region_id].reach(receipt.position.number)
        signature = await present(receipt.version)
        return taken(request, place.id, receipt.outcome, receipt.version, signature, ())

    return await _answer(request, act)


async def report_team(request: Request) -> Response:
    """Takes a team's stoplight in, with its exceptions."""

    async def act(form: FormData) -> Told:
        container, actor = container_of(request), actor_of(request)
        said = _team(form, _today(request))
        place = await home_care_reports.find_team(container, TeamId(request.path_params["id"]))
        credential = await credential_of(container, actor, SourceKind.PAGE)
        observed, sent = _times(form)

        async def report(version: int | None) -> observations.Receipt:
            told = observations.Told(observed, sent, version)
            return await home_care_reports.report_team(
                container, credential, place, said, told, address=address_of(request)
            )

        async def present(version: int) -> str:
            return await team_now(container, place.region_id, place.id, version)

        receipt = await unless_changed(report, shown_in(form), present)
        await container.board.regions[place.region_id].reach(receipt.position.number)
        signature = await present(receipt.version)
        return taken(request, place.id, receipt.outcome, receipt.version, signature, ())

    return await _answer(request, act)


def routes() -> list[Route]:
    """The paths of this module."""
    asks = Action.CAPACITY_REPORT
    return [
        page("/mijn-capaciteit/plaats/{id:uuid}", report_free, asks=asks, methods=["POST"]),
        page("/mijn-capaciteit/bed/{id:uuid}", report_bed, asks=asks, methods=["POST"]),
        page("/mijn-capaciteit/team/{id:uuid}", report_team, asks=asks, methods=["POST"]),
    ]


async def _answer(request: Request, act: Callable[[FormData], Awaitable[Told]]) -> Response:
    """Does it, and tells what became of it where the person is."""
    form = await request.form()
    subject = request.path_params["id"]
    try:
        told = await act(form)
    except Problem as problem:
        told, status = refused(request, subject, problem), status_of(problem)
        if wants_data(request):
            return as_data(told, status)
        if not isinstance(problem, InvalidInput | VersionChanged):
            raise
        if "volledig" in form:
            return show_team(request, told=told, typed=form, status=status)
        return show(request, told=told, status=status)
    if wants_data(request):
        return as_data(told)
    sheet = sheet_of(container_of(request), actor_of(request), chosen(request))
    doubt = told.doubt
    return back(
        f"{sheet.address}#s-{subject}",
        m=told.outcome,
        bij=subject,
        was=doubt.was if doubt else None,
        nu=doubt.now if doubt else None,
    )


def _figures(form: FormData, today: date) -> Figures:
    typed = text_of(form, "vrij")
    step = text_of(form, "stap")
    free = read_places(typed or ("0" if step else ""), "/vrij")
    if step:
        free = max(0, free + (1 if step == "1" else -1))
    physical = _optional(form, "bestaand")
    closed = _optional(form, "gesloten")
    reason = text_of(form, "reden")
    from_day = text_of(form, "vanaf")
    places = None if physical is None else physical - (closed or 0)
    if places is not None and free > places:
        raise InvalidInput(
            f"Er zijn hier hoogstens {places} plaatsen. Er is niets gewijzigd.", "/vrij"
        )
    return Figures(
        physical=physical,
        closed=closed,
        closed_reason=read_choice(ClosedReason, reason, "/reden") if reason else None,
        free=free,
        # A day from which there is place says nothing once there is.
        available_from=None if free else read_day(from_day, today, "/vanaf"),
    )


def _bed(form: FormData, today: date) -> BedReport:
    kind, _, more = text_of(form, "keuze").partition(":")
    state = read_choice(BedState, kind, "/keuze")
    if state is BedState.CLOSED:
        return BedReport(state, read_choice(ClosedReason, more, "/keuze"))
    if state is not BedState.OCCUPIED:
        return BedReport(state)
    typed = text_of(form, "ontslag") if more == "datum" else more
    day = read_day(typed, today, "/ontslag")
    if more == "datum" and day is None:
        raise InvalidInput("Vul de verwachte ontslagdatum in.", "/ontslag")
    return BedReport(state, expected_discharge=day)


def _team(form: FormData, today: date) -> TeamReport:
    light = read_choice(Light, text_of(form, "licht"), "/licht")
    hours = text_of(form, "uren")
    count = read_places(hours, "/uren") if hours else None
    if count is not None and count > _MOST_HOURS:
        raise InvalidInput(f"Vul hoogstens {_MOST_HOURS} uur in.", "/uren")
    exceptions = [_exception(*_parts(str(one)), today) for one in form.getlist("uitz")]
    for number, parts in enumerate(
        zip(
            *(form.getlist(name) for name in ("u-skill", "u-dagdeel", "u-licht", "u-vanaf")),
            strict=False,
        )
    ):
        skill, dagdeel, said, start = map(str, parts)
        if skill or dagdeel:
            exceptions.append(_exception(skill, dagdeel, said, start, today, f"/u-vanaf-{number}"))
    return TeamReport(light, _start(form, today), tuple(exceptions), count)


def _start(form: FormData, today: date) -> date | None:
    """The day; None for at once, or for a red light: nobody knows."""
    return read_day(text_of(form, "start-anders") or text_of(form, "start"), today, "/start")


def _parts(text: str) -> tuple[str, str, str, str]:
    parts = [*text.split("|"), "", "", "", ""]
    return parts[0], parts[1], parts[2], parts[3]


def _exception(
    skill: str, dagdeel: str, light: str, start: str, today: date, pointer: str = "/uitz"
) -> TeamException:
    return TeamException(
        read_choice(Light, light, pointer),
        read_choice(Skill, skill, pointer) if skill else None,
        read_choice(Dagdeel, dagdeel, pointer) if dagdeel else None,
        read_day(start, today, pointer),
    )


def _times(form: FormData) -> tuple[datetime | None, datetime | None]:
    """When it was seen and when it was sent, by the clock of the page."""
    return moment_of(text_of(form, "om"), "/om"), moment_of(text_of(form, "verzonden"), "/om")


def _optional(form: FormData, name: str) -> int | None:
    text = text_of(form, name)
    return read_places(text, f"/{name}") if text else None


def _today(request: Request) -> date:
    return container_of(request).now().astimezone(AMSTERDAM).date()
