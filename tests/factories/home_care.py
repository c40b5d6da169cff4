"""Home-care teams of a test region."""

from itertools import count

from app.db.home_care_teams import TeamPlace
from app.security.keys import Credential
from app.services import home_care_reports, home_care_teams
from app.services.home_care_teams import TeamDetails
from app.services.observations import Receipt, Told
from domain.home_care import Coverage, Dagdeel, Skill, TeamReport
from domain.identifiers import TeamId
from tests.factories.world import Party, World

COVERAGE = Coverage(
    frozenset({"2725", "2719"}),
    frozenset({Skill.WOND, Skill.BASIS}),
    frozenset({Dagdeel.MIDDAG, Dagdeel.OCHTEND}),
)
_numbers = count(1)


def details(**changes: object) -> TeamDetails:
    """A team with a code of its own."""
    number = next(_numbers)
    said = {"external_id": f"T{number}", "name": f"Team {number}", "coverage": COVERAGE}
    return TeamDetails(**{**said, **changes})  # type: ignore[arg-type]


async def make_team(world: World, owner: Party | None = None, **changes: object) -> TeamId:
    """A team of the provider, unless said otherwise."""
    written = await home_care_teams.create_team(
        world.container,
        None,
        (owner or world.provider).organisation_id,
        details(**changes),
    )
    await world.settled()
    return written.id


async def team_place(world: World, team_id: TeamId) -> TeamPlace:
    """Whose a team is."""
    return await home_care_reports.find_team(world.container, team_id)


async def tell(
    world: World,
    team_id: TeamId,
    said: TeamReport,
    *,
    by: Party | Credential | None = None,
    address: str | None = None,
    **told: object,
) -> Receipt:
    """Reports a team through the service; the rest is as in `Told`."""
    return await home_care_reports.report_team(
        world.container,
        by if isinstance(by, Credential) else await world.credential(by or world.provider),
        await team_place(world, team_id),
        said,
        Told(**told),  # type: ignore[arg-type]
        address=address,
    )
