"""`websockets.broadcast()` from a bare websockets server: the least that sending the same bytes to all can cost.

Takes JSON lines on stdin, `{"messages": […], "pace": seconds}`, broadcasts each message at that pace and answers `{}`.
"""

import argparse
import asyncio
import sys

import orjson
import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

_connections: set[ServerConnection] = set()


async def _keep(connection: ServerConnection) -> None:
    _connections.add(connection)
    try:
        await connection.wait_closed()
    finally:
        _connections.discard(connection)


async def main(port: int) -> None:
    """Serve until stdin ends."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 28)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with serve(_keep, "127.0.0.1", port, compression=None, backlog=4096):
        while line := await lines.readline():
            order = orjson.loads(line)
            started = loop.time()
            for number, message in enumerate(order["messages"]):
                await asyncio.sleep(max(0.0, started + number * order["pace"] - loop.time()))
                broadcast(_connections, message)
            sys.stdout.write("{}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(main(parser.parse_args().port))
