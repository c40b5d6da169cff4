"""Mijn aanmeldingen: the list, one of them, and what an open page asks to know whether to look again."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.web.my_referrals import acts
from api.web.my_referrals.paths import PATH
from api.web.my_referrals.showing import ONE, list_context, show_one
from api.web.my_referrals.stand import own_regions, stand_of
from api.web.rendering import container_of, render
from api.web.routes import page
from domain.actors import Action


async def list_page(request: Request) -> Response:
    """All that the organisation asked for, the last act first."""
    return render(request, "mijn_aanmeldingen.html", await list_context(request))


async def list_part(request: Request) -> Response:
    """The same without what stands around it, for the page that is open."""
    return render(request, "mijn_aanmeldingen_lijst.html", await list_context(request))


async def one_page(request: Request) -> Response:
    """One of them."""
    return await show_one(request, done=request.query_params.get("m", ""))


async def one_part(request: Request) -> Response:
    """The same without what stands around it."""
    return await show_one(request, template="mijn_aanmelding_stand.html")


async def stand(request: Request) -> Response:
    """How it stands, in a word to compare, and up to when that is known."""
    now = container_of(request).now()
    complete = min((region.complete_at for region in own_regions(request)), default=now)
    told = {
        "stand": stand_of(request),
        "compleet": complete.isoformat(),
        "nu": now.isoformat(),
    }
    return JSONResponse(told, headers={"cache-control": "no-store"})


def routes() -> list[Route]:
    """The paths of this package. They are for who follows a status: a referrer."""
    asks = Action.STATUS_FOLLOW
    return [
        page(PATH, list_page, asks=asks),
        page(f"{PATH}/lijst", list_part, asks=asks),
        page(f"{PATH}/stand", stand, asks=asks),
        page(ONE, one_page, asks=asks),
        page(f"{ONE}/deel", one_part, asks=asks),
        *acts.routes(),
    ]
