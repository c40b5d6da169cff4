"""A client of `/v1/live` on a bare socket, that reads only when it is told to."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from tests.support.serving import Serving

#: The system's own buffer on this side; small, so that the server feels soon that nobody reads.
_RECEIVE_BYTES = 8192


class StallingClient:
    """One connection; nothing is read from it in between calls."""

    def __init__(self, api: Serving) -> None:
        self._address = urlsplit(api.live_url)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
        self._socket.setblocking(False)
        self.protocol = ClientProtocol(parse_uri(api.live_url), max_size=None)
        self.messages: list[Any] = []
        self.reset = False

    async def subscribe(self, key: str, **options: Any) -> None:
        """Connects, asks, and reads no further than the server's answer to the handshake."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, (self._address.hostname, self._address.port))
        self.protocol.send_request(self.protocol.connect())
        await self._send()
        while self.protocol.state is State.CONNECTING:
            assert await self._read(1)
            assert self.protocol.handshake_exc is None
        message = {"type": "subscribe", "token": key, "topics": ["capacity"], **options}
        self.protocol.send_text(json.dumps(message).encode())
        await self._send()

    async def read_until(self, kind: str, seconds: float = 10) -> Any:
        """Reads up to and with a message of this type; what came along with it is kept."""
        async with asyncio.timeout(seconds):
            while True:
                for message in self.messages:
                    if message["type"] == kind:
                        return message
                assert await self._read()

    async def read_rest(self, seconds: float = 10) -> int | None:
        """Reads all there is until the end; answers with the close code, None when it was cut off."""
        async with asyncio.timeout(seconds):
            while await self._read():
                pass
        return self.protocol.close_rcvd.code if self.protocol.close_rcvd else None

    async def say_goodbye(self) -> None:
        """Sends a close frame, without reading the answer."""
        self.protocol.send_close(1000)
        await self._send()

    async def _send(self) -> None:
        for data in self.protocol.data_to_send():
            await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def _read(self, at_most: int = 65_536) -> bool:
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, at_most)
        except ConnectionResetError:
            self.reset = True
            return False
        if not data:
            return False
        self.protocol.receive_data(data)
        if self.protocol.state is not State.CONNECTING:
            for event in self.protocol.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    self.messages.append(json.loads(bytes(event.data)))
        return True

    def close(self) -> None:
        """Gone without a word."""
        self._socket.close()


@asynccontextmanager
async def stalling(api: Serving, key: str, **options: Any) -> AsyncIterator[StallingClient]:
    """A client that has subscribed and reads nothing."""
    client = StallingClient(api)
    try:
        await client.subscribe(key, **options)
        yield client
    finally:
        client.close()
