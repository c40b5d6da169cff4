"""Whose cases are: what is open with an organisation, a pool or a team, and how they change hands."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from app.db.tables import AlertRow, HandoverRow, OfferRow, ReferralRow, StayRow
from app.db.unit_of_work import UnitOfWork
from domain.cases import HandoverState
from domain.events import Kind
from domain.offers import OfferState

_OPEN = [state.value for state in OfferState if state.is_open]


async def open_cases(
    work: UnitOfWork, organisation_id: UUID, regions: Collection[int] | None = None
) -> dict[str, int]:
    """How many referrals, offers and stays are open with an organisation, in these regions (None: all)."""
    owned = [col(ReferralRow.owner_id) == organisation_id, col(ReferralRow.ended_at).is_(None)]
    asked = [col(OfferRow.provider_id) == organisation_id, col(OfferRow.state).in_(_OPEN)]
    if regions is not None:
        owned.append(col(ReferralRow.region_id).in_(regions))
        asked.append(col(OfferRow.region_id).in_(regions))
    return {
        "referrals": await _count(work, ReferralRow, *owned),
        "offers": await _count(work, OfferRow, *asked),
    }


async def open_offers(
    work: UnitOfWork, *, pool_id: UUID | None = None, team_id: UUID | None = None
) -> int:
    """How many offers wait for an answer about a pool or a team."""
    asked = col(OfferRow.pool_id) == pool_id if pool_id else col(OfferRow.team_id) == team_id
    return await _count(work, OfferRow, asked, col(OfferRow.state).in_(_OPEN))


async def move_cases(work: UnitOfWork, of: UUID, to: UUID) -> None:
    """Gives all that an organisation has or had to do with referrals to another one, and tells both.

    What was being handed over between the two goes nowhere: that ends.
    """
    connection = await work.session.connection()
    between = sa.or_(
        sa.and_(col(HandoverRow.from_id) == of, col(HandoverRow.to_id) == to),
        sa.and_(col(HandoverRow.from_id) == to, col(HandoverRow.to_id) == of),
    )
    ended = await connection.execute(
        sa.update(HandoverRow)
        .where(between, col(HandoverRow.state) == HandoverState.AANGEBODEN)
        .values(
            state=HandoverState.INGETROKKEN,
            ended_at=work.now,
            version=col(HandoverRow.version) + 1,
        )
        .returning(col(HandoverRow.id), col(HandoverRow.to_region_id), col(HandoverRow.to_id))
    )
    for row in ended:
        work.touch(Kind.HANDOVER, row.id, row.to_region_id, row.to_id)
    owners = (
        (Kind.REFERRAL, ReferralRow, "owner_id", "region_id"),
        (Kind.REFERRAL_STATUS, ReferralRow, "requested_by_id", "region_id"),
        (Kind.OFFER, OfferRow, "provider_id", "region_id"),
        (Kind.HANDOVER, HandoverRow, "to_id", "to_region_id"),
    )
    for kind, table, owner, region in owners:
        columns = sa.inspect(table).columns
        mine = [columns[owner] == of]
        if table is HandoverRow:
            mine.append(sa.not_(between))
        moved = await connection.execute(
            sa.update(table)
            .where(*mine)
            .values({owner: to, "version": columns["version"] + 1})
            .returning(columns["id"], columns[region])
        )
        for subject_id, region_id in sorted(map(tuple, moved)):
            work.touch(kind, subject_id, region_id, of)
            work.touch(kind, subject_id, region_id, to)
    for change in (
        sa.update(HandoverRow)
        .where(col(HandoverRow.from_id) == of, sa.not_(between))
        .values(from_id=to),
        sa.update(StayRow).where(col(StayRow.provider_id) == of).values(provider_id=to),
        sa.update(AlertRow).where(col(AlertRow.owner_id) == of).values(owner_id=to),
    ):
        await connection.execute(change)


async def _count(
    work: UnitOfWork, table: type[ReferralRow | OfferRow], *where: sa.ColumnElement[bool]
) -> int:
    connection = await work.session.connection()
    query = sa.select(sa.func.count()).select_from(table).where(*where)
    return int((await connection.execute(query)).scalar_one())
