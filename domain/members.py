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


def member_pointer(pointer: str, name: object) -> str:
    """The JSON pointer of a member (RFC 6901)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
