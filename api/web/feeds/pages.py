"""The pages of feed health: every source with what is wrong first, one source, and releasing it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web.feeds import words
from api.web.feeds.standing import Standing, standing_of
from api.web.feeds.words import Words
from api.web.language import language_of
from api.web.rendering import Spoken, container_of, render
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.container import Container
from app.db.feed_warnings import PoolWarning
from app.services import feed_health, sources
from app.services.feed_health import Health
from domain.actors import Action, Scope, scope_of
from domain.capacity import SourceKind
from domain.events import Kind

#: Days that the list looks back, and the page of one source.
LIST_DAYS = 7
SOURCE_DAYS = 14
#: Sources that are read at a time.
_AT_A_TIME = 200
#: From so many on there is something to look for.
_MANY = 8
_MOST_WARNINGS = 50
_MOST_REPORTS = 50


@dataclass(frozen=True, slots=True)
class Feed:
    """A source in the list."""

    health: Health
    organisation: str
    standing: Standing


async def list_feeds(request: Request) -> Response:
    """Every source that the reader may see, what is wrong first."""
    container, actor = container_of(request), actor_of(request)
    names = _names(container)
    feeds = [
        Feed(health, names.get(health.source.organisation_id, ""), standing_of(health))
        for health in await _every_health(request)
    ]
    order = list(Standing)
    feeds.sort(
        key=lambda f: (
            order.index(f.standing),
            f.organisation,
            f.health.source.name,
            f.health.source.id,
        )
    )
    asked = request.query_params
    context = {
        "feeds": [feed for feed in feeds if _is_asked(feed, asked)],
        "total": len(feeds),
        "problems": sum(feed.standing.problem for feed in feeds),
        "many": len(feeds) > _MANY or bool(asked),
        "everyones": scope_of(actor, Action.SOURCE_READ) is Scope.ALL,
        "asked": {name: asked.get(name, "") for name in ("zoek", "toon", "soort")},
        "kinds": list(SourceKind),
        "words": words,
        "days": LIST_DAYS,
    }
    return render(request, "koppelingen.html", context)


async def show_feed(request: Request) -> Response:
    """One source: its days, its warnings by pool, and what it reported in the sandbox."""
    container, actor = container_of(request), actor_of(request)
    source_id: UUID = request.path_params["source_id"]
    health = await feed_health.source_health(container, actor, source_id, SOURCE_DAYS)
    found = await feed_health.latest_warnings(
        container, actor, source_id, SOURCE_DAYS, limit=_MOST_WARNINGS
    )
    reports = []
    if health.source.sandbox:
        reports = await feed_health.sandbox_reports(
            container, actor, source_id, before=None, limit=_MOST_REPORTS
        )
    language = language_of(request)
    context: dict[str, Any] = {
        "health": health,
        "source": health.source,
        "organisation": _names(container).get(health.source.organisation_id, ""),
        "standing": standing_of(health),
        "warnings": _by_pool(found),
        "reports": reports,
        "may_release": scope_of(actor, Action.SOURCE_RELEASE) is not None,
        "released_now": "meegeteld" in request.query_params,
        "words": words,
        "wording": Words(language, Spoken(container.now(), language)),
        "days": SOURCE_DAYS,
    }
    return render(request, "koppeling.html", context)


async def release(request: Request) -> Response:
    """Lets a source count from now on."""
    source_id: UUID = request.path_params["source_id"]
    await sources.release_source(
        container_of(request), actor_of(request), source_id, address_of(request)
    )
    return RedirectResponse(f"/koppelingen/{source_id}?meegeteld=1", 303)


def routes() -> list[Route]:
    """The paths of this module."""
    one = "/koppelingen/{source_id:uuid}"
    return [
        page("/koppelingen", list_feeds, asks=Action.SOURCE_READ),
        page(one, show_feed, asks=Action.SOURCE_READ),
        page(f"{one}/meetellen", release, asks=Action.SOURCE_RELEASE, methods=["POST"]),
    ]


async def _every_health(request: Request) -> list[Health]:
    found: list[Health] = []
    after: UUID | None = None
    while True:
        part = await feed_health.feed_health(
            container_of(request), actor_of(request), LIST_DAYS, after=after, limit=_AT_A_TIME
        )
        found += part
        if len(part) < _AT_A_TIME:
            return found
        after = part[-1].source.id


def _is_asked(feed: Feed, asked: QueryParams) -> bool:
    source = feed.health.source
    typed = asked.get("zoek", "").casefold().split()
    text = f"{feed.organisation} {source.name}".casefold()
    shown = {
        "problemen": feed.standing.problem,
        "proef": source.sandbox,
        "telt": not source.sandbox,
    }
    return (
        all(part in text for part in typed)
        and shown.get(asked.get("toon", ""), True)
        and asked.get("soort", "") in ("", source.kind.value)
    )


def _by_pool(found: Iterable[PoolWarning]) -> list[list[PoolWarning]]:
    """The warnings of each pool together, the pool with the latest first."""
    latest: dict[UUID, list[PoolWarning]] = {}
    for warning in found:
        latest.setdefault(warning.pool_id, []).append(warning)
    return list(latest.values())


def _names(container: Container) -> dict[UUID, str]:
    """Organisations by id, of every region."""
    return {
        UUID(organisation_id): data["name"]
        for region in container.board.regions.values()
        for organisation_id, data in region.all(Kind.ORGANISATION)
    }
