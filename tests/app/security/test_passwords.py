"""Passwords: what is kept of them, and how much work they can be made."""

import asyncio
import re
import threading
from collections.abc import Iterator

import pytest

from app.security.passwords import AT_ONCE, MOST_WAITING, NOBODYS_HASH, Passwords, new_password
from domain.errors import InvalidInput, Overloaded
from domain.people import LONGEST_PASSWORD, check_password

PASSWORD = "een lamp in de gang"


@pytest.fixture
def hasher() -> Iterator[Passwords]:
    """The hasher of a process."""
    made = Passwords()
    yield made
    made.close()


def test_a_made_password_is_random_and_good_enough() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        assert re.fullmatch(r"([b-z]{4}-){3}[b-z]{4}", password)
        check_password(password, "s.dewit")


async def test_only_the_password_is_right_and_the_same_one_is_kept_differently(
    hasher: Passwords,
) -> None:
    hashed = [await hasher.hash(PASSWORD) for _ in range(2)]
    assert len(set(hashed)) == 2
    assert PASSWORD not in hashed[0]
    assert await hasher.verify(PASSWORD, hashed[0])
    for wrong in ("", PASSWORD + " ", PASSWORD.upper(), "\ud800", "\0"):
        assert not await hasher.verify(wrong, hashed[0])


async def test_however_a_keyboard_composes_its_signs_it_is_the_same_password(
    hasher: Passwords,
) -> None:
    composed, apart = "caf\u00e9 met suiker", "cafe\u0301 met suiker"
    assert await hasher.verify(apart, await hasher.hash(composed))


async def test_however_much_anybody_sends_only_a_passwords_length_of_it_is_read(
    hasher: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bringing text into its normal form takes time that grows with its square."""
    read: list[int] = []

    def normal(text: str) -> str:
        read.append(len(text))
        return text

    monkeypatch.setattr("app.security.passwords.normal_password", normal)
    monkeypatch.setattr("domain.people.normal_password", normal)
    assert not await hasher.verify("\u0301\u0316" * 50_000, NOBODYS_HASH)
    with pytest.raises(InvalidInput):
        check_password("\u0301\u0316" * 50_000, "s.dewit")
    assert max(read) <= LONGEST_PASSWORD + 1


async def test_nobodys_hash_costs_what_a_real_one_costs_and_nothing_fits_it(
    hasher: Passwords,
) -> None:
    real = await hasher.hash(PASSWORD)
    assert [len(part) for part in real.split("$")] == [len(p) for p in NOBODYS_HASH.split("$")]
    assert real.split("$")[:4] == NOBODYS_HASH.split("$")[:4]
    for password in (PASSWORD, ""):
        assert not await hasher.verify(password, NOBODYS_HASH)


class Gate:
    """Holds whoever hashes until it opens, and counts them."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.inside = self.most = self.done = 0
        self._lock = threading.Lock()

    def verify(self, _password: bytes, _hashed: str) -> bool:
        """Takes the place of the real work."""
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.open.wait(5)
        with self._lock:
            self.inside -= 1
            self.done += 1
        return False


@pytest.fixture
def gate(hasher: Passwords, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Nobody gets through until it opens."""
    held = Gate()
    monkeypatch.setattr(hasher._hasher, "verify", held.verify)
    yield held
    held.open.set()


async def verify_in_turn(hasher: Passwords) -> bool:
    """As a sign-in does."""
    with hasher.place():
        return await hasher.verify(PASSWORD, NOBODYS_HASH)


async def test_so_many_at_once_and_so_many_waiting_and_the_rest_is_sent_away(
    hasher: Passwords, gate: Gate
) -> None:
    waiting = [asyncio.create_task(verify_in_turn(hasher)) for _ in range(AT_ONCE + MOST_WAITING)]
    while gate.inside < AT_ONCE:
        await asyncio.sleep(0.01)
    for act in (verify_in_turn(hasher), hasher.hash(PASSWORD)):
        with pytest.raises(Overloaded):
            await act
    gate.open.set()
    assert await asyncio.gather(*waiting) == [False] * len(waiting)
    assert gate.most == AT_ONCE
    # All places are free again.
    assert not await verify_in_turn(hasher)


async def test_who_goes_away_gives_up_the_place_and_starts_no_more_at_once(
    hasher: Passwords, gate: Gate
) -> None:
    gone = [asyncio.create_task(verify_in_turn(hasher)) for _ in range(AT_ONCE + MOST_WAITING)]
    while gate.inside < AT_ONCE:
        await asyncio.sleep(0.01)
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    later = [asyncio.create_task(verify_in_turn(hasher)) for _ in range(5)]
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(*later)
    while gate.inside:
        await asyncio.sleep(0.01)
    assert gate.most == AT_ONCE
    # Of those who went away only the two were done whose work had begun.
    assert gate.done == AT_ONCE + len(later)


async def test_the_loop_goes_on_while_somebody_is_hashed(hasher: Passwords, gate: Gate) -> None:
    task = asyncio.create_task(verify_in_turn(hasher))
    while not gate.inside:
        await asyncio.sleep(0)
    gate.open.set()
    assert not await task
