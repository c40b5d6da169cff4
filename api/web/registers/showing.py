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
from api.web.word import paths
from domain.actors import Action, Scope, may, scope_of

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
    "gepauzeerd": marked("Gepauzeerd. Wat intussen gebeurt, wordt er niet voor bewaard."),
    "hervat": marked("Hervat. Wat vanaf nu gebeurt, gaat er weer heen."),
    "opnieuw": marked("Gaat opnieuw uit. Lukt het weer niet, dan staat het hier terug."),
    "alles-opnieuw": marked("Alles gaat opnieuw uit. Wat weer niet lukt, staat hier terug."),
}
_TABS = (
    ("/beheer", marked("Organisaties"), Action.REGISTER_VIEW),
    ("/beheer/sleutels", marked("Sleutels"), Action.KEY_READ),
    ("/beheer/personen", marked("Personen"), Action.PERSON_READ),
    ("/beheer/regios", marked("Regio's"), Action.REGISTER_VIEW),
)
#: Of the pages of word, which are drawn as registers are. Who looks after everybody's webhooks finds
#: them among the registers; anybody else beside their own notices.
_WORD_TABS = (
    (paths.NOTICES, marked("Meldingen"), Action.NOTICE_READ),
    (paths.OWN_SETTING, marked("Per mail"), Action.NOTICE_MARK),
    (paths.SHARED_SETTING, marked("Gedeelde mailbox"), Action.WORD_WRITE),
    (paths.WEBHOOKS, marked("Webhooks"), Action.WORD_READ),
    (paths.DELIVERIES, marked("Verzending"), Action.WORD_READ),
)
_EVERYBODYS = _WORD_TABS[-2:]
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
    all_of_them = (
        (*_TABS, *_EVERYBODYS)
        if scope_of(actor, Action.WORD_READ) is Scope.ALL
        else _WORD_TABS
        if here.startswith(paths.NOTICES)
        else _TABS
    )
    tabs = [
        (path, text, _under(here, path, all_of_them))
        for path, text, asks in all_of_them
        if scope_of(actor, asks) is not None
    ]
    shared = {
        "tabs": tabs,
        "tabs_name": _WORD_TABS[0][1] if all_of_them is _WORD_TABS else marked("Beheer"),
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


def _under(here: str, tab: str, tabs: Sequence[tuple[str, str, Action]]) -> bool:
    """Whether a page belongs to a tab: to the one that names most of its path."""
    fitting = [path for path, _, _ in tabs if here == path or here.startswith(f"{path}/")]
    return tab == max(fitting, key=len, default="")


def text_of(posted: FormData | None, name: str) -> str:
    """A text that a form sent; empty without one."""
    value = posted.get(name) if posted is not None else None
    return value if isinstance(value, str) else ""
