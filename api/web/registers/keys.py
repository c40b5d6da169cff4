"""Keys: issued and shown once, listed, revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web import labels
from api.web.fields import Choice, Number, Text, Tick
from api.web.language import marked
from api.web.registers.editing import Editor, Question, Section, Submission, ask, edit
from api.web.registers.organisations import path_of
from api.web.registers.showing import Crumb, back, done, secret_page, show
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.services import keys, registers
from app.services.keys import NewKey
from domain.actors import Action, Role
from domain.capacity import Terms
from domain.errors import NotFound
from domain.identifiers import OrganisationId

LIST = Crumb(marked("Sleutels"), "/beheer/sleutels")
_LONGEST_LAG = 1440
_ROLES = [(role.value, labels.ROLE[role]) for role in Role if role is not Role.SYSTEM]


async def keys_page(request: Request) -> Response:
    """All keys there have been, the open ones first asked for."""
    asked = request.query_params
    text, status = asked.get("zoek", "").strip()[:100], asked.get("status", "")
    wanted = text.casefold()
    found = [
        key
        for key in await keys.list_keys(container_of(request))
        if (status == "alle" or (key.revoked_at is None) != (status == "ingetrokken"))
        and (wanted in key.name.casefold() or wanted in key.organisation_name.casefold())
    ]
    context = {"keys": found, "asked": {"zoek": text, "status": status}}
    return show(request, "beheer_sleutels.html", context)


async def issue_key(request: Request) -> Response:
    """A form for a key; its answer shows the key, which no other page does."""
    container = container_of(request)
    organisations = await registers.organisation_names(container)
    onward = await back(request, LIST.path)

    async def save(given: dict[str, Any], sent: Submission) -> str | Response:
        role = Role(given["role"])
        organisation_id = UUID(given["organisation_id"])
        lag = timedelta(minutes=given["lag_minutes"] or 0)
        new = NewKey(
            organisation_id=OrganisationId(organisation_id),
            role=role,
            name=given["name"],
            terms=Terms(lag, given["includes_holds"]),
            sandbox=given["sandbox"],
        )
        issued = await keys.issue_key(
            container, actor_of(request), new, sent.request, address_of(request)
        )
        if issued.key is None:
            return done(onward, "al-getoond")
        return secret_page(
            request,
            title=marked("Sleutel uitgegeven"),
            subject=dict(organisations)[given["organisation_id"]],
            secret=issued.key,
            facts=[(marked("Naam"), new.name), (marked("Rol"), labels.ROLE[role])],
            crumbs=[LIST],
            onward=onward,
        )

    editor = Editor(
        marked("Sleutel uitgeven"),
        "",
        _sections(organisations),
        [LIST],
        onward,
        save,
        marked("Sleutel uitgeven"),
        preset={"organisation_id": request.query_params.get("organisatie"), "lag_minutes": 0},
    )
    return await edit(request, editor)


async def revoke_key(request: Request) -> Response:
    """Asks before a key opens nothing any more."""
    container = container_of(request)
    listed = await keys.list_keys(container)
    key = next((each for each in listed if each.id == request.path_params["id"]), None)
    if key is None:
        raise NotFound
    onward = path_of(key.organisation_id)

    async def act(_sent: Submission) -> str:
        await keys.revoke_key(container, actor_of(request), key.id, address_of(request))
        return done(onward, "ingetrokken")

    question = Question(
        marked("Sleutel intrekken"),
        f"{key.name} · {key.organisation_name}",
        [
            marked(
                "Wie de sleutel gebruikt komt er vanaf nu niet meer in; open verbindingen sluiten."
            ),
            marked("Dit kunt u niet terugdraaien. Een nieuwe sleutel uitgeven kan altijd."),
        ],
        marked("Sleutel intrekken"),
        [LIST],
        onward,
        act,
    )
    return await ask(request, question)


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    revoke = "/beheer/sleutels/{id:uuid}/intrekken"
    return [
        page(LIST.path, keys_page, asks=Action.KEY_READ),
        page("/beheer/sleutels/nieuw", issue_key, asks=Action.KEY_ISSUE, methods=both),
        page(revoke, revoke_key, asks=Action.KEY_REVOKE, methods=both),
    ]


def _sections(organisations: list[tuple[str, str]]) -> list[Section]:
    return [
        Section(
            "",
            (
                Choice(
                    name="organisation_id",
                    label=marked("Organisatie"),
                    options=organisations,
                    required=True,
                ),
                Choice(name="role", label=marked("Rol"), options=_ROLES, required=True),
                Text(
                    name="name",
                    label=marked("Naam"),
                    hint=marked("Waar de sleutel voor is, bijvoorbeeld: koppeling ECD."),
                    required=True,
                ),
            ),
        ),
        Section(
            marked("Wat de cijfers bevatten"),
            (
                Number(
                    name="lag_minutes",
                    label=marked("Hoe laat opnames worden geboekt"),
                    least=0,
                    most=_LONGEST_LAG,
                    unit=marked("minuten na de opname"),
                ),
                Tick(
                    name="includes_holds",
                    label=marked("De koppeling telt onze toezeggingen al mee als gepland"),
                ),
                Tick(
                    name="sandbox",
                    label=marked("Eerst op proef: wij kijken na, en er telt nog niets mee"),
                ),
            ),
            marked("Alleen voor sleutels die cijfers melden."),
        ),
    ]
