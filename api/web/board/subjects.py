"""One place or team beside the board: all that is known of it, and the form for a figure told by phone."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web.board.feed import BoardFeed
from api.web.board.pages import BoardPages
from api.web.days import read_day
from api.web.reading import read_choice, read_places
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.live.board import RegionBoard
from app.live.pool_views import PoolView
from app.live.team_views import TeamView
from app.services import bed_reports, beds, home_care_reports, observations, reports
from app.services.own_sources import credential_of
from domain import hours
from domain.actors import Action, Role, Target, may
from domain.admission import AdmissionRules
from domain.beds import BedReport, BedState
from domain.calendar import AMSTERDAM
from domain.capacity import Figures, Outcome, SourceKind
from domain.care_types import CareType, ClosedReason
from domain.errors import InvalidInput, NotFound
from domain.events import Kind
from domain.home_care import Light, TeamReport
from domain.identifiers import BedId, OrganisationId, PoolId, TeamId
from domain.plausibility import Doubt

_PANEL = "bord_plaats.html"
_TEAM_PANEL = "bord_team.html"
#: What may have been typed in the forms.
_TYPED = ("vrij", "vanaf", "met", "bed", "staat", "ontslag", "licht", "start")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a figure that was told."""

    outcome: Outcome
    warnings: tuple[Doubt, ...] = ()


class SubjectPages:
    """The pages of one place or team; the board's own feed tells what is there."""

    def __init__(self, board: BoardPages) -> None:
        self._board = board

    def routes(self) -> list[Route]:
        """The paths of this module."""
        view, tell = Action.BOARD_VIEW, Action.CAPACITY_REPORT
        return [
            page("/bord/plaats/{id:uuid}", self.pool, asks=view),
            page("/bord/plaats/{id:uuid}/cijfer", self.tell_pool, asks=tell, methods=["POST"]),
            page("/bord/plaats/{id:uuid}/bed", self.tell_bed, asks=tell, methods=["POST"]),
            page("/bord/team/{id:uuid}", self.team, asks=view),
            page("/bord/team/{id:uuid}/cijfer", self.tell_team, asks=tell, methods=["POST"]),
        ]

    async def pool(self, request: Request) -> Response:
        """A place, with its beds when they are followed one by one."""
        return self._pool_panel(request, self._pool(request), done=_told_before(request))

    async def tell_pool(self, request: Request) -> Response:
        """Keeps a figure that was told by phone."""
        view = self._pool(request)
        form = await request.form()
        typed = {name: str(form.get(name, "")).strip() for name in ("vrij", "vanaf", "met")}
        try:
            figures = Figures(
                free=read_places(typed["vrij"], "/vrij"),
                available_from=read_day(typed["vanaf"], self._today(request), "/vanaf"),
            )
            container = container_of(request)
            receipt = await reports.report_pool(
                container,
                await credential_of(container, actor_of(request), SourceKind.PHONE),
                await reports.find_pool(container, PoolId(view.id)),
                reports.Given(figures, note=_spoken_with(typed["met"])),
                address=address_of(request),
            )
        except InvalidInput as problem:
            return self._pool_panel(request, view, typed=typed, problem=problem, status=400)
        await self._board.reach(request, receipt.position)
        done = Done(receipt.outcome, receipt.warnings)
        if not _is_part(request):
            return _back(request, done)
        return self._pool_panel(request, self._pool(request), done=done)

    async def tell_bed(self, request: Request) -> Response:
        """Keeps what was told by phone of one bed."""
        container = container_of(request)
        view = self._pool(request)
        form = await request.form()
        names = ("bed", "staat", "ontslag", "met")
        typed = {name: str(form.get(name, "")).strip() for name in names}
        try:
            place = await beds.find_bed(container, BedId(read_choice(UUID, typed["bed"], "/bed")))
            if place.pool_id != view.id:
                raise NotFound
            state = read_choice(BedState, typed["staat"], "/staat")
            said = BedReport(
                state,
                ClosedReason.ANDERS if state is BedState.CLOSED else None,
                read_day(typed["ontslag"], self._today(request), "/ontslag"),
            )
            receipt = await bed_reports.report_bed(
                container,
                await credential_of(container, actor_of(request), SourceKind.PHONE),
                place,
                said,
                observations.Told(note=_spoken_with(typed["met"])),
                address=address_of(request),
            )
        except InvalidInput as problem:
            return self._pool_panel(request, view, typed=typed, problem=problem, status=400)
        await self._board.reach(request, receipt.position)
        done = Done(receipt.outcome)
        if not _is_part(request):
            return _back(request, done)
        return self._pool_panel(request, self._pool(request), done=done)

    async def team(self, request: Request) -> Response:
        """A home-care team."""
        return self._team_panel(request, self._team(request), done=_told_before(request))

    async def tell_team(self, request: Request) -> Response:
        """Keeps what a team told by phone. Its exceptions stay as it posted them itself."""
        view = self._team(request)
        form = await request.form()
        typed = {name: str(form.get(name, "")).strip() for name in ("licht", "start", "met")}
        try:
            said = TeamReport(
                read_choice(Light, typed["licht"], "/licht"),
                read_day(typed["start"], self._today(request), "/start"),
                view.exceptions,
            )
            container = container_of(request)
            receipt = await home_care_reports.report_team(
                container,
                await credential_of(container, actor_of(request), SourceKind.PHONE),
                await home_care_reports.find_team(container, TeamId(view.id)),
                said,
                observations.Told(note=_spoken_with(typed["met"])),
                address=address_of(request),
            )
        except InvalidInput as problem:
            return self._team_panel(request, view, typed=typed, problem=problem, status=400)
        await self._board.reach(request, receipt.position)
        done = Done(receipt.outcome)
        if not _is_part(request):
            return _back(request, done)
        return self._team_panel(request, self._team(request), done=done)

    def _pool(self, request: Request) -> PoolView:
        pool_id: UUID = request.path_params["id"]
        return self._board.feed_of(request, Kind.POOL, pool_id).pools[str(pool_id)]

    def _team(self, request: Request) -> TeamView:
        team_id: UUID = request.path_params["id"]
        return self._board.feed_of(request, Kind.HOME_CARE_TEAM, team_id).teams[str(team_id)]

    def _pool_panel(self, request: Request, view: PoolView, **told: Any) -> Response:
        feed = self._board.feed_of(request, Kind.POOL, view.id)
        region = container_of(request).board.regions[feed.region_id]
        asked = request.query_params.get("zorg", "")
        care = next((c for c in view.care_types if c == asked), view.care_types[0])
        pool = _data(region.get(Kind.POOL, view.id))
        rules = pool.get("admission_rules")
        admission = AdmissionRules.from_json(rules) if rules else None
        location = _data(region.get(Kind.LOCATION, view.location_id))
        organisation = _data(region.get(Kind.ORGANISATION, view.organisation_id))
        contact = hours.on_call(
            hours.contacts_from_json(location.get("on_call") or organisation.get("on_call") or []),
            container_of(request).now(),
        )
        context = {
            "pool": view,
            "care": care,
            "rules": admission,
            "location": location,
            "contact": contact,
            "beds": _beds(region, view) if CareType.MFB in view.care_types else [],
        }
        return self._panel(request, _PANEL, context, told, _target(feed, view))

    def _team_panel(self, request: Request, view: TeamView, **told: Any) -> Response:
        feed = self._board.feed_of(request, Kind.HOME_CARE_TEAM, view.id)
        names = {feed.gemeenten.get(feed.gemeente_of_pc4.get(pc4) or "", "") for pc4 in view.pc4s}
        context = {"team": view, "gemeenten": sorted(name for name in names if name)}
        return self._panel(request, _TEAM_PANEL, context, told, _target(feed, view))

    def _panel(
        self,
        request: Request,
        template: str,
        context: dict[str, Any],
        told: dict[str, Any],
        target: Target,
    ) -> Response:
        part = _is_part(request)
        actor = actor_of(request)
        shown = {
            "base": "leeg.html" if part else "layout.html",
            "typed": dict.fromkeys(_TYPED) | told.get("typed", {}),
            "problem": _at_our_field(told.get("problem")),
            "done": told.get("done"),
            # Who works for a coordination point tells what others told; an operator doesn't.
            "may_tell": actor.role is Role.COORDINATOR
            and may(actor, Action.CAPACITY_REPORT, target),
        }
        return render(request, template, context | shown, status=told.get("status", 200))

    def _today(self, request: Request) -> date:
        return container_of(request).now().astimezone(AMSTERDAM).date()


