"""People: what they sign in with, and what they work as."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from domain.actors import Role
from domain.errors import InvalidInput
from domain.identifiers import OrganisationId, RegionId

#: Characters. NIST SP 800-63B asks for length and for nothing else: no mix of signs, no expiry.
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
LONGEST_NAME = 100

_USERNAME = re.compile(r"[a-z0-9._-]{3,64}")
#: Beginnings of what people think of first; digits and signs behind one don't make it better.
_COMMONEST = frozenset(
    {
        *("wachtwoord", "welkom", "geheim", "password", "passw0rd", "qwerty", "qwertyuiop"),
        *("iloveyou", "letmein", "welcome", "admin", "administrator", "abcdefghijkl", "asdfghjkl"),
        *("voetbal", "feyenoord", "zoetermeer", "haaglanden", "verkeerstoren", "zorg"),
        *("wachtwoordwachtwoord", "welkomwelkom", "passwordpassword", "qwertyqwerty", ""),
    }
)
_BEHIND = "0123456789 !@#$%^&*()-_=+.,?"


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person works as, and where. `regions` are those the organisation works in."""

    id: UUID
    organisation_id: OrganisationId
    organisation_name: str
    role: Role
    regions: frozenset[RegionId]


def is_username(text: str) -> bool:
    """Lowercase ASCII letters, digits, dot, underscore and hyphen, 3 to 64 of them."""
    return _USERNAME.fullmatch(text) is not None


def check_username(username: str) -> None:
    """Raises InvalidInput when this can be no username."""
    if not is_username(username):
        raise InvalidInput(
            "Een gebruikersnaam bestaat uit 3 tot 64 kleine letters, cijfers, punten, streepjes"
            " of liggende streepjes.",
            "/username",
        )


def check_name(name: str) -> None:
    """Raises InvalidInput when colleagues couldn't be shown this as a person's name."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Geef een naam van hoogstens {LONGEST_NAME} tekens.", "/name")


def check_role(role: Role, pointer: str = "/role") -> None:
    """Raises InvalidInput for a role that is no person's."""
    if role is Role.SYSTEM:
        raise InvalidInput("De rol system is niet voor mensen.", pointer)


def check_password(password: str, username: str) -> None:
    """Raises InvalidInput when a password is too short, too long or among the first guesses."""
    # First: bringing a long text into its normal form takes time that grows with its square.
    if len(password) > LONGEST_PASSWORD:
        raise InvalidInput(
            f"Een wachtwoord heeft hoogstens {LONGEST_PASSWORD} tekens.", "/password"
        )
    normal = normal_password(password)
    if len(normal) < SHORTEST_PASSWORD:
        raise InvalidInput(
            f"Een wachtwoord heeft ten minste {SHORTEST_PASSWORD} tekens. Een paar woorden achter"
            " elkaar mag ook.",
            "/password",
        )
    if len(normal) > LONGEST_PASSWORD:
        raise InvalidInput(
            f"Een wachtwoord heeft hoogstens {LONGEST_PASSWORD} tekens.", "/password"
        )
    guessed = normal.casefold()
    if guessed == username.casefold():
        raise InvalidInput(
            "Het wachtwoord mag niet gelijk zijn aan de gebruikersnaam.", "/password"
        )
    if guessed.rstrip(_BEHIND) in _COMMONEST or len(set(guessed)) < 4:
        raise InvalidInput(
            "Dit wachtwoord is te gewoon en dus snel geraden. Kies een ander.", "/password"
        )


def normal_password(password: str) -> str:
    """The same text for the same signs, however a keyboard composed them (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", password)
