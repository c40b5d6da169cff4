"""The registers' pages in a browser: the operator's main job, by mouse and by keyboard alone."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page

from app.services import keys, registers
from domain.actors import Role
from domain.care_types import CareType
from domain.events import Kind
from tests.factories.people import MadePerson, make_person
from tests.factories.world import World, make_pool
from tests.support.browser import DESKTOP, PHONE, Browsers, axe, shot
from tests.support.serving import Serving

KEY = re.compile(r"vt_[A-Za-z0-9_-]{43}")


@pytest.fixture
async def operator(served: World) -> MadePerson:
    """Somebody who may do everything here."""
    return await make_person(served.container, Role.OPERATOR, served.operator.organisation_id)


@pytest.fixture
async def page(browsers: Browsers, api: Serving, operator: MadePerson) -> Page:
    """The operator's window, signed in."""
    opened = await browsers.open(api.base_url, permissions=["clipboard-read", "clipboard-write"])
    await sign_in(opened, operator.username, operator.password)
    return opened


async def sign_in(page: Page, username: str, password: str) -> None:
    """From the first page to one's own."""
    await page.goto("/inloggen")
    await page.get_by_label("Gebruikersnaam").fill(username)
    await page.get_by_label("Wachtwoord", exact=True).fill(password)
    await page.get_by_role("button", name="Inloggen").click()
    await page.wait_for_url(lambda url: "inloggen" not in url)


async def test_a_new_provider_with_location_pool_key_and_person(
    page: Page, served: World, browsers: Browsers, api: Serving
) -> None:
    browsers.allow("400")
    await page.get_by_role("link", name="Beheer", exact=True).click()
    await page.get_by_role("link", name="Nieuwe organisatie").click()
    await page.get_by_role("button", name="Organisatie maken").click()
    await page.get_by_text("velden kloppen nog niet").wait_for()
    assert await axe(page) == []
    await shot(page, "beheer-formulier-fout", whole=True)
    await page.get_by_role("link", name="Naam: Dit is nog leeg.").click()
    await page.keyboard.type("Stichting De Waard")
    await page.get_by_label("Soort").select_option(label="VVT-organisatie")
    await page.get_by_label("AGB-code").fill("47123456")
    await page.get_by_label("Regio", exact=True).check()
    await page.get_by_role("button", name="Organisatie maken").click()
    await page.get_by_text("Gemaakt.").wait_for()
    home = page.url.partition("?")[0]

    await page.get_by_role("link", name="Nieuwe locatie").click()
    for label, text in (
        ("Naam", "De Waard"),
        ("Straat en huisnummer", "Waardlaan 1"),
        ("Postcode", "2725"),
        ("Plaats", "Zoetermeer"),
    ):
        await page.get_by_label(label, exact=True).first.fill(text)
    await page.get_by_role("group", name="Open voor bezoek").get_by_label("Maandag").fill("8:30-17")
    await page.get_by_role("button", name="Locatie maken").click()
    await page.get_by_text("ma 08:30–17:00; di t/m zo gesloten").wait_for()
    await page.get_by_role("link", name="Nieuwe pool").click()
    await page.get_by_label("Naam", exact=True).fill("Revalidatie")
    await page.get_by_label("Eigen code").fill("GRZ-1")
    await page.get_by_label("Geriatrische revalidatie").check()
    await page.get_by_role("button", name="Pool maken").click()
    await page.get_by_role("heading", name="Revalidatie").wait_for()

    await page.get_by_role("link", name="Stichting De Waard").click()
    await page.get_by_role("link", name="Sleutel uitgeven").click()
    await page.get_by_label("Rol", exact=True).select_option(label="capaciteit")
    await page.get_by_label("Naam").fill("koppeling ECD")
    await page.get_by_role("button", name="Sleutel uitgeven").dblclick()
    key = await page.locator("#geheim").inner_text()
    assert KEY.fullmatch(key)
    assert await axe(page) == []
    await shot(page, "beheer-sleutel-getoond", whole=True)
    await page.get_by_role("button", name="Kopiëren").click()
    await page.get_by_role("button", name="Gekopieerd").wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == key
    assert len([one for one in await keys.list_keys(served.container) if "ECD" in one.name]) == 1
    # Away and back, by the browser's memory or anew: what stands there is another page.
    await page.get_by_role("link", name="Personen").click()
    await page.get_by_role("heading", name="Personen").wait_for()
    await back(page)
    assert not KEY.search(await page.content())
    await page.reload()
    await page.get_by_role("heading", name="Stichting De Waard").wait_for()
    assert not KEY.search(await page.content())
    # Once more back is the form; sent again it makes nothing and shows nothing.
    await back(page)
    await page.get_by_role("button", name="Sleutel uitgeven").click()
    await page.get_by_text("Er is niets nieuws gemaakt").wait_for()
    assert not KEY.search(await page.content())
    assert len([one for one in await keys.list_keys(served.container) if "ECD" in one.name]) == 1
    async with api.client(key) as feed:
        assert (await feed.get("/v1/pools")).status_code == 200

    await page.goto(home)
    await page.get_by_role("link", name="Nieuwe persoon").click()
    await page.get_by_label("Naam", exact=True).fill("S. de Wit")
    await page.get_by_label("Gebruikersnaam").fill("s.dewit")
    await (
        page.get_by_role("group", name="Rol 1")
        .get_by_label("Rol")
        .select_option(label="capaciteit")
    )
    await page.get_by_role("button", name="Persoon maken").click()
    password = await page.locator("#geheim").inner_text()
    # A reload of the answer is the person's page, and asks nothing again.
    await page.reload()
    assert password not in await page.content()
    await page.get_by_role("heading", name="S. de Wit").wait_for()
    theirs = await browsers.open(api.base_url)
    await sign_in(theirs, "s.dewit", password)
    assert "/mijn-capaciteit" in theirs.url


