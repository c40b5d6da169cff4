"""Every page of the board and of signing in, in each state and look: readable by all, and no code in sight."""

import re
from enum import StrEnum

import pytest
from playwright.async_api import Page, expect

from app.live.pool_views import PoolState
from domain.actors import OrganisationKind, Role
from domain.beds import BedState, Hold
from domain.capacity import SourceKind
from domain.care_types import CareType, ClosedReason
from domain.features import Feature
from domain.home_care import Skill
from domain.posting import PostingSchedule
from tests.factories.people import make_person
from tests.factories.scene import Scene, make_scene
from tests.factories.world import World
from tests.support.at_the_board import live, row, sign_in
from tests.support.browser import Browsers, axe, shot
from tests.support.serving import Serving

_KINDS: tuple[type[StrEnum], ...] = (
    *(CareType, Feature, ClosedReason, SourceKind, Skill, BedState, Hold),
    *(OrganisationKind, Role, PostingSchedule),
)
#: Codes that are plain words too, which a page may use.
_WORDS = {
    "mfb",
    "grz",
    "respijt",
    "hospice",
    "observatie",
    "wijkverpleging",
    "isolatie",
    "zuurstof",
}
_WORDS |= {
    "infuus",
    "sonde",
    "stoma",
    "bariatrisch",
    "tillift",
    "rolstoel",
    "wzd",
    "wvggz",
    "partner",
}
_WORDS |= {
    "huisdier",
    "uitbraak",
    "verbouwing",
    "onderhoud",
    "personeel",
    "anders",
    "basis",
    "acuut",
}
_WORDS |= {
    "wond",
    "nacht",
    "region",
    "system",
    "ggz",
    "hospital",
    "page",
    "provider",
    "file",
    "phone",
}
CODES = {code.value for kind in _KINDS for code in kind} - _WORDS


async def raw_codes(page: Page) -> set[str]:
    """The codes of ours that somebody could read there, or hear."""
    text = await page.evaluate(
        "document.body.innerText + ' ' + [...document.querySelectorAll('[title], [aria-label]')]"
        ".map((one) => one.title + ' ' + one.ariaLabel).join(' ')"
    )
    words = set(re.findall(r"[\w-]+", text.lower()))
    return words & CODES


async def looked_at(page: Page, name: str, *, whole: bool = False) -> None:
    """Nothing wrong with it for who hears it, on any size and in any light; no code; pictures kept."""
    assert await axe(page) == [], name
    assert await raw_codes(page) == set(), name
    await page.emulate_media(color_scheme="dark")
    # Colours go over slowly.
    await page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")
    assert await axe(page, colours=True) == [], f"{name}, dark"
    await page.emulate_media(color_scheme="light")
    await shot(page, name, whole=whole)


async def fits(page: Page, name: str) -> None:
    """On 320 px, and on a desktop at 400%: nobody has to scroll a page sideways."""
    before = page.viewport_size
    for width, height in ((320, 700), (360, 225)):
        await page.set_viewport_size({"width": width, "height": height})
        wide = await page.evaluate(
            "[document.documentElement.scrollWidth, ...[...document.querySelectorAll('body *')]"
            ".filter((one) => one.checkVisibility() && !one.closest('.tegels, .tabel-vak, .vt-nav, .kaartje'))"
            ".map((one) => Math.round(one.getBoundingClientRect().right))].reduce((a, b) => Math.max(a, b))"
        )
        assert wide <= width, f"{name} is {wide} wide on {width}"
    assert before
    await page.set_viewport_size(before)


@pytest.fixture
async def scene(served: World) -> Scene:
    """Places in every state."""
    return await make_scene(served)


