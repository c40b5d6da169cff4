"""Signing in with a password, choosing what to work as, and signing out."""

from dataclasses import dataclass
from uuid import UUID

from app.container import Container
from app.db import people, sessions, sign_in_tries
from app.db.people import Account
from app.db.sign_in_tries import Bucket, bucket
from app.db.tables import SessionRow
from app.db.unit_of_work import UnitOfWork
from app.security.devices import is_device, new_device
from app.security.passwords import NOBODYS_HASH
from app.security.sessions import Session, new_token, token_hash
from domain.actors import Action, Actor
from domain.errors import NotFound, SignInRefused
from domain.events import Kind
from domain.identifiers import EVERYWHERE
from domain.people import is_username
from domain.sessions import ADDRESS_LIMIT, NAME_LIMIT, network_of

_BEGIN, _CHOOSE, _END = "session.begin", "session.choose", "session.end"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` and `device` are for cookies: the one opens the session, the other tells at a next
    sign-in that this browser is its person's own."""

    token: str
    session: Session
    device: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    account: Account | None
    device: str | None
    buckets: tuple[Bucket, ...]


async def sign_in(
    container: Container, username: str, password: str, *, address: str | None, device: str | None
) -> SignedIn:
    """A session for who knows the password; a single membership is chosen at once.

    Raises SignInRefused, TooManyAttempts, and Overloaded when many sign in at once. A name that
    nobody has is treated as any other, in time and in the counting of tries.
    """
    name = username.strip().lower()
    with container.passwords.place():
        attempt = await container.act(lambda work: _count(work, name, address, device))
        account = attempt.account
        right = await container.passwords.verify(
            password, account.password_hash if account else NOBODYS_HASH
        )
        known = account if right else None
        token = await container.act(lambda work: _judge(work, attempt, known, address))
    if token is None or known is None:
        raise SignInRefused
    return SignedIn(
        token,
        await container.sessions.find(token),
        attempt.device or new_device(name, known.password_hash),
    )


async def choose_membership(
    container: Container, session: Session, membership_id: UUID, address: str | None = None
) -> None:
    """What the person works as in this session from now on.

    What they have open in other tabs comes back to be checked, and its forms are refused. Raises
    NotFound (it isn't theirs) and NotSignedIn (the session was ended meanwhile).
    """
    chosen = next((one for one in session.memberships if one.id == membership_id), None)
    if chosen is None:
        raise NotFound

    async def act(work: UnitOfWork) -> None:
        row = await sessions.lock_session(work, session.id)
        if row.membership_id != membership_id:
            row.membership_id = membership_id
            work.touch(Kind.SESSION_CHANGED, session.id, EVERYWHERE)
            sessions.audit(
                work, _CHOOSE, session.person_id, session.id, membership=chosen, address=address
            )
        await work.commit()

    await container.act(act)
    container.sessions.forget(session.id)


async def sign_out(container: Container, session: Session, address: str | None = None) -> None:
    """Ends a session in every process; what it had open is closed. Raises NotSignedIn when it was
    ended already."""

    async def act(work: UnitOfWork) -> None:
        sessions.end(work, await sessions.lock_session(work, session.id))
        sessions.audit(
            work,
            _END,
            session.person_id,
            session.id,
            membership=session.membership,
            address=address,
        )
        await work.commit()

    await container.act(act)
    container.sessions.forget(session.id)


async def end_sessions(
    container: Container, actor: Actor | None, person_id: UUID, address: str | None = None
) -> int:
    """Ends all sessions of a person; how many. Raises NotFound and AlreadyClosed."""

    async def act(work: UnitOfWork) -> int:
        await people.lock_person(work, person_id)
        rows = await sessions.lock_open_sessions(work, person_id)
        for row in rows:
            sessions.end(work, row)
            work.audit(actor, Action.SESSION_END, "person-session", row.id, address=address)
        await work.commit()
        return len(rows)

    ended = await container.act(act)
    container.sessions.forget(None)
    return ended


async def _count(work: UnitOfWork, name: str, address: str | None, device: str | None) -> _Attempt:
    """Counts the attempt as a wrong one before anybody knows. Raises TooManyAttempts."""
    account = await people.find_account(work, name) if is_username(name) else None
    signed = is_device(device, name, account.password_hash if account else NOBODYS_HASH)
    buckets: tuple[Bucket, ...]
    # For a name that nobody has a token could be made up, since that hash is no secret.
    if signed and account is not None and device is not None:
        # Nobody else's guesses count here, so nobody else can keep a person out of their browser.
        buckets = (bucket(NAME_LIMIT, "device", name, device, cleared=True),)
    else:
        device, network = None, network_of(address or "")
        buckets = (
            bucket(NAME_LIMIT, "name", name, network, cleared=True),
            bucket(ADDRESS_LIMIT, "address", network, cleared=False),
        )
    await sign_in_tries.count_try(work, buckets)
    await work.commit()
    return _Attempt(account, device, buckets)


async def _judge(
    work: UnitOfWork, attempt: _Attempt, known: Account | None, address: str | None
) -> str | None:
    """The token of a new session, or None; the audit says which."""
    if known is None or not await people.still_has(work, known):
        of = attempt.account.person_id if attempt.account else None
        outcome = SignInRefused.code.value
        sessions.audit(work, _BEGIN, of, None, outcome=outcome, address=address)
        await work.commit()
        return None
    token = new_token()
    membership = await people.only_membership(work, known.person_id)
    row = SessionRow(
        hash=token_hash(token),
        person_id=known.person_id,
        membership_id=membership.id if membership else None,
        address=address,
        created_at=work.now,
        last_used_at=work.now,
    )
    await work.add(row)
    await sign_in_tries.take_back(work, attempt.buckets)
    sessions.audit(work, _BEGIN, known.person_id, row.id, membership=membership, address=address)
    await work.commit()
    return token
