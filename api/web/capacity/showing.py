"""Renders what a provider sees: the page, the part of it that is fetched again, a team in full."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from api.web import notices
from api.web.capacity.answers import Told
from api.web.capacity.cards import TEAMS, TeamCard, exception_text
from api.web.capacity.views import sheet_of
from api.web.rendering import container_of, render
from api.web.visitor import actor_of, session_of
from domain.actors import Action, Role, Target, may
from domain.calendar import AMSTERDAM
from domain.errors import NotFound
from domain.home_care import Dagdeel, Light, Skill

#: Days that a team's first day is picked from; later ones are typed.
_DAYS_AHEAD = 14
#: Rows for exceptions that a team doesn't have yet.
_EMPTY_ROWS = 2
#: Discharges that are one tap away, in days from today.
_STAYS = (1, 3, 7, 14)
ROLES = frozenset({Role.PROVIDER_CAPACITY, Role.PROVIDER_INTAKE})


def chosen(request: Request) -> str:
    """The location, or the teams, that the address names."""
    return request.query_params.get("locatie", "")


def show(
    request: Request,
    *,
    told: Told | None = None,
    status: int = 200,
    template: str = "capaciteit.html",
) -> Response:
    """The page, with what there is to tell."""
    actor = actor_of(request)
    if actor.role not in ROLES:
        return notices.forbidden(request)
    container = container_of(request)
    sheet = sheet_of(container, actor, chosen(request))
    context = {
        **around(request),
        "sheet": sheet,
        "told": told,
        "choices": Choices(container.now().astimezone(AMSTERDAM).date()),
        "exception_text": exception_text,
    }
    return render(request, template, context, status=status)


def show_team(
    request: Request,
    *,
    told: Told | None = None,
    typed: FormData | None = None,
    status: int = 200,
) -> Response:
    """A team in full; `typed`: what was in its form when it was refused."""
    actor = actor_of(request)
    if actor.role not in ROLES:
        return notices.forbidden(request)
    container = container_of(request)
    team = own_team(request, request.path_params["id"])
    exceptions: list[dict[str, Any]] = [
        {"skill": e.skill, "dagdeel": e.dagdeel, "light": e.light, "start": e.earliest_start}
        for e in team.view.exceptions
    ]
    if typed is not None:
        columns = (typed.getlist(name) for name in ("u-skill", "u-dagdeel", "u-licht", "u-vanaf"))
        names = ("skill", "dagdeel", "light", "start")
        exceptions = [
            dict(zip(names, map(str, row), strict=True)) for row in zip(*columns, strict=False)
        ]
    else:
        empty = {"skill": None, "dagdeel": None, "light": Light.ROOD, "start": None}
        exceptions += [empty] * _EMPTY_ROWS
    context = {
        **around(request),
        "team": team,
        "told": told,
        "typed": typed,
        "exceptions": exceptions,
        "address": f"/mijn-capaciteit?locatie={chosen(request)}"
        if chosen(request)
        else "/mijn-capaciteit",
        "choices": Choices(container.now().astimezone(AMSTERDAM).date()),
    }
    return render(request, "capaciteit_team.html", context, status=status)


def own_team(request: Request, team_id: UUID) -> TeamCard:
    """A team of the person's own organisation. Raises NotFound."""
    sheet = sheet_of(container_of(request), actor_of(request), TEAMS)
    found = next((team for team in sheet.teams if team.view.id == team_id), None)
    if found is None:
        raise NotFound
    return found


def around(request: Request) -> dict[str, Any]:
    """What every page of this kind is told: who looks, and whether they may change anything."""
    session, actor = session_of(request), actor_of(request)
    assert session is not None
    assert session.membership is not None
    return {
        # Whose a change is that waits on this device: nobody else's session sends it.
        "who": f"{session.person_id}:{session.membership.id}",
        "may_change": may(actor, Action.CAPACITY_REPORT, Target(None, actor.organisation_id)),
        "organisation": session.membership.organisation_name,
    }


class Choices:
    """What is picked rather than typed."""

    lights = ((Light.GROEN, "vrij"), (Light.ORANJE, "vast"), (Light.ROOD, "stop"))
    skills = tuple(Skill)
    dagdelen = tuple(Dagdeel)

    def __init__(self, today: date) -> None:
        self.today = today

    def starts(self, said: date | None) -> list[date]:
        """First days of a team, with the one that was said."""
        days = [self.today + timedelta(days=n) for n in range(1, _DAYS_AHEAD)]
        return sorted({*days, said}) if said and said > self.today else days

    @property
    def discharges(self) -> list[date]:
        """Days on which somebody who comes now may leave."""
        return [self.today + timedelta(days=n) for n in _STAYS]
