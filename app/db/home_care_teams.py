"""Reading and locking of home-care teams, and their earlier reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.owners import OWNERS
from app.db.tables import HomeCareReportRow, HomeCareTeamRow
from app.db.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.identifiers import OrganisationId, RegionId, TeamId

_FIND = "SELECT t.id, t.region_id, t.organisation_id FROM home_care_team t"
_HISTORY = """
SELECT outcome, version, confirmation, source_kind AS source, stated_at, observed_at, received_at,
    light, earliest_start, hours, exceptions, note, digest
FROM home_care_report
WHERE team_id = $1 AND ($2::timestamptz IS NULL OR (stated_at, digest) < ($2, $3::bytea))
ORDER BY stated_at DESC, digest DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class TeamPlace:
    """In which region a team works, and whose it is."""

    id: TeamId
    region_id: RegionId
    owner_id: OrganisationId


@dataclass(frozen=True, slots=True)
class PastTeamReport:
    """A report as it was given. `version` is None for one that doesn't count."""

    outcome: str
    version: int | None
    confirmation: bool
    source: str
    stated_at: datetime
    observed_at: datetime
    received_at: datetime
    light: str
    earliest_start: date | None
    hours: int | None
    exceptions: list[dict[str, Any]]
    note: str | None
    digest: bytes


async def find_team(connection: Connection, team_id: UUID) -> TeamPlace | None:
    """A team by its id."""
    row = await connection.fetchrow(f"{_FIND} WHERE t.id = $1", team_id)
    return _place(*row) if row else None


async def find_team_by_external_id(
    connection: Connection, agb: str, external_id: str
) -> TeamPlace | None:
    """A team by its owner's AGB-code, or that of one merged into it, and the owner's own code."""
    row = await connection.fetchrow(
        f"{OWNERS}{_FIND} JOIN owner ON owner.id = t.organisation_id WHERE t.external_id = $2",
        *(agb, external_id),
    )
    return _place(*row) if row else None


def _place(team_id: UUID, region_id: int, owner_id: UUID) -> TeamPlace:
    return TeamPlace(TeamId(team_id), RegionId(region_id), OrganisationId(owner_id))


async def lock_team(work: UnitOfWork, team_id: UUID) -> HomeCareTeamRow:
    """A team's row, locked. Raises NotFound."""
    query = (
        select(HomeCareTeamRow)
        .where(col(HomeCareTeamRow.id) == team_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def is_known(work: UnitOfWork, team_id: UUID, stated_at: datetime, digest: bytes) -> bool:
    """Whether history holds this report of a team."""
    return await work.session.get(HomeCareReportRow, (team_id, stated_at, digest)) is not None


async def read_history(
    connection: Connection, team_id: UUID, before: tuple[datetime, bytes] | None, limit: int
) -> Sequence[PastTeamReport]:
    """Reports of a team, newest stated observation first, from before a (stated_at, digest) on."""
    stated_at, digest = before or (None, None)
    rows = await connection.fetch(_HISTORY, team_id, stated_at, digest, limit)
    return [
        PastTeamReport(**{**row, "exceptions": orjson.loads(row["exceptions"] or "[]")})
        for row in rows
    ]
