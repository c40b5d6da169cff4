"""People to sign in as, with a password whose hash costs nothing."""

from dataclasses import dataclass
from itertools import count
from uuid import UUID

from app.container import Container
from app.services.people import NewMembership, NewPerson, create_person
from app.services.sessions import SignedIn, sign_in
from domain.actors import Role
from domain.errors import Problem, SignInRefused, TooManyAttempts
from domain.identifiers import OrganisationId

PASSWORD = "een lamp in de gang"
#: Of PASSWORD, with the least memory and one pass: a sign-in costs no 40 ms.
CHEAP_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$WxZK0ItxMN7nUV4zs0blUg$bEyAhC1hGBr1RbdBKOVb550ageMetfRcfmQ/JRUVrhE"
)
ADDRESS = "192.0.2.1"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class MadePerson:
    """Who was made; `memberships` are in the order of their organisations' names."""

    id: UUID
    username: str
    password: str
    memberships: tuple[UUID, ...]


async def make_person(
    container: Container,
    role: Role,
    *organisations: OrganisationId,
    username: str | None = None,
    name: str | None = None,
) -> MadePerson:
    """A person with this role at each organisation."""
    number = next(_numbers)
    new = NewPerson(
        username or f"persoon{number}",
        name or f"P. Persoon {number}",
        PASSWORD,
        [NewMembership(one, role) for one in organisations],
    )
    person = await create_person(container, None, new, hashed=CHEAP_HASH)
    memberships = tuple(membership.id for membership in person.memberships)
    return MadePerson(person.id, new.username, PASSWORD, memberships)


async def signed_in(
    container: Container, person: MadePerson, *, device: str | None = None, address: str = ADDRESS
) -> SignedIn:
    """A session of a person."""
    return await sign_in(
        container, person.username, person.password, address=address, device=device
    )


async def guess(
    container: Container, username: str, *, address: str = ADDRESS, device: str | None = None
) -> type[Problem]:
    """What a wrong password gives."""
    try:
        await sign_in(container, username, "een ander wachtwoord", address=address, device=device)
    except (SignInRefused, TooManyAttempts) as told:
        return type(told)
    raise AssertionError("this was the password")
