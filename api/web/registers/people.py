"""People: found, made with a password that is shown once, given roles, signed out and closed."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web import labels
from api.web.fields import Choice, Rows, Text
from api.web.language import marked
from api.web.registers.editing import Editor, Question, Section, Submission, ask, edit
from api.web.registers.showing import Crumb, back, done, secret_page, show
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.container import Container
from app.db.people import Person
from app.security.passwords import new_password
from app.services import people, registers, sessions
from app.services.people import NewMembership, NewPerson
from domain.actors import Action, Role
from domain.errors import VersionChanged
from domain.identifiers import OrganisationId
from domain.people import LONGEST_NAME

LIST = Crumb(marked("Personen"), "/beheer/personen")
_ROLES = [(role.value, labels.ROLE[role]) for role in Role if role is not Role.SYSTEM]
_NAME = Text(name="name", label=marked("Naam"), most=LONGEST_NAME, required=True)


def person_path(person: Person) -> str:
    """Where a person's page is."""
    return f"/beheer/personen/{person.id}"


async def people_page(request: Request) -> Response:
    """Those that are looked for."""
    asked = request.query_params
    text, status = asked.get("zoek", "").strip()[:100], asked.get("status", "")
    role, wanted = asked.get("rol", ""), asked.get("zoek", "").strip().casefold()[:100]
    found = [
        person
        for person in await people.list_people(container_of(request))
        if (status == "alle" or (person.status == "active") != (status == "gesloten"))
        and (not role or any(role == membership.role for membership in person.memberships))
        and any(
            wanted in told.casefold()
            for told in (
                person.username,
                person.name,
                *(membership.organisation_name for membership in person.memberships),
            )
        )
    ]
    context = {
        "people": found,
        "roles": _ROLES,
        "asked": {"zoek": text, "status": status, "rol": role},
    }
    return show(request, "beheer_personen.html", context)


async def person_page(request: Request) -> Response:
    """One person."""
    person = await _person(request)
    crumbs = [Crumb(LIST.text, await back(request, LIST.path))]
    return show(request, "beheer_persoon.html", {"person": person, "crumbs": crumbs})


async def new_person(request: Request) -> Response:
    """A form for one more; its answer shows the password, which no other page does."""
    container = container_of(request)

    async def save(given: dict[str, Any], _sent: Submission) -> Response:
        password = new_password()
        new = NewPerson(given["username"], given["name"], password, _memberships(given))
        person = await people.create_person(container, actor_of(request), new, address_of(request))
        return _password_page(request, person, password, marked("Persoon gemaakt"))

    username = Text(
        name="username",
        label=marked("Gebruikersnaam"),
        hint=marked("Kleine letters, cijfers, punt of streepje, bijvoorbeeld s.dewit."),
        most=64,
        required=True,
    )
    organisation = request.query_params.get("organisatie")
    editor = Editor(
        marked("Nieuwe persoon"),
        "",
        [Section("", (_NAME, username)), await _roles_section(container)],
        [LIST],
        await back(request, LIST.path),
        save,
        marked("Persoon maken"),
        preset={"memberships": [{"organisation_id": organisation, "role": None}]},
        clash="/username",
    )
    return await edit(request, editor)


async def rename_person(request: Request) -> Response:
    """A form for what a person is called."""
    person = await _person(request)

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await people.change_person(
            container_of(request),
            actor_of(request),
            person.id,
            name=given["name"],
            expected_version=sent.version,
            address=address_of(request),
        )
        return done(person_path(person), "bewaard")

    sections = [Section("", (_NAME,))]
    standing = {"name": person.name, "version": person.version}
    return await edit(request, _editor(marked("Naam wijzigen"), person, sections, standing, save))


async def change_roles(request: Request) -> Response:
    """A form for all that a person works as."""
    container = container_of(request)
    person = await _person(request)

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await people.set_memberships(
            container,
            actor_of(request),
            person.id,
            _memberships(given),
            sent.version,
            address_of(request),
        )
        return done(person_path(person), "bewaard")

    standing = {
        "version": person.version,
        "memberships": [
            {"organisation_id": membership.organisation_id, "role": membership.role.value}
            for membership in person.memberships
        ],
    }
    sections = [await _roles_section(container)]
    return await edit(request, _editor(marked("Rollen wijzigen"), person, sections, standing, save))


