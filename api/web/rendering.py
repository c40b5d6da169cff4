"""Turns a template into a page: the texts' language, the reader's look, and what every page shows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.web import labels, times
from api.web.bell import hears, stand_of
from api.web.language import LANGUAGES, language_of, translations
from api.web.navigation import entries
from api.web.static import asset
from api.web.visitor import masked, session_of
from api.web.word import words as word_words
from app.container import Container
from app.settings import Environment as Installation
from domain.calendar import AMSTERDAM, Weekday

_TEMPLATES = Path(__file__).parent / "templates"
THEME_COOKIE = "vt_thema"
KEYS_COOKIE = "vt_toetsen"
_THEMES = ("licht", "donker")


@cache
def environment(language: str) -> Environment:
    """The templates in a language. Everything is escaped; an unknown name is an error."""
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    found.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # brought by the extension
    found.globals.update(asset=asset, labels=labels, language=language, languages=LANGUAGES)
    found.globals["notice_words"] = word_words
    # `_` takes what it is given for a template's own text: not escaped, and a % is filled in. For
    # what was told elsewhere, which may hold what somebody typed, there is `said`.
    found.globals["said"] = translations(language).gettext
    return found


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader chose of how pages look and work; `theme` empty: as their system says."""

    theme: str
    single_keys: bool


def look_of(request: Request) -> Look:
    """The reader's choices, kept in cookies: they hold for a desk rather than for a person."""
    cookies = request.state.cookies
    theme = cookies.get(THEME_COOKIE, "")
    return Look(theme if theme in _THEMES else "", cookies.get(KEYS_COOKIE) != "uit")


def container_of(request: Request) -> Container:
    """The process's parts."""
    container: Container = request.state.container
    return container


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page, or a part of one for a script that asks for it."""
    return HTMLResponse(render_text(request, template, context), status, headers)


def render_text(request: Request, template: str, context: Mapping[str, Any] | None = None) -> str:
    """The text of a template for this reader."""
    language = language_of(request)
    now = container_of(request).now()
    session = session_of(request)
    bell = request.state.bell
    return (
        environment(language)
        .get_template(template)
        .render(
            request=request,
            session=session,
            csrf=masked(session.csrf) if session else "",
            look=look_of(request),
            navigation=entries(session, request.url.path),
            bell=bell,
            bell_stand=stand_of(request, bell) if bell else "",
            hears=hears(session),
            demo=container_of(request).settings.environment is Installation.DEMO,
            now=now,
            **Spoken(now, language).words(),
            **(context or {}),
        )
    )


class Spoken:
    """Times in a language, as of one moment."""

    def __init__(self, now: datetime, language: str) -> None:
        self._now = now
        self._language = language

    def moment(self, at: datetime) -> str:
        """`vandaag 18:15`."""
        return times.moment(at, self._now, self._language)

    def day(self, on: date) -> str:
        """`ma 23 nov`."""
        return times.day(on, self._now.astimezone(AMSTERDAM).date(), self._language)

    def age(self, since: datetime) -> str:
        """`26 u`."""
        return times.age(since, self._now, self._language)

    def left(self, until: datetime) -> str:
        """How long from now, or how long ago: `12 min`."""
        first, last = sorted((self._now, until))
        return times.age(first, last, self._language)

    def weekdays(self, days: Collection[Weekday]) -> str:
        """`ma t/m vr`."""
        return times.weekdays(days, self._language)

    def words(self) -> dict[str, Any]:
        """As templates call them."""
        return {
            "moment": self.moment,
            "day": self.day,
            "age": self.age,
            "left": self.left,
            "clock": times.clock,
            "weekdays": self.weekdays,
        }
