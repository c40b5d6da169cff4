"""Webhooks: where an organisation's own system hears of notices; made, paused, given another secret, ended."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.web.fields import Choice, Choices, Field, Text, Tick
from api.web.language import marked
from api.web.registers.editing import Editor, Question, Section, Submission, ask, edit
from api.web.registers.showing import Crumb, done, secret_page, show, text_of
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of, number_of
from api.web.word import words
from api.web.word.paths import WEBHOOKS
from app.db.webhook_endpoints import StoredEndpoint
from app.services import registers
from app.services.word import endpoints
from app.services.word.endpoints import BOTH_SIGN_FOR, Endpoint
from domain.actors import Action, Actor, Scope, scope_of
from domain.deliveries import EndpointState
from domain.notices import NoticeKind

_LIST = Crumb(marked("Webhooks"), WEBHOOKS)
_LONGEST_URL = 2000


async def list_page(request: Request) -> Response:
    """The organisation's webhooks; an operator sees everybody's."""
    container, actor = container_of(request), actor_of(request)
    found = await endpoints.list_endpoints(container, actor, None)
    context = {
        "endpoints": found,
        "names": await names_for(request),
        "words": words,
        "now_paused": EndpointState.PAUSED,
    }
    return show(request, "webhooks.html", context)


async def create(request: Request) -> Response:
    """A form for a webhook; its answer shows the secret, which no other page does."""
    container, actor = container_of(request), actor_of(request)
    names = await names_for(request)

    async def save(given: dict[str, Any], sent: Submission) -> str | Response:
        new = Endpoint(given["url"], _kinds(given))
        whose = UUID(given["organisation_id"]) if names else None
        issued = await endpoints.create_endpoint(
            container, actor, new, whose, sent.request, address_of(request)
        )
        if issued.secret is None:
            return done(WEBHOOKS, "al-getoond")
        return _secret(request, marked("Webhook gemaakt"), given["url"], issued.secret)

    whose = [
        Choice(
            name="organisation_id",
            label=marked("Organisatie"),
            options=sorted(names.items(), key=lambda one: one[1]),
            required=True,
        )
    ]
    editor = Editor(
        marked("Nieuwe webhook"),
        "",
        [Section("", (*(whose if names else ()), *_fields(actor)))],
        [_LIST],
        WEBHOOKS,
        save,
        marked("Webhook maken"),
    )
    return await edit(request, editor)


async def change(request: Request) -> Response:
    """Another address, other kinds; pausing it too."""
    container, actor = container_of(request), actor_of(request)
    stands = await _endpoint(request)
    paused = Tick(name="paused", label=marked("Gepauzeerd: er gaat nu niets heen"))

    async def save(given: dict[str, Any], sent: Submission) -> str:
        shown = frozenset(words.kinds_for(actor))
        # What this role isn't shown stays; nothing at all chosen is everything.
        kinds = _kinds(given)
        to = Endpoint(
            given["url"], kinds | (stands.kinds - shown) if kinds else kinds, given["paused"]
        )
        await endpoints.change_endpoint(
            container, actor, stands.id, to, sent.version, address_of(request)
        )
        return done(WEBHOOKS, "bewaard")

    standing = {
        "url": stands.url,
        "kinds": sorted(stands.kinds),
        "paused": stands.state is EndpointState.PAUSED,
        "version": stands.version,
    }
    editor = Editor(
        marked("Webhook wijzigen"),
        stands.url,
        [Section("", (*_fields(actor), paused))],
        [_LIST],
        WEBHOOKS,
        save,
        standing=standing,
    )
    return await edit(request, editor)


async def pause(request: Request) -> Response:
    """Pauses it or lets it go on, by one button in the list."""
    stands = await _endpoint(request)
    posted = await request.form()
    paused = text_of(posted, "pauze") == "aan"
    await endpoints.change_endpoint(
        container_of(request),
        actor_of(request),
        stands.id,
        Endpoint(stands.url, stands.kinds, paused),
        number_of(text_of(posted, "versie")) or 0,
        address_of(request),
    )
    return RedirectResponse(done(WEBHOOKS, "gepauzeerd" if paused else "hervat"), 303)


async def rotate(request: Request) -> Response:
    """Asks before there is another secret, and shows it once."""
    stands = await _endpoint(request)

    async def act(_sent: Submission) -> Response:
        secret = await endpoints.rotate_secret(
            container_of(request), actor_of(request), stands.id, address_of(request)
        )
        return _secret(request, marked("Nieuw geheim"), stands.url, secret)

    hours = int(BOTH_SIGN_FOR.total_seconds() // 3600)
    assert hours == 24, "the text below says so"
    question = Question(
        marked("Nieuw geheim maken"),
        stands.url,
        [
            marked("Het nieuwe geheim ziet u één keer. Geef het aan de beheerder van uw systeem."),
            marked("Het oude geheim ondertekent nog 24 uur mee, zodat er niets verloren gaat."),
        ],
        marked("Nieuw geheim maken"),
        [_LIST],
        WEBHOOKS,
        act,
    )
    return await ask(request, question)


async def end(request: Request) -> Response:
    """Asks before it ends for good."""
    stands = await _endpoint(request)

    async def act(_sent: Submission) -> str:
        await endpoints.end_endpoint(
            container_of(request), actor_of(request), stands.id, address_of(request)
        )
        return done(WEBHOOKS, "beeindigd")

    question = Question(
        marked("Webhook beëindigen"),
        stands.url,
        [
            marked("Er gaat niets meer heen, ook niet wat nog wacht."),
            marked("Dit kunt u niet terugdraaien. Voor even stoppen is pauzeren genoeg."),
        ],
        marked("Webhook beëindigen"),
        [_LIST],
        WEBHOOKS,
        act,
    )
    return await ask(request, question)


def routes() -> list[Route]:
    """The paths of this module."""
    both, one = ("GET", "POST"), f"{WEBHOOKS}/{{id:uuid}}"
    write = Action.WORD_WRITE
    return [
        page(WEBHOOKS, list_page, asks=Action.WORD_READ),
        page(f"{WEBHOOKS}/nieuw", create, asks=write, methods=both),
        page(one, change, asks=write, methods=both),
        page(f"{one}/pauze", pause, asks=write, methods=["POST"]),
        page(f"{one}/geheim", rotate, asks=write, methods=both),
        page(f"{one}/einde", end, asks=write, methods=both),
    ]


async def names_for(request: Request) -> dict[str, str]:
    """Organisations by id, for who looks after everybody's; empty for anybody else."""
    if scope_of(actor_of(request), Action.WORD_READ) is not Scope.ALL:
        return {}
    return dict(await registers.organisation_names(container_of(request)))


async def _endpoint(request: Request) -> StoredEndpoint:
    return await endpoints.get_endpoint(
        container_of(request), actor_of(request), request.path_params["id"]
    )


def _secret(request: Request, title: str, url: str, secret: str) -> Response:
    return secret_page(
        request,
        title=title,
        subject=url,
        secret=secret,
        facts=[(marked("Adres"), url), (marked("Ondertekening"), "Standard Webhooks")],
        crumbs=[_LIST],
        onward=WEBHOOKS,
    )


def _fields(actor: Actor) -> tuple[Field, ...]:
    return (
        Text(
            name="url",
            label=marked("Adres"),
            hint=marked("Het https-adres van uw systeem. Elk bericht is ondertekend."),
            most=_LONGEST_URL,
            type="url",
            inputmode="url",
            required=True,
        ),
        Choices(
            name="kinds",
            label=marked("Welke meldingen"),
            hint=marked("Niets gekozen: alle."),
            options=[(kind.value, words.KIND_IN_FULL[kind]) for kind in words.kinds_for(actor)],
        ),
    )


def _kinds(given: dict[str, Any]) -> frozenset[NoticeKind]:
    return frozenset(map(NoticeKind, given["kinds"]))