def _beds(region: RegionBoard, view: PoolView) -> list[dict[str, Any]]:
    named = region.naming(Kind.BED, view.id)
    found = [
        data for _, data in named if data["pool_id"] == str(view.id) and data["status"] == "active"
    ]
    for data in found:
        day = data["expected_discharge"]
        data["expected_discharge"] = date.fromisoformat(day) if day else None
    return sorted(found, key=lambda data: str(data["name"]))


def _is_part(request: Request) -> bool:
    """Whether a script asks, which shows the answer beside the board."""
    return request.headers.get("x-deel") == "1"


def _back(request: Request, done: Done) -> Response:
    """Without a script: to the place or team itself, so that a reload tells nothing twice."""
    return RedirectResponse(f"{request.url.path.rpartition('/')[0]}?gedaan={done.outcome}", 303)


def _told_before(request: Request) -> Done | None:
    asked = request.query_params.get("gedaan")
    return Done(Outcome(asked)) if asked in set(Outcome) else None


#: What the form calls what the domain says something of.
_FIELDS = {
    "/free": "/vrij",
    "/available_from": "/vanaf",
    "/expected_discharge": "/ontslag",
    "/earliest_start": "/start",
}


def _at_our_field(problem: InvalidInput | None) -> InvalidInput | None:
    if problem is None:
        return None
    return InvalidInput(problem.detail, _FIELDS.get(problem.pointer, problem.pointer))


def _target(feed: BoardFeed, view: PoolView | TeamView) -> Target:
    return Target(feed.region_id, OrganisationId(view.organisation_id))


def _data(text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(text) if text else {}
    return found


def _spoken_with(name: str) -> str | None:
    """As the note of a report. Raises InvalidInput."""
    if len(name) > 150 or any(ord(letter) < 0x20 for letter in name):
        raise InvalidInput("Houd dit op één regel van hoogstens 150 tekens.", "/met")
    return f"gesproken met {name}" if name else None
