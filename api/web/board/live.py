"""`/bord/live`: what changes on a board goes to the pages that show it.

A browser signs in with its session's cookie, and only from a page of ours. Which feed it has and how
far it is stands in the address, so that it goes on where it was.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from starlette.requests import cookie_parser
from starlette.types import Receive, Scope, Send

from api.protocol import EXTENSION, FrameWriter
from api.web.board.feed import BoardFeed, BoardFeeds
from api.web.language import COOKIE, DUTCH, LANGUAGES
from api.web.visitor import number_of, session_cookie
from app.live.closing import Close
from app.live.messages import Message
from domain.actors import Action, Target, may
from domain.errors import NotSignedIn, Problem, Unavailable
from domain.identifiers import EVERYWHERE, RegionId

if TYPE_CHECKING:
    from app.container import Container

#: An open board is use of its session; this often it is told so, and asked whether it still holds.
STILL_THERE_SECONDS = 60.0


class BoardViewer:
    """One page that shows a board."""

    def __init__(self, writer: FrameWriter, session_id: UUID) -> None:
        self.credential_id: UUID | None = session_id
        self._writer = writer

    def write(self, message: Message) -> None:
        """Sends, or closes a page that has stopped reading."""
        if not self._writer.write(message.frame):
            self.close(Close.SLOW)

    def close(self, reason: Close, /) -> None:
        """Ends the connection."""
        self._writer.close(reason, reason.reason)

    def close_restarting(self) -> None:
        """Sends the page away to come back."""
        self.close(Close.STARTING)

    def restart(self, reason: str) -> None:
        """The feed notices a replaced stream by itself, and says so."""


class BoardLive:
    """The ASGI application behind the address."""

    def __init__(self, feeds: BoardFeeds, base_url: str) -> None:
        self._feeds = feeds
        self._cookie = session_cookie(base_url)
        self._origin = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One page's socket, from its handshake to its end."""
        await receive()
        container: Container = scope["app"].state.container
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        await send({"type": "websocket.accept"})
        writer: FrameWriter = scope["extensions"][EXTENSION]
        if not self._from_our_page(headers):
            writer.close(Close.NOT_ALLOWED, Close.NOT_ALLOWED.reason)
            return
        cookies = cookie_parser(headers.get(b"cookie", ""))
        asked = {
            name: values[0]
            for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()
        }
        try:
            await self._serve(container, writer, cookies, asked, receive)
        except NotSignedIn:
            writer.close(Close.NOT_SIGNED_IN, Close.NOT_SIGNED_IN.reason)
        except Problem:
            writer.close(Close.STARTING, Close.STARTING.reason)

    async def _serve(
        self,
        container: "Container",
        writer: FrameWriter,
        cookies: dict[str, str],
        asked: dict[str, str],
        receive: Receive,
    ) -> None:
        token = cookies.get(self._cookie, "")
        session = await container.sessions.find(token)
        viewer = BoardViewer(writer, session.id)
        # Registered first, checked again after: an end in between finds us in the hub.
        container.hub.register(viewer)
        try:
            session = await container.sessions.find(token)
            region_id = RegionId(number_of(asked.get("regio", "")) or EVERYWHERE)
            if (
                session.actor is None
                or region_id == EVERYWHERE
                or not may(session.actor, Action.BOARD_VIEW, Target(region_id))
            ):
                viewer.close(Close.NOT_ALLOWED)
                return
            if region_id not in container.board.regions:
                viewer.close(Close.STARTING)
                return
            language = cookies.get(COOKIE, DUTCH)
            feed = self._feeds.get(
                container, region_id, language if language in LANGUAGES else DUTCH
            )
            self._begin(feed, viewer, asked)
            try:
                await self._until_gone(container, token, receive)
            finally:
                feed.leave(viewer)
        finally:
            container.hub.forget(viewer)

    def _begin(self, feed: BoardFeed, viewer: BoardViewer, asked: dict[str, str]) -> None:
        """Brings a page up to the present and lets it hear what comes; nothing happens in between."""
        seq = number_of(asked.get("na", ""))
        missed = feed.since(asked.get("feed", ""), -1 if seq is None else seq)
        viewer.write(missed if missed is not None else feed.reload())
        feed.join(viewer)

    async def _until_gone(self, container: "Container", token: str, receive: Receive) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            while not gone.done():
                await asyncio.wait({gone}, timeout=STILL_THERE_SECONDS)
                if not gone.done():
                    # Without a database nobody can tell; a board that is open goes on, and its beats
                    # say how old it is.
                    with suppress(Unavailable):
                        await container.sessions.find(token)
        finally:
            gone.cancel()

    def _from_our_page(self, headers: dict[bytes, str]) -> bool:
        """Browsers let any page open a socket, with our cookies; the origin tells which page it was."""
        origin = headers.get(b"origin", "")
        host = headers.get(b"host", "")
        return origin == self._origin or (bool(host) and urlsplit(origin).netloc == host)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass
