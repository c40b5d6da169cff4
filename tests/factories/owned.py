"""Referrals, offers and hand-overs as bare rows, for the stream that tells of them to their owners."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID, uuid4

from sqlmodel import col, select

from app.container import Container
from app.db.tables.offers import OfferRow
from app.db.tables.referrals import HandoverRow, ReferralRow
from app.db.unit_of_work import UnitOfWork
from domain.care_types import CareType
from domain.cases import HandoverReason, HandoverState, Route
from domain.events import Kind
from domain.identifiers import OrganisationId, RegionId
from domain.needs import Behaviour, Infection, LegalStatus, Setting, Sex, Urgency
from domain.next_actions import NextAction, Party
from domain.norms import ClockHours
from domain.offers import OfferState
from domain.referrals import ReferralState
from tests.factories.world import REGION

_numbers = count(1)


async def make_referral(
    container: Container,
    owner_id: OrganisationId,
    requested_by_id: OrganisationId | None = None,
    region_id: RegionId = REGION,
) -> UUID:
    """A referral of a coordination point, told to it and to who asked for it."""

    async def act(work: UnitOfWork) -> UUID:
        row = ReferralRow(
            number=f"gemaakt-{next(_numbers)}",
            region_id=region_id,
            owner_id=owner_id,
            requested_by_id=requested_by_id,
            episode_id=uuid4(),
            state=ReferralState.INGEDIEND,
            route=Route.API,
            urgency=Urgency.SPOED,
            birth_year=1940,
            sex=Sex.VROUW,
            pc4="2725",
            setting=Setting.THUIS,
            infection=Infection.GEEN,
            behaviour=Behaviour.RUSTIG,
            legal_status=LegalStatus.VRIJWILLIG,
            first_contact_at=work.now,
            created_at=work.now,
            next_action=NextAction.TRIEREN,
            waits_on=Party.COORDINATIEPUNT,
        )
        await work.add(row)
        work.touch(Kind.REFERRAL, row.id, region_id, owner_id)
        work.touch(Kind.REFERRAL_STATUS, row.id, region_id, requested_by_id)
        await work.commit()
        return row.id

    return await container.act(act)


async def move_referral(
    container: Container,
    referral_id: UUID,
    owner_id: OrganisationId,
    region_id: RegionId = REGION,
) -> None:
    """A referral goes on, and is this coordination point's from now on, in this region."""

    async def act(work: UnitOfWork) -> None:
        row = await work.session.get_one(ReferralRow, referral_id, with_for_update=True)
        for _ in range(2):
            work.touch(Kind.REFERRAL, row.id, row.region_id, row.owner_id)
            work.touch(Kind.REFERRAL_STATUS, row.id, row.region_id, row.requested_by_id)
            row.owner_id, row.region_id = owner_id, region_id
        row.version += 1
        await work.commit()

    await container.act(act)


async def make_offer(
    container: Container,
    referral_id: UUID,
    provider_id: OrganisationId,
    region_id: RegionId = REGION,
) -> UUID:
    """A provider is asked, and told so."""

    async def act(work: UnitOfWork) -> UUID:
        row = OfferRow(
            referral_id=referral_id,
            region_id=region_id,
            provider_id=provider_id,
            care_type=CareType.ELV_LAAG,
            state=OfferState.GEVRAAGD,
            round=1,
            asked=1,
            offered_at=work.now,
            deadline_at=work.now,
            norm_minutes=60,
            norm_hours=next(iter(ClockHours)),
            norms_version=0,
        )
        await work.add(row)
        work.touch(Kind.OFFER, row.id, region_id, provider_id)
        await work.commit()
        return row.id

    return await container.act(act)


async def change_offer(container: Container, offer_id: UUID) -> None:
    """Something about an offer changes."""

    async def act(work: UnitOfWork) -> None:
        row = await work.session.get_one(OfferRow, offer_id, with_for_update=True)
        row.version += 1
        work.touch(Kind.OFFER, row.id, row.region_id, row.provider_id)
        await work.commit()

    await container.act(act)


async def give_offers(container: Container, of: OrganisationId, to: OrganisationId) -> None:
    """All offers to one provider become another's, as in a merger."""

    async def act(work: UnitOfWork) -> None:
        for offer_id in await _offers_of(work, of):
            row = await work.session.get_one(OfferRow, offer_id, with_for_update=True)
            row.provider_id = to
            row.version += 1
            for owner_id in (of, to):
                work.touch(Kind.OFFER, row.id, row.region_id, owner_id)
        await work.commit()

    await container.act(act)


async def _offers_of(work: UnitOfWork, provider_id: OrganisationId) -> Sequence[UUID]:
    query = select(col(OfferRow.id)).where(col(OfferRow.provider_id) == provider_id)
    return (await work.session.exec(query.order_by(col(OfferRow.id)))).all()


async def make_handover(
    container: Container,
    referral_id: UUID,
    of: OrganisationId,
    to: OrganisationId,
    region_id: RegionId = REGION,
) -> UUID:
    """A referral is offered to another coordination point, which is told so."""

    async def act(work: UnitOfWork) -> UUID:
        row = HandoverRow(
            referral_id=referral_id,
            from_id=of,
            from_region_id=REGION,
            to_id=to,
            to_region_id=region_id,
            state=HandoverState.GEWEIGERD,
            reason=HandoverReason.DIENST,
            offered_at=work.now,
        )
        await work.add(row)
        work.touch(Kind.HANDOVER, row.id, region_id, to)
        await work.commit()
        return row.id

    return await container.act(act)


@dataclass(slots=True)
class Cases:
    """What happens between two coordination points, two providers and a referrer, from a seed."""

    container: Container
    random: random.Random
    points: tuple[OrganisationId, OrganisationId]
    providers: tuple[OrganisationId, OrganisationId]
    referrer: OrganisationId
    referrals: dict[UUID, OrganisationId] = field(default_factory=dict)
    offers: list[UUID] = field(default_factory=list)

    async def happen(self, times: int) -> None:
        """So many acts, one after another."""
        for _ in range(times):
            await self._act()

    async def _act(self) -> None:
        draw = self.random
        if not self.referrals or draw.random() < 0.2:
            owner = draw.choice(self.points)
            asked_by = draw.choice((self.referrer, None))
            self.referrals[await make_referral(self.container, owner, asked_by)] = owner
            return
        referral_id = draw.choice(list(self.referrals))
        owner = self.referrals[referral_id]
        other = self.points[self.points[0] == owner]
        match draw.randrange(4):
            case 0:
                provider = draw.choice(self.providers)
                self.offers.append(await make_offer(self.container, referral_id, provider))
            case 1 if self.offers:
                await change_offer(self.container, draw.choice(self.offers))
            case 2:
                await make_handover(self.container, referral_id, owner, other)
            case _:
                self.referrals[referral_id] = draw.choice(self.points)
                await move_referral(self.container, referral_id, self.referrals[referral_id])
