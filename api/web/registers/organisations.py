"""Organisations: found, looked at, made, changed, taken over by another and closed."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.fields import Choice
from api.web.language import marked
from api.web.registers.editing import Editor, Question, Section, Submission, ask, edit
from api.web.registers.organisation_form import meant_organisation, organisation_sections
from api.web.registers.showing import Crumb, back, done, show
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.container import Container
from app.services import keys, mergers, organisations, people, registers
from domain.actors import Action, OrganisationKind, may
from domain.events import Kind
from domain.identifiers import OrganisationId

LIST = Crumb(marked("Organisaties"), "/beheer")
_PER_PAGE = 50
_STATUSES = {"": "active", "beeindigd": "ended", "alle": None}


def path_of(organisation_id: object) -> str:
    """Where an organisation's page is."""
    return f"/beheer/organisaties/{organisation_id}"


def crumb_of(organisation: dict[str, Any]) -> Crumb:
    """The step to an organisation."""
    return Crumb(organisation["name"], path_of(organisation["id"]))


async def organisation_of(container: Container, organisation_id: object) -> dict[str, Any]:
    """An organisation as it stands. Raises NotFound."""
    return await registers.get_state(container, Kind.ORGANISATION, organisation_id)


async def organisations_page(request: Request) -> Response:
    """Those that are looked for."""
    asked = request.query_params
    container = container_of(request)
    text, kind = asked.get("zoek", "").strip()[:100], asked.get("soort", "")
    region, status = asked.get("regio", ""), asked.get("status", "")
    number = _page_number(asked.get("pagina", ""))
    found = await registers.search_organisations(
        container,
        text,
        OrganisationKind(kind) if kind in list(OrganisationKind) else None,
        int(region) if region.isascii() and region.isdigit() and len(region) < 6 else None,
        _STATUSES.get(status, "active"),
        limit=_PER_PAGE,
        offset=(number - 1) * _PER_PAGE,
    )
    regions = await registers.regions(container)
    context = {
        "found": found,
        "regions": {each["id"]: each["name"] for each in regions},
        "asked": {"zoek": text, "soort": kind, "regio": region, "status": status},
        "number": number,
        "pages": max(1, -(-found.total // _PER_PAGE)),
    }
    return show(request, "beheer_organisaties.html", context)


async def organisation_page(request: Request) -> Response:
    """All that the registers hold of one, as far as the reader may see it."""
    container, actor = container_of(request), actor_of(request)
    organisation = await organisation_of(container, request.path_params["id"])
    organisation_id = UUID(organisation["id"])

    async def owned(kind: Kind) -> list[dict[str, Any]]:
        return await registers.states_of_organisation(container, kind, organisation_id)

    heir = organisation["merged_into"]
    context: dict[str, Any] = {
        "organisation": organisation,
        "heir": await organisation_of(container, heir) if heir else None,
        "regions": {each["id"]: each["name"] for each in await registers.regions(container)},
        "locations": await owned(Kind.LOCATION),
        "pools": await owned(Kind.POOL),
        "teams": await owned(Kind.HOME_CARE_TEAM),
        "keys": [],
        "sources": [],
        "people": [],
        "crumbs": [Crumb(LIST.text, await back(request, LIST.path))],
    }
    if may(actor, Action.KEY_READ):
        listed = await keys.list_keys(container)
        context["keys"] = [each for each in listed if each.organisation_id == organisation_id]
    if may(actor, Action.SOURCE_READ):
        context["sources"] = await registers.sources_of(container, organisation_id)
    if may(actor, Action.PERSON_READ):
        context["people"] = [
            (person, membership)
            for person in await people.list_people(container)
            for membership in person.memberships
            if membership.organisation_id == organisation_id
        ]
    return show(request, "beheer_organisatie.html", context)


async def new_organisation(request: Request) -> Response:
    """A form for one more."""
    container = container_of(request)
    regions = await registers.regions(container)

    async def save(given: dict[str, Any], sent: Submission) -> str:
        written = await organisations.create_organisation(
            container,
            actor_of(request),
            meant_organisation(given),
            sent.request,
            address_of(request),
        )
        return done(path_of(written.id), "gemaakt")

    editor = Editor(
        marked("Nieuwe organisatie"),
        "",
        await organisation_sections(container),
        [LIST],
        LIST.path,
        save,
        marked("Organisatie maken"),
        preset={"regions": [regions[0]["id"]] if len(regions) == 1 else []},
        clash="/agb",
    )
    return await edit(request, editor)


async def change_organisation(request: Request) -> Response:
    """A form with what stands."""
    container = container_of(request)
    standing = await organisation_of(container, request.path_params["id"])
    here = path_of(standing["id"])

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await organisations.change_organisation(
            container,
            actor_of(request),
            OrganisationId(UUID(standing["id"])),
            meant_organisation(given),
            sent.version,
            address_of(request),
        )
        return done(here, "bewaard")

    editor = Editor(
        marked("Organisatie wijzigen"),
        standing["name"],
        await organisation_sections(container),
        [LIST, crumb_of(standing)],
        here,
        save,
        standing=standing,
        clash="/agb",
    )
    return await edit(request, editor)


async def close_organisation(request: Request) -> Response:
    """Asks before it ends."""
    container = container_of(request)
    standing = await organisation_of(container, request.path_params["id"])
    here = path_of(standing["id"])

    async def act(sent: Submission) -> str:
        await organisations.close_organisation(
            container,
            actor_of(request),
            OrganisationId(UUID(standing["id"])),
            sent.version,
            address_of(request),
        )
        return done(here, "beeindigd")

    question = Question(
        marked("Organisatie beëindigen"),
        standing["name"],
        [
            marked("De sleutels worden ingetrokken en niemand werkt er meer voor."),
            marked("De geschiedenis blijft. Dit kunt u niet terugdraaien."),
        ],
        marked("Organisatie beëindigen"),
        [LIST, crumb_of(standing)],
        here,
        act,
        standing["version"],
        await _in_use(container, UUID(standing["id"])),
    )
    return await ask(request, question)


async def merge_organisation(request: Request) -> Response:
    """Asks which other one takes all of it over."""
    container = container_of(request)
    standing = await organisation_of(container, request.path_params["id"])
    others = [
        one for one in await registers.organisation_names(container) if one[0] != standing["id"]
    ]
    into = Choice(
        name="into",
        label=marked("Gaat op in"),
        hint=marked("Deze organisatie neemt alles over; de andere eindigt."),
        options=others,
        required=True,
    )

    async def save(given: dict[str, Any], sent: Submission) -> str:
        written = await mergers.merge_organisation(
            container,
            actor_of(request),
            OrganisationId(UUID(standing["id"])),
            OrganisationId(UUID(given["into"])),
            sent.version,
            address_of(request),
        )
        return done(path_of(written.id), "samengevoegd")

    editor = Editor(
        marked("Samenvoegen met een andere organisatie"),
        standing["name"],
        [
            Section(
                "",
                (into,),
                marked(
                    "Locaties, pools, teams, bronnen, sleutels, personen en regio's gaan mee, met hun"
                    " cijfers en geschiedenis. Dit kunt u niet terugdraaien."
                ),
            )
        ],
        [LIST, crumb_of(standing)],
        path_of(standing["id"]),
        save,
        marked("Samenvoegen"),
        standing=standing,
    )
    return await edit(request, editor)


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    write = Action.REGISTER_WRITE
    one = "/beheer/organisaties/{id:uuid}"
    return [
        page("/beheer", organisations_page, asks=Action.REGISTER_VIEW),
        page("/beheer/organisaties/nieuw", new_organisation, asks=write, methods=both),
        page(one, organisation_page, asks=Action.REGISTER_VIEW),
        page(f"{one}/wijzigen", change_organisation, asks=write, methods=both),
        page(f"{one}/beeindigen", close_organisation, asks=write, methods=both),
        page(f"{one}/samenvoegen", merge_organisation, asks=write, methods=both),
    ]


async def _in_use(container: Container, organisation_id: UUID) -> dict[str, int]:
    counts = {}
    for name, kind in (
        ("locations", Kind.LOCATION),
        ("pools", Kind.POOL),
        ("home_care_teams", Kind.HOME_CARE_TEAM),
    ):
        owned = await registers.states_of_organisation(container, kind, organisation_id)
        counts[name] = sum(each["status"] == "active" for each in owned)
    return {name: count for name, count in counts.items() if count}


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 5 and int(text) else 1
