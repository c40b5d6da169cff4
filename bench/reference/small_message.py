"""A bare WebSocket endpoint on the same server settings: answers the first message with one small message."""

from starlette.types import Receive, Scope, Send

from bench.reference.settings import serve

_GREETING = '{"type":"subscribed"}'


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept, greet whoever spoke, stay."""
    if scope["type"] != "websocket":
        return
    while True:
        event = await receive()
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": _GREETING})
        else:
            return


if __name__ == "__main__":
    serve(app)
