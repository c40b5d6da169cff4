"""Keys: given out once in full, kept as a hash, and revoked for every process at once."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.container import Container
from app.db import keys, registers
from app.db.idempotency import Request, once
from app.db.tables import KeyRow, SourceRow
from app.db.unit_of_work import UnitOfWork
from app.security.keys import key_hash, new_key
from domain.actors import Action, Actor, Role
from domain.capacity import SourceKind, Terms
from domain.errors import AlreadyExists, InvalidInput
from domain.events import Kind
from domain.identifiers import EVERYWHERE, KeyId, OrganisationId

#: Roles whose keys report figures, and how those figures then reach us.
_SOURCE_KINDS = {Role.PROVIDER_CAPACITY: SourceKind.API, Role.COORDINATOR: SourceKind.PHONE}


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is for. `terms` say what the figures cover that it will report.

    sandbox: its source, when it is a new one, counts for nothing until it is released.
    """

    organisation_id: OrganisationId
    role: Role
    name: str
    terms: Terms = field(default_factory=Terms)
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """`key` is None when the same request was done before: it is shown once only."""

    id: KeyId
    key: str | None


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as the operator sees it afterwards."""

    id: UUID
    name: str
    role: Role
    organisation_id: UUID
    organisation_name: str
    created_at: datetime
    revoked_at: datetime | None


async def issue_key(
    container: Container,
    actor: Actor | None,
    new: NewKey,
    request: Request | None = None,
    address: str | None = None,
) -> IssuedKey:
    """Makes a key. Raises NotFound (no such organisation), InvalidInput, AlreadyExists (a source of
    this name with other terms) and IdempotencyMismatch.

    With `request`, doing it again makes no second key.
    """
    if new.role is Role.SYSTEM:
        raise InvalidInput("De rol system is niet voor sleutels.", "/role")
    if new.sandbox and new.role not in _SOURCE_KINDS:
        raise InvalidInput("Een sleutel met deze rol meldt geen cijfers.", "/sandbox")
    key = new_key()

    async def act(work: UnitOfWork) -> IssuedKey:
        async def issue() -> dict[str, str]:
            await registers.get_organisation(work, new.organisation_id)
            row = KeyRow(
                organisation_id=new.organisation_id,
                source_id=await _source(work, new, actor),
                role=new.role,
                name=new.name,
                hash=key_hash(key),
                created_at=work.now,
                created_by=actor.id if actor else None,
            )
            await work.add(row)
            work.audit(actor, Action.KEY_ISSUE, "api-key", row.id, address=address)
            return {"id": str(row.id)}

        answer, repeated = await once(work, request, issue)
        await work.commit()
        return IssuedKey(KeyId(UUID(answer["id"])), None if repeated else key)

    return await container.act(act)


async def revoke_key(
    container: Container, actor: Actor | None, key_id: UUID, address: str | None = None
) -> None:
    """Ends a key: it opens nothing from the commit on, and what it opened is closed.

    Doing it again changes nothing. Raises NotFound.
    """

    async def act(work: UnitOfWork) -> None:
        row = await keys.lock_key(work, key_id)
        if row.revoked_at is None:
            row.revoked_at = work.now
            row.revoked_by = actor.id if actor else None
            work.touch(Kind.KEY_REVOKED, key_id, EVERYWHERE)
            work.audit(actor, Action.KEY_REVOKE, "api-key", key_id, address=address)
        await work.commit()

    await container.act(act)
    # Here at once; the other processes hear of it from region 0.
    container.keys.forget(key_id)


async def list_keys(container: Container) -> list[ListedKey]:
    """All keys there have been, newest first, without anything secret."""

    async def act(work: UnitOfWork) -> list[ListedKey]:
        return [
            ListedKey(
                id=row.id,
                name=row.name,
                role=Role(row.role),
                organisation_id=row.organisation_id,
                organisation_name=organisation.name,
                created_at=row.created_at,
                revoked_at=row.revoked_at,
            )
            for row, organisation in await keys.list_keys(work)
        ]

    return await container.act(act)


async def _source(work: UnitOfWork, new: NewKey, actor: Actor | None) -> UUID | None:
    """The source of a key's figures: a new key under the same name goes on reporting as that source.

    Its terms judge what it has reported, so another key can't bring others; nor does one bring a
    source out of the sandbox, or back into it.
    """
    kind = _SOURCE_KINDS.get(new.role)
    if kind is None:
        return None
    wanted = SourceRow(
        organisation_id=new.organisation_id,
        kind=kind,
        name=new.name,
        lag_minutes=int(new.terms.lag.total_seconds() // 60),
        includes_holds=new.terms.includes_holds,
        released_at=None if new.sandbox else work.now,
        released_by=actor.id if actor and not new.sandbox else None,
    )
    row = await keys.source_by_name(work, new.organisation_id, new.name)
    if row is None:
        await work.add(wanted)
        return wanted.id
    if (row.kind, row.lag_minutes, row.includes_holds) != (
        wanted.kind,
        wanted.lag_minutes,
        wanted.includes_holds,
    ):
        raise AlreadyExists(
            "Onder deze naam is er al een bron met andere afspraken (rol, vertraging of"
            " toezeggingen). Kies een andere naam. Er is niets gewijzigd."
        )
    if new.sandbox and row.released_at is not None:
        raise AlreadyExists(
            "Onder deze naam is er al een bron die meetelt, dus niet op proef. Kies een andere"
            " naam. Er is niets gewijzigd."
        )
    return row.id
