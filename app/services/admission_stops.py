"""Opnamestop of a location: set, changed, lifted, and looked back at."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.container import Container
from app.db import admission_stops as stops
from app.db import registers
from app.db.admission_stops import LocationPlace, PastStop
from app.db.tables import AdmissionStopRow
from app.db.unit_of_work import UnitOfWork
from app.security.keys import Credential, Source
from app.services import observations
from domain.actors import Action, Target
from domain.admission_stops import Stop, begin_of, check_stop
from domain.capacity import Outcome
from domain.errors import NotAllowed, NotFound, VersionChanged
from domain.events import Kind, Position
from domain.identifiers import LocationId, OrganisationId, RegionId


@dataclass(frozen=True, slots=True)
class StopReceipt:
    """What became of an act on a location's stop, and the stop that stands after it.

    `repeated`: it stood so already, or there was none to lift. version 0: none stands.
    """

    outcome: Outcome
    location_id: LocationId
    version: int
    since: datetime | None
    position: Position
    server_time: datetime


async def set_stop(
    container: Container,
    credential: Credential,
    place: LocationPlace,
    stop: Stop,
    expected_version: int | None = None,
    *,
    address: str | None = None,
) -> StopReceipt:
    """Sets a location's stop, or changes the one that stands.

    expected_version: of the stop that was shown; 0: none was. Raises NotFound, NotAllowed,
    AlreadyClosed (the location), InvalidInput and VersionChanged.
    """
    source = _source(credential, place)
    check_stop(stop, container.now())

    async def judged(work: UnitOfWork) -> _Judged:
        last = await _lock(work, credential, place, expected_version)
        # After the lock: whoever was waited for has acted before this.
        now = container.now()
        since = _begin(stop, last, now)
        stands = _standing(last)
        if stands is not None and _says(stands) == (
            stop.reason,
            stop.note,
            since,
            stop.expected_until,
        ):
            return Outcome.REPEATED, stands
        if source.sandbox:
            return Outcome.SANDBOX, stands
        if stands is None:
            stands = AdmissionStopRow(
                location_id=place.id,
                reason=stop.reason,
                source_kind=source.kind,
                # Goes on from the stop before, so that a version never tells of two stops.
                version=last[0].version if last else 0,
            )
        stands.reason = stop.reason
        stands.note = stop.note
        stands.since = since
        stands.expected_until = stop.expected_until
        stands.source_kind = source.kind
        stands.set_at = max(now, since)
        stands.set_by = credential.actor.id
        stands.version += 1
        work.session.add(stands)
        work.touch(Kind.ADMISSION_STOP, place.id, place.region_id)
        return Outcome.ACCEPTED, stands

    return await _receipt(container, credential, place, judged, address)


async def lift_stop(
    container: Container,
    credential: Credential,
    place: LocationPlace,
    expected_version: int | None = None,
    *,
    address: str | None = None,
) -> StopReceipt:
    """Lifts a location's stop. Lifting what doesn't stand changes nothing.

    Raises NotFound, NotAllowed, AlreadyClosed (the location) and VersionChanged.
    """
    source = _source(credential, place)

    async def judged(work: UnitOfWork) -> _Judged:
        stands = _standing(await _lock(work, credential, place, expected_version))
        if stands is None:
            return Outcome.REPEATED, None
        if source.sandbox:
            return Outcome.SANDBOX, stands
        # Another process's clock may have been ahead when it set the stop.
        stands.lifted_at = max(container.now(), stands.set_at)
        stands.lifted_by = credential.actor.id
        work.touch(Kind.ADMISSION_STOP, place.id, place.region_id)
        return Outcome.ACCEPTED, None

    return await _receipt(container, credential, place, judged, address)


async def find_location(container: Container, location_id: LocationId) -> LocationPlace:
    """Whose a location is. Raises NotFound."""
    found = await container.read(lambda connection: stops.find_location(connection, location_id))
    if found is None:
        raise NotFound
    return found


async def history(
    container: Container,
    credential: Credential,
    place: LocationPlace,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[PastStop]:
    """The stops that a location has had, the latest first. Raises NotFound."""
    observations.require(credential, Action.CAPACITY_HISTORY, _target(place))
    return await container.read(
        lambda connection: stops.read_history(connection, place.id, before, limit)
    )


_Judged = tuple[Outcome, AdmissionStopRow | None]


async def _receipt(
    container: Container,
    credential: Credential,
    place: LocationPlace,
    judged: Callable[[UnitOfWork], Awaitable[_Judged]],
    address: str | None,
) -> StopReceipt:
    (outcome, stands), position = await observations.report(
        container,
        credential,
        place.region_id,
        "admission-stop",
        place.id,
        judged,
        outcome=lambda found: found[0],
        address=address,
    )
    return StopReceipt(
        outcome=outcome,
        location_id=place.id,
        version=stands.version if stands else 0,
        since=stands.since if stands else None,
        position=position,
        server_time=container.now(),
    )


def _source(credential: Credential, place: LocationPlace) -> Source:
    observations.require(credential, Action.CAPACITY_REPORT, _target(place))
    if credential.source is None:
        raise NotAllowed
    return credential.source


def _target(place: LocationPlace) -> Target:
    return Target(place.region_id, place.owner_id)


async def _lock(
    work: UnitOfWork, credential: Credential, place: LocationPlace, expected_version: int | None
) -> list[AdmissionStopRow]:
    """Locks the location, judges its owner again, and answers with its last stops."""
    row = await registers.lock_location(work, place.id)
    target = Target(RegionId(row.region_id), OrganisationId(row.organisation_id))
    observations.require(credential, Action.CAPACITY_REPORT, target)
    last = await stops.last_stops(work, place.id)
    stands = _standing(last)
    version = stands.version if stands else 0
    if expected_version is not None and expected_version != version:
        raise VersionChanged(version)
    return last


def _standing(last: Sequence[AdmissionStopRow]) -> AdmissionStopRow | None:
    return last[0] if last and last[0].lifted_at is None else None


def _begin(stop: Stop, last: Sequence[AdmissionStopRow], now: datetime) -> datetime:
    """Since when the stop holds: never in the time of the one before."""
    stands = _standing(last)
    if stands is not None and stop.since is None:
        return stands.since
    before = [row.lifted_at for row in last if row.lifted_at is not None]
    return begin_of(stop, now, max(before, default=None))


def _says(row: AdmissionStopRow) -> tuple[str, str | None, datetime, date | None]:
    return row.reason, row.note, row.since, row.expected_until
