"""API keys: made here, kept as a hash, remembered while they are known not to be revoked."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.actors import Actor
from domain.capacity import SourceKind, Terms
from domain.errors import NotSignedIn
from domain.identifiers import SourceId

_PREFIX = "vt_"
_MAX_REMEMBERED = 10_000
#: Without word of revocations for this long, a remembered key is looked up again.
TRUSTED_FOR = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the figures of a key come from. In the sandbox they are checked and count for nothing."""

    id: SourceId
    kind: SourceKind
    terms: Terms
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """A valid key: who it is for, and the source of what it reports (None: it can't report)."""

    actor: Actor
    source: Source | None


def new_key() -> str:
    """A fresh key of 256 random bits. It is shown once; only its hash is kept."""
    return _PREFIX + secrets.token_urlsafe(32)


def key_hash(key: str) -> bytes:
    """What is stored of a key. Fast on purpose: 256 random bits can't be guessed at any speed."""
    return hashlib.sha256(key.encode()).digest()


class KeyRing:
    """Finds the credential of a key, in memory where it may."""

    def __init__(
        self,
        look_up: Callable[[bytes], Awaitable[Credential | None]],
        now: Callable[[], datetime],
        revocations_known_at: Callable[[], datetime | None],
    ) -> None:
        """`look_up` reads the database; `revocations_known_at` says up to when region 0 is known."""
        self._look_up = look_up
        self._now = now
        self._known_at = revocations_known_at
        self._remembered: dict[bytes, Credential] = {}
        self._generation = 0

    async def find(self, key: str) -> Credential:
        """The credential of a key. Raises NotSignedIn; Unavailable when nobody can tell now."""
        if not key.startswith(_PREFIX) or len(key) > 100 or not key.isascii():
            raise NotSignedIn
        hashed = key_hash(key)
        credential = self._remembered.get(hashed)
        if credential is not None and self._trusted():
            return credential
        while True:
            generation = self._generation
            found = await self._look_up(hashed)
            if found is None:
                self._remembered.pop(hashed, None)
                raise NotSignedIn
            # A revocation that came in meanwhile may be of this very key: ask again.
            if generation == self._generation:
                break
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[hashed] = found
        return found

    def forget(self, key_id: UUID | None) -> None:
        """This key was revoked; None: any may have been."""
        self._generation += 1
        if key_id is None:
            self._remembered.clear()
            return
        self._remembered = {
            hashed: credential
            for hashed, credential in self._remembered.items()
            if credential.actor.id != key_id
        }

    def _trusted(self) -> bool:
        known_at = self._known_at()
        return known_at is not None and self._now() - known_at < TRUSTED_FOR
