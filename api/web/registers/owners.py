"""Giving a location, a pool or a team to another organisation."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.web.fields import Choice
from api.web.language import marked
from api.web.registers.editing import Editor, Section, Submission, edit
from api.web.registers.showing import Crumb, done
from api.web.rendering import container_of
from app.services import registers
from domain.identifiers import OrganisationId


async def new_owner(
    request: Request,
    standing: dict[str, Any],
    title: str,
    told: str,
    crumbs: Sequence[Crumb],
    here: str,
    give: Callable[[OrganisationId, Submission], Awaitable[None]],
) -> Response:
    """Asks which organisation gets what stands, and gives it."""
    others = [
        one
        for one in await registers.organisation_names(container_of(request))
        if one[0] != standing["organisation_id"]
    ]
    to = Choice(
        name="organisation_id",
        label=marked("Nieuwe eigenaar"),
        hint=marked("Een organisatie die in dezelfde regio werkt."),
        options=others,
        required=True,
    )

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await give(OrganisationId(UUID(given["organisation_id"])), sent)
        return done(here, "overgedragen")

    # The field begins empty: what stands is the one that gives.
    now = {**standing, "organisation_id": None}
    editor = Editor(
        title,
        standing["name"],
        [Section("", (to,), told)],
        crumbs,
        here,
        save,
        marked("Overdragen"),
        standing=now,
    )
    return await edit(request, editor)
