"""Signing in, choosing an organisation and signing out, as a browser does it."""

import asyncio

import pytest

from api.web.signing_in import _local
from app.settings import Settings
from domain.actors import Role
from tests.factories.people import PASSWORD, MadePerson, make_person
from tests.factories.world import Inhabitants, World
from tests.support.clock import Clock
from tests.support.serving import Serving, serving
from tests.support.visiting import visiting


@pytest.fixture
async def person(served: World) -> MadePerson:
    """A coordinator."""
    return await make_person(served.container, Role.COORDINATOR, served.coordinator.organisation_id)


@pytest.fixture
async def two_hats(served: World) -> MadePerson:
    """Who is a coordinator at one organisation and watches at another."""
    return await make_person(
        served.container,
        Role.COORDINATOR,
        served.coordinator.organisation_id,
        served.provider.organisation_id,
    )


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("", "/bord"),
        ("/bord?zorg=grz&zoek=x", "/bord?zorg=grz&zoek=x"),
        ("//elsewhere.example", "/bord"),
        ("/\\elsewhere.example", "/bord"),
        ("https://elsewhere.example/", "/bord"),
        ("/\t/elsewhere.example", "/bord"),
        ("javascript:alert(1)", "/bord"),
        ("\n//elsewhere.example", "/bord"),
    ],
)
async def test_who_signs_in_goes_on_to_a_page_of_ours_and_nowhere_else(
    api: Serving, person: MadePerson, asked: str, gone_to: str
) -> None:
    async with visiting(api) as here:
        answer = await here.sign_in(person, asked)
        assert (answer.status_code, answer.headers["location"]) == (303, gone_to)
        again = await here.client.get("/inloggen", params={"naar": asked})
        assert again.headers["location"] == gone_to


def test_nowhere_is_nowhere() -> None:
    for where in (None, "", "bord", "//x", "/\\x", "/ x", "/x\r\nset-cookie: a=b"):
        assert _local(where) == ""
    assert _local("/x?y=/z") == "/x?y=/z"


async def test_a_session_begins_with_a_token_of_its_own_and_ends_everywhere(
    api: Serving, person: MadePerson
) -> None:
    async with visiting(api) as here, visiting(api) as elsewhere:
        planted = "A" * 43
        here.client.cookies.set("vt_session", planted, domain="127.0.0.1")
        assert (await here.sign_in(person)).status_code == 303
        token = here.client.cookies["vt_session"]
        assert token != planted
        elsewhere.client.cookies.set("vt_session", token, domain="127.0.0.1")
        assert (await elsewhere.get("/bord")).status_code == 200
        answer = await here.post("/uitloggen", {}, await here.token("/weergave"))
        assert answer.headers["location"] == "/inloggen?uit=1"
        assert "vt_session" not in here.client.cookies
        assert (await elsewhere.get("/bord")).status_code == 401
        assert "U bent uitgelogd" in (await here.get("/inloggen?uit=1")).text


async def test_who_signs_in_takes_the_place_of_who_was_there(
    api: Serving, person: MadePerson, two_hats: MadePerson
) -> None:
    async with visiting(api) as here, visiting(api) as elsewhere:
        await here.sign_in(person)
        before = here.client.cookies["vt_session"]
        async with visiting(api) as desk:
            # The form stood open already when the other signed in beside it.
            token = await desk.token("/inloggen")
            desk.client.cookies.set("vt_session", before, domain="127.0.0.1")
            fields = {"gebruikersnaam": two_hats.username, "wachtwoord": two_hats.password}
            assert (await desk.post("/inloggen", fields, token)).status_code == 303
        elsewhere.client.cookies.set("vt_session", before, domain="127.0.0.1")
        assert (await elsewhere.get("/bord")).status_code in (303, 401)


