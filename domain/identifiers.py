"""Identifiers of the field, each a type of its own so that they can't be mixed up."""

import re
from typing import NewType
from uuid import UUID

RegionId = NewType("RegionId", int)
OrganisationId = NewType("OrganisationId", UUID)
LocationId = NewType("LocationId", UUID)
PoolId = NewType("PoolId", UUID)
BedId = NewType("BedId", UUID)
TeamId = NewType("TeamId", UUID)
KeyId = NewType("KeyId", UUID)
SourceId = NewType("SourceId", UUID)

#: The stream of what is everybody's: national data and revocations.
EVERYWHERE = RegionId(0)

_AGB = re.compile(r"[0-9]{8}")
_PC4 = re.compile(r"[1-9][0-9]{3}")
_GEMEENTE = re.compile(r"[0-9]{4}")
#: As mail servers take it; what could begin another header or address,
#: or a word in another encoding (`=?`), has no place in one.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAIL_ADDRESS = re.compile(
    rf"(?!.*=\?)(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]{{1,63}}(\.[A-Za-z0-9-]{{1,63}})+"
)
_LONGEST_MAIL_ADDRESS = 254
_TELEPHONE = re.compile(r"[+(]?[0-9][0-9 ()-]{1,23}[0-9]")


def is_agb(text: str) -> bool:
    """AGB-code: eight digits, the first two the kind of care; it has no public check digit."""
    return _AGB.fullmatch(text) is not None


def is_pc4(text: str) -> bool:
    """The four digits of a Dutch postcode, which never start with 0."""
    return _PC4.fullmatch(text) is not None


def is_telephone(text: str) -> bool:
    """Digits with spaces, hyphens and brackets, perhaps with a country's number (+31)."""
    return _TELEPHONE.fullmatch(text) is not None


def is_mail_address(text: str) -> bool:
    """One address and nothing besides, in ASCII (RFC 5321, without its quoted forms)."""
    return len(text) <= _LONGEST_MAIL_ADDRESS and _MAIL_ADDRESS.fullmatch(text) is not None


def has_digits(text: str, count: int) -> bool:
    """Exactly so many digits: URA and KvK have 8, UZOVI 4, a vestigingsnummer 12."""
    return len(text) == count and text.isascii() and text.isdigit()


def is_gemeente(text: str) -> bool:
    """CBS gemeentecode: four digits, leading zeros kept (Zoetermeer is 0637)."""
    return _GEMEENTE.fullmatch(text) is not None
