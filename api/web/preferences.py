"""What a reader chooses of pages: language, light or dark, single-key shortcuts. Kept in cookies."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web.language import COOKIE, LANGUAGES
from api.web.rendering import KEYS_COOKIE, THEME_COOKIE, container_of, render
from api.web.routes import signed_in

_YEAR = 365 * 24 * 3600


async def preferences_page(request: Request) -> Response:
    """The choices as they stand."""
    return render(request, "weergave.html", {"saved": "bewaard" in request.query_params})


async def save_preferences(request: Request) -> Response:
    """Keeps the choices on this device."""
    form = await request.form()
    language, theme = str(form.get("taal", "")), str(form.get("thema", ""))
    response = RedirectResponse("/weergave?bewaard=1", 303)
    secure = container_of(request).settings.base_url.startswith("https://")
    kept = {
        COOKIE: language if language in LANGUAGES else "",
        THEME_COOKIE: theme if theme in ("licht", "donker") else "",
        KEYS_COOKIE: "" if form.get("toetsen") == "aan" else "uit",
    }
    for name, value in kept.items():
        response.set_cookie(
            name, value, max_age=_YEAR if value else 0, samesite="lax", secure=secure, httponly=True
        )
    return response


def routes() -> list[Route]:
    """The paths of this module."""
    return [
        signed_in("/weergave", preferences_page),
        signed_in("/weergave", save_preferences, methods=["POST"]),
    ]
