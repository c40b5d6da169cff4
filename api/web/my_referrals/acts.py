"""What a referrer does to its own: answers, decides on what its team proposes, takes it back."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.problems import TEXTS
from api.web.my_referrals.paths import path_of
from api.web.my_referrals.showing import ONE, show_one
from api.web.reading import read_choice
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.services.referrals import decisions, endings, questions
from domain.actors import Action
from domain.cases import WithdrawalReason
from domain.errors import InvalidInput, NotFound, NotSignedIn, Problem, WrongState
from domain.referrals import ReferralState, Step

_LONGEST = 2000


class _Decision(StrEnum):
    JA = "ja"
    NEE = "nee"


async def answer(request: Request) -> Response:
    """Answers a question."""

    async def act(form: FormData) -> str:
        question_id = _id(form, "vraag")
        text = _text(form, "antwoord", f"/antwoord-{question_id}")
        if not text:
            raise InvalidInput("Schrijf iets op.", f"/antwoord-{question_id}")
        await questions.answer(
            container_of(request),
            actor_of(request),
            request.path_params["id"],
            question_id,
            text,
            address=address_of(request),
        )
        return "beantwoord"

    return await _does(request, act)


async def decide(request: Request) -> Response:
    """Agrees to another start, or doesn't."""

    async def act(form: FormData) -> str:
        agreed = read_choice(_Decision, str(form.get("akkoord", "")), "/akkoord") is _Decision.JA
        await decisions.decide_counter(
            container_of(request),
            actor_of(request),
            _id(form, "aanbod"),
            agreed=agreed,
            text=_text(form, "toelichting", "/toelichting") or None,
            address=address_of(request),
        )
        return "akkoord" if agreed else "niet-akkoord"

    return await _does(request, act)


async def withdraw(request: Request) -> Response:
    """Takes it back, with the reason."""

    async def act(form: FormData) -> str:
        await endings.withdraw(
            container_of(request),
            actor_of(request),
            request.path_params["id"],
            read_choice(WithdrawalReason, str(form.get("reden", "")), "/reden"),
            _text(form, "waarom", "/waarom") or None,
            address=address_of(request),
        )
        return "ingetrokken"

    return await _does(request, act)


def routes() -> list[Route]:
    """The paths of this module."""
    asks = Action.STATUS_FOLLOW
    return [
        page(f"{ONE}/antwoord", answer, asks=asks, methods=["POST"]),
        page(f"{ONE}/voorstel", decide, asks=asks, methods=["POST"]),
        page(f"{ONE}/intrekken", withdraw, asks=asks, methods=["POST"]),
    ]


async def _does(request: Request, act: Callable[[FormData], Awaitable[str]]) -> Response:
    """Does it, and shows what stands then; what is wrong is told beside what was typed."""
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        done = await act(form)
    except NotSignedIn:
        raise
    except NotFound:
        # It was answered or has lapsed meanwhile; of what isn't theirs nothing is shown at all.
        gone = WrongState(Step.ANSWERED, ReferralState.AANVULLING_GEVRAAGD)
        return await show_one(request, problem=gone, typed=typed, status=409)
    except Problem as problem:
        status = TEXTS[problem.code].status
        return await show_one(request, problem=problem, typed=typed, status=status)
    return RedirectResponse(f"{path_of(request.path_params['id'])}?m={done}", 303)


def _id(form: FormData, name: str) -> UUID:
    try:
        return UUID(str(form.get(name, "")))
    except ValueError as error:
        raise NotFound from error


def _text(form: FormData, name: str, pointer: str) -> str:
    """What was typed. Raises InvalidInput."""
    text = str(form.get(name, "")).replace("\r\n", "\n").strip()
    if len(text) > _LONGEST:
        raise InvalidInput("Dit is te lang.", pointer)
    if not text.replace("\n", "").isprintable():
        raise InvalidInput("Hierin staat een teken dat niet kan.", pointer)
    return text
