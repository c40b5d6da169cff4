"""Makes the page of a provider's own from what the board knows."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from api.web.capacity.cards import TEAMS, BedView, Place, PoolCard, Sheet, TeamCard
from app.container import Container
from app.live.board import RegionBoard
from app.live.pool_views import PoolView, StopView
from app.live.team_views import TeamView
from domain import posting
from domain.actors import Actor
from domain.beds import BedState, Hold
from domain.calendar import AMSTERDAM
from domain.care_types import CareType, ClosedReason
from domain.errors import Unavailable
from domain.events import Kind
from domain.identifiers import EVERYWHERE, RegionId
from domain.posting import PostingSchedule

#: Events of others that may come before the one that is waited for.
_MOST_WAITS = 100


def sheet_of(container: Container, actor: Actor, chosen: str) -> Sheet:
    """The page of an actor's organisation; an unknown choice is the first location.

    Raises Unavailable while the board of its region isn't there.
    """
    now = container.now()
    boards = _boards(container, actor)
    pools = [card for board in boards for card in _pools(board, actor, now)]
    teams = [card for board in boards for card in _teams(board, actor, now)]
    in_use = {card.view.location_id for card in pools}
    places = sorted(
        (place for board in boards for place in _places(board, in_use)),
        key=lambda place: (place.name.casefold(), str(place.id)),
    )
    place = next((one for one in places if str(one.id) == chosen), None)
    if place is None and places and not (chosen == TEAMS and teams):
        place = places[0]
    here = place.id if place else None
    shown = teams
    if place is not None and len(places) > 1:
        shown = [team for team in teams if _works_in(container, team, place.gemeente)]
    stop, version = _stop(container, place, now)
    return Sheet(
        place=place,
        places=tuple(places),
        all_teams=len(teams),
        pools=tuple(card for card in pools if card.view.location_id == here),
        teams=tuple(shown),
        stop=stop,
        stop_version=version,
    )


async def pool_now(container: Container, region_id: RegionId, pool_id: UUID, version: int) -> str:
    """The number that stands of a pool, as a signature, as of this version or a later one."""
    told = await _told(container, region_id, Kind.CAPACITY, pool_id, "version", version)
    own = _own(told.get("balance"), told.get("claimed"), told.get("promised"))
    return "" if own is None else str(own)


async def bed_now(container: Container, region_id: RegionId, bed_id: UUID, version: int) -> str:
    """What stands of a bed, as a signature."""
    told = await _told(container, region_id, Kind.BED, bed_id, "report_version", version)
    return bed_view(told, container.now()).signature if told else ""


async def team_now(container: Container, region_id: RegionId, team_id: UUID, version: int) -> str:
    """What stands of a team, as a signature."""
    board = board_of(container, region_id)
    await _told(container, region_id, Kind.HOME_CARE, team_id, "version", version)
    view = board.team_views.some([str(team_id)], container.now())[str(team_id)]
    return _team_card(board, view, {}).signature if view else ""


async def _told(
    container: Container,
    region_id: RegionId,
    kind: Kind,
    subject_id: UUID,
    field: str,
    version: int,
) -> dict[str, Any]:
    """The board's state of a subject, once it is that far; what it has after a second."""
    board = board_of(container, region_id)
    found = _read(board, kind, subject_id)
    tries = 0
    while (found.get(field) or 0) < version and tries < _MOST_WAITS:
        tries += 1
        if not await board.reach(board.position.number + 1):
            break
        found = _read(board, kind, subject_id)
    return found


def board_of(container: Container, region_id: RegionId) -> RegionBoard:
    """A region's board. Raises Unavailable."""
    board = container.board.regions.get(region_id)
    if board is None:
        raise Unavailable
    return board


def _boards(container: Container, actor: Actor) -> list[RegionBoard]:
    regions = sorted(region for region in actor.regions if region != EVERYWHERE)
    return [board_of(container, region_id) for region_id in regions]


def _places(board: RegionBoard, in_use: Iterable[UUID]) -> Iterator[Place]:
    for location_id in in_use:
        text = board.get(Kind.LOCATION, location_id)
        if text is None:
            continue
        data = orjson.loads(text)
        yield Place(
            location_id,
            board.region_id,
            data["name"],
            data["place"],
            data["gemeente"],
            data["telephone"],
        )


