"""The key ring: what it may remember, for how long, and what makes it ask again."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.security import keys
from app.security.keys import TRUSTED_FOR, Credential, KeyRing, key_hash, new_key
from domain.actors import Actor, Role
from domain.errors import NotSignedIn, Unavailable
from domain.identifiers import OrganisationId

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def credential() -> Credential:
    """Somebody."""
    actor = Actor(uuid4(), "iemand", Role.ANALYST, OrganisationId(uuid4()), frozenset())
    return Credential(actor, None)


class Register:
    """The keys there are, behind a database that may be away or slow."""

    def __init__(self) -> None:
        self.there: dict[bytes, Credential] = {}
        self.asked = 0
        self.away = False
        #: Runs between a question and its answer.
        self.meanwhile: Callable[[], None] = lambda: None

    def issue(self) -> tuple[str, UUID]:
        """A new key, and its id."""
        key, found = new_key(), credential()
        self.there[key_hash(key)] = found
        return key, found.actor.id

    async def look_up(self, hashed: bytes) -> Credential | None:
        """What the database says of a key; what happens meanwhile it doesn't know."""
        self.asked += 1
        if self.away:
            raise Unavailable
        found = self.there.get(hashed)
        await asyncio.sleep(0)
        self.meanwhile()
        return found


class Times:
    """The clock, and up to when the revocations are known."""

    def __init__(self) -> None:
        self.now = NOW
        self.known_at: datetime | None = NOW


@pytest.fixture
def register() -> Register:
    """An empty register."""
    return Register()


@pytest.fixture
def times() -> Times:
    """Nine o'clock, with all revocations known."""
    return Times()


@pytest.fixture
def ring(register: Register, times: Times) -> KeyRing:
    """The ring of a process."""
    return KeyRing(register.look_up, lambda: times.now, lambda: times.known_at)


def test_a_key_is_256_random_bits_that_can_be_recognised_in_a_leak() -> None:
    made = {new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"vt_[A-Za-z0-9_-]{43}", key) for key in made)


async def test_a_key_is_asked_for_once_and_then_remembered(
    register: Register, ring: KeyRing
) -> None:
    key, key_id = register.issue()
    assert [(await ring.find(key)).actor.id for _ in range(3)] == [key_id] * 3
    assert register.asked == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vt",
        "sleutel",
        "VT_x",
        " vt_x",
        "vt_" + "x" * 98,
        "vt_\N{LATIN SMALL LETTER E WITH ACUTE}",
    ],
)
async def test_what_can_be_no_key_of_ours_never_reaches_the_database(
    register: Register, ring: KeyRing, text: str
) -> None:
    with pytest.raises(NotSignedIn):
        await ring.find(text)
    assert register.asked == 0


async def test_an_unknown_key_is_asked_for_every_time(register: Register, ring: KeyRing) -> None:
    key = new_key()
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            await ring.find(key)
    assert register.asked == 2
    # So one that is issued a moment later works at once.
    register.there[key_hash(key)] = credential()
    assert (await ring.find(key)).source is None


async def test_a_revoked_key_is_forgotten_and_the_others_are_not(
    register: Register, ring: KeyRing
) -> None:
    (revoked, revoked_id), (kept, kept_id) = register.issue(), register.issue()
    await ring.find(revoked)
    await ring.find(kept)
    del register.there[key_hash(revoked)]
    ring.forget(revoked_id)
    with pytest.raises(NotSignedIn):
        await ring.find(revoked)
    assert (await ring.find(kept)).actor.id == kept_id
    assert register.asked == 3


async def test_when_any_may_have_been_revoked_all_are_asked_for_again(
    register: Register, ring: KeyRing
) -> None:
    found = [register.issue()[0] for _ in range(3)]
    for key in found:
        await ring.find(key)
    ring.forget(None)
    for key in found:
        await ring.find(key)
    assert register.asked == 6


async def test_a_revocation_that_overtakes_its_lookup_is_not_overlooked(
    register: Register, ring: KeyRing
) -> None:
    key, key_id = register.issue()

    def revoke() -> None:
        register.meanwhile = lambda: None
        del register.there[key_hash(key)]
        ring.forget(key_id)

    register.meanwhile = revoke
    with pytest.raises(NotSignedIn):
        await ring.find(key)
    assert register.asked == 2
    with pytest.raises(NotSignedIn):
        await ring.find(key)


async def test_another_keys_revocation_meanwhile_only_makes_it_ask_again(
    register: Register, ring: KeyRing
) -> None:
    key, key_id = register.issue()

    def revoke() -> None:
        register.meanwhile = lambda: None
        ring.forget(uuid4())

    register.meanwhile = revoke
    assert (await ring.find(key)).actor.id == key_id
    assert (await ring.find(key)).actor.id == key_id
    assert register.asked == 2


async def test_without_word_of_revocations_nothing_is_trusted_from_memory(
    register: Register, ring: KeyRing, times: Times
) -> None:
    key, _ = register.issue()
    await ring.find(key)
    times.known_at = None
    await ring.find(key)
    assert register.asked == 2


async def test_memory_is_trusted_for_a_while_after_the_last_word(
    register: Register, ring: KeyRing, times: Times
) -> None:
    key, _ = register.issue()
    await ring.find(key)
    times.now = NOW + TRUSTED_FOR - MOMENT
    await ring.find(key)
    assert register.asked == 1
    times.now = NOW + TRUSTED_FOR
    await ring.find(key)
    assert register.asked == 2


async def test_without_a_database_memory_serves_while_it_is_trusted_and_then_nobody_can_tell(
    register: Register, ring: KeyRing, times: Times
) -> None:
    (key, key_id), (fresh, _) = register.issue(), register.issue()
    await ring.find(key)
    register.away = True
    assert (await ring.find(key)).actor.id == key_id
    # Of a key that isn't remembered nobody can tell that it is wrong.
    with pytest.raises(Unavailable):
        await ring.find(fresh)
    times.now = NOW + TRUSTED_FOR
    with pytest.raises(Unavailable):
        await ring.find(key)
    # Back again, it is asked for, not forgotten.
    register.away = False
    assert (await ring.find(key)).actor.id == key_id


async def test_a_key_that_turns_out_revoked_is_not_trusted_again_when_word_comes(
    register: Register, ring: KeyRing, times: Times
) -> None:
    key, _ = register.issue()
    await ring.find(key)
    times.known_at = None
    del register.there[key_hash(key)]
    with pytest.raises(NotSignedIn):
        await ring.find(key)
    times.known_at = NOW
    with pytest.raises(NotSignedIn):
        await ring.find(key)


async def test_memory_is_bounded(
    register: Register, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_MAX_REMEMBERED", 3)
    found = [register.issue()[0] for _ in range(10)]
    for key in found:
        await ring.find(key)
    assert register.asked == 10
    for key in found:
        await ring.find(key)
    assert register.asked >= 17
