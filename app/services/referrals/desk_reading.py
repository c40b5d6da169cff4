"""What a coordination point's desk reads: alerts, who has no place, what the next shift gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.container import Container
from app.db import desk_reads, referral_reads
from app.db.desk_reads import AskedProvider, LastNote, ListedAlert, PathStep, WithoutPlace
from app.db.event_log import Connection
from app.db.referral_reads import After, Selection, StoredReferral
from app.services.referrals.reading import audit
from domain.actors import Actor
from domain.alerts import AlertKind
from domain.cases import TargetGroup
from domain.hours import OnCall, on_call


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Some of the tussen-wal-en-schip register with each one's path, and counts of all of it."""

    cases: Sequence[tuple[WithoutPlace, Sequence[PathStep]]]
    counts: dict[TargetGroup, int]


@dataclass(frozen=True, slots=True)
class ToCall:
    """A provider that was asked, and who answers its telephone now."""

    asked: AskedProvider
    on_call: OnCall | None


@dataclass(frozen=True, slots=True)
class HandedOn:
    """A referral as the next shift gets it."""

    referral: StoredReferral
    notes: Sequence[LastNote]
    asked: Sequence[ToCall]


async def alerts(
    container: Container,
    actor: Actor,
    *,
    kind: AlertKind | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ListedAlert]:
    """What somebody at the desk has to be told. Nothing in it says who or what somebody needs."""
    return await container.read(
        lambda connection: desk_reads.read_alerts(
            connection,
            actor.organisation_id,
            actor.regions,
            kind=kind,
            after=after,
            limit=limit,
        )
    )


async def no_place_register(
    container: Container,
    actor: Actor,
    *,
    group: TargetGroup | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
    address: str | None = None,
) -> RegisterPage:
    """For whom no place was found, with what was tried; those who wait longest first."""

    async def read(connection: Connection) -> RegisterPage:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            owner_id = actor.organisation_id
            found = await desk_reads.read_without_place(
                connection, owner_id, group=group, after=after, limit=limit
            )
            paths = await desk_reads.read_paths(connection, [one.id for one in found])
            counts = await desk_reads.count_without_place(connection, owner_id)
        return RegisterPage([(one, paths.get(one.id, ())) for one in found], counts)

    page = await container.read(read)
    await audit(container, actor, "no-place-register", actor.organisation_id, address)
    return page


async def shift_handover(
    container: Container,
    actor: Actor,
    *,
    after: After | None,
    limit: int,
    address: str | None = None,
) -> list[HandedOn]:
    """Every open referral, what has to be done first first."""

    async def read(connection: Connection) -> list[HandedOn]:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = await referral_reads.read_referrals(
                connection,
                actor.organisation_id,
                Selection(is_open=True),
                requested=False,
                after=after,
                limit=limit,
            )
            ids = [one.id for one in found]
            notes = await desk_reads.read_last_notes(connection, ids)
            asked = await desk_reads.read_asked(connection, ids)
        now = container.now()
        return [
            HandedOn(
                one,
                notes.get(one.id, ()),
                [ToCall(provider, _answers(provider, now)) for provider in asked.get(one.id, ())],
            )
            for one in found
        ]

    handed = await container.read(read)
    await audit(container, actor, "shift-handover", actor.organisation_id, address)
    return handed


def _answers(provider: AskedProvider, now: datetime) -> OnCall | None:
    found = (on_call(contacts, now) for contacts in provider.contacts)
    return next((contact for contact in found if contact is not None), None)
