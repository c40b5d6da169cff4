"""What every page of the registers shows: its tabs, where one is, what was done; and a secret, once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from api.web.language import marked
from api.web.registers import words
from api.web.registers.hours import week_text
from api.web.rendering import render
from api.web.visitor import actor_of
from domain.actors import Action, may, scope_of

#: What a page says of the act that led to it.
_DONE = {
    "gemaakt": marked("Gemaakt."),
    "bewaard": marked("Bewaard."),
    "beeindigd": marked("Beëindigd."),
    "samengevoegd": marked("Samengevoegd. Alles staat nu bij deze organisatie."),
    "overgedragen": marked("Overgedragen aan een andere organisatie."),
    "ingetrokken": marked("Ingetrokken. De sleutel opent niets meer."),
    "uitgelogd": marked("Overal uitgelogd."),
    "al-getoond": marked("Dit is al gedaan en één keer getoond. Er is niets nieuws gemaakt."),
}
_TABS = (
    ("/beheer", marked("Organisaties"), Action.REGISTER_VIEW),
    ("/beheer/sleutels", marked("Sleutels"), Action.KEY_READ),
    ("/beheer/personen", marked("Personen"), Action.PERSON_READ),
    ("/beheer/regios", marked("Regio's"), Action.REGISTER_VIEW),
)
_OURS = re.compile(r"/beheer(?:[/?][A-Za-z0-9/?=&%+._~-]*)?")


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step on the way to a page."""

    text: str
    path: str


def secret_page(
    request: Request,
    *,
    title: str,
    subject: str,
    secret: str,
    facts: Sequence[tuple[str, str]],
    crumbs: Sequence[Crumb],
    onward: str,
) -> Response:
    """A key or password, once: it is the answer to the form and stands at no address."""
    context = {
        "title": title,
        "subject": subject,
        "secret": secret,
        "facts": facts,
        "crumbs": crumbs,
        "onward": onward,
    }
    return show(request, "beheer_getoond.html", context)


def show(
    request: Request, template: str, context: Mapping[str, Any], *, status: int = 200
) -> Response:
    """A page of the registers, with its tabs and what the reader may do."""
    actor = actor_of(request)
    here = request.url.path
    tabs = [
        (path, text, _under(here, path))
        for path, text, asks in _TABS
        if scope_of(actor, asks) is not None
    ]
    shared = {
        "tabs": tabs,
        "may": {action.name.lower(): may(actor, action) for action in Action},
        "done": _DONE.get(request.query_params.get("gedaan", ""), ""),
        "week": week_text,
        "date_of": date.fromisoformat,
        "WORDS": words,
        "here": here + (f"?{request.url.query}" if request.url.query else ""),
    }
    return render(request, template, {**shared, **context}, status=status)


async def back(request: Request, default: str) -> str:
    """Where the reader came from, when that is one of these pages."""
    posted = await request.form() if request.method == "POST" else None
    told = request.query_params.get("terug", "") or text_of(posted, "terug")
    return told if _OURS.fullmatch(told) else default


def done(path: str, what: str) -> str:
    """A page's address that tells what was done."""
    return f"{path}{'&' if '?' in path else '?'}gedaan={what}"


def _under(here: str, tab: str) -> bool:
    if tab != "/beheer":
        return here == tab or here.startswith(f"{tab}/")
    return not any(here.startswith(path) for path, _, _ in _TABS if path != tab)


def text_of(posted: FormData | None, name: str) -> str:
    """A text that a form sent; empty without one."""
    value = posted.get(name) if posted is not None else None
    return value if isinstance(value, str) else ""
