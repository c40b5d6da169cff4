"""A raw WebSocket client: one handshake, one first message, and from then on it reads.

Just enough of RFC 6455 for a trusted server on this machine: whole unmasked text frames in, masked frames out, pings answered.
"""

import asyncio
from typing import Protocol, cast


class Listener(Protocol):
    """Whom a subscriber tells."""

    def opened(self, socket: "Socket") -> None: ...
    def message(self, socket: "Socket", payload: bytes) -> None: ...
    def closed(self, socket: "Socket", why: str) -> None: ...


def handshake(port: int, path: str) -> bytes:
    """The same key for everyone: the answer is not verified, a benchmark trusts its own server."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """A final client frame; the mask is zero, which is a mask like any other and leaves the bytes as they are."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65536:
        head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


class Socket(asyncio.Protocol):
    """One subscriber. `state` is its listener's."""

    __slots__ = ("_buffer", "_listener", "_opening", "_shaken", "_transport", "state")

    def __init__(self, listener: Listener, opening: bytes, state: object) -> None:
        self._listener = listener
        self._opening = opening
        self._shaken = False
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.state = state

    def send_raw(self, framed: bytes) -> None:
        """Write bytes that `frame` made."""
        if self._transport is not None:
            self._transport.write(framed)

    def abort(self) -> None:
        """Drop the connection, as a broken network does."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._opening)

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.closed(self, f"lost: {exc}")

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        at = 0
        if not self._shaken:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self._listener.closed(self, f"refused: {data[:200]!r}")
                return
            self._shaken = True
            self._listener.opened(self)
            at = end + 4
        size = len(data)
        while size - at >= 2:
            length = data[at + 1]
            start = at + 2
            if length == 126:
                length = int.from_bytes(data[start : start + 2], "big")
                start += 2
            elif length == 127:
                length = int.from_bytes(data[start : start + 8], "big")
                start += 8
            if size < start or size - start < length:
                break
            self._frame(data[at], data[start : start + length])
            at = start + length
        if at < size:
            self._buffer = data[at:]

    def _frame(self, first: int, payload: bytes) -> None:
        if first == 0x81:
            self._listener.message(self, payload)
        elif first == 0x89:
            if self._transport is not None:
                self._transport.write(frame(payload, opcode=10))
        elif first == 0x88:
            code = int.from_bytes(payload[:2], "big")
            self._listener.closed(self, f"closed {code}: {payload[2:].decode(errors='replace')}")
        elif first != 0x8A:
            self._listener.closed(self, f"a frame this client doesn't know: {first:#x}")
