"""uvicorn's WebSocket protocol, with one door added: writing a frame that was made once for all.

ASGI's `send` is a coroutine that frames each message anew for each client and waits on a slow one.
A hub with thousands of clients needs neither: it has the frame, and drops who doesn't take it.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

#: Where a socket's scope holds its FrameWriter.
EXTENSION = "verkeerstoren.frames"
#: What may wait for a client that doesn't read; one more message and it is closed.
MAX_WAITING_BYTES = 1024 * 1024
#: After a close the client has this long to take what is waiting.
_CLOSE_SECONDS = 5.0


class LiveProtocol(WebSocketsSansIOProtocol):
    """Give this class to uvicorn as `ws`."""

    def handle_connect(self, event: Request) -> None:
        """As uvicorn does; the application finds the frame writer in its scope."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = FrameWriter(self)

    def handle_close(self, event: Frame) -> None:
        """As uvicorn does, which would wait for ever until a client takes what is still waiting."""
        super().handle_close(event)
        self.cut_later()

    def keepalive_timeout(self) -> None:
        """As uvicorn does, which would neither tell the application nor stop waiting."""
        super().keepalive_timeout()
        self.tell_gone(1011, "keepalive ping timeout")
        self.cut_later()

    def shutdown(self) -> None:
        """As uvicorn does, which would stumble over a client that is just leaving."""
        if not self.transport.is_closing():
            super().shutdown()

    def tell_gone(self, code: int, reason: str) -> None:
        """Lets the application know that its client has left."""
        disconnect: Any = {"type": "websocket.disconnect", "code": code, "reason": reason}
        self.queue.put_nowait(disconnect)

    def cut_later(self) -> None:
        """Cuts the line when the client is not gone by itself in time."""
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)


class FrameWriter:
    """Writes ready frames to one client. Nothing here waits, except `drained`."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: LiveProtocol) -> None:
        self._protocol = protocol

    def write(self, frame: bytes) -> bool:
        """Sends; False when too much was waiting already, and nothing was sent."""
        protocol = self._protocol
        transport = protocol.transport
        if protocol.close_sent or transport.is_closing() or not protocol.handshake_complete:
            return True
        if not protocol.writable.is_set() and (
            transport.get_write_buffer_size() > MAX_WAITING_BYTES
        ):
            return False
        transport.write(frame)
        return True

    async def drained(self) -> None:
        """Waits until the client has taken most of what was written, or is gone."""
        await self._protocol.writable.wait()

    @property
    def gone(self) -> bool:
        """Whether nothing more will arrive there."""
        return self._protocol.close_sent or self._protocol.transport.is_closing()

    def close(self, code: int, reason: str) -> None:
        """Says goodbye, and cuts the line when the client doesn't answer in time."""
        protocol = self._protocol
        if self.gone:
            return
        protocol.conn.send_close(code, reason)
        protocol.transport.write(b"".join(protocol.conn.data_to_send()))
        protocol.close_sent = True
        protocol.tell_gone(code, reason)
        if protocol.read_paused:
            protocol.read_paused = False
            protocol.transport.resume_reading()
        protocol.cut_later()
