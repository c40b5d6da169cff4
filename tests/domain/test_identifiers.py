"""The forms of the field's identifiers."""

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import is_agb, is_gemeente, is_mail_address, is_pc4

CHECKS: dict[Callable[[str], bool], int] = {is_agb: 8, is_pc4: 4, is_gemeente: 4}


@pytest.mark.parametrize("text", ["01000001", "41000001", "99999999"])
def test_agb_is_eight_digits(text: str) -> None:
    assert is_agb(text)


@pytest.mark.parametrize("text", ["1000", "2711", "2725", "9999"])
def test_pc4_is_four_digits_without_a_leading_zero(text: str) -> None:
    assert is_pc4(text)


@pytest.mark.parametrize("text", ["0637", "0518", "1916"])
def test_gemeente_keeps_its_leading_zero(text: str) -> None:
    assert is_gemeente(text)


def test_pc4_never_starts_with_zero() -> None:
    assert not is_pc4("0637")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "{digits} ",
        " {digits}",
        "{digits}\n",
        "{digits}1",
        "x{digits}",
        "{short}",
        "{arabic}",
        "-{short}",
    ],
)
def test_anything_around_between_or_like_the_digits_is_refused(
    check: Callable[[str], bool], wrong: str
) -> None:
    length = CHECKS[check]
    text = wrong.format(
        digits="1" * length, short="1" * (length - 1), arabic="\N{ARABIC-INDIC DIGIT ONE}" * length
    )
    assert not check(text)


@given(st.text(string.digits + "aA \n-" + "\N{ARABIC-INDIC DIGIT ONE}", max_size=10))
def test_only_ascii_digits_of_the_right_number_pass(text: str) -> None:
    digits = text.isascii() and text.isdigit()
    assert is_agb(text) == (digits and len(text) == 8)
    assert is_gemeente(text) == (digits and len(text) == 4)
    assert is_pc4(text) == (digits and len(text) == 4 and text[0] != "0")


@pytest.mark.parametrize(
    "text", ["a@b.nl", "intake.desk+acuut@zorg-aanbieder.example.nl", "o'x@b.nl"]
)
def test_a_mail_address_is_one(text: str) -> None:
    assert is_mail_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "a@b", "@b.nl", "a@", "a b@c.nl", "a@b.nl ", "a@b.nl\n", "a@b..nl", ".a@b.nl"),
        *("a@b.nl\r\nBcc: c@d.nl", "a@b.nl,c@d.nl", "a@b.nl;c@d.nl", "A <a@b.nl>", "<a@b.nl>"),
        *("é@b.nl", "a@bé.nl", '"a b"@c.nl', "a@[10.0.0.1]", "a@b.nl(c)", f"{'a' * 250}@b.nl"),
        *("=?zz?q?a?=@b.nl", "a@=?utf-8?q?b?=.nl"),
    ],
)
def test_anything_besides_a_mail_address_is_none(text: str) -> None:
    assert not is_mail_address(text)
