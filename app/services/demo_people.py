"""People of the demo region: made once, with their sign-ins in demo.json."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from app import demo_file
from app.container import Container
from app.demo_file import DemoFile, DemoPerson
from app.demo_region import ORGANISATIONS, people
from app.security.passwords import new_password
from app.services.people import NewMembership, NewPerson, create_person, set_password
from domain.identifiers import OrganisationId

_NAMES = {organisation.agb: organisation.name for organisation in ORGANISATIONS}


async def fill_people(container: Container, path: Path, content: DemoFile) -> None:
    """Written after each person: one who was made and not written gets another password.

    Whoever is in the file with the id they have here is left as they are, changed or closed since.
    """
    query = "SELECT username, id, status FROM person"
    rows = await container.read(lambda connection: connection.fetch(query))
    there = {row["username"]: row for row in rows}
    mine = {row["id"] for row in rows}
    content.people = [person for person in content.people if person.id in mine]
    written = {person.username for person in content.people}
    organisations = await _organisations(container)
    missing = [
        person
        for person in people.PEOPLE
        if person.username not in written
        and not organisations.keys().isdisjoint(person.agbs)
        and (person.username not in there or there[person.username]["status"] == "active")
    ]
    passwords = [new_password() for _ in missing]
    # The slow part all at once; what follows is a commit and a written file each.
    hashes = await asyncio.gather(*(container.passwords.hash(password) for password in passwords))
    for person, password, hashed in zip(missing, passwords, hashes, strict=True):
        agbs = [agb for agb in person.agbs if agb in organisations]
        if person.username in there:
            person_id: UUID = there[person.username]["id"]
            await set_password(container, None, person_id, password, hashed=hashed)
        else:
            memberships = [
                NewMembership(OrganisationId(organisations[agb]), person.role) for agb in agbs
            ]
            new = NewPerson(person.username, person.name, password, memberships)
            person_id = (await create_person(container, None, new, hashed=hashed)).id
        content.people.append(
            DemoPerson(
                role=person.role,
                organisation=_NAMES[agbs[0]],
                username=person.username,
                password=password,
                name=person.name,
                id=person_id,
            )
        )
        demo_file.write(path, content)


async def _organisations(container: Container) -> Mapping[str, UUID]:
    rows = await container.read(
        lambda connection: connection.fetch("SELECT agb, id FROM organisation")
    )
    return {row["agb"]: row["id"] for row in rows}
