"""Sessions of people: found by their token, remembered while they are known not to be ended."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.security.keys import TRUSTED_FOR
from domain.actors import Actor
from domain.errors import NotSignedIn, Problem
from domain.people import Membership
from domain.sessions import expires_at

_TOKEN_LENGTH = 43  # 32 bytes in base64url
_MAX_REMEMBERED = 10_000
#: A session's use is written down at most this often. By that much another process may end it early.
RECORDED_EVERY = timedelta(minutes=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `actor` is there once its person has chosen what they work as.

    csrf: what every form shows to prove that it is this session's, and of the membership that its
    person saw: a form that stands open in another tab doesn't act for another organisation.
    """

    id: UUID
    person_id: UUID
    person_name: str
    username: str
    memberships: tuple[Membership, ...]
    membership: Membership | None
    actor: Actor | None
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session that was not ended, as the database has it; it may have expired."""

    id: UUID
    person_id: UUID
    person_name: str
    username: str
    memberships: tuple[Membership, ...]
    membership: Membership | None
    created_at: datetime
    last_used_at: datetime


@dataclass(slots=True)
class _Remembered:
    stored: StoredSession
    csrf: str
    last_used_at: datetime
    recorded_at: datetime

    def expires_at(self) -> datetime:
        return expires_at(self.stored.created_at, self.last_used_at)


def new_token() -> str:
    """A fresh token of 256 random bits, for a cookie. Only its hash is kept."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token. Fast on purpose: 256 random bits can't be guessed at any speed."""
    return hashlib.sha256(token.encode()).digest()


class SessionRing:
    """Finds the session of a token, in memory where it may."""

    def __init__(
        self,
        look_up: Callable[[bytes], Awaitable[StoredSession | None]],
        record_use: Callable[[UUID, datetime], Awaitable[None]],
        now: Callable[[], datetime],
        revocations_known_at: Callable[[], datetime | None],
    ) -> None:
        """`look_up` reads the database and `record_use` writes to it; `revocations_known_at` says up
        to when region 0 is known."""
        self._look_up = look_up
        self._record_use = record_use
        self._now = now
        self._known_at = revocations_known_at
        self._remembered: dict[bytes, _Remembered] = {}
        self._generation = 0

    async def find(self, token: str) -> Session:
        """The session of a token, which counts as its use: who keeps a socket open asks each minute.

        Raises NotSignedIn (unknown, ended, or expired); Unavailable when nobody can tell now.
        """
        if len(token) != _TOKEN_LENGTH or not token.isascii():
            raise NotSignedIn
        hashed = token_hash(token)
        entry = self._remembered.get(hashed)
        # One that seems to have expired may have been used in another process.
        if entry is None or not self._trusted() or entry.expires_at() <= self._now():
            entry = await self._ask(token, hashed, entry)
        now = self._now()
        if entry.expires_at() <= now:
            self._remembered.pop(hashed, None)
            raise NotSignedIn
        entry.last_used_at = max(entry.last_used_at, now)
        if now - entry.recorded_at >= RECORDED_EVERY:
            await self._record(entry, now)
        return _session(entry)

    def forget(self, session_id: UUID | None) -> None:
        """This session was ended or changed; None: any may have been."""
        self._generation += 1
        if session_id is None:
            self._remembered.clear()
            return
        self._remembered = {
            hashed: entry
            for hashed, entry in self._remembered.items()
            if entry.stored.id != session_id
        }

    async def _ask(self, token: str, hashed: bytes, earlier: _Remembered | None) -> _Remembered:
        while True:
            generation = self._generation
            found = await self._look_up(hashed)
            if found is None:
                self._remembered.pop(hashed, None)
                raise NotSignedIn
            # What came in meanwhile may be of this very session: ask again.
            if generation == self._generation:
                break
        used_at = found.last_used_at
        if earlier is not None:
            used_at = max(used_at, earlier.last_used_at)
        entry = _Remembered(found, _csrf(token, found.membership), used_at, found.last_used_at)
        if found.membership is None:
            # Looked up each time, so that the choice holds everywhere from its commit on.
            self._remembered.pop(hashed, None)
            return entry
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[hashed] = entry
        return entry

    async def _record(self, entry: _Remembered, now: datetime) -> None:
        # Before it is written, so that one writes and the others who come meanwhile don't wait.
        entry.recorded_at = now
        try:
            await self._record_use(entry.stored.id, now)
        except Problem as problem:
            log.warning("use of a session not recorded", code=problem.code)
        except Exception:
            log.exception("use of a session not recorded")

    def _trusted(self) -> bool:
        known_at = self._known_at()
        return known_at is not None and self._now() - known_at < TRUSTED_FOR


def _session(entry: _Remembered) -> Session:
    stored = entry.stored
    return Session(
        id=stored.id,
        person_id=stored.person_id,
        person_name=stored.person_name,
        username=stored.username,
        memberships=stored.memberships,
        membership=stored.membership,
        actor=_actor(stored),
        csrf=entry.csrf,
        expires_at=entry.expires_at(),
    )


def _actor(stored: StoredSession) -> Actor | None:
    membership = stored.membership
    if membership is None:
        return None
    return Actor(
        id=stored.person_id,
        name=stored.person_name,
        role=membership.role,
        organisation_id=membership.organisation_id,
        regions=membership.regions,
    )


def _csrf(token: str, membership: Membership | None) -> str:
    chosen = str(membership.id) if membership else "none"
    return hmac.new(token.encode(), f"csrf {chosen}".encode(), hashlib.sha256).hexdigest()
