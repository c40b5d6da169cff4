"""What a field of a form holds, as what the domain takes: the same words for the same mistake on every page."""

from collections.abc import Callable
from typing import TypeVar

from api.web.visitor import number_of
from domain.capacity import MAX_PLACES
from domain.errors import InvalidInput

T = TypeVar("T")


def read_places(text: str, pointer: str) -> int:
    """A number of places. Raises InvalidInput."""
    number = number_of(text)
    if number is None or number > MAX_PLACES:
        raise InvalidInput("Vul een aantal in, bijvoorbeeld 2.", pointer)
    return number


def read_choice(read: Callable[[str], T], text: str, pointer: str) -> T:
    """One of what was offered: `read` is the enum, or another type that refuses by ValueError.

    Raises InvalidInput.
    """
    try:
        return read(text)
    except ValueError as error:
        raise InvalidInput("Maak een keuze.", pointer) from error
