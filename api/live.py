"""`WS /v1/live`: sign in, subscribe, and from then on every event of a region.

Plain ASGI: a socket costs one task that waits for the client, and nothing else while it is quiet.
"""

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Message as AsgiMessage
from starlette.types import Receive, Scope, Send

from api.audiences import audience_of
from api.catch_up import catch_up
from api.protocol import EXTENSION, FrameWriter
from app.live import messages
from app.live.closing import Close
from app.live.hub import HEARTBEAT_SECONDS, Audience
from app.live.messages import Message
from domain.errors import NotSignedIn, Problem
from domain.events import Position, Topic
from domain.identifiers import EVERYWHERE, RegionId

if TYPE_CHECKING:
    from app.container import Container
    from app.security.keys import Credential

#: The first message must be there by then.
SIGN_IN_SECONDS = 5.0
#: A client that takes longer over a part of its snapshot or backlog is sent away to come back.
_DRAIN_SECONDS = 30.0
_MAX_MESSAGE = 4096

log = structlog.get_logger()


class Subscribe(BaseModel):
    """The first and only message of a client."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["subscribe"]
    token: Annotated[str, Field(max_length=100)]
    region: Annotated[int, Field(ge=0, le=32767)] | None = None
    topics: Annotated[list[Topic], Field(min_length=1, max_length=10)]
    after: Annotated[str, Field(max_length=64)] | None = None
    latest: bool = False


class _Refused(Exception):
    def __init__(self, close: Close, code: str, detail: str) -> None:
        super().__init__(detail)
        self.close = close
        self.code = code
        self.detail = detail


class LiveSocket:
    """One client. To the hub it is a Connection."""

    def __init__(self, container: "Container", writer: FrameWriter) -> None:
        self._container = container
        self._writer = writer
        self._audience: Audience | None = None
        self._starting: asyncio.Task[None] | None = None
        self.credential_id: UUID | None = None

    def write(self, message: Message) -> None:
        """Sends, or closes a client that has stopped reading."""
        if not self._writer.write(message.frame):
            self.close(Close.SLOW)

    def close(self, reason: Close, /) -> None:
        """Ends the connection; the receiving loop then cleans up."""
        self._leave()
        self._writer.close(reason, reason.reason)

    def restart(self, reason: str) -> None:
        """The stream was replaced: say so, and begin again with a snapshot."""
        assert self._audience is not None
        board = self._container.board.regions[self._audience.region_id]
        self._leave()
        self.write(messages.resync(reason, board.progress, self._container.now()))
        self._start(None)

    async def serve(self, receive: Receive) -> None:
        """Lives as long as the client does."""
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                first = await receive()
        except TimeoutError:
            self._refuse(
                _Refused(Close.TOO_LATE, "too-late", "Stuur binnen vijf seconden subscribe.")
            )
            return
        if first["type"] == "websocket.disconnect":
            return
        try:
            await self._subscribe(_parse(first))
            while (await receive())["type"] != "websocket.disconnect":
                raise _Refused(Close.BAD_MESSAGE, "bad-message", "Eén subscribe is genoeg.")
        except _Refused as refused:
            self._refuse(refused)
        finally:
            self._leave()
            self._container.hub.forget(self)

    async def _subscribe(self, subscribe: Subscribe) -> None:
        here = self._container
        try:
            credential = await here.keys.find(subscribe.token)
            # Registered first, checked again after: a revocation in between finds us in the hub.
            self.credential_id = credential.actor.id
            here.hub.register(self)
            credential = await here.keys.find(subscribe.token)
        except NotSignedIn as problem:
            raise _Refused(
                Close.NOT_SIGNED_IN, problem.code, "Stuur een geldige sleutel als token mee."
            ) from problem
        except Problem as problem:
            raise _Refused(
                Close.STARTING, problem.code, "Even niet beschikbaar; kom zo terug."
            ) from problem
        audience, after = self._permitted(subscribe, credential)
        self._audience = audience
        board = here.board.regions[audience.region_id]
        self.write(
            messages.subscribed(
                board.progress,
                here.now(),
                topics=audience.topics,
                latest=audience.latest,
                heartbeat_seconds=HEARTBEAT_SECONDS,
            )
        )
        self._start(after)

    def _permitted(
        self, subscribe: Subscribe, credential: "Credential"
    ) -> tuple[Audience, Position | None]:
        after = None
        if subscribe.after is not None:
            after = Position.parse(subscribe.after)
            if after is None:
                raise _Refused(Close.BAD_MESSAGE, "invalid-input", "after is geen positie van ons.")
        region = subscribe.region
        if region is None and after is not None:
            region = after.region_id
        if region is None:
            region = min(credential.actor.regions, default=EVERYWHERE)
        region_id = RegionId(region)
        audience = audience_of(
            credential.actor, region_id, frozenset(subscribe.topics), latest=subscribe.latest
        )
        known = region_id in self._container.board.regions
        if not known and (region_id in credential.actor.regions or not self._container.ready):
            raise _Refused(Close.STARTING, "unavailable", "De regio wordt nog gelezen; kom terug.")
        if not known or audience is None:
            raise _Refused(
                Close.NOT_ALLOWED, "not-allowed", "Deze regio of dit onderwerp mag u niet volgen."
            )
        return audience, after

    def _start(self, after: Position | None) -> None:
        if self._starting is not None:
            self._starting.cancel()
        self._starting = asyncio.create_task(self._go_live(after))

    async def _go_live(self, after: Position | None) -> None:
        assert self._audience is not None
        try:
            await catch_up(self._container, self._audience, after, self._deliver)
            if not self._writer.gone:
                self._container.hub.join(self, self._audience)
        except TimeoutError:
            self.close(Close.SLOW)
        except Problem:
            self.close(Close.STARTING)
        except Exception:
            log.exception("subscriber failed")
            self.close(Close.STARTING)

    async def _deliver(self, message: Message) -> None:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await self._writer.drained()
        self.write(message)

    def _leave(self) -> None:
        if self._starting is not None and self._starting is not asyncio.current_task():
            self._starting.cancel()
        if self._audience is not None:
            self._container.hub.leave(self, self._audience)

    def _refuse(self, refused: _Refused) -> None:
        self.write(messages.error(refused.code, refused.detail, self._container.now()))
        self.close(refused.close)


def _parse(first: AsgiMessage) -> Subscribe:
    text = first.get("text")
    if text is None or len(text) > _MAX_MESSAGE:
        raise _Refused(Close.BAD_MESSAGE, "invalid-input", "Stuur subscribe als tekst.")
    try:
        return Subscribe.model_validate_json(text)
    except ValidationError as error:
        fields = ", ".join(
            str(item["loc"][0]) if item["loc"] else "JSON" for item in error.errors()
        )
        raise _Refused(Close.BAD_MESSAGE, "invalid-input", f"Dit klopt niet: {fields}.") from error


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application behind `/v1/live`: one socket, from its handshake to its end."""
    await receive()
    writer: FrameWriter = scope["extensions"][EXTENSION]
    await send({"type": "websocket.accept"})
    await LiveSocket(scope["app"].state.container, writer).serve(receive)