def _pools(board: RegionBoard, actor: Actor, now: datetime) -> Iterator[PoolCard]:
    mine = {
        pool_id: data
        for pool_id, data in board.naming(Kind.POOL, actor.organisation_id)
        if data["organisation_id"] == str(actor.organisation_id)
    }
    views = board.pool_views.some(mine, now)
    found = [view for view in views.values() if view is not None]
    for view in sorted(found, key=lambda view: (view.name.casefold(), str(view.id))):
        told = _read(board, Kind.CAPACITY, view.id)
        register = mine[str(view.id)]
        counted = None not in (told.get("operable"), told.get("occupied"))
        reason, from_day = told.get("closed_reason"), told.get("available_from")
        yield PoolCard(
            view=view,
            code=register["external_id"],
            own=_own(view.balance, view.claimed, view.promised),
            beds=_beds(board, view, now) if CareType.MFB in view.care_types else None,
            due=_due(register, view.observed_at, view.valid_until),
            counted=counted,
            operable=told.get("operable"),
            occupied=told.get("occupied"),
            physical=told.get("physical"),
            closed_reason=ClosedReason(reason) if reason else None,
            available_from=date.fromisoformat(from_day) if from_day else None,
        )


def _beds(board: RegionBoard, view: PoolView, now: datetime) -> tuple[BedView, ...]:
    found = [
        bed_view(data, now)
        for _, data in board.naming(Kind.BED, view.id)
        if data["pool_id"] == str(view.id) and data["status"] == "active"
    ]
    return tuple(sorted(found, key=lambda bed: (len(bed.name), bed.name)))


def bed_view(data: dict[str, Any], now: datetime) -> BedView:
    """A bed from its state on the board."""
    day = data["expected_discharge"]
    discharge = date.fromisoformat(day) if day else None
    valid_until = _moment(data["valid_until"])
    reason = data["closed_reason"]
    return BedView(
        id=UUID(data["id"]),
        name=data["name"],
        version=data["report_version"] or 0,
        state=BedState(data["state"]) if data["state"] else None,
        hold=Hold(data["hold"]) if data["hold"] else None,
        closed_reason=ClosedReason(reason) if reason else None,
        expected_discharge=discharge,
        late=discharge is not None and discharge < now.astimezone(AMSTERDAM).date(),
        unconfirmed=valid_until is not None and valid_until <= now,
        observed_at=_moment(data["observed_at"]),
    )


def _teams(board: RegionBoard, actor: Actor, now: datetime) -> Iterator[TeamCard]:
    mine = {
        team_id: data
        for team_id, data in board.naming(Kind.HOME_CARE_TEAM, actor.organisation_id)
        if data["organisation_id"] == str(actor.organisation_id)
    }
    views = [view for view in board.team_views.some(mine, now).values() if view is not None]
    for view in sorted(views, key=lambda view: (view.name.casefold(), str(view.id))):
        yield _team_card(board, view, mine[str(view.id)])


def _team_card(board: RegionBoard, view: TeamView, register: dict[str, Any]) -> TeamCard:
    told = _read(board, Kind.HOME_CARE, view.id)
    start = told.get("earliest_start")
    return TeamCard(
        view=view,
        hours=told.get("hours"),
        said_start=date.fromisoformat(start) if start else None,
        due=_due(register, view.observed_at, view.valid_until) if register else None,
    )


def _own(balance: int | None, claimed: int | None, promised: int | None) -> int | None:
    """The provider's own number: whoever looks sees what is held as free still."""
    return None if balance is None else max(0, balance + (claimed or 0) + (promised or 0))


def _due(
    register: dict[str, Any], observed_at: datetime | None, valid_until: datetime | None
) -> datetime | None:
    """By when a figure is to be posted again: before it stops being believed."""
    if observed_at is None or valid_until is None:
        return None
    schedule = PostingSchedule(register["posting_schedule"])
    return min(posting.next_due(schedule, observed_at).astimezone(UTC), valid_until)


def _works_in(container: Container, team: TeamCard, gemeente: str | None) -> bool:
    """Whether a team comes in a gemeente."""
    registers = board_of(container, EVERYWHERE)
    return any(
        _read(registers, Kind.POSTCODE, pc4).get("gemeente") == gemeente for pc4 in team.view.pc4s
    )


def _stop(container: Container, place: Place | None, now: datetime) -> tuple[StopView | None, int]:
    """The stop that stands, with its version; 0: none."""
    if place is None:
        return None, 0
    told = _read(board_of(container, place.region_id), Kind.ADMISSION_STOP, place.id)
    since = _moment(told.get("since"))
    if since is None:
        return None, 0
    until = told["expected_until"]
    day = date.fromisoformat(until) if until else None
    return StopView(ClosedReason(told["reason"]), told["note"], min(since, now), day), told[
        "version"
    ]


def _read(board: RegionBoard, kind: Kind, subject_id: object) -> dict[str, Any]:
    text = board.get(kind, subject_id)
    found: dict[str, Any] = {} if text is None else orjson.loads(text)
    return found


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
