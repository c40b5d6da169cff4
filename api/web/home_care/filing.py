"""From the question to an aanmelding in one step: the form, and what becomes of it when it is sent."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.problems import TEXTS
from api.web.fields import Raw
from api.web.forms import Form
from api.web.home_care.answer import answer, points_of
from api.web.home_care.failures import Failures
from api.web.home_care.filing_form import (
    ASKED,
    CLIENT,
    FIELDS,
    by_field,
    intake_of,
    need_of,
    preset,
    question_of,
)
from api.web.home_care.question import PATH, CareQuestion, read_question
from api.web.home_care.reasons import Line, Reasons
from api.web.home_care.regions import direct_regions, regions_of
from api.web.language import language_of, marked
from api.web.my_referrals.paths import path_of
from api.web.rendering import container_of, render
from api.web.routes import page
from api.web.visitor import CSRF_FIELD, actor_of, address_of
from app.db.idempotency import Request as NamedRequest
from app.live import team_choice
from app.live.board import RegionBoard
from app.live.team_views import TeamView
from app.services.referrals import filing
from domain.actors import Action
from domain.calendar import AMSTERDAM
from domain.errors import (
    Code,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    Problem,
    TeamUnfit,
    Unavailable,
)
from domain.events import Kind
from domain.matching.board_checks import failure_json

ADDRESS = f"{PATH}/aanmelden"
#: What a form carries besides its fields. `ander`: the button of another team was pressed.
_OWN = frozenset({CSRF_FIELD, "formulier", "team", "ander"})
_DETAILS = {
    Code.IDEMPOTENCY_MISMATCH: marked(
        "Dit formulier is al eens verstuurd, met iets anders erin, en dat is aangemeld. Kijk bij uw"
        " aanmeldingen. Wilt u dit ook aanmelden, verstuur het dan nog eens."
    ),
    Code.OUTCOME_UNKNOWN: marked(
        "De verbinding met de database viel weg. Nog eens versturen is veilig: het telt één keer."
    ),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The team that an aanmelding is for, as the board has it."""

    view: TeamView
    region: RegionBoard
    direct: bool


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a team can't, in words, and which others can."""

    name: str
    reasons: list[str]
    teams: list[Mapping[str, Any]]


async def filing_page(request: Request) -> Response:
    """The form, with what was asked filled in."""
    container = container_of(request)
    today = container.now().astimezone(AMSTERDAM).date()
    question = read_question(request.query_params, today)
    raw = preset(question, today, _own_number(request))
    asked = request.query_params.get("team", "")
    return await _shown(request, Form(FIELDS, raw), asked)


async def send_filing(request: Request) -> Response:
    """Files it, once however often it is sent."""
    container, actor = container_of(request), actor_of(request)
    posted = await request.form()
    raw = _raw(posted)
    asked = str(posted.get("ander", posted.get("team", "")))
    form = Form(FIELDS, raw)
    try:
        intake = intake_of(form.read(), _team_id(asked), container.now())
        done = await filing.file(
            container, actor, intake, _named(request, posted, asked), address=address_of(request)
        )
    except (NotFound, NotSignedIn):
        raise
    except InvalidInput as problem:
        form.refuse(by_field(problem))
        return await _shown(request, form, asked, posted, status=400)
    except TeamUnfit as problem:
        return await _shown(request, form, asked, posted, unfit=problem, status=409)
    except Problem as problem:
        # Done before with something else in it: from now on this is another form.
        same = None if isinstance(problem, IdempotencyMismatch) else posted
        status = TEXTS[problem.code].status
        return await _shown(request, form, asked, same, told=problem, status=status)
    return RedirectResponse(f"{path_of(done.referral_id)}?m=aangemeld", 303)


def routes() -> list[Route]:
    """The paths of this module: for who follows what it files."""
    asks = Action.STATUS_FOLLOW
    return [
        page(ADDRESS, filing_page, asks=asks),
        page(ADDRESS, send_filing, asks=asks, methods=["POST"]),
    ]


