"""Usernames, names and passwords: what is taken and what is refused."""

import pytest

from domain.actors import Role
from domain.errors import InvalidInput
from domain.people import check_name, check_password, check_role, check_username, is_username


@pytest.mark.parametrize("username", ["abc", "s.de_wit-2", "0" * 64])
def test_a_username_is_lowercase_ascii(username: str) -> None:
    check_username(username)


@pytest.mark.parametrize(
    "username", ["", "ab", "a" * 65, "S.deWit", "s de wit", "renée", "abc\n", "a/b/c", "١٢٣"]
)
def test_what_is_no_username_is_refused(username: str) -> None:
    assert not is_username(username)
    with pytest.raises(InvalidInput) as told:
        check_username(username)
    assert told.value.pointer == "/username"


@pytest.mark.parametrize(
    "password",
    [
        "een lamp in de gang",
        "kdmf-rtwq-hbzn-plsg",
        "x4!y" * 3,
        "welkom in de zorg",
        "abcd" * 50,
        "é" * 9 + "abc",
    ],
)
def test_length_is_all_that_a_password_needs(password: str) -> None:
    check_password(password, "s.dewit")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "x4!y" * 2 + "x4!",
        "x" * 201,
        "s.dewit.heel.lang",
        "S.DeWit.Heel.Lang",
        "Wachtwoord2026!",
        "WelkomWelkom1",
        "ＷＡＣＨＴＷＯＯＲＤ１２",
        "123456789012",
        "aaaaaaaaaaaaaa",
        "ababababababab",
    ],
)
def test_what_is_too_short_too_long_or_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as told:
        check_password(password, "s.dewit.heel.lang")
    assert told.value.pointer == "/password"


def test_a_name_is_what_colleagues_can_be_shown() -> None:
    check_name("J. van 't Hof-Øster")
    for name in ("", "  ", "a" * 101, "a\nb", "a\0"):
        with pytest.raises(InvalidInput):
            check_name(name)


def test_nobody_works_as_the_system() -> None:
    for role in Role:
        if role is not Role.SYSTEM:
            check_role(role)
    with pytest.raises(InvalidInput):
        check_role(Role.SYSTEM)
