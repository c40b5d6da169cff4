"""The session ring: what it may remember, for how long, and what makes it ask again."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.security import sessions
from app.security.keys import TRUSTED_FOR
from app.security.sessions import SessionRing, StoredSession, new_token, token_hash
from domain.actors import Role
from domain.errors import NotSignedIn, Unavailable
from domain.identifiers import OrganisationId
from domain.people import Membership
from domain.sessions import IDLE_LIFE, WHOLE_LIFE

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


class World:
    """Sessions in a database that may be away, a clock, and up to when revocations are known."""

    def __init__(self) -> None:
        self.now = NOW
        #: None: as far as the clock.
        self.known_until: datetime | None = None
        self.there: dict[bytes, StoredSession] = {}
        self.asked = 0
        self.recorded: list[datetime] = []
        self.failure: Exception | None = None
        #: Runs between a question and its answer.
        self.meanwhile: Callable[[], None] = lambda: None

    def known_at(self) -> datetime:
        """Up to when the revocations are known."""
        return self.known_until or self.now

    def begin(self, *, chosen: bool = True) -> str:
        """A session that begins now."""
        works = Membership(
            uuid4(), OrganisationId(uuid4()), "Kwartelland", Role.REFERRER, frozenset()
        )
        token = new_token()
        self.there[token_hash(token)] = StoredSession(
            id=uuid4(),
            person_id=uuid4(),
            person_name="S. de Wit",
            username="s.dewit",
            memberships=(works,),
            membership=works if chosen else None,
            created_at=self.now,
            last_used_at=self.now,
        )
        return token

    def stored(self, token: str) -> StoredSession:
        """As the database has it."""
        return self.there[token_hash(token)]

    def change(self, token: str, **changes: object) -> None:
        """Another process writes to it."""
        self.there[token_hash(token)] = replace(self.stored(token), **changes)  # type: ignore[arg-type]

    async def look_up(self, hashed: bytes) -> StoredSession | None:
        """What the database says; what happens meanwhile it doesn't know."""
        self.asked += 1
        if self.failure:
            raise self.failure
        found = self.there.get(hashed)
        await asyncio.sleep(0)
        self.meanwhile()
        return found

    async def record_use(self, session_id: UUID, at: datetime) -> None:
        """Writes a use down."""
        if self.failure:
            raise self.failure
        self.recorded.append(at)


@pytest.fixture
def world() -> World:
    """Nine o'clock, with all revocations known."""
    return World()


@pytest.fixture
def ring(world: World) -> SessionRing:
    """The ring of a process."""
    return SessionRing(world.look_up, world.record_use, lambda: world.now, world.known_at)


async def refused(ring: SessionRing, token: str) -> bool:
    """Whether a token opens nothing."""
    try:
        await ring.find(token)
    except NotSignedIn:
        return True
    return False


async def test_a_session_is_asked_for_once_and_then_remembered(
    world: World, ring: SessionRing
) -> None:
    token = world.begin()
    assert len({(await ring.find(token)).id for _ in range(3)}) == 1
    assert world.asked == 1


async def test_one_without_a_choice_is_not_remembered_so_that_the_choice_holds_at_once(
    world: World, ring: SessionRing
) -> None:
    token = world.begin(chosen=False)
    assert (await ring.find(token)).actor is None
    world.change(token, membership=world.stored(token).memberships[0])
    found = await ring.find(token)
    assert found.actor is not None
    assert (found.actor.id, found.actor.role) == (found.person_id, Role.REFERRER)


@pytest.mark.parametrize("text", ["", "x", "x" * 42, "x" * 44, "é" * 43, "vt_" + "x" * 43])
async def test_what_can_be_no_token_of_ours_never_reaches_the_database(
    world: World, ring: SessionRing, text: str
) -> None:
    assert await refused(ring, text)
    assert world.asked == 0


async def test_an_unknown_token_is_asked_for_every_time(world: World, ring: SessionRing) -> None:
    token = new_token()
    assert [await refused(ring, token) for _ in range(2)] == [True, True]
    assert world.asked == 2


