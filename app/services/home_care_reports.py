"""Reports of home-care teams: taken in, confirmed ("klopt nog"), and looked back at."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.container import Container
from app.db import home_care_teams as teams
from app.db.home_care_teams import PastTeamReport, TeamPlace
from app.db.tables import HomeCareReportRow, HomeCareTeamRow
from app.db.unit_of_work import UnitOfWork
from app.security.keys import Credential
from app.services import observations
from app.services.observations import Receipt, Said, Told
from domain.actors import Action, Target
from domain.capacity import Outcome
from domain.errors import AlreadyClosed, NotFound, NothingToConfirm, VersionChanged
from domain.events import Kind
from domain.home_care import (
    Dagdeel,
    Light,
    Skill,
    TeamException,
    TeamReport,
    check_team_report,
    rank,
)
from domain.identifiers import OrganisationId, RegionId, TeamId
from domain.observations import Fate, judge


async def report_team(
    container: Container,
    credential: Credential,
    place: TeamPlace,
    said: TeamReport,
    told: Told,
    *,
    address: str | None = None,
) -> Receipt:
    """Takes a team's report in; it replaces all that was said when its observation is the newest.

    Saying the same twice is harmless. Raises NotFound, NotAllowed, InvalidInput, ObservedInFuture,
    VersionChanged and AlreadyClosed.
    """
    received_at = container.now()
    observations.require(credential, Action.CAPACITY_REPORT, _target(place))
    heard = observations.hear(credential, told, received_at, address)
    check_team_report(said, heard.observed_on)

    async def judged(work: UnitOfWork) -> tuple[Outcome, HomeCareTeamRow]:
        row = await _lock(work, credential, place.id)
        fate = await _judge(work, row, heard, said)
        if fate is Fate.ACCEPTED:
            _take(work, row, heard, said)
        elif fate.is_kept:
            work.session.add(_kept(row, heard, said, fate.outcome))
        return fate.outcome, row

    return await _receipt(container, credential, place, judged, received_at, address)


async def confirm_team(
    container: Container,
    credential: Credential,
    place: TeamPlace,
    shown_version: int,
    *,
    address: str | None = None,
) -> Receipt:
    """Takes a "klopt nog": what was shown of a team is true now.

    Raises VersionChanged when another report stands by now, NothingToConfirm when none does,
    NotFound, NotAllowed and AlreadyClosed.
    """
    received_at = container.now()
    observations.require(credential, Action.CAPACITY_REPORT, _target(place))
    heard = observations.hear(credential, Told(), received_at, address)
    digest = heard.digest("klopt-nog", shown_version)

    async def judged(work: UnitOfWork) -> tuple[Outcome, HomeCareTeamRow]:
        row = await _lock(work, credential, place.id)
        if row.digest == digest:
            return Outcome.REPEATED, row
        said = report_of(row)
        if said is None:
            raise NothingToConfirm
        if row.report_version != shown_version:
            raise VersionChanged(row.report_version)
        if heard.source.sandbox:
            return Outcome.SANDBOX, row
        assert row.observed_at is not None
        # Clocks of two processes may differ: what is confirmed was observed by now at the latest.
        now = max(heard.observed_at, row.observed_at)
        _take(work, row, replace(heard, observed_at=now, received_at=now), said, digest)
        return Outcome.ACCEPTED, row

    return await _receipt(
        container, credential, place, judged, received_at, address, confirmation=True
    )


async def _receipt(
    container: Container,
    credential: Credential,
    place: TeamPlace,
    judged: Callable[[UnitOfWork], Awaitable[tuple[Outcome, HomeCareTeamRow]]],
    received_at: datetime,
    address: str | None,
    *,
    confirmation: bool = False,
) -> Receipt:
    (outcome, row), position = await observations.report(
        container,
        credential,
        place.region_id,
        "home-care-team",
        place.id,
        judged,
        outcome=lambda found: found[0],
        address=address,
        confirmation=confirmation,
    )
    return observations.receipt(outcome, row, position, received_at)


async def find_team(container: Container, team_id: TeamId) -> TeamPlace:
    """Whose a team is. Raises NotFound."""
    return _found(await container.read(lambda connection: teams.find_team(connection, team_id)))


async def find_team_by_external_id(container: Container, agb: str, external_id: str) -> TeamPlace:
    """Whose a team is, by its owner's AGB-code and own code for it. Raises NotFound."""
    return _found(
        await container.read(
            lambda connection: teams.find_team_by_external_id(connection, agb, external_id)
        )
    )


