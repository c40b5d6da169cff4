"""One place or team beside the board: all that is known of it, and the form for a figure told by phone."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.board.feed import BoardFeed
from api.web.board.pages import BoardPages
from api.web.days import read_day
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.live.pool_views import PoolView
from app.live.team_views import TeamView
from app.services import bed_reports, beds, home_care_reports, observations, reports
from app.services.own_sources import credential_of
from domain import hours
from domain.actors import Action, Role, Target, may
from domain.admission import AdmissionRules
from domain.beds import BedReport, BedState
from domain.calendar import AMSTERDAM, WEEKDAYS
from domain.capacity import Figures, Outcome, SourceKind
from domain.care_types import CareType, ClosedReason
from domain.errors import InvalidInput, NotFound
from domain.events import Kind
from domain.home_care import Light, TeamReport
from domain.identifiers import OrganisationId, PoolId, TeamId
from domain.plausibility import Doubt

_PANEL = "bord_plaats.html"
_TEAM_PANEL = "bord_team.html"


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
            page("/bord/bed/{id:uuid}/cijfer", self.tell_bed, asks=tell, methods=["POST"]),
            page("/bord/team/{id:uuid}", self.team, asks=view),
            page("/bord/team/{id:uuid}/cijfer", self.tell_team, asks=tell, methods=["POST"]),
        ]

    async def pool(self, request: Request) -> Response:
        """A place, with its beds when they are followed one by one."""
        return self._pool_panel(request, self._pool(request))

    async def tell_pool(self, request: Request) -> Response:
        """Keeps a figure that was told by phone."""
        view = self._pool(request)
        form = await request.form()
        typed = {name: str(form.get(name, "")).strip() for name in ("vrij", "vanaf", "met")}
        try:
            figures = Figures(
                free=_number(typed["vrij"], "/vrij"),
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
        done = Done(receipt.outcome, receipt.warnings)
        await self._board.reach(request, receipt.position)
        return self._pool_panel(request, self._pool(request), done=done)

    async def tell_bed(self, request: Request) -> Response:
        """Keeps what was told by phone of one bed."""
        container = container_of(request)
        place = await beds.find_bed(container, request.path_params["id"])
        view = self._board.feed(request).pools.get(str(place.pool_id))
        if view is None:
            raise NotFound
        form = await request.form()
        typed = {name: str(form.get(name, "")).strip() for name in ("staat", "ontslag", "met")}
        try:
            state = _choice(BedState, typed["staat"], "/staat")
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
        feed = self._board.feed(request)
        return self._pool_panel(
            request, feed.pools.get(str(place.pool_id), view), done=Done(receipt.outcome)
        )

    async def team(self, request: Request) -> Response:
        """A home-care team."""
        return self._team_panel(request, self._team(request))

    async def tell_team(self, request: Request) -> Response:
        """Keeps what a team told by phone. Its exceptions stay as it posted them itself."""
        view = self._team(request)
        form = await request.form()
        typed = {name: str(form.get(name, "")).strip() for name in ("licht", "start", "met")}
        try:
            said = TeamReport(
                _choice(Light, typed["licht"], "/licht"),
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
        return self._team_panel(request, self._team(request), done=Done(receipt.outcome))

    def _pool(self, request: Request) -> PoolView:
        view = self._board.feed(request).pools.get(str(request.path_params["id"]))
        if view is None:
            raise NotFound
        return view

    def _team(self, request: Request) -> TeamView:
        view = self._board.feed(request).teams.get(str(request.path_params["id"]))
        if view is None:
            raise NotFound
        return view

    def _pool_panel(self, request: Request, view: PoolView, **told: Any) -> Response:
        feed = self._board.feed(request)
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
            "admission_days": [d for d in WEEKDAYS if admission and d in admission.days],
            "location": location,
            "contact": contact,
            "beds": self._beds(request, view) if CareType.MFB in view.care_types else [],
        }
        return self._panel(request, _PANEL, context, told, _target(feed, view))

    def _team_panel(self, request: Request, view: TeamView, **told: Any) -> Response:
        feed = self._board.feed(request)
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
        part = request.headers.get("x-deel") == "1"
        actor = actor_of(request)
        shown = {
            "base": "leeg.html" if part else "layout.html",
            "typed": told.get("typed", {}),
            "problem": told.get("problem"),
            "done": told.get("done"),
            # Who works for a coordination point tells what others told; an operator doesn't.
            "may_tell": actor.role is Role.COORDINATOR
            and may(actor, Action.CAPACITY_REPORT, target),
        }
        return render(request, template, context | shown, status=told.get("status", 200))

    def _beds(self, request: Request, view: PoolView) -> list[dict[str, Any]]:
        region = container_of(request).board.regions[self._board.feed(request).region_id]
        found = [
            data
            for _, data in region.all(Kind.BED)
            if data["pool_id"] == str(view.id) and data["status"] == "active"
        ]
        for data in found:
            day = data["expected_discharge"]
            data["expected_discharge"] = date.fromisoformat(day) if day else None
        return sorted(found, key=lambda data: str(data["name"]))

    def _today(self, request: Request) -> date:
        return container_of(request).now().astimezone(AMSTERDAM).date()


def _target(feed: BoardFeed, view: PoolView | TeamView) -> Target:
    return Target(feed.region_id, OrganisationId(view.organisation_id))


def _data(text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(text) if text else {}
    return found


def _number(text: str, pointer: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        raise InvalidInput("Vul een aantal in, bijvoorbeeld 2.", pointer)
    return int(text)


def _choice(kind: Any, text: str, pointer: str) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidInput("Maak een keuze.", pointer) from error


def _spoken_with(name: str) -> str | None:
    """As the note of a report. Raises InvalidInput."""
    if len(name) > 150 or any(ord(letter) < 0x20 for letter in name):
        raise InvalidInput("Houd dit op één regel van hoogstens 150 tekens.", "/met")
    return f"gesproken met {name}" if name else None
