"""Mijn capaciteit: the pages that one looks at, and with the posts all paths of it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.capacity import confirming, posts, spreadsheet, stops
from api.web.capacity.answers import Told, translated
from api.web.capacity.showing import show, show_team
from api.web.routes import page
from domain.actors import Action


async def capacity_page(request: Request) -> Response:
    """The organisation's own figures at one location."""
    return show(request, told=_told_before(request))


async def capacity_part(request: Request) -> Response:
    """The same without what stands around it, for the page that is open."""
    return show(request, template="capaciteit_stand.html")


async def team_page(request: Request) -> Response:
    """A team with its hours and exceptions."""
    return show_team(request)


def routes() -> list[Route]:
    """The paths of this package."""
    asks = Action.CAPACITY_HISTORY
    return [
        page("/mijn-capaciteit", capacity_page, asks=asks),
        page("/mijn-capaciteit/stand", capacity_part, asks=asks),
        page("/mijn-capaciteit/team/{id:uuid}", team_page, asks=Action.CAPACITY_REPORT),
        *(route for module in (posts, confirming, stops, spreadsheet) for route in module.routes()),
    ]


def _told_before(request: Request) -> Told | None:
    """What the form before this page brought about, by the address that it led to."""
    _ = translated(request)
    asked = request.query_params
    texts = {
        "opgeslagen": _("Opgeslagen. Het staat op het bord."),
        "ouder": _("Er was al een nieuwer cijfer. Dat blijft staan; het uwe is bewaard."),
        "bevestigd": _("Bevestigd. Het staat op het bord."),
        "deels": _("Een deel is intussen gewijzigd en niet bevestigd. Kijk die cijfers na."),
        "stop": _("De opnamestop staat op het bord."),
        "opgeheven": _("De opnamestop is opgeheven."),
    }
    outcome = asked.get("m", "")
    if outcome not in texts:
        return None
    return Told(outcome, texts[outcome], asked.get("bij", ""))