def _found(place: TeamPlace | None) -> TeamPlace:
    if place is None:
        raise NotFound
    return place


async def history(
    container: Container,
    credential: Credential,
    place: TeamPlace,
    *,
    before: tuple[datetime, bytes] | None,
    limit: int,
) -> Sequence[PastTeamReport]:
    """Earlier reports of a team, newest observation first, late ones too. Raises NotFound."""
    observations.require(credential, Action.CAPACITY_HISTORY, _target(place))
    return await container.read(
        lambda connection: teams.read_history(connection, place.id, before, limit)
    )


def report_of(row: HomeCareTeamRow) -> TeamReport | None:
    """What a row says of its team; None: never reported."""
    if row.light is None:
        return None
    return TeamReport(
        Light(row.light),
        row.earliest_start,
        tuple(_exception(data) for data in row.exceptions or ()),
        row.hours,
    )


def _exception(data: dict[str, Any]) -> TeamException:
    start = data["earliest_start"]
    return TeamException(
        Light(data["light"]),
        Skill(data["skill"]) if data["skill"] else None,
        Dagdeel(data["dagdeel"]) if data["dagdeel"] else None,
        date.fromisoformat(start) if start else None,
    )


def _exceptions(said: TeamReport) -> list[dict[str, Any]]:
    """As the board shows them."""
    return [
        {
            "skill": exception.skill,
            "dagdeel": exception.dagdeel,
            "light": exception.light,
            "earliest_start": exception.earliest_start and exception.earliest_start.isoformat(),
        }
        for exception in said.exceptions
    ]


def _target(place: TeamPlace) -> Target:
    return Target(place.region_id, place.owner_id)


async def _lock(work: UnitOfWork, credential: Credential, team_id: TeamId) -> HomeCareTeamRow:
    """A team, locked, and its owner judged again: it may have changed until then."""
    row = await teams.lock_team(work, team_id)
    target = Target(RegionId(row.region_id), OrganisationId(row.organisation_id))
    observations.require(credential, Action.CAPACITY_REPORT, target)
    if row.status != "active":
        raise AlreadyClosed
    return row


async def _judge(work: UnitOfWork, row: HomeCareTeamRow, heard: Said, said: TeamReport) -> Fate:
    digest = _digest(heard, said)
    stood = report_of(row)
    return judge(
        heard.observation(rank(said), digest),
        observations.standing(row, rank(stood)) if stood else None,
        version=row.report_version,
        expected_version=heard.expected_version,
        known=await teams.is_known(work, row.id, heard.stated_at, digest),
        sandbox=heard.source.sandbox,
    )


def _take(
    work: UnitOfWork,
    row: HomeCareTeamRow,
    heard: Said,
    said: TeamReport,
    confirmation: bytes | None = None,
) -> None:
    kept = _kept(row, heard, said, Outcome.ACCEPTED, confirmation)
    observations.stamp(row, heard, kept.digest, kept.valid_until)
    row.light = said.light
    row.earliest_start = said.earliest_start
    row.hours = said.hours
    row.exceptions = kept.exceptions
    kept.version = row.report_version
    work.session.add(kept)
    work.touch(Kind.HOME_CARE, row.id, row.region_id)


def _kept(
    row: HomeCareTeamRow,
    heard: Said,
    said: TeamReport,
    outcome: Outcome,
    confirmation: bytes | None = None,
) -> HomeCareReportRow:
    """A report as history keeps it; `version` only for one that counts."""
    return HomeCareReportRow(
        team_id=row.id,
        outcome=outcome,
        confirmation=confirmation is not None,
        source_id=heard.source.id,
        source_kind=heard.source.kind,
        actor_id=heard.actor.id,
        stated_at=heard.stated_at,
        observed_at=heard.observed_at,
        received_at=heard.received_at,
        valid_until=observations.valid_until(
            row.posting_schedule, row.time_to_live_minutes, heard.observed_at
        ),
        light=said.light,
        earliest_start=said.earliest_start,
        hours=said.hours,
        exceptions=_exceptions(said),
        note=heard.note,
        digest=confirmation or _digest(heard, said),
    )


def _digest(heard: Said, said: TeamReport) -> bytes:
    return heard.digest(said.light, said.earliest_start, said.hours, _exceptions(said))