async def _shown(
    request: Request,
    form: Form,
    asked: str,
    posted: FormData | None = None,
    *,
    unfit: TeamUnfit | None = None,
    told: Problem | None = None,
    status: int = 200,
) -> Response:
    chosen = await _chosen(request, asked)
    question = question_of(form.raw)
    pc4 = form.raw.get("pc4", "")
    context = {
        "form": form,
        "asked": ASKED,
        "client": CLIENT,
        "address": ADDRESS,
        "back": question.address if question else PATH,
        "nonce": str(posted.get("formulier", "")) if posted else secrets.token_urlsafe(16),
        "chosen": chosen,
        "gone": bool(asked) and chosen is None,
        "reasons": _reasons(request, question, chosen),
        "unfit": _unfit(request, question, chosen, unfit),
        "points": points_of(regions_of(container_of(request), actor_of(request)), pc4),
        "problem": _told(told),
    }
    return render(request, "wijkverpleging_aanmelden.html", context, status=status)


async def _chosen(request: Request, asked: str) -> Chosen | None:
    team_id = _team_id(asked)
    if team_id is None:
        return None
    container = container_of(request)
    for region in regions_of(container, actor_of(request)):
        (view,) = region.team_views.some([str(team_id)], container.now()).values()
        if view is not None:
            direct = False
            # Without a database what was typed stands all the same.
            with suppress(Unavailable):
                direct = region.region_id in await direct_regions(container, [region])
            return Chosen(view, region, direct)
    return None


def _reasons(request: Request, question: CareQuestion | None, chosen: Chosen | None) -> list[Line]:
    """Why the team fits, and what of it doesn't quite: told once more before it is asked."""
    if question is None or chosen is None:
        return []
    container = container_of(request)
    now = container.now()
    found = answer(container.board, [chosen.region], question, now).teams
    words = Reasons(question, now, language_of(request))
    return [line for team in found if team.id == str(chosen.view.id) for line in words.of(team)]


def _unfit(
    request: Request,
    question: CareQuestion | None,
    chosen: Chosen | None,
    told: TeamUnfit | None,
) -> Unfit | None:
    """What was just refused, or would be refused now."""
    if chosen is None or question is None:
        return None
    words = Failures(language_of(request))
    if told is not None:
        return Unfit(chosen.view.name, words.of(told.failures), list(told.teams))
    now, need = container_of(request).now(), need_of(question)
    failures = team_choice.unfit(chosen.region, need, chosen.view.id, now)
    if not failures:
        return None
    others = team_choice.fitting(chosen.region, need, now)
    return Unfit(chosen.view.name, words.of(map(failure_json, failures)), list(others))


def _told(problem: Problem | None) -> dict[str, str] | None:
    if problem is None:
        return None
    text = TEXTS[problem.code]
    detail = problem.detail or _DETAILS.get(problem.code) or text.detail
    kind = "vast" if isinstance(problem, OutcomeUnknown) else "stop"
    return {"title": text.title, "detail": detail, "kind": kind}


def _own_number(request: Request) -> str:
    """The organisation's telephone, which is mostly where one can be called back."""
    organisation_id = actor_of(request).organisation_id
    for region in container_of(request).board.regions.values():
        text = region.get(Kind.ORGANISATION, organisation_id)
        if text is not None:
            return str(orjson.loads(text).get("telephone") or "")
    return ""


def _named(request: Request, posted: FormData, asked: str) -> NamedRequest:
    key = str(posted.get("formulier", ""))[:100] or secrets.token_urlsafe(16)
    said = {"path": ADDRESS, "team": asked, **_raw(posted)}
    return NamedRequest(
        actor_of(request).id, f"pagina {key}", orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    )


def _raw(posted: FormData) -> Raw:
    return {
        name: value
        for name, value in posted.multi_items()
        if isinstance(value, str) and name not in _OWN
    }


def _team_id(text: str) -> UUID | None:
    """The team in an address or form; what is no id is no team."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