async def test_an_ended_one_is_forgotten_and_the_others_are_not(
    world: World, ring: SessionRing
) -> None:
    ended, kept = world.begin(), world.begin()
    session = await ring.find(ended)
    await ring.find(kept)
    del world.there[token_hash(ended)]
    ring.forget(session.id)
    assert await refused(ring, ended)
    assert not await refused(ring, kept)
    assert world.asked == 3
    ring.forget(None)
    assert not await refused(ring, kept)
    assert world.asked == 4


async def test_an_ending_that_overtakes_its_lookup_is_not_overlooked(
    world: World, ring: SessionRing
) -> None:
    token = world.begin()

    def end() -> None:
        world.meanwhile = lambda: None
        ring.forget(world.there.pop(token_hash(token)).id)

    world.meanwhile = end
    assert await refused(ring, token)
    assert await refused(ring, token)


async def test_without_word_of_revocations_memory_is_trusted_for_a_while_only(
    world: World, ring: SessionRing
) -> None:
    token = world.begin()
    await ring.find(token)
    world.known_until = NOW
    world.now = NOW + TRUSTED_FOR - MOMENT
    await ring.find(token)
    assert world.asked == 1
    world.now = NOW + TRUSTED_FOR
    await ring.find(token)
    assert world.asked == 2
    world.failure = Unavailable()
    # Nobody can tell that it is wrong, and it isn't forgotten.
    with pytest.raises(Unavailable):
        await ring.find(token)
    world.failure = None
    assert not await refused(ring, token)


async def test_half_an_hour_without_use_ends_it_and_use_in_another_process_counts(
    world: World, ring: SessionRing
) -> None:
    unused, used = world.begin(), world.begin()
    for token in (unused, used):
        await ring.find(token)
    world.now = NOW + IDLE_LIFE - MOMENT
    world.change(used, last_used_at=world.now)
    world.now = NOW + IDLE_LIFE
    assert await refused(ring, unused)
    # Its use now is too late to help.
    assert await refused(ring, unused)
    found = await ring.find(used)
    assert found.expires_at == world.now + IDLE_LIFE


async def test_after_its_whole_life_no_use_helps(world: World, ring: SessionRing) -> None:
    token = world.begin()
    for _ in range(24):
        assert (await ring.find(token)).expires_at > world.now
        world.now += 29 * MINUTE
    assert (await ring.find(token)).expires_at == NOW + WHOLE_LIFE
    world.now = NOW + WHOLE_LIFE
    assert await refused(ring, token)


async def test_use_is_written_once_a_minute(world: World, ring: SessionRing) -> None:
    token = world.begin()
    for _ in range(13):
        await ring.find(token)
        world.now += MINUTE / 6
    assert world.recorded == [NOW + MINUTE, NOW + 2 * MINUTE]


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("a defect")])
async def test_a_use_that_can_not_be_written_fails_nothing(
    world: World, ring: SessionRing, failure: Exception
) -> None:
    token = world.begin()
    await ring.find(token)
    world.failure = failure
    world.now += MINUTE
    found = await ring.find(token)
    # It counts here all the same.
    assert found.expires_at == world.now + IDLE_LIFE
    world.failure = None
    world.now += MINUTE
    await ring.find(token)
    assert world.recorded == [world.now]


async def test_the_proof_of_a_form_follows_from_token_and_membership(
    world: World, ring: SessionRing
) -> None:
    one, other, none = world.begin(), world.begin(), world.begin(chosen=False)
    found = [(await ring.find(token)).csrf for token in (one, one, other, none)]
    assert found[0] == found[1]
    assert len(set(found)) == 3
    # The same person in another browser shows another one.
    again = world.begin()
    world.change(again, membership=world.stored(one).membership)
    assert (await ring.find(again)).csrf not in found
    changed = replace(world.stored(one).memberships[0], id=uuid4())
    world.change(one, membership=changed)
    ring.forget(None)
    assert (await ring.find(one)).csrf not in found
    assert one not in found[0]


async def test_memory_is_bounded(
    world: World, ring: SessionRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_MAX_REMEMBERED", 3)
    tokens = [world.begin() for _ in range(10)]
    for token in tokens * 2:
        await ring.find(token)
    assert world.asked >= 17
