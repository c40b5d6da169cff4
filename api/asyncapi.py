"""The AsyncAPI document of the socket, made from the same types that the code runs on."""

from typing import Any

from api.live import SIGN_IN_SECONDS, Subscribe
from app.live.closing import Close
from app.live.hub import HEARTBEAT_SECONDS, MAX_TICK_SECONDS, TICK_SECONDS
from domain.events import OWNED, TOPIC_OF, Kind

_TIME = {"type": "string", "format": "date-time"}
_POSITION = {"type": "string", "pattern": "^[0-9]+:[0-9]+:[0-9]+:[0-9a-f]{8}$"}
_PROGRESS = {
    "server_time": _TIME,
    "position": {**_POSITION, "description": "Complete up to here once this message is in."},
    "complete_at": {**_TIME, "description": "When that position was last known to be the newest."},
}
_EVENT = {
    "type": "object",
    "required": ["position", "kind", "id", "at", "data"],
    "properties": {
        "position": _POSITION,
        "kind": {"type": "string", "examples": [kind.value for kind in Kind]},
        "id": {"type": "string", "description": "The subject."},
        "at": _TIME,
        "data": {"type": ["object", "null"], "description": "Its new state; null: gone for you."},
    },
}
_SUBJECT = {
    "type": "object",
    "required": ["kind", "id", "data"],
    "properties": {
        "kind": {"type": "string"},
        "id": {"type": "string"},
        "data": {"type": "object"},
    },
}


def document(base_url: str) -> dict[str, Any]:
    """The document (AsyncAPI 3.0) for the server at `base_url`."""
    scheme, _, rest = base_url.partition("://")
    host, _, _ = rest.partition("/")
    sent: dict[str, tuple[str, dict[str, Any]]] = {
        "subscribed": (
            "The subscription stands; a snapshot or the missed events follow.",
            {
                "region": {"type": "integer"},
                "topics": {"type": "array", "items": {"type": "string"}},
                "latest": {"type": "boolean"},
                "heartbeat_seconds": {"type": "number"},
            },
        ),
        "snapshot": (
            "The whole state, in parts; complete with the one that has `last`.",
            {
                "part": {"type": "integer"},
                "last": {"type": "boolean"},
                "subjects": {"type": "array", "items": _SUBJECT},
            },
        ),
        "events": (
            "What happened, oldest first. In latest-mode only the last event of each subject.",
            {"events": {"type": "array", "items": _EVENT}},
        ),
        "heartbeat": (
            f"Every {HEARTBEAT_SECONDS:.0f} s: nothing is missing up to this position.",
            {},
        ),
        "resync": (
            "What you hold can't be continued: forget it, a snapshot follows.",
            {"reason": {"type": "string"}},
        ),
    }
    subscribe = Subscribe.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = subscribe.pop("$defs")
    messages: dict[str, Any] = {
        "subscribe": {
            "summary": f"The first message, within {SIGN_IN_SECONDS:.0f} s.",
            "payload": subscribe,
        },
        "error": {
            "summary": "Why the socket is about to close.",
            "payload": {
                "type": "object",
                "properties": {
                    "type": {"const": "error"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "server_time": _TIME,
                },
            },
        },
    }
    for name, (summary, members) in sent.items():
        messages[name] = {
            "summary": summary,
            "payload": {
                "type": "object",
                "required": ["type", *_PROGRESS, *members],
                "properties": {"type": {"const": name}, **_PROGRESS, **members},
            },
        }
    channel = {"$ref": "#/channels/live"}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Verkeerstoren live",
            "version": "1.0.0",
            "description": _description(),
        },
        "servers": {
            "here": {"host": host, "protocol": "wss" if scheme == "https" else "ws"},
        },
        "channels": {"live": {"address": "/v1/live", "messages": messages}},
        "operations": {
            "subscribe": {
                "action": "receive",
                "channel": channel,
                "messages": [{"$ref": "#/channels/live/messages/subscribe"}],
            },
            "follow": {
                "action": "send",
                "channel": channel,
                "messages": [
                    {"$ref": f"#/channels/live/messages/{name}"}
                    for name in messages
                    if name != "subscribe"
                ],
            },
        },
        "components": {"schemas": schemas},
    }


def _description() -> str:
    topics = "\n".join(
        f"- `{kind}`: topic `{topic}`" + (", your own only" if topic in OWNED else "")
        for kind, topic in TOPIC_OF.items()
        if topic is not None
    )
    closes = "\n".join(
        f"- {close.value} {close.reason}: {'come back' if close.come_back else 'stop'}"
        for close in Close
    )
    return (
        "Every event of a region, in order and without a gap. Keep the last `position` and give it "
        "as `after` when you come back. Events carry the new state of their subject, so applying "
        "one twice is harmless; ignore kinds you don't know. Latest-mode sends at most every "
        f"{TICK_SECONDS * 1000:.0f} ms, stretching to {MAX_TICK_SECONDS * 1000:.0f} ms. Of referrals, "
        "offers and hand-overs only your organisation's own are told, with `id`, `state` and `version`: "
        "read the rest by REST. Without data: it is yours no more; a `notice` never has any.\n\n"
        f"Kinds:\n{topics}\n\nClose codes:\n{closes}\n- 1009, a message too big: stop\n"
        "- 1011, no answer to a ping, and 1012, a restart: come back"
    )
