"""Matching one referral: what the board has for somebody, kept for who acts on it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app import matching_weights
from app.container import Container
from app.db import matches, triages
from app.db.tables import MatchRow, ReferralRow
from app.db.unit_of_work import UnitOfWork
from app.live.board import RegionBoard
from app.live.homes import asked_for
from app.live.match_inputs import match_inputs
from app.live.match_names import names_of
from app.live.matching import Found, match, page_of
from app.live.place_reading import Names
from app.services.referrals import needs
from app.services.referrals.acting import require
from domain.actors import Action, Actor
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.errors import InvalidInput, NotFound, Unavailable, WrongState
from domain.identifiers import EVERYWHERE, RegionId
from domain.matching.replay import Inputs, inputs_from
from domain.matching.weights import Weights
from domain.referrals import ReferralState, Step
from domain.triage.outcomes import care_type_of

#: Matches that nobody acted on are removed after this.
UNUSED_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Acted:
    """A match that an offer or a claim went by. number: the referral's. shown: the pools and teams on its first page, in order."""

    id: UUID
    number: str
    shown: tuple[UUID, ...]
    inputs: Inputs

    def again(self, weights: Weights | None = None) -> tuple[UUID, ...]:
        """As many as were shown, made again from what it went by; by other weights, if given."""
        inputs = self.inputs if weights is None else replace(self.inputs, weights=weights)
        return tuple(one.id for one in inputs.rank().fits[: len(self.shown)])


@dataclass(frozen=True, slots=True)
class Matched:
    """A match as it was made, and a page of each of its lists.

    home: what there is at home, beside places; None: that is among what was asked. names: of what is
    on the pages, as the board has them now. acted_at: since when an offer or a claim goes by it;
    acted_on: their ids.
    """

    id: UUID
    referral_id: UUID
    at: datetime
    position: str
    weights_version: str
    care_types: tuple[CareType, ...]
    needed_by: datetime | None
    acted_at: datetime | None
    acted_on: tuple[UUID, ...]
    found: Found
    home: Found | None
    names: Mapping[UUID, Names]


async def match_referral(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    care_types: Sequence[CareType] = (),
    *,
    limit: int,
    address: str | None = None,
) -> Matched:
    """Looks for the right place, and keeps what it went by.

    care_types: in the order of preference; none: those that the last triage advised, else what was
    chosen or asked. Raises NotFound, NotAllowed, WrongState (ended), InvalidInput (nobody knows the
    care types yet) and Unavailable.
    """

    async def act(work: UnitOfWork) -> Matched:
        row = await _referral(work, actor, Action.REFERRAL_WRITE, referral_id)
        if ReferralState(row.state).ended:
            raise WrongState(Step.OFFERED, row.state)
        order = tuple(dict.fromkeys(care_types)) or await _care_types(work, row)
        board = _board(container, row.region_id)
        asked = asked_for(
            container.board.regions.get(EVERYWHERE), needs.matched(row), needs.wishes_of(row)
        )
        weights = matching_weights.current(work.now.astimezone(AMSTERDAM).date())
        # Both of one moment of the board: nothing is awaited in between.
        found = match(board, asked, order, weights, work.now, limit=limit)
        inputs = match_inputs(board, asked, order, weights, work.now)
        # All that it went by is long to write, where there are thousands of places.
        written = await asyncio.to_thread(inputs.to_json)
        kept = MatchRow(
            referral_id=row.id,
            region_id=row.region_id,
            at=work.now,
            by=actor.id,
            position=str(found.position),
            weights_version=weights.version,
            shown=[str(one.id) for one in found.found.fits.items],
            kept=written,
        )
        await work.add(kept)
        _audit(work, actor, Action.REFERRAL_WRITE, row.id, address)
        await work.commit()
        return Matched(
            id=kept.id,
            referral_id=row.id,
            at=found.at,
            position=str(found.position),
            weights_version=weights.version,
            care_types=found.care_types,
            needed_by=asked.need.needed_by,
            acted_at=None,
            acted_on=(),
            found=found.found,
            home=found.home,
            names=found.names,
        )

    return await container.act(act)


async def get_match(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    match_id: UUID,
    *,
    limit: int,
    offset: int,
    address: str | None = None,
) -> Matched:
    """A page of a match as it was, made again from what it went by. Raises NotFound and Unavailable."""

    async def act(work: UnitOfWork) -> Matched:
        row = await _referral(work, actor, Action.REFERRAL_READ, referral_id)
        kept = await matches.get_match(work, referral_id, match_id)
        board = _board(container, row.region_id)
        inputs = inputs_from(kept.kept)
        span = slice(offset, offset + limit)
        home = inputs.home()
        found = page_of(inputs.rank(), span)
        at_home = None if home is None else page_of(home, span)
        named = found.ids if at_home is None else found.ids | at_home.ids
        _audit(work, actor, Action.REFERRAL_READ, row.id, address)
        await work.commit()
        return Matched(
            id=kept.id,
            referral_id=row.id,
            at=kept.at,
            position=kept.position,
            weights_version=kept.weights_version,
            care_types=inputs.care_types,
            needed_by=inputs.asked.need.needed_by,
            acted_at=kept.acted_at,
            acted_on=tuple(map(UUID, kept.acted_on)),
            found=found,
            home=at_home,
            names=names_of(board, named),
        )

    return await container.act(act)


async def acted_on(container: Container, region_id: RegionId | None) -> list[Acted]:
    """The matches that somebody acted on, oldest first; of one region, or of all when None."""
    rows = await container.read(lambda connection: matches.read_acted(connection, region_id))
    return [Acted(row.id, row.number, row.shown, inputs_from(row.kept)) for row in rows]


async def forget_unused(container: Container) -> int:
    """Removes the matches that nobody acted on within a day; how many."""

    async def act(work: UnitOfWork) -> int:
        removed = await matches.forget_unused(work, work.now - UNUSED_KEPT_FOR)
        await work.commit()
        return removed

    return await container.act(act)


async def _referral(
    work: UnitOfWork, actor: Actor, action: Action, referral_id: UUID
) -> ReferralRow:
    """A referral in hand of the actor's coordination point."""
    row = await work.session.get(ReferralRow, referral_id)
    if row is None:
        raise NotFound
    require(actor, action, row.region_id, row.owner_id)
    return row


async def _care_types(work: UnitOfWork, row: ReferralRow) -> tuple[CareType, ...]:
    """What was chosen, then what else triage advised; before triage what was asked for."""
    advised = [care_type_of(code) for code in await triages.last_outcomes(work, row.id)]
    chosen = row.care_type_triaged or (None if advised else row.care_type_asked)
    named = [CareType(chosen) if chosen else None, *advised]
    # The MFB is for when nothing else is left, which somebody has to choose.
    beside = [one for one in named[1:] if one is not CareType.MFB]
    found = tuple(dict.fromkeys(one for one in [named[0], *beside] if one is not None))
    if not found:
        raise InvalidInput("Nog niet getrieerd: noem de zorgsoorten.", "/care_types")
    return found


def _board(container: Container, region_id: int) -> RegionBoard:
    board = container.board.regions.get(RegionId(region_id))
    if board is None:
        raise Unavailable
    return board


def _audit(
    work: UnitOfWork, actor: Actor, action: Action, referral_id: UUID, address: str | None
) -> None:
    work.audit(actor, action, "match", referral_id, address=address, purpose="referral")
