"""Regions: listed, made and renamed."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.fields import Number, Text
from api.web.language import marked
from api.web.registers import fields
from api.web.registers.editing import Editor, Section, Submission, edit
from api.web.registers.showing import Crumb, done, show
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.services import regions, registers
from domain.actors import Action
from domain.errors import InvalidInput
from domain.events import Kind
from domain.identifiers import RegionId

LIST = Crumb(marked("Regio's"), "/beheer/regios")
_HIGHEST = 32767
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE = Text(
    name="code",
    label=marked("Korte naam"),
    hint=marked("Voor koppelingen: kleine letters, cijfers en streepjes, bijvoorbeeld haaglanden."),
    most=50,
    required=True,
)


async def regions_page(request: Request) -> Response:
    """All of them."""
    context = {"regions": await registers.regions(container_of(request))}
    return show(request, "beheer_regios.html", context)


async def new_region(request: Request) -> Response:
    """A form for one more."""
    number = Number(
        name="id",
        label=marked("Nummer"),
        hint=marked("Waaronder koppelingen de regio kennen. Het verandert nooit meer."),
        least=1,
        most=_HIGHEST,
        required=True,
    )

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await regions.create_region(
            container_of(request),
            actor_of(request),
            RegionId(given["id"]),
            _slug(given["code"]),
            given["name"],
            sent.request,
            address_of(request),
        )
        return done(LIST.path, "gemaakt")

    editor = Editor(
        marked("Nieuwe regio"),
        "",
        [Section("", (fields.NAME, _CODE, number))],
        [LIST],
        LIST.path,
        save,
        marked("Regio maken"),
        clash="/id",
    )
    return await edit(request, editor)


async def change_region(request: Request) -> Response:
    """A form with what stands."""
    region = await registers.get_state(
        container_of(request), Kind.REGION, request.path_params["id"]
    )

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await regions.change_region(
            container_of(request),
            actor_of(request),
            RegionId(region["id"]),
            _slug(given["code"]),
            given["name"],
            sent.version,
            address_of(request),
        )
        return done(LIST.path, "bewaard")

    editor = Editor(
        marked("Regio wijzigen"),
        region["name"],
        [Section("", (fields.NAME, _CODE))],
        [LIST],
        LIST.path,
        save,
        standing=region,
        clash="/code",
    )
    return await edit(request, editor)


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    write = Action.REGISTER_WRITE
    change = "/beheer/regios/{id:int}/wijzigen"
    return [
        page(LIST.path, regions_page, asks=Action.REGISTER_VIEW),
        page("/beheer/regios/nieuw", new_region, asks=write, methods=both),
        page(change, change_region, asks=write, methods=both),
    ]


def _slug(text: str) -> str:
    if _SLUG.fullmatch(text) is None:
        raise InvalidInput(marked("Alleen kleine letters, cijfers en streepjes ertussen."), "/code")
    return text
