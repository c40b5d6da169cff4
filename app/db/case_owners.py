"""Whose cases are: what is open with an organisation, a pool or a team, and how they change hands."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from app.db.tables import AlertRow, HandoverRow, OfferRow, ProposalRow, ReferralRow, StayRow
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


async def handovers_between(work: UnitOfWork, one: UUID, other: UUID) -> int:
    """How many hand-overs between two organisations wait for an answer."""
    return await _count(
        work, HandoverRow, _between(one, other), col(HandoverRow.state) == HandoverState.AANGEBODEN
    )


async def move_cases(work: UnitOfWork, of: UUID, to: UUID) -> None:
    """Gives all that an organisation has or had to do with referrals to another one, and tells both.

    What was handed over between the two stays with who they were.
    """
    connection = await work.session.connection()
    between = _between(of, to)
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
        sa.update(ProposalRow).where(col(ProposalRow.owner_id) == of).values(owner_id=to),
    ):
        await connection.execute(change)


async def move_places(
    work: UnitOfWork,
    to: UUID,
    *,
    pool_ids: Collection[UUID] = (),
    team_ids: Collection[UUID] = (),
) -> None:
    """Places that go over to another owner take along what they are asked, have promised, and who is in
    them; what ended stays with whom it was."""
    connection = await work.session.connection()
    at = sa.or_(col(OfferRow.pool_id).in_(pool_ids), col(OfferRow.team_id).in_(team_ids))
    staying = sa.select(col(StayRow.offer_id)).where(
        sa.or_(col(StayRow.pool_id).in_(pool_ids), col(StayRow.team_id).in_(team_ids)),
        col(StayRow.left_at).is_(None),
    )
    going = sa.or_(col(OfferRow.state).in_(_OPEN), col(OfferRow.id).in_(staying))
    found = await connection.execute(
        sa.select(col(OfferRow.id), col(OfferRow.region_id), col(OfferRow.provider_id))
        .where(at, going, col(OfferRow.provider_id) != to)
        .order_by(col(OfferRow.id))
        .with_for_update(key_share=True)
    )
    offers = found.all()
    ids = [row.id for row in offers]
    for change in (
        sa.update(StayRow).where(col(StayRow.offer_id).in_(ids)).values(provider_id=to),
        sa.update(OfferRow)
        .where(col(OfferRow.id).in_(ids))
        .values(provider_id=to, version=col(OfferRow.version) + 1),
    ):
        await connection.execute(change)
    for row in offers:
        work.touch(Kind.OFFER, row.id, row.region_id, row.provider_id)
        work.touch(Kind.OFFER, row.id, row.region_id, to)


def _between(one: UUID, other: UUID) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(col(HandoverRow.from_id) == one, col(HandoverRow.to_id) == other),
        sa.and_(col(HandoverRow.from_id) == other, col(HandoverRow.to_id) == one),
    )


async def _count(
    work: UnitOfWork,
    table: type[ReferralRow | OfferRow | HandoverRow],
    *where: sa.ColumnElement[bool],
) -> int:
    connection = await work.session.connection()
    query = sa.select(sa.func.count()).select_from(table).where(*where)
    return int((await connection.execute(query)).scalar_one())
