"""What a person is told of an act: in place on the page by its script, or by the next page without one."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.problems import TEXTS
from api.web.language import language_of, translations
from api.web.rendering import container_of
from api.web.times import clock
from domain.capacity import Outcome
from domain.errors import InvalidInput, NotFound, Problem, VersionChanged
from domain.plausibility import Doubt

T = TypeVar("T")

#: What the domain calls a figure, in the words of the page.
_WORDS = {
    "physical": "bestaande plaatsen",
    "operable": "bemand",
    "occupied": "bezet",
    "planned": "gepland",
    "closed_reason": "de reden",
    "closed": "gesloten",
    "free": "vrij nu",
    "available_from": "vrij vanaf",
}
_CODE = re.compile(rf"\b({'|'.join(_WORDS)})\b")


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an act. `outcome` is one of opgeslagen, ouder, anders, fout and bevestigd.

    subject: the id of what it was about. version and signature: what stands of it now.
    """

    outcome: str
    text: str
    subject: str = ""
    version: int | None = None
    signature: str | None = None
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the person saw before they changed it; version None: it doesn't matter any more."""

    version: int | None
    signature: str


def wants_data(request: Request) -> bool:
    """Whether the page's script asks, rather than a form."""
    return request.headers.get("accept", "").startswith("application/json")


def translated(request: Request) -> Callable[[str], str]:
    """Looks a text up in the reader's language."""
    return translations(language_of(request)).gettext


def taken(
    request: Request, subject: object, outcome: Outcome, version: int, signature: str, doubts: Any
) -> Told:
    """A report that wasn't refused."""
    _ = translated(request)
    if outcome is Outcome.SUPERSEDED:
        text = _(
            "Er was al een nieuwer cijfer. Dat blijft staan; het uwe is bewaard in de geschiedenis."
        )
        return Told("ouder", text, str(subject), version)
    time = clock(container_of(request).now())
    jump = next((d for d in doubts if d.was is not None), None)
    text = _("opgeslagen %(time)s") % {"time": time}
    return Told("opgeslagen", text, str(subject), version, signature, jump)


def refused(request: Request, subject: object, problem: Problem) -> Told:
    """A report that was refused: nothing was changed."""
    _ = translated(request)
    if isinstance(problem, VersionChanged):
        text = _("Intussen door iemand anders gewijzigd. Uw wijziging is niet opgeslagen.")
        return Told("anders", text, str(subject))
    if isinstance(problem, NotFound):
        return Told("fout", _("Dit is er niet (meer). Er is niets gewijzigd."), str(subject))
    known = TEXTS[problem.code]
    return Told("fout", _(in_words(problem.detail or known.detail)), str(subject))


def in_words(detail: str) -> str:
    """A text of the domain without the names that figures have in it."""
    return _CODE.sub(lambda found: _WORDS[found[1]], detail)


def as_data(told: Told, status: int = 200) -> Response:
    """For the page's script."""
    doubt = {"was": told.doubt.was, "nu": told.doubt.now} if told.doubt else None
    return JSONResponse(
        {
            "uitkomst": told.outcome,
            "tekst": told.text,
            "versie": told.version,
            "was": told.signature,
            "twijfel": doubt,
        },
        status,
    )


def back(address: str, **told: object) -> Response:
    """To the page that the form was on; what is told goes along in the address."""
    query = urlencode({name: value for name, value in told.items() if value not in (None, "")})
    path, _, anchor = address.partition("#")
    joined = f"{path}{'&' if '?' in path else '?'}{query}" if query else path
    return RedirectResponse(f"{joined}#{anchor}" if anchor else joined, 303)


def status_of(problem: Problem) -> int:
    """The HTTP status of a problem; what was shown being changed is a conflict with the page."""
    return 409 if isinstance(problem, VersionChanged) else TEXTS[problem.code].status


async def unless_changed(
    report: Callable[[int | None], Awaitable[T]],
    shown: Shown,
    present: Callable[[int], Awaitable[str]],
) -> T:
    """Reports on condition that what was shown still stands.

    Told or confirmed again since, it still does: `present` tells what stands as of a version. Raises
    VersionChanged, and what `report` raises.
    """
    expected = shown.version
    while True:
        try:
            return await report(expected)
        except VersionChanged as changed:
            current = int(str(changed.facts["current"]))
            if current == expected or await present(current) != shown.signature:
                raise
            expected = current


def shown_in(form: FormData) -> Shown:
    """What a form says its person saw."""
    version = text_of(form, "versie")
    known = version.isascii() and version.isdigit() and len(version) < 10
    return Shown(int(version) if known else None, text_of(form, "was"))


def text_of(form: FormData, name: str) -> str:
    """A field of a form without spaces around it; empty when it isn't there."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def moment_of(text: str, pointer: str) -> datetime | None:
    """A moment that the page's script noted; None for an empty text. Raises InvalidInput."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("Dit tijdstip is niet te lezen.", pointer) from error
    if found.tzinfo is None:
        raise InvalidInput("Dit tijdstip is niet te lezen.", pointer)
    return found
