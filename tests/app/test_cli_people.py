"""`verkeerstoren people` as it is typed: passwords are read or made, and never arguments."""

from app.services.sessions import sign_in
from app.settings import Settings
from domain.people import check_password
from tests.factories.world import World
from tests.support.commands import typed

PASSWORD = "een lamp in de gang"


async def test_a_person_is_added_gets_another_password_and_is_closed(
    settings: Settings, world: World
) -> None:
    as_referrer = ("--as", f"{world.other.agb}:referrer")
    added = typed(
        settings,
        "people",
        "add",
        "s.dewit",
        "--name",
        "S. de Wit",
        *as_referrer,
        read=f"{PASSWORD}\n",
    )
    assert (added.returncode, added.stderr) == (0, "")
    assert PASSWORD not in added.stdout
    await sign_in(world.container, "s.dewit", PASSWORD, address=None, device=None)

    replaced = typed(settings, "people", "password", "s.dewit", "--generate")
    assert replaced.returncode == 0
    username, made = replaced.stdout.split()
    check_password(made, username)
    await sign_in(world.container, username, made, address=None, device=None)

    listed = typed(settings, "people", "list").stdout
    assert "S. de Wit: referrer at Organisatie" in listed
    assert made not in listed
    assert typed(settings, "people", "close", "s.dewit").stdout == "s.dewit is closed.\n"
    assert "closed 20" in typed(settings, "people", "list").stdout


async def test_what_is_wrong_is_said_in_a_line_and_nobody_is_made(
    settings: Settings, world: World
) -> None:
    at = world.other.agb
    for words, read, told in (
        (("add", "x.y", "--name", "X", "--as", f"{at}:baas"), PASSWORD, "is not AGB:role"),
        (("add", "x.y", "--name", "X", "--as", f"{at}:referrer"), "kort\n", "12 tekens"),
        (("add", "x.y", "--name", "X", "--as", "00000000:referrer"), PASSWORD, "AGB code"),
        (("password", "x.y", "--generate"), "", "nobody called x.y"),
    ):
        refused = typed(settings, "people", *words, read=read)
        assert (refused.returncode, told in refused.stderr) == (1, True), refused.stderr
        assert "Traceback" not in refused.stderr
    assert typed(settings, "people", "list").stdout == ""
