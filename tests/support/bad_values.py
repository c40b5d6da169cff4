"""Values that no field of a kind takes, and bodies that are no body at all."""

import json
from typing import Any

HUGE = "9" * 5000


class Literal(str):
    """JSON that Python's own writer would not write."""


DATES = ["gisteren", "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-11-21T25:00:00Z"]
TIMES: list[Any] = [
    *DATES,
    "2026-11-21T08:00:00",  # naive
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "1999-12-31T23:59:59Z",
    "2200-01-01T00:00:01Z",
    "2026-11-21T08:00:00+99:00",
    "1763712000",
    1_763_712_000,
    1_763_712_000.5,
    True,
    [],
    {},
]
#: What isn't taken, by the kind of field. JSON Schema calls 1.0 an integer; we call it a slip.
WRONG: dict[str, list[Any]] = {
    "integer": [
        *["1", "", 1.5, True, False, [], [1], {}, -1, 100_000, 2**31, 2**63, 2**64],
        *[Literal("1.0"), Literal("1e2"), Literal("1e400"), Literal(HUGE), Literal("-0.0")],
    ],
    "array": ["", "x", 1, True, {}, [1], [{}], [None], [[]], ["x"]],
    "boolean": ["true", "ja", 0, 1, 1.0, [], {}],
    "string": [1, 1.5, True, [], {}, "", "x" * 201, "a\x00b", "a\nb", "\x7f"],
    "line": [1, 1.5, True, [], {}, "", "x" * 301, "a\x00b", "a\nb", "\x7f"],
    "multiline": [1, 1.5, True, [], {}, "", "x" * 2001, "a\x00b", "a\tb", "a\r\nb", "\x7f"],
    "uuid": ["", "x", 1, True, [], {}, "01a2005b-4ea1-7582-b9ab-04ae8eb23b2", "g" * 32],
    "enum": ["", "geen-van-deze", "ANALYST", "Personeel", 1, True, [], {}, " analyst"],
    "date": [*DATES[:2], "2026-02-30", "21-11-2026", 20_000, "20000", True, [], {}],
    "date-time": TIMES,
}
WRONG["array"] = ["", "x", 1, 1.5, True, {}, {"0": 1}]
WRONG["object"] = ["", "x", 1, 1.5, True, [], [1]]
WRONG["number"] = ["1", "", True, [], {}, -91, 181, Literal("1e400"), Literal(HUGE)]
#: A date may stand for itself nowhere else; the ends of the calendar are slips.
WRONG["date"] += ["0001-01-01", "9999-12-31", "2026-11-21T08:00:00Z", "2026-11-21T00:00:00Z"]


def kind_of(schema: dict[str, Any], document: dict[str, Any]) -> str:
    """What kind of value a field takes, by its schema; null apart."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    (option,) = options
    while "$ref" in option:
        option = document["components"]["schemas"][option["$ref"].rpartition("/")[2]]
    if "enum" in option:
        return "enum"
    return str(option.get("format") or option["type"])


def nullable(schema: dict[str, Any]) -> bool:
    """Whether a field may be null."""
    return {"type": "null"} in schema.get("anyOf", [])


def written(body: dict[str, Any]) -> bytes:
    """A body as JSON, its Literals as they are."""
    members = (
        f"{json.dumps(name)}:{value if isinstance(value, Literal) else json.dumps(value)}"
        for name, value in body.items()
    )
    return f"{{{','.join(members)}}}".encode()


def broken(good: bytes) -> dict[str, bytes]:
    """Bodies that are no JSON object, made from one that is accepted."""
    first = good.partition(b":")[0]
    member = good[1 : good.index(b",")] if b"," in good else good[1:-1]
    return {
        "nothing": b"",
        "spaces": b"   ",
        "half": good[:-1],
        "more than one": good + good,
        "something behind": good + b"x",
        "a comma too many": good[:-1] + b",}",
        "apostrophes": good.replace(b'"', b"'"),
        "a comment": good[:-1] + b"/* */}",
        "an array": b"[" + good + b"]",
        "an empty array": b"[]",
        "a text": b'"tekst"',
        "a number": b"1",
        "null": b"null",
        "true": b"true",
        "NaN": first + b":NaN}",
        "Infinity": first + b":Infinity}",
        "minus Infinity": first + b":-Infinity}",
        "NaN in an unknown field": good[:-1] + b',"onbekend":NaN}',
        "deep arrays": b"[" * 100_000 + b"]" * 100_000,
        "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "a deep field": first + b":" + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "half a character": good[:-1] + b',"x":"\xc3"}',
        "half a character as a name": good[:-1] + b',"\xe2\x82":1}',
        "half a character at the end": good[:-1] + b',"x":"\xc3',
        "a character the long way": good[:-1] + b',"x":"\xc0\xaf"}',
        "a surrogate in bytes": good[:-1] + b',"x":"\xed\xa0\x80"}',
        "a surrogate as text": good[:-1] + b',"x":"\\ud800"}',
        "a surrogate as a name": good[:-1] + b',"\\udc00":1}',
        "a surrogate as a value": first + b':"\\ud800"}',
        "UTF-16": good.decode().encode("utf-16"),
        "Latin-1": good[:-1] + b',"x":"\xe9"}',
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "a bare NUL": good + b"\x00",
        "a control character in a text": good[:-1] + b',"x":"\n"}',
        "a field we don't know": good[:-1] + b',"onbekend":1}',
        "a field by another letter case": good.replace(first[2:-1], first[2:-1].upper(), 1),
        "an odd name": good[:-1] + b',"a/b~c\\u0000\\n":1}',
        "an empty name": good[:-1] + b',"":1}',
        "the same field twice": b"{" + member + b"," + good[1:],
        "the same field twice by an escape": b"{" + _escaped(member) + b"," + good[1:],
    }


def _escaped(member: bytes) -> bytes:
    """The member with the first letter of its name written as an escape."""
    return b'"' + f"\\u{member[1]:04x}".encode() + member[2:]