async def test_a_wrong_password_tells_nothing_and_too_many_wait(
    api: Serving, person: MadePerson
) -> None:
    async with visiting(api) as here:
        texts = set()
        for name in (person.username, "nobody-at-all"):
            wrong = MadePerson(person.id, name, "wrong", ())
            answer = await here.sign_in(wrong, password="een ander wachtwoord")
            assert answer.status_code == 401
            texts.add(answer.text.split("<form")[0].split('data-nu="')[0])
            assert f'value="{name}"' in answer.text
            assert "een ander wachtwoord" not in answer.text
        assert len(texts) == 1
        for _ in range(4):
            assert (await here.sign_in(person, password="nee")).status_code == 401
        answer = await here.sign_in(person)
        assert answer.status_code == 429
        assert "minuten opnieuw" in answer.text or "minuut opnieuw" in answer.text


async def test_the_form_to_sign_in_proves_itself_too(api: Serving, person: MadePerson) -> None:
    fields = {"gebruikersnaam": person.username, "wachtwoord": PASSWORD}
    async with visiting(api) as here, visiting(api) as attacker:
        foreign = await attacker.token("/inloggen")
        for token in ("", foreign):
            assert (await here.post("/inloggen", fields, token)).status_code == 403
        good = await here.token("/inloggen")
        site = {"sec-fetch-site": "cross-site"}
        assert (await here.post("/inloggen", fields, good, **site)).status_code == 403
        assert "vt_session" not in here.client.cookies
        # Two at once, as of a double click: both are let in.
        both = await asyncio.gather(*(here.post("/inloggen", fields, good) for _ in range(2)))
        assert [answer.status_code for answer in both] == [303, 303]


async def test_who_works_for_several_chooses_and_each_tab_acts_for_what_it_shows(
    api: Serving, two_hats: MadePerson, served: World
) -> None:
    first, second = two_hats.memberships
    async with visiting(api) as here:
        answer = await here.sign_in(two_hats, "/weergave?a=1&b=2")
        chooser = answer.headers["location"]
        assert chooser == "/organisatie?naar=%2Fweergave%3Fa%3D1%26b%3D2"
        assert (await here.get("/bord")).headers["location"] == "/organisatie?naar=%2Fbord"
        assert (await here.get("/bord/lijst", **{"hx-request": "true"})).status_code == 403
        page = await here.get(chooser)
        assert page.text.count('name="keuze"') == 2
        token = await here.token(chooser)
        nobody = {"keuze": str(served.pool_id)}
        assert (await here.post("/organisatie", nobody, token)).status_code == 404
        chosen = await here.post("/organisatie", {"keuze": str(first), "naar": "/bord"}, token)
        assert chosen.headers["location"] == "/bord"
        old_tab = await here.token("/weergave")
        token = await here.token("/organisatie")
        assert (await here.post("/organisatie", {"keuze": str(second)}, token)).status_code == 303
        refused = await here.post("/weergave", {"thema": "donker"}, old_tab)
        assert refused.status_code == 403
        assert "misschien in een ander tabblad" in refused.text


async def test_over_https_cookies_are_this_hosts_alone(
    settings: Settings, clock: Clock, inhabitants: Inhabitants
) -> None:
    secure = settings.model_copy(update={"base_url": "https://toren.example"})
    async with serving(secure, clock.now) as api:
        assert api.container is not None
        world = await World.known(api.container, inhabitants)
        person = await make_person(
            api.container, Role.COORDINATOR, world.coordinator.organisation_id
        )
        async with visiting(api) as here:
            page = await here.get("/inloggen")
            assert page.headers["strict-transport-security"] == "max-age=31536000"
            before = page.headers["set-cookie"]
            token = page.text.split('name="csrf" value="')[1].split('"')[0]
            answer = await here.post(
                "/inloggen",
                {"gebruikersnaam": person.username, "wachtwoord": PASSWORD},
                token,
                cookie=before.partition(";")[0],
            )
            assert answer.status_code == 303, answer.text
            cookies = [before, *answer.headers.get_list("set-cookie")]
            names = {cookie.partition("=")[0] for cookie in cookies}
            (device,) = (name for name in names if name.startswith("__Host-vt_apparaat_"))
            assert names == {"__Host-vt_session", "__Host-vt_voor", device}
            for cookie in cookies:
                said = {part.strip().lower() for part in cookie.split(";")[1:]}
                assert {"secure", "httponly", "samesite=lax", "path=/"} <= said
                assert not any(part.startswith("domain") for part in said)
