"""Guessing is slowed, also by many at once and in several processes, and keeps nobody else out."""

import asyncio
from datetime import timedelta

import pytest

from app.container import Container
from app.security.devices import new_device
from app.security.passwords import NOBODYS_HASH
from app.services import people, sessions
from domain.actors import Role
from domain.errors import SignInRefused, TooManyAttempts
from domain.sessions import NAME_LIMIT, Limit
from tests.factories.people import ADDRESS, MadePerson, guess, make_person, signed_in
from tests.factories.world import World
from tests.support.clock import Clock
from tests.support.database import Database

ELSEWHERE = "198.51.100.9"
SECOND = timedelta(seconds=1)


async def test_an_unknown_name_costs_a_verification_and_runs_out_of_tries_too(
    world: World, person: MadePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = world.container.passwords.verify

    async def counted(password: str, hashed: str) -> bool:
        verified.append(hashed)
        return await verify(password, hashed)

    monkeypatch.setattr(world.container.passwords, "verify", counted)
    outcomes = {}
    for name, address in ((person.username, "192.0.2.50"), ("niemand", "192.0.2.51")):
        outcomes[name] = [await guess(world.container, name, address=address) for _ in range(7)]
    assert outcomes[person.username] == outcomes["niemand"]
    assert outcomes["niemand"] == [SignInRefused] * 5 + [TooManyAttempts] * 2
    assert len(verified) == 10


async def test_after_five_wrong_ones_even_the_right_one_waits_and_then_works(
    world: World, person: MadePerson, clock: Clock
) -> None:
    for _ in range(NAME_LIMIT.tries):
        assert await guess(world.container, person.username) is SignInRefused
    with pytest.raises(TooManyAttempts) as told:
        await signed_in(world.container, person)
    wait = timedelta(seconds=told.value.retry_after)
    assert NAME_LIMIT.forgotten_after - 30 * SECOND < wait <= NAME_LIMIT.forgotten_after
    clock.turn(wait - 5 * SECOND)
    with pytest.raises(TooManyAttempts):
        await signed_in(world.container, person)
    clock.turn(5 * SECOND)
    await signed_in(world.container, person)
    # And all is forgotten.
    assert [await guess(world.container, person.username) for _ in range(5)] == [SignInRefused] * 5


async def test_who_guesses_from_elsewhere_keeps_nobody_out(
    world: World, person: MadePerson, clock: Clock
) -> None:
    first = await signed_in(world.container, person, address=ADDRESS)
    # From elsewhere, where they are held off, and behind the person's own address too.
    for address in (ELSEWHERE, ADDRESS):
        outcomes = [
            await guess(world.container, person.username, address=address) for _ in range(6)
        ]
        assert outcomes[-1] is TooManyAttempts
    known = await signed_in(world.container, person, address=ADDRESS, device=first.device)
    assert known.device == first.device
    await signed_in(world.container, person, address="203.0.113.4")
    # Without the token they are one of those behind the address.
    with pytest.raises(TooManyAttempts):
        await signed_in(world.container, person, address=ADDRESS)


async def test_a_known_browser_has_tries_of_its_own_and_no_more(
    world: World, person: MadePerson
) -> None:
    device = (await signed_in(world.container, person)).device
    outcomes = [
        await guess(world.container, person.username, address=f"192.0.2.{number}", device=device)
        for number in range(60, 66)
    ]
    assert outcomes == [SignInRefused] * 5 + [TooManyAttempts]
    await signed_in(world.container, person)


async def test_a_browser_is_known_for_its_own_person_and_password_only(
    world: World, person: MadePerson
) -> None:
    other = await make_person(world.container, Role.REFERRER, world.other.organisation_id)
    device = (await signed_in(world.container, other)).device
    made_up = [
        "x" * 22 + "." + "0" * 64,
        ".",
        "x" * 1000,
        "\N{LATIN SMALL LETTER E WITH ACUTE}.",
        "",
    ]
    outcomes = [
        await guess(world.container, person.username, device=shown) for shown in [device, *made_up]
    ]
    assert outcomes == [SignInRefused] * 5 + [TooManyAttempts]
    # A new password, hashed afresh: the browser has to show it first.
    await people.set_password(world.container, None, other.id, "een ander, nieuw wachtwoord")
    outcomes = [await guess(world.container, other.username, device=device) for _ in range(5)]
    again = await guess(world.container, other.username)
    assert (outcomes, again) == ([SignInRefused] * 5, TooManyAttempts)


async def test_a_token_made_up_for_a_name_that_nobody_has_is_worth_nothing(world: World) -> None:
    outcomes = [
        await guess(world.container, "niemand", device=new_device("niemand", NOBODYS_HASH))
        for _ in range(6)
    ]
    assert outcomes[-1] is TooManyAttempts


async def test_many_guesses_at_once_get_no_more_tries(
    world: World, person: MadePerson, elsewhere: Container, database: Database
) -> None:
    """In two processes, of which each would let five by if it looked before it counted."""
    outcomes = await asyncio.gather(
        *(
            sessions.sign_in(
                container, person.username, "een ander wachtwoord", address=ADDRESS, device=None
            )
            for container in (world.container, elsewhere)
            for _ in range(10)
        ),
        return_exceptions=True,
    )
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds.count(SignInRefused) == NAME_LIMIT.tries
    assert kinds.count(TooManyAttempts) == 20 - NAME_LIMIT.tries
    # Only what was looked at is kept, so that a flood doesn't fill the audit.
    assert await database.value("SELECT count(*) FROM audit WHERE outcome <> 'done'") == 5


async def test_an_address_that_tries_many_names_is_held_off_and_good_ones_are_no_fault(
    world: World, person: MadePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "ADDRESS_LIMIT", Limit(3, timedelta(seconds=30)))
    for _ in range(4):
        await signed_in(world.container, person, address=ELSEWHERE)
    for number in range(3):
        assert await guess(world.container, f"naam{number}", address=ELSEWHERE) is SignInRefused
    assert await guess(world.container, "naam9", address=ELSEWHERE) is TooManyAttempts
    with pytest.raises(TooManyAttempts):
        await signed_in(world.container, person, address=ELSEWHERE)
    await signed_in(world.container, person, address=ADDRESS)
