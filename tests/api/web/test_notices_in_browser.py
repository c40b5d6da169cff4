"""The bell, the notices and their settings in a browser: live, by keyboard, light and dark."""

import pytest
from playwright.async_api import Page, expect

from domain.actors import Role
from domain.needs import Urgency
from domain.notices import NoticeData, NoticeKind
from tests.api.web.test_notices import telephone
from tests.factories.people import make_person, signed_in
from tests.factories.referrals import offered
from tests.factories.word import make_notice
from tests.factories.world import HOUR, World
from tests.support.browser import DESKTOP, Browsers, axe, shot
from tests.support.serving import Serving
from tests.support.word_calls import URL


@pytest.fixture
async def page(browsers: Browsers, api: Serving, served: World) -> Page:
    """The window of somebody at the first provider's intake."""
    person = await make_person(
        served.container, Role.PROVIDER_INTAKE, served.provider.organisation_id, name="N. de Wit"
    )
    session = await signed_in(served.container, person)
    opened = await browsers.open(api.base_url)
    await opened.context.add_cookies(
        [{"name": "vt_session", "value": session.token, "url": api.base_url}]
    )
    return opened


async def look_again(page: Page) -> None:
    """As when the tab is looked at again."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def check(page: Page, name: str) -> None:
    """Nothing is wrong with it, in the light and on the narrowest phone in the dark, where all fits too."""
    assert await axe(page) == []
    await shot(page, name)
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 320, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320, name
    assert await axe(page, colours=True) == []
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(DESKTOP)


async def test_the_bell_moves_by_itself_and_all_is_done_by_keyboard(
    page: Page, served: World, browsers: Browsers
) -> None:
    browsers.allow("400")
    container = served.container
    point = served.coordinator.organisation_id
    await container.act(lambda work: telephone(work, point, "079 343 34 34"))
    await make_notice(
        served,
        kind=NoticeKind.CAPACITEIT_OUD,
        data=NoticeData(valid_until=container.now() - HOUR),
    )
    await page.goto("/weergave")
    bell = page.locator("#bel")
    await expect(bell).to_have_accessible_name("1 nieuwe melding")
    await offered(served, urgency=Urgency.ACUUT)
    await offered(served, urgency=Urgency.ACUUT)
    await look_again(page)
    await expect(bell).to_have_accessible_name("3 nieuwe meldingen")
    await expect(page.locator("#bel-zegt")).to_have_text("3 nieuwe meldingen")
    banner = page.get_by_role("alert")
    await expect(banner).to_have_count(1)
    await expect(banner).to_contain_text("en nog 1 acute melding")
    await expect(banner.locator("[data-tot]")).to_contain_text("nog ")
    await check(page, "melding-acuut")

    # By keyboard: the banner's button keeps its place, and what is left is the other one.
    first = await banner.get_attribute("data-id")
    await banner.get_by_role("button", name="Gelezen").focus()
    await page.keyboard.press("Enter")
    await expect(banner).not_to_have_attribute("data-id", first or "")
    await expect(bell).to_have_accessible_name("2 nieuwe meldingen")
    await expect(banner.get_by_role("button", name="Gelezen")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(banner).to_have_count(0)
    await expect(page.locator("#inhoud")).to_be_focused()
    assert page.url.endswith("/weergave")

    await bell.focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Meldingen", exact=True).wait_for()
    await check(page, "meldingen")
    rows = page.locator(".m-rij")
    await expect(rows).to_have_count(3)
    await expect(page.locator(".m-rij.is-nieuw")).to_have_count(1)
    # Something more while one reads: no row moves, it is said above the list.
    await make_notice(served)
    await look_again(page)
    await expect(page.get_by_text("Er zijn nieuwe meldingen")).to_be_visible()
    await expect(rows).to_have_count(3)
    # Who follows a notice to where it is about has read it.
    await page.get_by_role("link", name="Cijfers zijn niet meer bevestigd").click()
    await page.wait_for_url("**/mijn-capaciteit")
    await expect(bell).to_have_accessible_name("1 nieuwe melding")

    # Its settings and webhooks, in the states that only a browser sees well.
    await page.goto("/meldingen/instellingen")
    await page.locator("#v-choices-aanvraag-uit").focus()
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("radio", name="overzicht").first).to_be_checked()
    await page.get_by_label("Rust vanaf").fill("22")
    await page.keyboard.press("Enter")
    await page.get_by_text("veld klopt nog niet").wait_for()
    await expect(page.get_by_label("Rust vanaf")).to_have_value("22")
    await check(page, "meldingen-instellingen-fout")
    await page.goto("/meldingen/webhooks/nieuw")
    await page.get_by_label("Adres").fill(URL)
    await page.keyboard.press("Enter")
    assert (await page.locator("#geheim").inner_text()).startswith("whsec_")
    await page.get_by_role("link", name="Gekopieerd, verder").click()
    await page.get_by_role("button", name="Pauzeren").click()
    await page.get_by_text("gepauzeerd", exact=True).wait_for()
    await check(page, "webhooks")
