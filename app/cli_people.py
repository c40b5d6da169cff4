"""`verkeerstoren people`: who may sign in. A password is asked, read or made, and never an argument."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.installation import in_container
from app.settings import SettingsError
from domain.actors import Role
from domain.identifiers import OrganisationId

if TYPE_CHECKING:
    from app.container import Container
    from app.db.people import Person
    from app.services.people import NewMembership

people = typer.Typer(help="People who sign in: list, add, password, close.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="What they sign in with.")]
Generate = Annotated[
    bool,
    typer.Option("--generate", help="Make a password and show it, once. Otherwise it is asked."),
]


@people.command("list")
def list_all() -> None:
    """List everybody there has been, with what they work as."""
    from app.services.people import list_people

    for person in in_container(list_people):
        works = ", ".join(f"{m.role} at {m.organisation_name}" for m in person.memberships)
        state = f"closed {person.closed_at:%Y-%m-%d}" if person.closed_at else "open"
        typer.echo(f"{person.username:<20} {state:<18} {person.name}: {works or 'nothing'}")


@people.command("add")
def add(
    username: Username,
    name: Annotated[str, typer.Option(help="What colleagues call them.")],
    works_as: Annotated[
        list[str],
        typer.Option("--as", help="AGB code and role, as 47990001:referrer; may be repeated."),
    ],
    generate: Generate = False,
) -> None:
    """Add a person who may sign in."""
    from app.services.people import NewPerson, create_person

    wanted = [_parsed(text) for text in works_as]
    password = _password(generate)

    async def act(container: "Container") -> None:
        memberships = [await _membership(container, agb, role) for agb, role in wanted]
        await create_person(container, None, NewPerson(username, name, password, memberships))

    in_container(act)
    _tell(username, password if generate else None)


@people.command("password")
def password(username: Username, generate: Generate = False) -> None:
    """Give a person a new password. They are signed out everywhere."""
    from app.services.people import set_password

    chosen = _password(generate)

    async def act(container: "Container") -> None:
        person = await _person(container, username)
        await set_password(container, None, person.id, chosen)

    in_container(act)
    _tell(username, chosen if generate else None)


@people.command("close")
def close(username: Username) -> None:
    """Close a person's account. They are signed out everywhere, and the username stays taken."""
    from app.services.people import close_person

    async def act(container: "Container") -> None:
        await close_person(container, None, (await _person(container, username)).id)

    in_container(act)
    typer.echo(f"{username} is closed.")


def _password(generate: bool) -> str:
    from app.security.passwords import new_password

    if generate:
        return new_password()
    if sys.stdin.isatty():
        asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")


def _tell(username: str, generated: str | None) -> None:
    typer.echo(f"{username}  {generated}" if generated else f"{username} has a new password.")


def _parsed(text: str) -> tuple[str, Role]:
    agb, _, role = text.partition(":")
    try:
        return agb, Role(role)
    except ValueError:
        raise SettingsError(f"{text} is not AGB:role. Roles: {', '.join(Role)}") from None


async def _membership(container: "Container", agb: str, role: Role) -> "NewMembership":
    from app.services.people import NewMembership

    query = "SELECT id FROM organisation WHERE agb = $1"
    found = await container.read(lambda connection: connection.fetchval(query, agb))
    if found is None:
        raise SettingsError(f"There is no organisation with AGB code {agb}.")
    return NewMembership(OrganisationId(found), role)


async def _person(container: "Container", username: str) -> "Person":
    from app.services.people import list_people

    for person in await list_people(container):
        if person.username == username:
            return person
    raise SettingsError(f"There is nobody called {username}.")
