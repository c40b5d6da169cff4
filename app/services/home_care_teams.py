"""Home-care teams: made, changed, ended, given another owner, and their stoplight reported."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.container import Container
from app.db import case_owners, registers
from app.db import home_care_teams as teams
from app.db.idempotency import Request, once
from app.db.tables import HomeCareTeamRow
from app.db.unit_of_work import UnitOfWork
from app.services import observations
from app.services.written import Written, commit
from domain.actors import Action, Actor
from domain.errors import AlreadyClosed, InvalidInput, StillInUse, VersionChanged
from domain.events import Kind
from domain.home_care import Coverage, Dagdeel, Skill, check_coverage
from domain.identifiers import OrganisationId, RegionId, TeamId
from domain.organisations import check_telephone
from domain.posting import PostingSchedule


@dataclass(frozen=True, slots=True)
class TeamDetails:
    """What the register says of a team; `external_id` is the provider's own code for it."""

    external_id: str
    name: str
    coverage: Coverage
    telephone: str | None = None
    posting_schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE
    time_to_live_minutes: int | None = None


async def create_team(
    container: Container,
    actor: Actor | None,
    organisation_id: OrganisationId,
    new: TeamDetails,
    region_id: RegionId | None = None,
    request: Request | None = None,
    address: str | None = None,
) -> Written[TeamId]:
    """A team of an organisation; `region_id` may be left out when that works in one region only.

    With `request`, doing it again makes no second one. Raises NotFound, InvalidInput,
    AlreadyExists and IdempotencyMismatch.
    """
    _check(new)

    async def act(work: UnitOfWork) -> Written[TeamId]:
        async def create() -> dict[str, Any]:
            await registers.get_organisation(work, organisation_id)
            row = HomeCareTeamRow(
                region_id=await _region(work, organisation_id, region_id),
                organisation_id=organisation_id,
                **_columns(new),
            )
            await work.add(row)
            _wrote(work, actor, row, address)
            return {"id": str(row.id), "region_id": row.region_id}

        answer, _ = await once(work, request, create)
        return await _commit(work, UUID(answer["id"]), answer["region_id"])

    return await container.act(act)


async def change_team(
    container: Container,
    actor: Actor | None,
    team_id: TeamId,
    new: TeamDetails,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[TeamId]:
    """Replaces what the register says of a team; the report that stands is believed as that says.

    Raises NotFound, InvalidInput, VersionChanged, AlreadyClosed and AlreadyExists.
    """
    _check(new)

    async def act(work: UnitOfWork) -> Written[TeamId]:
        row = await _lock(work, team_id, expected_version)
        for name, value in _columns(new).items():
            setattr(row, name, value)
        if row.observed_at is not None:
            row.valid_until = observations.valid_until(
                row.posting_schedule, row.time_to_live_minutes, row.observed_at
            )
        row.version += 1
        _wrote(work, actor, row, address)
        return await _commit(work, row.id, row.region_id)

    return await container.act(act)


async def transfer_team(
    container: Container,
    actor: Actor | None,
    team_id: TeamId,
    to: OrganisationId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[TeamId]:
    """Gives a team another owner; its reports and history stay with the team.

    Raises NotFound, VersionChanged, AlreadyClosed, InvalidInput (the new owner doesn't work in the team's
    region) and AlreadyExists (it uses the code already).
    """

    async def act(work: UnitOfWork) -> Written[TeamId]:
        await registers.get_organisation(work, to)
        row = await _lock(work, team_id, expected_version)
        if row.region_id not in await registers.regions_of(work, to):
            raise InvalidInput("De organisatie werkt niet in deze regio.", "/organisation_id")
        row.organisation_id = to
        await case_owners.move_places(work, to, team_ids=[row.id])
        row.version += 1
        _wrote(work, actor, row, address)
        return await _commit(work, row.id, row.region_id)

    return await container.act(act)


async def close_team(
    container: Container,
    actor: Actor | None,
    team_id: TeamId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[TeamId]:
    """Ends a team; its history stays.

    Raises NotFound, AlreadyClosed, VersionChanged and StillInUse (open offers).
    """

    async def act(work: UnitOfWork) -> Written[TeamId]:
        row = await _lock(work, team_id, expected_version)
        if offers := await case_owners.open_offers(work, team_id=row.id):
            raise StillInUse({"offers": offers})
        row.status = "ended"
        row.ended_at = work.now
        row.version += 1
        _wrote(work, actor, row, address)
        return await _commit(work, row.id, row.region_id)

    return await container.act(act)


def _check(new: TeamDetails) -> None:
    check_coverage(new.coverage)
    check_telephone(new.telephone)


async def _region(work: UnitOfWork, owner: OrganisationId, wanted: RegionId | None) -> RegionId:
    regions = await registers.regions_of(work, owner)
    if wanted is None and len(regions) == 1:
        return regions[0]
    if wanted is None:
        raise InvalidInput("De organisatie werkt in meer regio's. Noem er een.", "/region_id")
    if wanted not in regions:
        raise InvalidInput("De organisatie werkt niet in deze regio.", "/region_id")
    return wanted


def _columns(new: TeamDetails) -> dict[str, Any]:
    return {
        "external_id": new.external_id,
        "name": new.name,
        "telephone": new.telephone,
        "pc4s": sorted(new.coverage.pc4s),
        "skills": [skill.value for skill in Skill if skill in new.coverage.skills],
        "dagdelen": [dagdeel.value for dagdeel in Dagdeel if dagdeel in new.coverage.dagdelen],
        "posting_schedule": new.posting_schedule.value,
        "time_to_live_minutes": new.time_to_live_minutes,
    }


async def _lock(work: UnitOfWork, team_id: TeamId, expected_version: int | None) -> HomeCareTeamRow:
    row = await teams.lock_team(work, team_id)
    if row.status != "active":
        raise AlreadyClosed
    if expected_version is not None and row.version != expected_version:
        raise VersionChanged(row.version)
    return row


async def _commit(work: UnitOfWork, team_id: UUID, region_id: int) -> Written[TeamId]:
    return await commit(work, Kind.HOME_CARE_TEAM, TeamId(team_id), RegionId(region_id))


def _wrote(
    work: UnitOfWork, actor: Actor | None, row: HomeCareTeamRow, address: str | None
) -> None:
    # In this order, so that a board that shows a team shows what it said.
    work.touch(Kind.HOME_CARE, row.id, row.region_id)
    work.touch(Kind.HOME_CARE_TEAM, row.id, row.region_id)
    work.audit(actor, Action.REGISTER_WRITE, "home-care-team", row.id, address=address)