async def back(page: Page) -> None:
    """The back button; a page out of the browser's memory isn't loaded again."""
    shown = page.url
    await page.evaluate("history.back()")
    await page.wait_for_url(lambda url: url != shown, wait_until="commit")


async def test_a_team_is_made_and_a_key_revoked_by_keyboard_alone(
    page: Page, served: World
) -> None:
    await page.goto(f"/beheer/organisaties/{served.provider.organisation_id}")
    await reach(page, "Nieuw wijkteam")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Nieuw wijkteam").wait_for()
    await reach(page, "Naam")
    await page.keyboard.type("Team Oost")
    await page.keyboard.press("Tab")
    await page.keyboard.type("T1")
    await reach(page, "Postcodes waar het team werkt")
    await page.keyboard.type("2725 2726")
    for box in ("Basiszorg", "ochtend"):
        await reach(page, box)
        await page.keyboard.press("Space")
    await reach(page, "Wijkteam maken")
    await page.keyboard.press("Enter")
    await page.get_by_text("2725 2726").wait_for()
    teams = await registers.states_of_organisation(
        served.container, Kind.HOME_CARE_TEAM, served.provider.organisation_id
    )
    assert [(team["name"], team["dagdelen"]) for team in teams] == [("Team Oost", ["ochtend"])]

    await page.goto("/beheer/sleutels?zoek=coordinator")
    await reach(page, "Intrekken")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Sleutel intrekken").wait_for()
    await reach(page, "Sleutel intrekken")
    await page.keyboard.press("Enter")
    await page.get_by_text("De sleutel opent niets meer").wait_for()


async def reach(page: Page, name: str) -> None:
    """Tabs on until what has the focus goes by this name."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        told = await page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
        )
        if told.startswith(name):
            return
    raise AssertionError(f"{name} is not reached by keyboard")


async def test_two_operators_at_once(
    page: Page, served: World, browsers: Browsers, api: Serving
) -> None:
    browsers.allow("412")
    second = await browsers.open(api.base_url)
    colleague = await make_person(served.container, Role.OPERATOR, served.operator.organisation_id)
    await sign_in(second, colleague.username, colleague.password)
    path = f"/beheer/locaties/{served.location_id}/wijzigen"
    for one in (page, second):
        await one.goto(path)
    await second.get_by_label("Naam", exact=True).first.fill("De Eik")
    await second.get_by_role("button", name="Bewaren").click()
    await second.get_by_text("Bewaard.").wait_for()
    await page.get_by_label("Plaats").fill("Pijnacker")
    await page.get_by_role("button", name="Bewaren").click()
    await page.get_by_text("Een ander was u voor").wait_for()
    assert await axe(page) == []
    await shot(page, "beheer-ander-was-u-voor", whole=True)
    assert await page.get_by_text("Er stond: De Linde").is_visible()
    assert await page.get_by_label("Plaats").input_value() == "Pijnacker"
    await page.get_by_role("button", name="Bewaren").click()
    await page.get_by_text("Bewaard.").wait_for()
    state = await registers.get_state(served.container, Kind.LOCATION, served.location_id)
    assert (state["name"], state["place"]) == ("De Eik", "Pijnacker")


async def test_every_page_is_accessible_and_fits(
    page: Page, served: World, operator: MadePerson
) -> None:
    pool = await make_pool(served.container, served.location_id, CareType.MFB)
    organisation = f"/beheer/organisaties/{served.provider.organisation_id}"
    location = f"/beheer/locaties/{served.location_id}"
    pages = {
        "organisaties": "/beheer",
        "niets-gevonden": f"/beheer?zoek={uuid4()}",
        "organisatie": organisation,
        "organisatie-wijzigen": f"{organisation}/wijzigen",
        "beeindigen": f"{organisation}/beeindigen",
        "locatie": location,
        "locatie-wijzigen": f"{location}/wijzigen",
        "pool": f"/beheer/pools/{pool}",
        "pool-nieuw": f"{location}/pools/nieuw",
        "team-nieuw": f"{organisation}/teams/nieuw",
        "sleutels": "/beheer/sleutels",
        "sleutel-nieuw": "/beheer/sleutels/nieuw",
        "personen": "/beheer/personen",
        "persoon": f"/beheer/personen/{operator.id}",
        "persoon-nieuw": "/beheer/personen/nieuw",
        "regios": "/beheer/regios",
    }
    # One of each kind; the others are made of the same parts.
    kinds = {"organisaties", "niets-gevonden", "organisatie", "locatie-wijzigen", "beeindigen"}
    kinds |= {"pool", "sleutels", "persoon-nieuw"}
    for name, path in pages.items():
        await page.emulate_media(color_scheme="light")
        await page.goto(path)
        await shot(page, f"beheer-{name}", whole=True)
        if name in kinds:
            assert await axe(page) == [], name
            await page.set_viewport_size(PHONE)
            await page.emulate_media(color_scheme="dark")
            assert await axe(page, colours=True) == [], name
        # A phone of 320 px, which is also a desktop at 400%.
        await page.set_viewport_size({"width": 320, "height": 640})
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, (name, wide)
        await page.set_viewport_size(DESKTOP)
