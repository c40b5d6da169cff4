"""Who sees what of an offer. Reading is audited: it is somebody's need, if without a name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.container import Container
from app.db import offer_reads
from app.db.event_log import Connection
from app.db.offer_reads import OfferTexts, StoredOffer
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor, Target, may
from domain.errors import NotFound
from domain.hours import OnCall, on_call
from domain.identifiers import OrganisationId, RegionId
from domain.offers import OfferState


class View(StrEnum):
    """How much of an offer somebody sees; each but the last less than the one after it.

    ENDED: that it was asked, when, and how that ended. ASKED: what is needed, of a person in an age
    band. IN_HAND: with a place promised, also the birth year and whom to call back. OWNER: the
    coordination point that has the referral.
    """

    ENDED = "ended"
    ASKED = "asked"
    IN_HAND = "in-hand"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Seen:
    """An offer as somebody may see it. texts None: not read, or not the caller's to see.

    on_call: who answers the provider's telephone now, for the coordination point.
    """

    offer: StoredOffer
    view: View
    texts: OfferTexts | None
    on_call: OnCall | None


async def get_offer(
    container: Container, actor: Actor, offer_id: UUID, address: str | None = None
) -> Seen:
    """One offer. Raises NotFound: there is none, or it is somebody else's."""

    async def read(connection: Connection) -> tuple[StoredOffer, View, OfferTexts | None]:
        offer = await offer_reads.read_offer(connection, offer_id)
        view = view_of(actor, offer) if offer is not None else None
        if offer is None or view is None:
            raise NotFound
        if view is View.ENDED:
            return offer, view, None
        return offer, view, await offer_reads.read_texts(connection, offer)

    offer, view, texts = await container.read(read)
    await _audit(container, actor, "offer", offer_id, address)
    return _seen(offer, view, texts, container.now())


async def list_offers(
    container: Container,
    actor: Actor,
    *,
    is_open: bool | None,
    referral_id: UUID | None,
    before: UUID | None,
    limit: int,
    address: str | None = None,
) -> list[Seen]:
    """What a provider was asked, or a coordination point asked; the newest first, without texts."""
    found = await container.read(
        lambda connection: offer_reads.read_offers(
            connection,
            actor.organisation_id,
            asked_of_it=not may(actor, Action.REFERRAL_WRITE),
            is_open=is_open,
            referral_id=referral_id,
            before=before,
            limit=limit,
        )
    )
    await _audit(container, actor, "offers", actor.organisation_id, address)
    now = container.now()
    views = [(offer, view_of(actor, offer)) for offer in found]
    return [_seen(offer, view, None, now) for offer, view in views if view is not None]


def view_of(actor: Actor, offer: StoredOffer) -> View | None:
    """How much of an offer the actor sees; None: nothing, it is somebody else's."""
    region = RegionId(offer.region_id)
    owner, provider = OrganisationId(offer.owner_id), OrganisationId(offer.provider_id)
    if may(actor, Action.REFERRAL_WRITE, Target(region, owner)):
        return View.OWNER
    if not may(actor, Action.OFFER_READ, Target(region, provider)):
        return None
    state = OfferState(offer.state)
    if state in (OfferState.TOEGEZEGD, OfferState.OPGENOMEN):
        return View.IN_HAND
    return View.ENDED if state.in_vain else View.ASKED


def _seen(offer: StoredOffer, view: View, texts: OfferTexts | None, now: datetime) -> Seen:
    answers = None
    if view is View.OWNER:
        found = (on_call(contacts, now) for contacts in offer.on_call)
        answers = next((contact for contact in found if contact is not None), None)
    return Seen(offer, view, texts, answers)


async def _audit(
    container: Container, actor: Actor, kind: str, object_id: UUID, address: str | None
) -> None:
    """Kept before the answer goes out: what can't be kept isn't read."""

    async def act(work: UnitOfWork) -> None:
        work.audit(actor, Action.OFFER_READ, kind, object_id, address=address, purpose="referral")
        await work.commit()

    await container.act(act)
