"""Locations: looked at, made, changed, given to another owner and closed."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.fields import Choice
from api.web.language import marked
from api.web.registers.editing import Editor, Question, Submission, ask, edit
from api.web.registers.location_form import gemeente_names, location_sections, meant_location
from api.web.registers.organisations import LIST, crumb_of, organisation_of, path_of
from api.web.registers.owners import new_owner
from api.web.registers.showing import Crumb, done, show
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.container import Container
from app.services import locations, registers
from domain.actors import Action
from domain.events import Kind
from domain.identifiers import LocationId, OrganisationId, RegionId


def location_path(location_id: object) -> str:
    """Where a location's page is."""
    return f"/beheer/locaties/{location_id}"


async def location_crumbs(container: Container, location: dict[str, Any]) -> list[Crumb]:
    """The steps to a location's page, and to it."""
    owner = await organisation_of(container, location["organisation_id"])
    return [LIST, crumb_of(owner), Crumb(location["name"], location_path(location["id"]))]


async def location_page(request: Request) -> Response:
    """One building with its pools."""
    container = container_of(request)
    location = await _standing(request)
    context = {
        "location": location,
        "owner": await organisation_of(container, location["organisation_id"]),
        "pools": await registers.pools_at(container, UUID(location["id"])),
        "gemeente": (await gemeente_names(container)).get(location["gemeente"] or "", ""),
        "region": (await registers.get_state(container, Kind.REGION, location["region_id"]))[
            "name"
        ],
        "crumbs": (await location_crumbs(container, location))[:-1],
    }
    return show(request, "beheer_locatie.html", context)


async def new_location(request: Request) -> Response:
    """A form for one more of an organisation."""
    container = container_of(request)
    owner = await organisation_of(container, request.path_params["id"])
    regions = [
        (str(each["id"]), each["name"])
        for each in await registers.regions(container)
        if each["id"] in owner["regions"]
    ]

    async def save(given: dict[str, Any], sent: Submission) -> str:
        written = await locations.create_location(
            container,
            actor_of(request),
            OrganisationId(UUID(owner["id"])),
            RegionId(int(given["region_id"])),
            meant_location(given, {}),
            sent.request,
            address_of(request),
        )
        return done(location_path(written.id), "gemaakt")

    region = Choice(name="region_id", label=marked("Regio"), options=regions, required=True)
    editor = Editor(
        marked("Nieuwe locatie"),
        owner["name"],
        await location_sections(container, {}, region),
        [LIST, crumb_of(owner)],
        path_of(owner["id"]),
        save,
        marked("Locatie maken"),
        preset={"region_id": regions[0][0]} if len(regions) == 1 else {},
    )
    return await edit(request, editor)


async def change_location(request: Request) -> Response:
    """A form with what stands. What follows from the postcode is left empty, so that it follows on."""
    container = container_of(request)
    location = await _standing(request)
    postcode = location["postcode"][:4]
    known = await registers.find_postcode(container, postcode) or {}
    standing = dict(location)
    if (location["latitude"], location["longitude"]) == (
        known.get("latitude"),
        known.get("longitude"),
    ):
        standing["latitude"] = standing["longitude"] = None
    if location["gemeente"] == known.get("gemeente"):
        standing["gemeente"] = None

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await locations.change_location(
            container,
            actor_of(request),
            LocationId(UUID(location["id"])),
            meant_location(given, location),
            sent.version,
            address_of(request),
        )
        return done(location_path(location["id"]), "bewaard")

    editor = Editor(
        marked("Locatie wijzigen"),
        location["name"],
        await location_sections(container, location),
        await location_crumbs(container, location),
        location_path(location["id"]),
        save,
        standing=standing,
    )
    return await edit(request, editor)


async def close_location(request: Request) -> Response:
    """Asks before it ends."""
    container = container_of(request)
    location = await _standing(request)
    pools = await registers.pools_at(container, UUID(location["id"]))
    active = sum(pool["status"] == "active" for pool in pools)

    async def act(sent: Submission) -> str:
        await locations.close_location(
            container,
            actor_of(request),
            LocationId(UUID(location["id"])),
            sent.version,
            address_of(request),
        )
        return done(location_path(location["id"]), "beeindigd")

    question = Question(
        marked("Locatie beëindigen"),
        location["name"],
        [marked("De geschiedenis blijft. Dit kunt u niet terugdraaien.")],
        marked("Locatie beëindigen"),
        await location_crumbs(container, location),
        location_path(location["id"]),
        act,
        location["version"],
        {"pools": active} if active else {},
    )
    return await ask(request, question)


async def transfer_location(request: Request) -> Response:
    """Asks which organisation gets it, with the pools there that are its owner's."""
    container = container_of(request)
    location = await _standing(request)

    async def give(to: OrganisationId, sent: Submission) -> None:
        await locations.transfer_location(
            container,
            actor_of(request),
            LocationId(UUID(location["id"])),
            to,
            sent.version,
            address_of(request),
        )

    return await new_owner(
        request,
        location,
        marked("Locatie overdragen"),
        marked("De pools van de eigenaar gaan mee, met hun cijfers en geschiedenis."),
        await location_crumbs(container, location),
        location_path(location["id"]),
        give,
    )


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    write = Action.REGISTER_WRITE
    one = "/beheer/locaties/{id:uuid}"
    new = "/beheer/organisaties/{id:uuid}/locaties/nieuw"
    return [
        page(new, new_location, asks=write, methods=both),
        page(one, location_page, asks=Action.REGISTER_VIEW),
        page(f"{one}/wijzigen", change_location, asks=write, methods=both),
        page(f"{one}/beeindigen", close_location, asks=write, methods=both),
        page(f"{one}/overdragen", transfer_location, asks=write, methods=both),
    ]


async def _standing(request: Request) -> dict[str, Any]:
    return await registers.get_state(
        container_of(request), Kind.LOCATION, request.path_params["id"]
    )
