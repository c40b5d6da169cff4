"""Beds that are followed one by one: made, changed and ended, on their pool's page."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.fields import Choices, Text
from api.web.language import marked
from api.web.registers import fields, words
from api.web.registers.editing import Editor, Question, Section, Submission, ask, edit
from api.web.registers.pools import pool_crumbs, pool_path
from api.web.registers.showing import done
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.services import beds, registers
from app.services.beds import NewBed
from domain.actors import Action
from domain.events import Kind
from domain.features import Feature
from domain.identifiers import BedId, PoolId

_SECTIONS = [
    Section(
        "",
        (
            Text(
                name="name",
                label=marked("Naam"),
                hint=marked("Zoals op de deur staat, bijvoorbeeld 101."),
                required=True,
            ),
            fields.OWN_CODE,
            Choices(
                name="features",
                label=marked("Kenmerken"),
                options=fields.options_of(words.FEATURE),
            ),
        ),
    )
]


async def new_bed(request: Request) -> Response:
    """A form for one more in a pool."""
    container = container_of(request)
    pool = await registers.get_state(container, Kind.POOL, request.path_params["id"])
    here = pool_path(pool["id"])

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await beds.create_bed(
            container,
            actor_of(request),
            PoolId(UUID(pool["id"])),
            _meant(given),
            sent.request,
            address_of(request),
        )
        return done(here, "gemaakt")

    editor = Editor(
        marked("Nieuw bed"),
        pool["name"],
        _SECTIONS,
        await pool_crumbs(container, pool),
        here,
        save,
        marked("Bed maken"),
        clash="/external_id",
    )
    return await edit(request, editor)


async def change_bed(request: Request) -> Response:
    """A form with what stands."""
    container = container_of(request)
    bed, pool = await _standing(request)

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await beds.change_bed(
            container,
            actor_of(request),
            BedId(UUID(bed["id"])),
            _meant(given),
            sent.version,
            address_of(request),
        )
        return done(pool_path(pool["id"]), "bewaard")

    editor = Editor(
        marked("Bed wijzigen"),
        bed["name"],
        _SECTIONS,
        await pool_crumbs(container, pool),
        pool_path(pool["id"]),
        save,
        standing=bed,
        clash="/external_id",
    )
    return await edit(request, editor)


async def close_bed(request: Request) -> Response:
    """Asks before it ends."""
    container = container_of(request)
    bed, pool = await _standing(request)

    async def act(sent: Submission) -> str:
        await beds.close_bed(
            container,
            actor_of(request),
            BedId(UUID(bed["id"])),
            sent.version,
            address_of(request),
        )
        return done(pool_path(pool["id"]), "beeindigd")

    question = Question(
        marked("Bed beëindigen"),
        bed["name"],
        [marked("De geschiedenis blijft. Dit kunt u niet terugdraaien.")],
        marked("Bed beëindigen"),
        await pool_crumbs(container, pool),
        pool_path(pool["id"]),
        act,
        bed["version"],
    )
    return await ask(request, question)


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    write = Action.REGISTER_WRITE
    one = "/beheer/bedden/{id:uuid}"
    return [
        page("/beheer/pools/{id:uuid}/bedden/nieuw", new_bed, asks=write, methods=both),
        page(f"{one}/wijzigen", change_bed, asks=write, methods=both),
        page(f"{one}/beeindigen", close_bed, asks=write, methods=both),
    ]


async def _standing(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    container = container_of(request)
    bed = await registers.get_state(container, Kind.BED, request.path_params["id"])
    return bed, await registers.get_state(container, Kind.POOL, bed["pool_id"])


def _meant(given: dict[str, Any]) -> NewBed:
    features = tuple(Feature(code) for code in given["features"])
    return NewBed(given["external_id"], given["name"], features)
