"""Klopt nog: what was shown is true now. What changed meanwhile is not confirmed but shown."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.web.capacity.answers import back, refused, translated, wants_data
from api.web.capacity.showing import chosen
from api.web.capacity.views import sheet_of
from api.web.rendering import container_of
from api.web.routes import page
from api.web.times import clock
from api.web.visitor import actor_of, address_of
from app.services.own_sources import credential_of
from app.services.report_batches import PoolReference, Shown, report_many
from domain.actors import Action
from domain.capacity import SourceKind
from domain.errors import InvalidInput, Problem
from domain.identifiers import PoolId, TeamId

#: Figures of one page.
_MOST = 500


async def confirm(request: Request) -> Response:
    """Confirms the versions that were shown, each by itself."""
    container, actor = container_of(request), actor_of(request)
    form = await request.form()
    asked = [
        *_shown(form.getlist("plaats"), team=False),
        *_shown(form.getlist("team"), team=True),
    ]
    credential = await credential_of(container, actor, SourceKind.PAGE)
    answers = await report_many(
        container, credential, [one for _, one in asked], address=address_of(request)
    )
    problems = {
        subject: answer
        for (subject, _), answer in zip(asked, answers, strict=True)
        if isinstance(answer, Problem)
    }
    for answer in answers:
        if not isinstance(answer, Problem):
            board = container.board.regions[answer.position.region_id]
            await board.reach(answer.position.number)
    if wants_data(request):
        _ = translated(request)
        text = _("bevestigd %(time)s") % {"time": clock(container.now())}
        return JSONResponse(
            {
                "tekst": text,
                "bevestigd": [str(subject) for subject, _ in asked if subject not in problems],
                "anders": {
                    str(subject): refused(request, subject, problem).text
                    for subject, problem in problems.items()
                },
            }
        )
    sheet = sheet_of(container, actor, chosen(request))
    return back(sheet.address, m="deels" if problems else "bevestigd")


def routes() -> list[Route]:
    """The paths of this module."""
    asks = Action.CAPACITY_REPORT
    return [page("/mijn-capaciteit/klopt", confirm, asks=asks, methods=["POST"])]


def _shown(
    told: Sequence[object], *, team: bool
) -> Iterator[tuple[UUID, tuple[PoolReference, Shown]]]:
    """The subjects with their versions, each once. Raises InvalidInput."""
    if len(told) > _MOST:
        raise InvalidInput("Dit zijn te veel cijfers tegelijk.")
    for text in dict.fromkeys(map(str, told)):
        subject, _, version = text.partition(":")
        try:
            subject_id, number = UUID(subject), int(version)
        except ValueError as error:
            raise InvalidInput("Dit formulier klopt niet. Ververs de pagina.") from error
        if team:
            yield subject_id, (PoolReference(), Shown(number, TeamId(subject_id)))
        else:
            yield subject_id, (PoolReference(pool_id=PoolId(subject_id)), Shown(number))
