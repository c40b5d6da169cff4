"""Home-care teams: looked at, made, changed, given to another owner and closed."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web import labels
from api.web.fields import Choice, Choices, Field
from api.web.language import marked
from api.web.registers import fields
from api.web.registers.editing import Editor, Question, Section, Submission, ask, edit
from api.web.registers.organisations import LIST, crumb_of, organisation_of, path_of
from api.web.registers.owners import new_owner
from api.web.registers.showing import Crumb, done, show
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.container import Container
from app.services import home_care_teams, registers
from app.services.home_care_teams import TeamDetails
from domain.actors import Action
from domain.events import Kind
from domain.home_care import Coverage, Dagdeel, Skill
from domain.identifiers import OrganisationId, RegionId, TeamId
from domain.posting import PostingSchedule


def team_path(team_id: object) -> str:
    """Where a team's page is."""
    return f"/beheer/teams/{team_id}"


async def team_page(request: Request) -> Response:
    """One team."""
    container = container_of(request)
    team = await _standing(request)
    context = {
        "team": team,
        "owner": await organisation_of(container, team["organisation_id"]),
        "region": (await registers.get_state(container, Kind.REGION, team["region_id"]))["name"],
        "crumbs": (await _crumbs(container, team))[:-1],
    }
    return show(request, "beheer_team.html", context)


async def new_team(request: Request) -> Response:
    """A form for one more of an organisation."""
    container = container_of(request)
    owner = await organisation_of(container, request.path_params["id"])
    regions = [
        (str(each["id"]), each["name"])
        for each in await registers.regions(container)
        if each["id"] in owner["regions"]
    ]

    async def save(given: dict[str, Any], sent: Submission) -> str:
        written = await home_care_teams.create_team(
            container,
            actor_of(request),
            OrganisationId(UUID(owner["id"])),
            _meant(given),
            RegionId(int(given["region_id"])),
            sent.request,
            address_of(request),
        )
        return done(team_path(written.id), "gemaakt")

    region = Choice(name="region_id", label=marked("Regio"), options=regions, required=True)
    preset = {
        "posting_schedule": PostingSchedule.WORKDAYS_TWICE.value,
        "region_id": regions[0][0] if len(regions) == 1 else None,
    }
    editor = Editor(
        marked("Nieuw wijkteam"),
        owner["name"],
        _sections(region),
        [LIST, crumb_of(owner)],
        path_of(owner["id"]),
        save,
        marked("Wijkteam maken"),
        preset=preset,
        clash="/external_id",
    )
    return await edit(request, editor)


async def change_team(request: Request) -> Response:
    """A form with what stands."""
    container = container_of(request)
    team = await _standing(request)

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await home_care_teams.change_team(
            container,
            actor_of(request),
            TeamId(UUID(team["id"])),
            _meant(given),
            sent.version,
            address_of(request),
        )
        return done(team_path(team["id"]), "bewaard")

    editor = Editor(
        marked("Wijkteam wijzigen"),
        team["name"],
        _sections(),
        await _crumbs(container, team),
        team_path(team["id"]),
        save,
        standing=team,
        clash="/external_id",
    )
    return await edit(request, editor)


async def close_team(request: Request) -> Response:
    """Asks before it ends."""
    container = container_of(request)
    team = await _standing(request)

    async def act(sent: Submission) -> str:
        await home_care_teams.close_team(
            container,
            actor_of(request),
            TeamId(UUID(team["id"])),
            sent.version,
            address_of(request),
        )
        return done(team_path(team["id"]), "beeindigd")

    question = Question(
        marked("Wijkteam beëindigen"),
        team["name"],
        [
            marked("Het team wordt niet meer gevonden en kan niet meer melden."),
            marked("De geschiedenis blijft. Dit kunt u niet terugdraaien."),
        ],
        marked("Wijkteam beëindigen"),
        await _crumbs(container, team),
        team_path(team["id"]),
        act,
        team["version"],
    )
    return await ask(request, question)


async def transfer_team(request: Request) -> Response:
    """Asks which organisation gets it."""
    container = container_of(request)
    team = await _standing(request)

    async def give(to: OrganisationId, sent: Submission) -> None:
        await home_care_teams.transfer_team(
            container,
            actor_of(request),
            TeamId(UUID(team["id"])),
            to,
            sent.version,
            address_of(request),
        )

    return await new_owner(
        request,
        team,
        marked("Wijkteam overdragen"),
        marked(
            "De meldingen en de geschiedenis gaan mee. Alleen de nieuwe eigenaar kan nog melden."
        ),
        await _crumbs(container, team),
        team_path(team["id"]),
        give,
    )


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    write = Action.REGISTER_WRITE
    one = "/beheer/teams/{id:uuid}"
    return [
        page("/beheer/organisaties/{id:uuid}/teams/nieuw", new_team, asks=write, methods=both),
        page(one, team_page, asks=Action.REGISTER_VIEW),
        page(f"{one}/wijzigen", change_team, asks=write, methods=both),
        page(f"{one}/beeindigen", close_team, asks=write, methods=both),
        page(f"{one}/overdragen", transfer_team, asks=write, methods=both),
    ]


async def _standing(request: Request) -> dict[str, Any]:
    return await registers.get_state(
        container_of(request), Kind.HOME_CARE_TEAM, request.path_params["id"]
    )


async def _crumbs(container: Container, team: dict[str, Any]) -> list[Crumb]:
    owner = await organisation_of(container, team["organisation_id"])
    return [LIST, crumb_of(owner), Crumb(team["name"], team_path(team["id"]))]


def _sections(*first: Field) -> list[Section]:
    return [
        Section(
            "",
            (
                fields.NAME,
                fields.OWN_CODE,
                *first,
                fields.TELEPHONE,
                fields.pc4s(
                    marked("Postcodes waar het team werkt"),
                    marked("Vier cijfers elk, met spaties ertussen: 2711 2712 2715."),
                    fields.MOST_TEAM_PC4S,
                    required=True,
                ),
                Choices(
                    name="skills",
                    label=marked("Wat het team kan"),
                    options=fields.options_of(labels.SKILL),
                    required=True,
                ),
                Choices(
                    name="dagdelen",
                    label=marked("Dagdelen"),
                    options=fields.options_of(labels.DAGDEEL),
                    required=True,
                ),
            ),
        ),
        Section(marked("Stoplicht"), fields.POSTING),
    ]


def _meant(given: dict[str, Any]) -> TeamDetails:
    return TeamDetails(
        external_id=given["external_id"],
        name=given["name"],
        coverage=Coverage(
            frozenset(given["pc4s"]),
            frozenset(Skill(code) for code in given["skills"]),
            frozenset(Dagdeel(code) for code in given["dagdelen"]),
        ),
        telephone=given["telephone"],
        posting_schedule=PostingSchedule(given["posting_schedule"]),
        time_to_live_minutes=given["time_to_live_minutes"],
    )
