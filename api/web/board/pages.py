"""The pages of the board: the list itself, one place or team, the wall screen, the list for outages."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.web.board import sums
from api.web.board.feed import BoardFeed, BoardFeeds
from api.web.board.rows import FILTERS
from api.web.language import language_of
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import actor_of, number_of, session_of
from app.services import favourites
from domain.actors import Action, Actor, Target, may
from domain.care_types import CareType
from domain.errors import InvalidInput, NotFound, Unavailable
from domain.events import Kind, Position
from domain.identifiers import EVERYWHERE, RegionId

_FAVOURITE_KINDS = {"plaats": Kind.POOL, "team": Kind.HOME_CARE_TEAM}


class BoardPages:
    """The pages, with the feeds that they show."""

    def __init__(self, feeds: BoardFeeds) -> None:
        self._feeds = feeds

    def routes(self) -> list[Route]:
        """The paths of this module."""
        view = Action.BOARD_VIEW
        return [
            page("/bord", self.board, asks=view),
            page("/bord/lijst", self.rows, asks=view),
            page("/bord/wand", self.wall, asks=view),
            page("/bord/wand/inhoud", self.wall_content, asks=view),
            page("/bord/noodlijst", self.outage_list, asks=view),
            page("/bord/favoriet", self.set_favourite, asks=view, methods=["POST"]),
        ]

    async def board(self, request: Request) -> Response:
        """The board."""
        feed = self.feed(request)
        session = session_of(request)
        assert session is not None
        marked = await favourites.list_favourites(container_of(request), session.person_id)
        context = {
            "feed": feed,
            "region": _region_name(request, feed.region_id),
            "favourites": sorted(str(subject_id) for _, subject_id in marked),
            "filters": FILTERS,
            "gemeenten": _gemeenten(feed),
            "settings": container_of(request).settings,
        }
        return render(request, "bord.html", context)

    async def rows(self, request: Request) -> Response:
        """The list alone, for a page that missed too much to be told only what changed."""
        return render(request, "bord_lijst.html", {"feed": self.feed(request)})

    async def wall(self, request: Request) -> Response:
        """The board for a screen on the wall."""
        return render(request, "bord_wand.html", self._wall(request))

    async def wall_content(self, request: Request) -> Response:
        """What changes of the wall screen."""
        return render(request, "bord_wand_inhoud.html", self._wall(request))

    async def outage_list(self, request: Request) -> Response:
        """Everything with its telephone numbers and times, to print."""
        feed = self.feed(request)
        groups = [
            (
                care,
                sorted(
                    (view for view in feed.pools.values() if care in view.care_types),
                    key=lambda view: (view.place, view.location),
                ),
            )
            for care in sums.GROUPS
        ]
        context = {
            "feed": feed,
            "region": _region_name(request, feed.region_id),
            "groups": [(care, views) for care, views in groups if views],
            "teams": sorted(feed.teams.values(), key=lambda team: team.name),
        }
        return render(request, "bord_noodlijst.html", context)

    async def set_favourite(self, request: Request) -> Response:
        """Marks a place or team, or takes the mark away."""
        form = await request.form()
        kind = _FAVOURITE_KINDS.get(str(form.get("soort")))
        session = session_of(request)
        assert session is not None
        try:
            subject_id = UUID(str(form.get("id")))
        except ValueError as error:
            raise InvalidInput("Dit is geen plaats of team.", "/id") from error
        if kind is None:
            raise InvalidInput("Dit is geen plaats of team.", "/soort")
        self.feed_of(request, kind, subject_id)
        on = form.get("aan") == "1"
        await favourites.set_favourite(
            container_of(request), session.person_id, kind, subject_id, on
        )
        return JSONResponse({"aan": on})

    def feed(self, request: Request) -> BoardFeed:
        """The feed of the region that is asked for. Raises NotFound and Unavailable."""
        container = container_of(request)
        region_id = region_of(request, actor_of(request))
        if region_id not in container.board.regions:
            raise Unavailable
        return self._feeds.get(container, region_id, language_of(request))

    def feed_of(self, request: Request, kind: Kind, subject_id: UUID) -> BoardFeed:
        """The feed that shows this place or team. Raises NotFound."""
        container, actor = container_of(request), actor_of(request)
        for region_id, region in container.board.regions.items():
            if region.get(kind, subject_id) is None:
                continue
            if may(actor, Action.BOARD_VIEW, Target(region_id)):
                feed = self._feeds.get(container, region_id, language_of(request))
                if str(subject_id) in feed.pools or str(subject_id) in feed.teams:
                    return feed
        raise NotFound

    async def reach(self, request: Request, position: Position) -> None:
        """Waits until the board shows what was just reported, for at most a second."""
        region = container_of(request).board.regions[position.region_id]
        await region.reach(position.number)

    def _wall(self, request: Request) -> dict[str, object]:
        feed = self.feed(request)
        by_care: list[tuple[CareType, sums.GroupSum]] = []
        for care in sums.GROUPS:
            views = [view for view in feed.pools.values() if care in view.care_types]
            if views:
                by_care.append((care, sums.of_pools(views)))
        if feed.teams:
            total = sums.of_teams(feed.teams.values(), feed.gemeente_of_pc4)
            by_care.append((CareType.WIJKVERPLEGING, total))
        stale = sorted(
            (v for v in feed.pools.values() if v.state in ("onbevestigd", "onbekend")),
            key=lambda view: (view.observed_at is None, view.observed_at or view.holds_until),
        )
        stops = {v.location_id: v for v in feed.pools.values() if v.stop is not None}
        columns = [code for code, _ in _gemeenten(feed)][:6]
        return {
            "feed": feed,
            "region": _region_name(request, feed.region_id),
            "columns": [(code, feed.gemeenten.get(code, "")) for code in columns],
            "by_care": by_care,
            "stale": stale,
            "pools": len(feed.pools),
            "stops": list(stops.values()),
        }


def region_of(request: Request, actor: Actor) -> RegionId:
    """The region asked for, by default the first of the person's. Raises NotFound."""
    asked = request.query_params.get("regio", "")
    if not asked:
        known = actor.regions or container_of(request).board.regions.keys()
        return min((region for region in known if region != EVERYWHERE), default=EVERYWHERE)
    region_id = RegionId(number_of(asked) or EVERYWHERE)
    if region_id == EVERYWHERE or not may(actor, Action.BOARD_VIEW, Target(region_id)):
        raise NotFound
    return region_id


def _region_name(request: Request, region_id: RegionId) -> str:
    registers = container_of(request).board.regions.get(EVERYWHERE)
    names = (
        {data["id"]: data["name"] for _, data in registers.all(Kind.REGION)} if registers else {}
    )
    return str(names.get(region_id, ""))


def _gemeenten(feed: BoardFeed) -> list[tuple[str, str]]:
    """The gemeenten that have places, those with the most first, by code and name."""
    counted: dict[str, int] = {}
    for view in feed.pools.values():
        if view.gemeente:
            counted[view.gemeente] = counted.get(view.gemeente, 0) + 1
    order = sorted(counted, key=lambda code: (-counted[code], code))
    return [(code, feed.gemeenten.get(code, code)) for code in order if code in feed.gemeenten]
