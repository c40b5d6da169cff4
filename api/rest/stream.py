"""The stream over plain HTTP: a snapshot, and the events after a position as JSON or SSE."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from api.audiences import audience_of
from api.boards import Region, region_board
from api.catch_up import Replaced, check_there, next_events
from api.gate import recheck
from api.positions import MinPosition, parse_position, reached
from api.routing import Caller, GuardedRoute, Here, asks
from api.sse import SseConnection
from app.live import messages
from app.live.hub import Audience
from app.security.keys import Credential
from domain.actors import Action
from domain.errors import Code, InvalidInput, NotAllowed, UnknownPosition
from domain.events import Kind, Topic
from domain.identifiers import RegionId

router = APIRouter(prefix="/v1", tags=["stream"], route_class=GuardedRoute)

EVENT_STREAM = "text/event-stream"
_DEFAULT_TOPICS = "capacity,registers"


class SubjectBody(BaseModel):
    """A subject's state."""

    kind: Kind
    id: str
    data: dict[str, Any]


class EventBody(BaseModel):
    """What happened to a subject: its new state, or null when it is gone for you."""

    position: str
    kind: Annotated[str, Field(description="Ignore the ones you don't know.")]
    id: str
    at: datetime
    data: dict[str, Any] | None


class SnapshotBody(BaseModel):
    """A region's whole state. Documents what PostgreSQL has written; never made here."""

    region: int
    server_time: datetime
    position: str
    complete_at: datetime
    subjects: list[SubjectBody]


class EventsBody(BaseModel):
    """The events after a position. `position` is where to go on from, at once when there are `more`."""

    server_time: datetime
    position: str
    complete_at: datetime
    more: bool
    events: list[EventBody]


Topics = Annotated[
    str, Query(max_length=100, description=f"Separated by commas: {', '.join(Topic)}.")
]


@router.get(
    "/snapshot",
    responses={200: {"model": SnapshotBody}},
    **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.NOT_YET_THERE),
)
async def get_snapshot(
    here: Here,
    caller: Caller,
    region: Region = None,
    topics: Topics = _DEFAULT_TOPICS,
    min_position: MinPosition = None,
) -> Response:
    """A region's whole state at one position; follow on with `/v1/events?after=`."""
    await reached(here, min_position)
    wanted = _topics(topics)
    board = region_board(here, caller, region, Action.CAPACITY_READ)
    audience = _audience(caller, board.region_id, wanted)
    check_there(board, audience)
    progress, subjects = board.snapshot(audience.topics, audience.owner_id)
    body = (
        f'{{"region":{board.region_id},{progress.text(here.now())},'
        f'"subjects":[{",".join(subjects)}]}}'
    )
    return Response(body, media_type="application/json")


@router.get(
    "/events",
    responses={
        200: {"model": EventsBody, "content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
    },
    **asks(Action.CAPACITY_READ, Code.NOT_FOUND, Code.UNKNOWN_POSITION),
)
async def get_events(
    request: Request,
    here: Here,
    caller: Caller,
    after: Annotated[str | None, Query(max_length=64)] = None,
    topics: Topics = _DEFAULT_TOPICS,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
    region: Region = None,
    latest: bool = False,
) -> Response:
    """The events after a position: as JSON, or without end as SSE when `Accept` asks for it.

    `position` is where to go on from; `more` tells that there are more at once. As SSE, without a
    position (`after` or `Last-Event-ID`) a snapshot comes first.
    """
    wanted = _topics(topics)
    streaming = EVENT_STREAM in request.headers.get("accept", "")
    if streaming:
        after = request.headers.get("last-event-id") or after
    position = parse_position(after, "after") if after else None
    if position is None and not streaming:
        raise InvalidInput(
            "Geef after: een positie van /v1/snapshot of van een gebeurtenis.", "after"
        )
    board = region_board(
        here, caller, position.region_id if position else region, Action.CAPACITY_READ
    )
    audience = _audience(caller, board.region_id, wanted, latest=latest)
    if streaming:
        connection = SseConnection(here, caller.actor.id, audience)
        return StreamingResponse(
            connection.stream(position, recheck=lambda: recheck(request)), media_type=EVENT_STREAM
        )
    assert position is not None
    try:
        events = await next_events(here, audience, position, limit)
    except Replaced as replaced:
        raise UnknownPosition from replaced
    reached_position = events[-1].position if events else position
    board = here.board.regions[board.region_id]
    progress = messages.Progress(reached_position, board.complete_at)
    more = reached_position.number < board.position.number
    texts = ",".join(event.text for event in audience.heard(events))
    body = (
        f'{{{progress.text(here.now())},"more":{"true" if more else "false"},"events":[{texts}]}}'
    )
    return Response(body, media_type="application/json")


def _topics(text: str) -> frozenset[Topic]:
    known = {topic.value: topic for topic in Topic}
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or any(name not in known for name in names):
        raise InvalidInput(f"Kies uit: {', '.join(known)}.", "topics")
    return frozenset(known[name] for name in names)


def _audience(
    caller: Credential, region_id: RegionId, topics: frozenset[Topic], *, latest: bool = False
) -> Audience:
    audience = audience_of(caller.actor, region_id, topics, latest=latest)
    if audience is None:
        raise NotAllowed
    return audience
