"""Signing in and out, and choosing the organisation to work for."""

import hashlib
import secrets
from contextlib import suppress
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web import notices
from api.web.navigation import home
from api.web.rendering import container_of, render
from api.web.routes import signed_in
from api.web.visitor import (
    address_of,
    from_our_page,
    masked,
    secret_cookie,
    session_cookie,
    session_of,
)
from app.services import sessions
from domain.actors import OrganisationKind
from domain.errors import InvalidInput, NotSignedIn, SignInRefused, TooManyAttempts
from domain.events import Kind
from domain.sessions import WHOLE_LIFE

#: Before there is a session its own cookie carries the secret that the form has to know.
_BEFORE = "vt_voor"
#: Tells a browser that this person signed in on before, so that guesses from elsewhere don't lock it out.
_DEVICE = "vt_apparaat"
_DEVICE_SECONDS = 365 * 24 * 3600
_SECRET_LENGTH = 43


async def sign_in_page(request: Request) -> Response:
    """The form; who has signed in already goes on."""
    session = session_of(request)
    if session is not None and session.actor is not None:
        return RedirectResponse(_local(request.query_params.get("naar")) or home(session), 303)
    return _form(request, to=_local(request.query_params.get("naar")))


async def sign_in(request: Request) -> Response:
    """Checks name and password."""
    form = await request.form()
    to = _local(_text(form.get("naar")))
    username = _text(form.get("gebruikersnaam")).strip().lower()
    secret = request.state.cookies.get(_name(request, _BEFORE), "")
    if len(secret) != _SECRET_LENGTH or not await from_our_page(request, secret):
        return _form(request, to=to, username=username, stale=True, status=403)
    container = container_of(request)
    try:
        done = await sessions.sign_in(
            container,
            username,
            _text(form.get("wachtwoord")),
            address=address_of(request),
            device=request.state.cookies.get(_device(request, username)),
        )
    except (SignInRefused, InvalidInput):
        return _form(request, to=to, username=username, refused=True, status=401)
    except TooManyAttempts as error:
        return _form(request, to=to, username=username, wait=error.retry_after, status=429)
    before = session_of(request)
    if before is not None:
        # Whoever signs in takes the place of who was there, in other tabs too.
        with suppress(NotSignedIn):
            await sessions.sign_out(container, before, address_of(request))
    chosen = done.session.actor is not None
    where = (
        (to or home(done.session)) if chosen else f"/organisatie?naar={quote(to or '/', safe='')}"
    )
    response = RedirectResponse(where, 303)
    name = session_cookie(container.settings.base_url)
    _set(request, response, name, done.token, int(WHOLE_LIFE.total_seconds()))
    _set(request, response, _device(request, username), done.device, _DEVICE_SECONDS)
    _set(request, response, _name(request, _BEFORE), "", 0)
    return response


async def sign_out(request: Request) -> Response:
    """Ends the session, here and on whatever it opened."""
    session = session_of(request)
    assert session is not None
    container = container_of(request)
    await sessions.sign_out(container, session, address_of(request))
    response = RedirectResponse("/inloggen?uit=1", 303)
    _set(request, response, session_cookie(container.settings.base_url), "", 0)
    return response


async def organisation_page(request: Request) -> Response:
    """The organisations that this person may work for."""
    return render(request, "organisatie.html", {"to": _local(request.query_params.get("naar"))})


async def choose_organisation(request: Request) -> Response:
    """Works for another organisation from now on."""
    session = session_of(request)
    assert session is not None
    form = await request.form()
    wanted = _text(form.get("keuze"))
    membership = next((each for each in session.memberships if str(each.id) == wanted), None)
    if membership is None:
        return notices.not_found(request)
    await sessions.choose_membership(
        container_of(request), session, membership.id, address_of(request)
    )
    return RedirectResponse(_local(_text(form.get("naar"))) or "/", 303)


async def start(request: Request) -> Response:
    """The first page of whoever comes."""
    session = session_of(request)
    if session is None:
        return RedirectResponse("/inloggen", 303)
    return RedirectResponse("/organisatie" if session.actor is None else home(session), 303)


def routes() -> list[Route]:
    """The paths of this module."""
    return [
        Route("/", start),
        Route("/inloggen", sign_in_page),
        Route("/inloggen", sign_in, methods=["POST"]),
        signed_in("/uitloggen", sign_out, methods=["POST"]),
        signed_in("/organisatie", organisation_page),
        signed_in("/organisatie", choose_organisation, methods=["POST"]),
    ]


def _form(
    request: Request,
    *,
    to: str,
    username: str = "",
    refused: bool = False,
    stale: bool = False,
    wait: int = 0,
    status: int = 200,
) -> Response:
    secret = request.state.cookies.get(_name(request, _BEFORE), "")
    if len(secret) != _SECRET_LENGTH:
        secret = secrets.token_urlsafe(32)
    context = {
        "to": to,
        "username": username,
        "refused": refused,
        "stale": stale,
        "wait_minutes": -(-wait // 60),
        "signed_out": "uit" in request.query_params,
        "form_token": masked(secret),
        "points": _coordination_points(request),
    }
    response = render(request, "inloggen.html", context, status=status)
    _set(request, response, _name(request, _BEFORE), secret, 24 * 3600)
    return response


def _coordination_points(request: Request) -> list[tuple[str, str]]:
    """Whom to phone without signing in: names and numbers."""
    regions = container_of(request).board.regions.values()
    found = {
        (str(data["name"]), str(data["telephone"]))
        for region in regions
        for _, data in region.all(Kind.ORGANISATION)
        if data["kind"] == OrganisationKind.COORDINATION_POINT
        and data["status"] == "active"
        and data["telephone"]
    }
    return sorted(found)


def _local(where: str | None) -> str:
    """A path of ours to go on to; anything else is nowhere."""
    if not where or not where.startswith("/") or where[1:2] in ("/", "\\"):
        return ""
    return "" if any(ord(letter) < 0x21 for letter in where) else where


def _name(request: Request, cookie: str) -> str:
    return secret_cookie(cookie, container_of(request).settings.base_url)


def _device(request: Request, username: str) -> str:
    """One cookie for each who signed in here: at a shared desk they don't take each other's place."""
    short = hashlib.sha256(username.encode("utf-8", "replace")).hexdigest()[:10]
    return _name(request, f"{_DEVICE}_{short}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _set(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    secure = container_of(request).settings.base_url.startswith("https://")
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)
