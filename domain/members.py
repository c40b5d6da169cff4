"""Reading JSON strictly: an object with known members only, and lists that end somewhere."""

from collections.abc import Collection
from typing import cast

from domain.errors import InvalidInput


def members_of(data: object, known: Collection[str], pointer: str) -> dict[str, object]:
    """The members of a JSON object; InvalidInput for anything else and for a member not known."""
    if not isinstance(data, dict):
        raise InvalidInput("Hier hoort een JSON-object.", pointer)
    for name in data:
        if name not in known:
            raise InvalidInput(
                f"Onbekend onderdeel. Bekend zijn: {', '.join(known)}.",
                member_pointer(pointer, name),
            )
    return cast("dict[str, object]", data)


def items_of(data: object, most: int, pointer: str) -> list[object]:
    """The items of a JSON list; InvalidInput for anything else and for more items than `most`."""
    if not isinstance(data, list):
        raise InvalidInput("Hier hoort een lijst.", pointer)
    if len(data) > most:
        raise InvalidInput(f"Dit zijn er te veel, het hoogste aantal is {most}.", pointer)
    return data


def whole_of(value: object, pointer: str) -> int:
    """A whole number, written without a point; InvalidInput otherwise."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput("Hier hoort een heel getal.", pointer)
    return value


def yes_or_no_of(value: object, pointer: str) -> bool:
    """true or false; InvalidInput otherwise."""
    if not isinstance(value, bool):
        raise InvalidInput("Hier hoort true of false.", pointer)
    return value


def member_pointer(pointer: str, name: object) -> str:
    """The JSON pointer of a member (RFC 6901)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