async def new_password_of(request: Request) -> Response:
    """Asks before a person gets another password; the answer shows it once."""
    person = await _person(request)

    async def act(sent: Submission) -> Response:
        # Sent twice, the second would take away the password that was just shown.
        if sent.version != person.version:
            raise VersionChanged(person.version)
        password = new_password()
        await people.set_password(
            container_of(request), actor_of(request), person.id, password, address_of(request)
        )
        return _password_page(request, person, password, marked("Nieuw wachtwoord"))

    told = [
        marked("Het oude wachtwoord werkt dan niet meer, en deze persoon is overal uitgelogd."),
        marked("U ziet het nieuwe wachtwoord één keer."),
    ]
    title, button = marked("Nieuw wachtwoord geven"), marked("Wachtwoord maken")
    return await ask(request, _question(title, person, told, button, act))


async def end_sessions(request: Request) -> Response:
    """Asks before a person is signed out everywhere."""
    person = await _person(request)

    async def act(_sent: Submission) -> str:
        await sessions.end_sessions(
            container_of(request), actor_of(request), person.id, address_of(request)
        )
        return done(person_path(person), "uitgelogd")

    told = [marked("Deze persoon is dan overal uitgelogd en kan opnieuw inloggen.")]
    title, button = marked("Overal uitloggen"), marked("Overal uitloggen")
    return await ask(request, _question(title, person, told, button, act))


async def close_person(request: Request) -> Response:
    """Asks before an account ends."""
    person = await _person(request)

    async def act(sent: Submission) -> str:
        await people.close_person(
            container_of(request),
            actor_of(request),
            person.id,
            sent.version,
            address_of(request),
        )
        return done(person_path(person), "beeindigd")

    told = [
        marked("Deze persoon kan niet meer inloggen en is overal uitgelogd."),
        marked("De gebruikersnaam blijft bezet. Dit kunt u niet terugdraaien."),
    ]
    title, button = marked("Account sluiten"), marked("Account sluiten")
    return await ask(request, _question(title, person, told, button, act))


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    write = Action.PERSON_WRITE
    one = "/beheer/personen/{id:uuid}"
    return [
        page(LIST.path, people_page, asks=Action.PERSON_READ),
        page("/beheer/personen/nieuw", new_person, asks=write, methods=both),
        page(one, person_page, asks=Action.PERSON_READ),
        page(f"{one}/naam", rename_person, asks=write, methods=both),
        page(f"{one}/rollen", change_roles, asks=write, methods=both),
        page(f"{one}/wachtwoord", new_password_of, asks=write, methods=both),
        page(f"{one}/uitloggen", end_sessions, asks=Action.SESSION_END, methods=both),
        page(f"{one}/sluiten", close_person, asks=write, methods=both),
    ]


async def _person(request: Request) -> Person:
    return await people.get_person(container_of(request), request.path_params["id"])


def _editor(
    title: str,
    person: Person,
    sections: list[Section],
    standing: dict[str, Any],
    save: Callable[[dict[str, Any], Submission], Awaitable[str | Response]],
) -> Editor:
    crumbs = [LIST, Crumb(person.name, person_path(person))]
    return Editor(
        title, person.name, sections, crumbs, person_path(person), save, standing=standing
    )


def _question(
    title: str,
    person: Person,
    told: list[str],
    button: str,
    act: Callable[[Submission], Awaitable[str | Response]],
) -> Question:
    subject = f"{person.name} · {person.username}"
    crumbs = [LIST, Crumb(person.name, person_path(person))]
    return Question(title, subject, told, button, crumbs, person_path(person), act, person.version)


async def _roles_section(container: Container) -> Section:
    columns = (
        Choice(
            name="organisation_id",
            label=marked("Organisatie"),
            options=await registers.organisation_names(container),
            required=True,
        ),
        Choice(name="role", label=marked("Rol"), options=_ROLES, required=True),
    )
    rows = Rows(
        name="memberships",
        label=marked("Werkt voor"),
        hint=marked("Wie voor meer organisaties werkt, kiest er een na het inloggen."),
        row=marked("Rol"),
        columns=columns,
    )
    return Section(marked("Organisaties en rollen"), (rows,))


def _memberships(given: dict[str, Any]) -> list[NewMembership]:
    return [
        NewMembership(OrganisationId(UUID(one["organisation_id"])), Role(one["role"]))
        for one in given["memberships"]
    ]


def _password_page(request: Request, person: Person, password: str, title: str) -> Response:
    return secret_page(
        request,
        title=title,
        subject=person.name,
        secret=password,
        facts=[(marked("Gebruikersnaam"), person.username)],
        crumbs=[LIST, Crumb(person.name, person_path(person))],
        onward=person_path(person),
    )
