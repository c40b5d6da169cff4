"""How something is made, changed and ended on the registers' pages: by a form, or by a question."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import TEXTS
from api.web.fields import Field, Raw
from api.web.forms import Form, raw_of
from api.web.language import marked
from api.web.registers.showing import Crumb, show, text_of
from api.web.visitor import CSRF_FIELD, actor_of
from app.db.idempotency import Request as NamedRequest
from domain.errors import (
    AlreadyExists,
    Code,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    Problem,
    StillInUse,
    VersionChanged,
)

#: What a form carries besides its fields.
_OWN = frozenset({CSRF_FIELD, "formulier", "versie", "terug", "stond"})
#: Where the API tells a program what to do, a page tells a person.
_DETAILS = {
    Code.STILL_IN_USE: marked("Beëindig of verplaats eerst wat er nog bij hoort."),
    Code.IDEMPOTENCY_MISMATCH: marked(
        "Dit formulier is al eens verstuurd, met iets anders erin, en dat is gemaakt. Wilt u dit ook"
        " maken, verstuur het dan nog eens."
    ),
    Code.OUTCOME_UNKNOWN: marked(
        "De verbinding met de database viel weg. Nog eens versturen is veilig: het telt één keer."
    ),
}


@dataclass(frozen=True, slots=True)
class Section:
    """Some fields of a form under a heading."""

    title: str
    fields: tuple[Field, ...]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent: the version that it showed, and what tells it from the next one."""

    version: int
    request: NamedRequest


@dataclass(frozen=True, slots=True)
class Editor:
    """A form. `save` answers with where to go on, or with a page of its own.

    standing: what there is now, None for something new. clash: the pointer of the field to blame
    when another has the same code. subject: the name of what is changed, or of what gets something.
    warning: what one should know before filling it in.
    """

    title: str
    subject: str
    sections: Sequence[Section]
    crumbs: Sequence[Crumb]
    cancel: str
    save: Callable[[dict[str, Any], Submission], Awaitable[str | Response]]
    button: str = marked("Bewaren")
    standing: Mapping[str, Any] | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)
    clash: str = ""
    warning: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Those of all sections."""
        return tuple(each for section in self.sections for each in section.fields)


@dataclass(frozen=True, slots=True)
class Question:
    """Asks before something ends. `in_use`: what stands in the way; then it can't be done yet."""

    title: str
    subject: str
    told: Sequence[str]
    button: str
    crumbs: Sequence[Crumb]
    cancel: str
    act: Callable[[Submission], Awaitable[str | Response]]
    version: int = 0
    in_use: Mapping[str, int] = field(default_factory=dict)


async def edit(request: Request, editor: Editor) -> Response:
    """Shows a form, or does what it asks."""
    standing = raw_of(editor.fields, dict(editor.standing or editor.preset))
    version = int(editor.standing["version"]) if editor.standing else 0
    if request.method != "POST":
        return _form_page(request, editor, Form(editor.fields, standing), version)
    posted = await request.form()
    form = Form(editor.fields, _raw(posted))
    submission = _submission(request, posted)
    try:
        return _onward(await editor.save(form.read(), submission))
    except (NotFound, NotSignedIn):
        raise
    except InvalidInput as problem:
        form.refuse(problem)
        return _form_page(request, editor, form, submission.version, posted, status=400)
    except VersionChanged as problem:
        form.meet(_before(posted), standing)
        return _form_page(request, editor, form, version, told=problem)
    except Problem as problem:
        if isinstance(problem, AlreadyExists) and editor.clash and not problem.detail:
            detail = marked("Deze code is al van een ander.")
            form.refuse(InvalidInput(detail, editor.clash))
            return _form_page(request, editor, form, submission.version, posted, status=409)
        # Done before with something else in it: from now on this is another form.
        same = None if isinstance(problem, IdempotencyMismatch) else posted
        return _form_page(request, editor, form, submission.version, same, told=problem)


async def ask(request: Request, question: Question) -> Response:
    """Asks, or does what was asked."""
    problem: Problem | None = None
    if request.method == "POST":
        submission = _submission(request, await request.form())
        try:
            return _onward(await question.act(submission))
        except (NotFound, NotSignedIn):
            raise
        except Problem as refused:
            problem = refused
    in_use = problem.in_use if isinstance(problem, StillInUse) else question.in_use
    context = {"question": question, "in_use": dict(in_use), **_told(problem)}
    status = TEXTS[problem.code].status if problem else 200
    return show(request, "beheer_vraag.html", context, status=status)


def _form_page(
    request: Request,
    editor: Editor,
    form: Form,
    version: int,
    posted: FormData | None = None,
    *,
    status: int = 200,
    told: Problem | None = None,
) -> Response:
    nonce = text_of(posted, "formulier") or secrets.token_urlsafe(16)
    context = {
        "editor": editor,
        "form": form,
        "version": version,
        "standing": orjson.dumps(raw_of(editor.fields, dict(editor.standing or {}))).decode(),
        "nonce": nonce,
        **_told(told),
    }
    return show(
        request,
        "beheer_formulier.html",
        context,
        status=TEXTS[told.code].status if told else status,
    )


def _told(problem: Problem | None) -> dict[str, Any]:
    """A failure as a page tells it."""
    if problem is None:
        return {"problem": None}
    text = TEXTS[problem.code]
    detail = problem.detail or _DETAILS.get(problem.code) or text.detail
    # A new reader of the form has the version that stands now, so that saving again is meant.
    return {
        "problem": {
            "title": text.title,
            "detail": detail,
            "changed": isinstance(problem, VersionChanged),
            "unknown": isinstance(problem, OutcomeUnknown),
            "in_use": problem.in_use if isinstance(problem, StillInUse) else {},
        }
    }


def _submission(request: Request, posted: FormData) -> Submission:
    told = text_of(posted, "versie")
    said = {"path": request.url.path, **_raw(posted)}
    key = text_of(posted, "formulier")[:128] or secrets.token_urlsafe(16)
    named = NamedRequest(
        actor_of(request).id, f"pagina {key}", orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    )
    return Submission(
        int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0, named
    )


def _before(posted: FormData) -> Raw:
    """What stood when the form was shown, as the form carries it."""
    try:
        told = orjson.loads(text_of(posted, "stond"))
    except orjson.JSONDecodeError:
        return {}
    pairs = told.items() if isinstance(told, dict) else ()
    return {name: text for name, text in pairs if isinstance(text, str)}


def _raw(posted: FormData) -> Raw:
    return {
        name: value
        for name, value in posted.multi_items()
        if isinstance(value, str) and name not in _OWN
    }


def _onward(answer: str | Response) -> Response:
    return RedirectResponse(answer, 303) if isinstance(answer, str) else answer
