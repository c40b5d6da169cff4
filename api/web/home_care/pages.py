"""The pages of looking for home nursing: the question with its answer, and the answer alone."""

from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web.home_care import filing
from api.web.home_care.answer import answer
from api.web.home_care.question import PATH, read_question, tells_too_much
from api.web.home_care.reasons import Reasons
from api.web.home_care.regions import direct_regions, regions_of
from api.web.language import language_of
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import actor_of
from domain.actors import Action, Role
from domain.calendar import AMSTERDAM
from domain.combined_care import Group
from domain.errors import Unavailable
from domain.home_care import Dagdeel, Skill

#: What is asked most stands first.
_SKILLS = sorted(
    Skill,
    key=(
        *(Skill.WOND, Skill.BASIS, Skill.ACUUT, Skill.MSVT, Skill.NACHT),
        *(Skill.CASEMANAGEMENT_DEMENTIE, Skill.PALLIATIEF_TERMINAAL),
    ).index,
)


async def search(request: Request) -> Response:
    """The question of the address with its answer, and room for the next."""
    context = _context(request)
    if tells_too_much(request.query_params):
        return RedirectResponse(context["question"].address, 303)
    if context["may_file"]:
        regions = regions_of(container_of(request), actor_of(request))
        # Without a database the answer stands all the same; the form tells who gets it.
        with suppress(Unavailable):
            direct = await direct_regions(container_of(request), regions)
            context["direct"] = ".".join(str(region_id) for region_id in sorted(direct))
    return render(request, "wijkverpleging.html", context)


async def answer_alone(request: Request) -> Response:
    """The answer for a page that asks while somebody types, and the address that the page then has."""
    context = _context(request)
    headers = {"hx-replace-url": context["question"].address}
    return render(request, "wijkverpleging_antwoord.html", context, headers=headers)


def routes() -> list[Route]:
    """The paths of this module."""
    asks = Action.CAPACITY_READ
    return [
        page(PATH, search, asks=asks),
        page(f"{PATH}/antwoord", answer_alone, asks=asks),
        *filing.routes(),
    ]


def _context(request: Request) -> dict[str, Any]:
    container = container_of(request)
    now = container.now()
    today = now.astimezone(AMSTERDAM).date()
    question = read_question(request.query_params, today)
    actor = actor_of(request)
    regions = regions_of(container, actor)
    return {
        "question": question,
        "today": today,
        "found": answer(container.board, regions, question, now),
        "reasons": Reasons(question, now, language_of(request)),
        "groups": Group,
        # Whoever follows what it files; a coordinator does so at a desk of its own.
        "may_file": actor.role is Role.REFERRER,
        # Only for the words on a button: while somebody types nobody reads the norms again.
        "direct": request.query_params.get("rechtstreeks", ""),
        "skills": _SKILLS,
        "dagdelen": list(Dagdeel),
    }