async def test_the_board_its_wall_and_its_list_are_for_everybody(
    api: Serving, served: World, scene: Scene, browsers: Browsers
) -> None:
    person = await make_person(
        served.container, Role.COORDINATOR, served.coordinator.organisation_id, name="M. Bakker"
    )
    page = await browsers.open(api.base_url)
    await sign_in(page, person)
    states = await page.evaluate(
        "[...new Set([...document.querySelectorAll('#bordtabel tr[id^=p-]')].map((row) => row.dataset.st))]"
    )
    assert set(states) >= set(PoolState) - {PoolState.LATER}
    await looked_at(page, "bord")
    await row(page, scene.row("Strijphoeve", "grz")).click()
    await expect(page.locator("#detail .melding--stop")).to_contain_text("uitbraak")
    await page.click("#detail [data-open]")
    await looked_at(page, "bord-telefonisch")
    await fits(page, "bord")
    await row(page, f"w-{scene.teams[0]}").click()
    await expect(page.locator("#detail h2")).to_have_text("Team Noord")
    await looked_at(page, "bord-team")
    await page.emulate_media(forced_colors="active")
    await shot(page, "bord-gedwongen-kleuren")
    shapes = await page.evaluate(
        "[...document.querySelectorAll('#bordtabel .pil')].every((one) => getComputedStyle(one).borderStyle"
        " !== 'none' && one.querySelector('use'))"
    )
    assert shapes, "each state has a shape and an edge without any colour"
    await page.emulate_media(forced_colors="none", media="print")
    await expect(page.locator(".bord-zij")).to_be_hidden()
    await expect(row(page, scene.row("De Vijverhof"))).to_be_visible()
    await shot(page, "bord-afdruk", whole=True)
    await page.emulate_media(media="screen")

    for path, name in (
        ("/bord/wand", "bord-wand"),
        ("/bord/noodlijst", "bord-noodlijst"),
        (f"/bord/plaats/{scene.pools['Duinrand']}", "bord-plaats"),
        (f"/bord/plaats/{scene.pools['Mariahoeve']}", "bord-plaats-bedden"),
        (f"/bord/team/{scene.teams[0]}", "bord-team-alleen"),
        ("/weergave", "weergave"),
    ):
        await page.goto(path)
        await looked_at(page, name, whole=name == "bord-noodlijst")
        if name != "bord-wand":
            await fits(page, name)
    await page.goto("/bord/noodlijst")
    await page.emulate_media(media="print")
    for hidden in ("header", ".noodlijst .knoppen"):
        await expect(page.locator(hidden).first).to_be_hidden()
    printed = await page.inner_text("main")
    assert printed.count("079 123 45 67") > 8, "whom to call stands at each place"
    assert "nooit gemeld" in printed
    await page.emulate_media(media="screen")

    # In another language, chosen for this device.
    await page.goto("/weergave")
    await page.get_by_label("English").check()
    await page.get_by_label("Donker").check()
    await page.click("text=Bewaren")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.goto("/bord")
    await live(page)
    assert await axe(page) == []
    await shot(page, "bord-engels-donker")


async def test_signing_in_and_every_notice_are_for_everybody(
    api: Serving, served: World, browsers: Browsers
) -> None:
    browsers.allow("status of 4")
    person = await make_person(
        served.container,
        Role.AUDITOR,
        served.provider.organisation_id,
        served.other.organisation_id,
    )
    page = await browsers.open(api.base_url)
    await page.goto("/inloggen?naar=/bord")
    await looked_at(page, "inloggen")
    await fits(page, "inloggen")
    for attempt in range(6):
        await page.fill("#gn", person.username)
        await page.fill("#ww", "een ander wachtwoord")
        await page.keyboard.press("Enter")
        await expect(page.locator("[role=alert]")).to_be_visible()
        if attempt == 0:
            await expect(page.locator("#ww")).to_be_focused()
            await looked_at(page, "inloggen-geweigerd")
    await expect(page.locator("[role=alert]")).to_contain_text("Te vaak geprobeerd")
    await looked_at(page, "inloggen-te-vaak")
    await fits(page, "inloggen-te-vaak")

    other = await make_person(
        served.container,
        Role.AUDITOR,
        served.provider.organisation_id,
        served.other.organisation_id,
    )
    page = await browsers.open(api.base_url)
    await sign_in(page, other, "/bord/wand")
    await expect(page.locator("h1")).to_have_text("Voor welke organisatie werkt u nu?")
    await looked_at(page, "organisatie")
    await fits(page, "organisatie")
    await page.locator("main li button").first.click()
    await expect(page.locator("h1")).to_have_text("Geen toegang tot deze pagina")
    await looked_at(page, "geen-toegang")
    await page.goto("/nergens")
    await looked_at(page, "niet-gevonden")
    await page.goto("/weergave")
    await page.evaluate("document.querySelector('main form [name=csrf]').value = 'x'")
    await page.click("text=Bewaren")
    await expect(page.locator("h1")).to_have_text("Dit formulier is verlopen")
    await looked_at(page, "oud-formulier")
    await page.goto("/weergave")
    await page.evaluate("document.querySelector('main form').action = '/bord/wand'")
    await page.click("text=Bewaren")
    await looked_at(page, "fout")
    served.container.sessions.forget(None)
    cookies = await page.context.cookies()
    await page.context.add_cookies([{**one, "value": "A" * 43} for one in cookies])  # type: ignore[typeddict-item]  # what it gave, given back
    await page.goto("/weergave?x=1")
    await expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    await looked_at(page, "uitgelogd")
    await fits(page, "uitgelogd")
