"""Reading referrals within an act: whose a new one is, those that are like it, what was typed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from app.db.tables import (
    OrganisationRegionRow,
    OrganisationRow,
    ReferralRow,
    ReferralTextRow,
)
from app.db.unit_of_work import UnitOfWork
from domain.actors import OrganisationKind
from domain.cases import TextKind
from domain.identifiers import RegionId

_MOST_LIKES = 10


@dataclass(frozen=True, slots=True)
class Likes:
    """Referrals that may be about the same person: open ones, and ones that ended lately."""

    open: tuple[UUID, ...]
    ended: tuple[UUID, ...]


async def likes_in(
    work: UnitOfWork, referral: ReferralRow, *, open_since: datetime, ended_since: datetime
) -> Likes:
    """Of the same coordination point, with the same birth year, sex and PC4, and not its episode."""
    query = (
        select(ReferralRow.id, ReferralRow.ended_at)
        .where(
            col(ReferralRow.owner_id) == referral.owner_id,
            col(ReferralRow.pc4) == referral.pc4,
            col(ReferralRow.birth_year) == referral.birth_year,
            col(ReferralRow.sex) == referral.sex,
            col(ReferralRow.id) != referral.id,
            col(ReferralRow.episode_id) != referral.episode_id,
            sa.or_(
                sa.and_(
                    col(ReferralRow.ended_at).is_(None), col(ReferralRow.created_at) >= open_since
                ),
                col(ReferralRow.ended_at) >= ended_since,
            ),
        )
        .order_by(sa.desc(col(ReferralRow.created_at)))
        .limit(_MOST_LIKES)
    )
    rows = (await work.session.exec(query)).all()
    return Likes(
        tuple(one for one, ended_at in rows if ended_at is None),
        tuple(one for one, ended_at in rows if ended_at is not None),
    )


async def texts_in(
    work: UnitOfWork, referral_id: UUID, kinds: Collection[TextKind]
) -> dict[TextKind, str]:
    """The last text of each of these kinds."""
    query = (
        select(ReferralTextRow.kind, ReferralTextRow.text)
        .where(
            col(ReferralTextRow.referral_id) == referral_id,
            col(ReferralTextRow.kind).in_([kind.value for kind in kinds]),
        )
        .order_by(col(ReferralTextRow.at), col(ReferralTextRow.id))
    )
    return {TextKind(kind): text for kind, text in (await work.session.exec(query)).all()}


async def coordination_point_for(
    work: UnitOfWork, regions: Sequence[int], pc4: str
) -> tuple[RegionId, UUID] | None:
    """The coordination point that serves a postcode, in the first of these regions that has one."""
    query = (
        select(OrganisationRegionRow.region_id, OrganisationRow.id)
        .join(
            OrganisationRow, col(OrganisationRow.id) == col(OrganisationRegionRow.organisation_id)
        )
        .where(
            col(OrganisationRow.kind) == OrganisationKind.COORDINATION_POINT,
            col(OrganisationRow.status) == "active",
            col(OrganisationRegionRow.region_id).in_(regions),
            sa.literal(pc4) == sa.any_(col(OrganisationRow.pc4s)),
        )
        .order_by(col(OrganisationRegionRow.region_id), col(OrganisationRow.id))
        .limit(1)
    )
    found = (await work.session.exec(query)).one_or_none()
    return (RegionId(found[0]), found[1]) if found is not None else None
