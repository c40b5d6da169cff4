"""Mijn capaciteit as a provider uses it: on a phone in a corridor, with a keyboard, and without a connection."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Locator, Page, Route, expect

from domain.actors import Role
from domain.beds import Hold
from domain.capacity import Figures
from domain.home_care import Light, TeamReport
from tests.factories import home_care
from tests.factories.beds import hold
from tests.factories.people import MadePerson, make_person
from tests.factories.spreadsheets import csv_text
from tests.factories.world import Inhabitants
from tests.support.browser import PHONE, axe, shot
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.provider_pages import PAGE, Ward, make_ward, place
from tests.support.serving import Serving

if TYPE_CHECKING:
    from tests.support.browser import Browsers

_LOOK_AGAIN = "window.dispatchEvent(new Event('focus'))"
_LOST = r"ERR_(FAILED|INTERNET_DISCONNECTED|CONNECTION)"


@pytest.fixture
async def ward(api: Serving, inhabitants: Inhabitants, clock: Clock) -> Ward:
    return await make_ward(api, inhabitants, clock)


async def opened(
    browsers: "Browsers", ward: Ward, person: MadePerson | None = None, **options: object
) -> Page:
    """The page of somebody who has signed in, by default on a phone."""
    page = await browsers.open(ward.api.base_url, **{"size": PHONE, **options})  # type: ignore[arg-type]  # of Playwright, as given
    await signed_in_as(page, ward, person)
    await page.goto(PAGE)
    return page


async def signed_in_as(page: Page, ward: Ward, person: MadePerson | None = None) -> None:
    cookie = {"name": "vt_session", "value": await ward.token(person), "url": ward.api.base_url}
    await page.context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie in the form it takes


def part(page: Page, subject: object) -> Locator:
    return page.locator(f"#s-{subject}")


def more(page: Page, pool: object) -> Locator:
    return part(page, pool).get_by_role("button", name="Eén meer")


def number(page: Page, pool: object) -> Locator:
    return part(page, pool).locator("[name=vrij]")


async def test_on_a_phone_a_figure_changes_in_one_tap_and_a_bed_in_two(
    browsers: "Browsers", ward: Ward, database: Database, clock: Clock
) -> None:
    browsers.allow("401")
    page = await browsers.open(ward.api.base_url, size=PHONE, has_touch=True)
    await page.goto(PAGE)
    await page.get_by_label("Gebruikersnaam").fill(ward.person.username)
    await page.get_by_label("Wachtwoord").fill(ward.person.password)
    await page.get_by_role("button", name="Inloggen").tap()
    await expect(page.get_by_role("heading", name="De Linde")).to_be_visible()
    await shot(page, "mijn-capaciteit", whole=True)
    assert await axe(page) == []

    await more(page, ward.first).tap()
    await expect(part(page, ward.first)).to_contain_text("wordt zo verstuurd")
    await expect(part(page, ward.first)).to_contain_text(re.compile(r"opgeslagen \d\d:\d\d"))
    assert await ward.free() == [3]

    # Tapped together they are one report; back where it was, they are none.
    for _ in range(8):
        await more(page, ward.respijt).tap()
    await expect(part(page, ward.respijt)).to_contain_text("U wijzigde 1 in 9.")
    await shot(page, "mijn-capaciteit-klopt-dit", whole=True)
    assert await axe(page) == []
    await part(page, ward.respijt).get_by_role("button", name="Herstel naar 1").tap()
    await expect(part(page, ward.respijt)).not_to_contain_text("Klopt dit?")
    await expect(part(page, ward.respijt)).to_contain_text("opgeslagen")
    assert await ward.free(ward.respijt) == [9, 1]
    await more(page, ward.first).tap()
    await part(page, ward.first).get_by_role("button", name="Eén minder").tap()
    await expect(part(page, ward.first)).not_to_contain_text("verstuurd")

    bed = part(page, ward.beds[0])
    await bed.locator("summary").tap()
    await shot(page, "mijn-capaciteit-bed-open", whole=True)
    assert await axe(page) == []
    await bed.get_by_role("button", name="morgen").tap()
    await expect(bed.locator("summary")).to_contain_text(re.compile(r"Bezet\s*ontslag verwacht"))
    await expect(page.get_by_text("0 vrij van 3")).to_be_visible()

    await part(page, ward.team).get_by_role("radio", name="Vol").tap()
    await expect(part(page, ward.team)).to_contain_text("opgeslagen")
    await expect(part(page, ward.team).get_by_label("Eerste start")).to_have_value("")

    # A day later everything needs a word, and one tap is one.
    clock.turn(timedelta(days=1))
    await hold(database, ward.beds[0], Hold.PROMISED)
    await signed_in_as(page, ward)
    await page.reload()
    await expect(page.locator("#d-klopt")).to_contain_text("4 onbevestigd")
    await expect(part(page, ward.first)).to_contain_text("onbevestigd: 24 u oud")
    await shot(page, "mijn-capaciteit-onbevestigd", whole=True)
    assert await axe(page) == []
    await part(page, ward.respijt).get_by_role("button", name="Klopt nog").tap()
    await expect(page.locator("#d-klopt")).to_contain_text("3 onbevestigd")
    await page.get_by_role("button", name="Alles klopt nog").tap()
    await expect(page.locator("#d-klopt")).to_contain_text("weer vóór")


async def test_by_keyboard_alone(browsers: "Browsers", ward: Ward) -> None:
    page = await opened(browsers, ward, size={"width": 1440, "height": 900}, color_scheme="dark")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    # Which place comes first depends on their names.
    await part(page, ward.first).get_by_role("button", name="Eén minder").focus()
    await page.keyboard.press("Tab")
    await expect(number(page, ward.first)).to_be_focused()
    await page.keyboard.type("4")
    await page.keyboard.press("Enter")
    await expect(part(page, ward.first)).to_contain_text("opgeslagen")
    # Fetched again around it, it keeps the focus.
    assert await page.evaluate("document.activeElement.name") == "vrij"
    assert await ward.free() == [4]
    assert await axe(page) == []
    bed = part(page, ward.beds[1])
    await bed.locator("summary").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(bed.locator("summary")).to_contain_text("Vrij")
    assert await page.evaluate("document.activeElement.tagName") == "SUMMARY"
    await part(page, ward.team).locator("[name=licht]:checked").focus()
    await page.keyboard.press("ArrowRight")
    await expect(part(page, ward.team)).to_contain_text("opgeslagen")
    await expect(part(page, ward.team).locator("[value=oranje]")).to_be_checked()

    await page.get_by_role("link", name="Opnamestop instellen").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("uitbraak").focus()
    await page.keyboard.press("Space")
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-opnamestop")
    await page.get_by_label("Toelichting").press("Enter")
    await expect(page.locator("#d-stop")).to_contain_text("Uitbraak")
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-gestopt", whole=True)
    await page.get_by_role("button", name="Opnamestop opheffen").press("Enter")
    await expect(page.locator("#d-stop")).to_contain_text("Niet actief")


async def test_typed_without_a_connection_it_is_sent_later_once_as_seen_then(
    browsers: "Browsers", ward: Ward, clock: Clock
) -> None:
    browsers.allow(_LOST)
    page = await opened(browsers, ward)
    seen = clock.now()
    await page.context.set_offline(True)
    await more(page, ward.first).click()
    await more(page, ward.respijt).click()
    await expect(part(page, ward.first)).to_contain_text("was 2, wacht op verzending")
    await expect(page.locator("#berichten")).to_contain_text("2 wijzigingen staan klaar")
    await shot(page, "mijn-capaciteit-geen-verbinding", whole=True)
    assert await axe(page) == []
    # Closed, and an hour later two tabs are opened at the same time.
    context = page.context
    await page.close()
    clock.turn(timedelta(hours=1))
    await context.set_offline(False)
    tabs = [await context.new_page(), await context.new_page()]
    await signed_in_as(tabs[0], ward)
    for tab in tabs:
        await tab.goto(PAGE)
    for tab in tabs:
        await tab.evaluate(_LOOK_AGAIN)
        await expect(number(tab, ward.first)).to_have_value("3")
        await expect(part(tab, ward.first)).not_to_contain_text("wacht op verzending")
    told = [await tab.locator("#berichten").inner_text() for tab in tabs]
    assert sum("staan op het bord" in text or "staat op het bord" in text for text in told) >= 1
    assert (await ward.free(), await ward.free(ward.respijt)) == ([3], [2])
    query = "SELECT observed_at FROM pool WHERE id = $1"
    observed = await ward.world.container.read(lambda c: c.fetchval(query, ward.first))
    assert abs(observed - seen) < timedelta(minutes=2)


async def test_an_answer_that_is_lost_makes_no_second_report(
    browsers: "Browsers", ward: Ward
) -> None:
    browsers.allow(_LOST)
    page = await opened(browsers, ward)
    lost: list[str] = []

    async def lose(route: Route) -> None:
        if len(lost) < 2:
            await route.fetch()
            lost.append(route.request.post_data or "")
            await route.abort()
        else:
            await route.continue_()

    await page.route(f"**{place(ward.first)}**", lose)
    await more(page, ward.first).click()
    await expect(part(page, ward.first)).to_contain_text("opgeslagen")
    assert len(lost) == 2
    assert await ward.free() == [3]
    # A double tap is two steps and one report.
    await more(page, ward.respijt).dblclick()
    await expect(part(page, ward.respijt)).to_contain_text("opgeslagen")
    assert await ward.free(ward.respijt) == [3]
    # Away and back, nothing is posted again.
    await page.get_by_role("link", name="Opnamestop instellen").click()
    await page.go_back()
    await expect(number(page, ward.first)).to_have_value("3")
    assert await ward.free() == [3]


async def test_signed_out_it_waits_for_the_same_person_and_for_nobody_else(
    browsers: "Browsers", ward: Ward, api: Serving
) -> None:
    browsers.allow("401|403")
    assert api.container is not None
    colleague = await make_person(
        api.container, Role.PROVIDER_CAPACITY, ward.world.provider.organisation_id
    )
    page = await opened(browsers, ward)
    await page.context.clear_cookies()
    await more(page, ward.first).click()
    await expect(page.locator("#berichten")).to_contain_text("U bent uitgelogd.")
    await expect(page.locator("#berichten")).to_contain_text("Uw wijzigingen (1) zijn bewaard")
    await shot(page, "mijn-capaciteit-uitgelogd", whole=True)
    assert await axe(page) == []
    # A colleague signs in, in another tab of this device.
    await signed_in_as(page, ward, colleague)
    other = await page.context.new_page()
    await other.goto(PAGE)
    await expect(number(other, ward.first)).to_have_value("2")
    await page.bring_to_front()
    await page.evaluate(_LOOK_AGAIN)
    await expect(page.locator("#berichten")).to_contain_text("iemand anders ingelogd")
    assert await ward.free() == []
    # The same person again: in a new session, without loading the page anew.
    await signed_in_as(page, ward)
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(part(page, ward.first)).to_contain_text("opgeslagen")
    assert await ward.free() == [3]


async def test_what_waited_for_more_than_a_day_is_asked_about(
    browsers: "Browsers", ward: Ward, clock: Clock
) -> None:
    browsers.allow(f"{_LOST}|401")
    page = await opened(browsers, ward)
    await page.context.set_offline(True)
    await more(page, ward.first).click()
    await expect(page.locator("#berichten")).to_contain_text("1 wijziging staat klaar")
    clock.turn(timedelta(hours=25))
    # The page's own clock stood still meanwhile: it comes back as a page that is opened anew.
    address = page.url
    await page.goto("about:blank")
    await page.context.set_offline(False)
    await signed_in_as(page, ward)
    await page.goto(address)
    await expect(page.locator("#berichten")).to_contain_text("Niet verstuurd: ouder dan een dag.")
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-ouder-dan-een-dag", whole=True)
    assert await ward.free() == []
    await page.get_by_role("button", name="Weggooien").click()
    await expect(number(page, ward.first)).to_have_value("2")
    assert (
        await page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('vt-rij'))") == []
    )


async def test_two_at_once_see_what_the_other_did(
    browsers: "Browsers", ward: Ward, clock: Clock
) -> None:
    browsers.allow("409")
    page = await opened(browsers, ward)
    clock.turn(timedelta(minutes=1))
    async with typing_in(number(page, ward.respijt), "7"):
        await ward.world.report(Figures(free=5))
        await ward.world.report(Figures(free=0), pool_id=ward.respijt)
        await ward.world.settled()
        await page.evaluate(_LOOK_AGAIN)
        await expect(number(page, ward.first)).to_have_value("5")
        await expect(part(page, ward.first)).to_contain_text("zojuist gewijzigd")
        # What is being typed stays, and is a conflict that the person decides.
        await expect(number(page, ward.respijt)).to_have_value("7")
    await expect(part(page, ward.respijt)).to_contain_text("Intussen door iemand anders gewijzigd")
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-intussen-gewijzigd", whole=True)
    await part(page, ward.respijt).get_by_role("button", name="Toch 7").click()
    await expect(part(page, ward.respijt)).to_contain_text("opgeslagen")
    assert await ward.free(ward.respijt) == [7]

    # "Alles klopt nog" is about what this page shows.
    await ward.world.report(Figures(free=6))
    await home_care.tell(ward.world, ward.team, TeamReport(Light.ROOD))
    await page.get_by_role("button", name="Alles klopt nog").click()
    await expect(page.locator("#berichten")).to_contain_text("2 cijfers zijn intussen gewijzigd")
    await expect(number(page, ward.first)).to_have_value("6")

    # The clock passes what is believed, and the page goes by the server's.
    clock.turn(timedelta(hours=7))
    await signed_in_as(page, ward)
    await page.evaluate(_LOOK_AGAIN)
    await expect(part(page, ward.first)).to_contain_text("onbevestigd: 7 u oud")


async def test_a_spreadsheet_with_mistakes_and_one_without(
    browsers: "Browsers", ward: Ward
) -> None:
    browsers.allow("400")
    page = await opened(browsers, ward)
    await page.get_by_role("link", name="Bestand kiezen").click()
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-spreadsheet")
    facts = await ward.world.pool()
    bad = csv_text([("pool", "vrij nu"), (facts.external_id, "twee"), ("zoek", 1)])
    await _choose(page, bad)
    await expect(page.get_by_role("region", name="Fouten in het bestand")).to_be_visible()
    await expect(page.get_by_role("cell", name="Hier hoort een heel getal")).to_be_visible()
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-spreadsheet-fouten")
    await _choose(page, csv_text([("pool", "vrij nu"), (facts.external_id, 12)]))
    await expect(page.get_by_role("region", name="Wat er verandert")).to_contain_text("12")
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-spreadsheet-vooraf")
    await page.get_by_role("button", name="Verwerken").click()
    await expect(page.get_by_text("1 regel verwerkt.")).to_be_visible()
    await page.reload()
    await page.get_by_role("link", name="Mijn capaciteit").first.click()
    await expect(number(page, ward.first)).to_have_value("12")


async def test_narrow_large_printed_and_empty_it_stays_readable(
    browsers: "Browsers", ward: Ward, api: Serving
) -> None:
    assert api.container is not None
    page = await opened(browsers, ward, size={"width": 320, "height": 700}, color_scheme="dark")
    wide = "document.documentElement.scrollWidth - window.innerWidth"
    await part(page, ward.beds[0]).locator("summary").click()
    assert await page.evaluate(wide) <= 0
    assert await axe(page) == []
    await page.emulate_media(forced_colors="active")
    await expect(number(page, ward.first)).to_be_visible()
    await page.emulate_media(media="print", forced_colors="none")
    await expect(number(page, ward.first)).to_be_visible()
    await expect(more(page, ward.first)).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.goto(f"{PAGE}/team/{ward.team}")
    assert await page.evaluate(wide) <= 0
    assert await axe(page) == []
    await shot(page, "mijn-capaciteit-team", whole=True)
    other = await make_person(
        api.container, Role.PROVIDER_CAPACITY, ward.world.other.organisation_id
    )
    empty = await opened(browsers, ward, other)
    assert await axe(empty) == []
    await shot(empty, "mijn-capaciteit-leeg")
    intake = await make_person(
        api.container, Role.PROVIDER_INTAKE, ward.world.provider.organisation_id
    )
    watching = await opened(browsers, ward, intake)
    assert await axe(watching) == []
    await shot(watching, "mijn-capaciteit-intake", whole=True)


@asynccontextmanager
async def typing_in(field: Locator, text: str) -> AsyncIterator[None]:
    """Somebody types, looks up, and then goes on."""
    await field.evaluate("(field, text) => { field.focus(); field.value = text; }", text)
    yield
    await field.press("Enter")


async def _choose(page: Page, content: str) -> None:
    file = {"name": "nu.csv", "mimeType": "text/csv", "buffer": content.encode()}
    await page.get_by_label("Bestand (.xlsx of .csv").set_input_files(file)  # type: ignore[arg-type]  # a file in the form it takes
    await page.get_by_role("button", name="Bekijken").click()
