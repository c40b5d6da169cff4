"""The board in a browser: coordinators who record what they hear by phone, and see each other do it."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from domain.actors import Role
from tests.factories.people import MadePerson, make_person
from tests.factories.scene import PHONE, Scene, make_scene
from tests.factories.world import World, counts
from tests.support.at_the_board import live, order, row, sign_in
from tests.support.browser import Browsers, shot
from tests.support.clock import Clock
from tests.support.serving import Serving


@pytest.fixture
async def scene(served: World) -> Scene:
    """Places in every state."""
    return await make_scene(served)


async def coordinator(served: World) -> MadePerson:
    return await make_person(served.container, Role.COORDINATOR, served.coordinator.organisation_id)


async def test_a_figure_told_by_phone_is_recorded_by_mouse_or_keys_and_seen_by_all(
    api: Serving, served: World, scene: Scene, browsers: Browsers
) -> None:
    browsers.allow("status of 400")
    mouse = await browsers.open(api.base_url)
    keys = await browsers.open(api.base_url)
    vijverhof = scene.row("De Vijverhof")

    # With a keyboard alone, from the first page on.
    person = await coordinator(served)
    await keys.goto("/")
    await keys.keyboard.type(person.username)
    await keys.keyboard.press("Tab")
    await keys.keyboard.type(person.password)
    await keys.keyboard.press("Enter")
    await live(keys)
    await sign_in(mouse, await coordinator(served))

    await row(mouse, vijverhof).click()
    await expect(mouse.locator("#detail h2")).to_have_text("De Vijverhof")
    await expect(mouse.locator("[data-bellen]")).to_have_attribute(
        "href", f"tel:{PHONE.replace(' ', '')}"
    )
    await mouse.click("text=Telefonisch cijfer >> visible=true")
    await mouse.fill("#tf-v", "twee")
    await mouse.fill("#tf-w", "Mevrouw Jansen")
    await mouse.click("text=Vastleggen")
    await expect(mouse.locator("#tf-v")).to_have_attribute("aria-invalid", "true")
    await expect(mouse.locator("#tf-v")).to_be_focused()
    await expect(mouse.locator("#tf-w")).to_have_value("Mevrouw Jansen")
    await expect(mouse.locator("#telefoon [role=alert]")).to_contain_text("Er is niets gewijzigd")
    await shot(mouse, "bord-formulier-fout")
    await mouse.fill("#tf-v", "4")
    await mouse.dblclick("text=Vastleggen")
    await expect(mouse.locator("#detail [data-uitkomst]")).to_contain_text("Vastgelegd")
    await expect(mouse.locator("#detail [data-uitkomst]")).to_be_focused()

    # The other one sees it without a reload, lit, and is told once.
    seen = row(keys, vijverhof)
    await expect(seen).to_have_class(re.compile("gewijzigd"))
    await expect(seen.locator(".k-vrij")).to_contain_text("4")
    await expect(seen.locator(".tag-nieuw")).to_have_text("zojuist, was 2")
    await expect(keys.locator("#omroep")).to_have_text("De Vijverhof: vrij van 2 naar 4.")
    await expect(mouse.locator("#detail [data-uitkomst]")).to_contain_text("Vastgelegd")
    pool = await scene.world.pool(scene.pools["De Vijverhof"])
    reports = await served.container.read(
        lambda connection: connection.fetch(
            "SELECT free, note FROM pool_report WHERE pool_id = $1 ORDER BY received_at", pool.id
        )
    )
    assert [tuple(one) for one in reports][1:] == [(4, "gesproken met Mevrouw Jansen")]
    await mouse.reload()
    await live(mouse)
    assert len(reports) == 2

    # To the list, along the rows, into the form and back, without a mouse.
    await keys.keyboard.press("/")
    await keys.keyboard.type("duinrand")
    await expect(row(keys, vijverhof)).to_be_hidden()
    await keys.keyboard.press("Escape")
    await expect(row(keys, vijverhof)).to_be_visible()
    for _ in range(30):
        await keys.keyboard.press("ArrowDown")
        if await keys.evaluate("document.activeElement.id") == scene.row("Mariahoeve", "mfb"):
            break
    await keys.keyboard.press("Enter")
    await expect(keys.locator("#detail h2")).to_have_text("Mariahoeve")
    await keys.keyboard.press("t")
    await expect(keys.locator("#tf-bed")).to_be_focused()
    await keys.keyboard.press("ArrowDown")
    await keys.keyboard.press("Tab")
    await keys.keyboard.type("Vrij")
    await shot(keys, "bord-formulier-bedden")
    await keys.keyboard.press("Tab")
    await keys.keyboard.press("Enter")
    await expect(keys.locator("#detail [data-uitkomst]")).to_contain_text("Vastgelegd")
    await expect(row(mouse, scene.row("Mariahoeve", "mfb")).locator(".k-vrij")).to_contain_text("2")
    await keys.keyboard.press("?")
    await expect(keys.locator("#toetsen")).to_be_visible()
    await shot(keys, "bord-toetsen")
    await keys.keyboard.press("Escape")

    # A team, whose stoplight goes to orange.
    await keys.keyboard.press("End")
    team = row(mouse, f"w-{scene.teams[0]}")
    await team.click()
    await mouse.click("#detail [data-open]")
    await mouse.check("text=In overleg")
    await mouse.fill("#tf-d", "morgen")
    await mouse.click("text=Vastleggen")
    await expect(mouse.locator("#detail [data-uitkomst]")).to_contain_text("Vastgelegd")
    await expect(row(keys, f"w-{scene.teams[0]}").locator(".k-vrij")).to_contain_text("overleg")


async def test_filters_stand_in_the_address_and_favourites_are_ones_own(
    api: Serving, served: World, scene: Scene, browsers: Browsers
) -> None:
    page, other = await browsers.open(api.base_url), await browsers.open(api.base_url)
    person = await coordinator(served)
    await sign_in(page, person)
    everything = await order(page)
    assert everything.count("Duinrand") == 2, "under each kind of care that it may serve"
    await page.click(".tegel[data-zorg='elv-laag']")
    await page.fill("#zoek", "rokke")
    await page.click("text=1-persoons >> visible=true")
    await expect(page.locator("#geen")).to_be_visible()
    await expect(page.locator("#geen")).to_contain_text("Zonder kenmerken: 1 plaats")
    await shot(page, "bord-leeg")
    await page.click("[data-zonder='kenmerk']")
    assert await order(page) == ["Rokkezicht"]
    await page.reload()
    await live(page)
    assert await order(page) == ["Rokkezicht"]
    await expect(page.locator(".tegel[data-zorg='elv-laag']")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.click("text=Noodlijst >> visible=true")
    await page.go_back()
    await live(page)
    assert await order(page) == ["Rokkezicht"]
    # Shared with a colleague, who signs in first.
    await other.goto(page.url)
    colleague = await coordinator(served)
    await other.fill("#gn", colleague.username)
    await other.fill("#ww", colleague.password)
    await other.keyboard.press("Enter")
    await live(other)
    assert other.url == page.url
    assert await order(other) == ["Rokkezicht"]

    # A place that comes to fit shows itself, and the last one that goes tells that nothing fits.
    await other.goto("/bord?zorg=elv-laag&opname=0&zoek=rokke")
    await live(other)
    await expect(other.locator("#geen")).to_be_visible()
    await served.report(counts(10, 4), pool_id=scene.pools["Rokkezicht"])
    await expect(row(other, scene.row("Rokkezicht"))).to_be_visible()
    await served.report(counts(10, 10), pool_id=scene.pools["Rokkezicht"])
    await expect(other.locator("#geen")).to_be_visible()
    await page.goto("/bord")
    await live(page)

    await row(page, scene.row("Haaglinde")).click()
    await page.click("#detail [data-favoriet]")
    await expect(page.locator("#detail [data-favoriet]")).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await live(page)
    await page.click("[data-favorieten]")
    assert await order(page) == ["Haaglinde"]
    await other.goto("/bord?favorieten=1")
    await live(other)
    await expect(other.locator("#geen")).to_be_visible()
    await page.click("[data-favorieten]")

    # Sorted, and not under the pointer.
    await page.click("[data-sorteer='naam']")
    named = await order(page)
    elv = [name for name in named if name in everything][1:6]
    assert elv == sorted(elv, key=str.casefold)
    await page.click("[data-sorteer='vrij']")
    first = await page.evaluate(
        "document.querySelector('#b-elv-laag tr[data-id] .loc').textContent"
    )
    assert first == "Duinrand"
    await row(page, scene.row("De Vijverhof")).hover()
    await served.report(counts(10, 0), pool_id=scene.pools["De Vijverhof"])
    await expect(page.locator("#ordenen")).to_have_text("1 gewijzigd, opnieuw ordenen")
    await shot(page, "bord-ordenen")
    await page.click("#ordenen")
    await expect(page.locator("#b-elv-laag tr[data-id] .loc").first).to_have_text("De Vijverhof")


async def test_a_session_that_is_over_loses_nothing_that_was_typed(
    api: Serving, served: World, scene: Scene, browsers: Browsers, clock: Clock
) -> None:
    browsers.allow("status of 40[13]")
    person = await coordinator(served)
    page = await browsers.open(api.base_url)
    await sign_in(page, person, "/bord?zorg=elv-laag".replace("?", "%3F").replace("=", "%3D"))
    await row(page, scene.row("De Vijverhof")).click()
    await page.click("#detail [data-open]")
    await page.fill("#tf-v", "7")
    await page.fill("#tf-w", "de nachtdienst")
    clock.turn(timedelta(hours=13))
    await page.click("text=Vastleggen")
    await expect(page.locator("#detail [data-uitgelogd]")).to_be_visible()
    await expect(page.locator("#tf-v")).to_have_value("7")
    await shot(page, "bord-uitgelogd")
    await page.click("#detail [data-uitgelogd] a")
    await page.fill("#gn", person.username)
    await page.fill("#ww", person.password)
    await page.keyboard.press("Enter")
    await live(page)
    assert page.url.endswith("/bord?zorg=elv-laag")
    await expect(page.locator("#tf-v")).to_have_value("7")
    await expect(page.locator("#tf-w")).to_have_value("de nachtdienst")
    await page.click("text=Vastleggen")
    await expect(page.locator("#detail [data-uitkomst]")).to_contain_text("Vastgelegd")

    # Signed out in another tab: the board says so, and stops to be believed.
    tab = await page.context.new_page()
    await tab.goto("/weergave")
    await tab.click("summary.vt-wie")
    await tab.click("text=Uitloggen")
    await expect(page.locator("#sessie-voorbij")).to_be_visible()
    await shot(page, "bord-sessie-voorbij")
    await tab.go_back()
    await expect(tab.locator("main")).to_contain_text("Inloggen")
