"""Scenario 4 in a browser: a huisarts finds a team, files in one step, bridges, and never phones."""

import re
from datetime import date, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from app.services import norms, postcodes
from app.services.referrals import answers, offers, questions, stays
from app.services.referrals.answers import Counter
from app.services.referrals.stays import Arrival
from domain.actors import Actor, Role
from domain.calendar import AMSTERDAM
from domain.geography import Point, Postcode
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamReport
from domain.norms import Norms
from tests.factories.home_care import make_team, tell
from tests.factories.people import MadePerson, make_person, signed_in
from tests.factories.referrals import actor_of, offer_ids
from tests.factories.world import REGION, World, make_party
from tests.support.browser import PHONE, Browsers, axe, shot
from tests.support.clock import Clock
from tests.support.referral_calls import PC4, serve
from tests.support.serving import Serving

THURSDAY = datetime(2026, 11, 26, 9, 30, tzinfo=AMSTERDAM)
SATURDAY = datetime(2026, 11, 28, 9, 0, tzinfo=AMSTERDAM)
WOUND = Coverage(
    frozenset({PC4}),
    frozenset({Skill.BASIS, Skill.WOND}),
    frozenset({Dagdeel.OCHTEND, Dagdeel.MIDDAG}),
)


@pytest.fixture
async def huisarts(served: World, clock: Clock) -> MadePerson:
    """A huisarts on a Thursday morning, where an aanmelding may go straight to a team."""
    clock.set(THURSDAY)
    container = served.container
    await serve(container, served.coordinator)
    here = Postcode(PC4, "Zoetermeer", Point(52.06, 4.49))
    await postcodes.import_postcodes(container, None, [here])
    await norms.set_norms(container, None, REGION, Norms(direct_to_team=True), 0)
    practice = await make_party(container, Role.REFERRER)
    return await make_person(container, Role.REFERRER, practice.organisation_id)


async def make_teams(world: World) -> None:
    """One that can start tomorrow, and three with something in the way."""
    for name, said in (
        ("Wijkteam Meer", TeamReport(Light.GROEN, date(2026, 11, 27))),
        ("Wijkteam Later", TeamReport(Light.GROEN, date(2026, 11, 30))),
        ("Wijkteam Overleg", TeamReport(Light.ORANJE)),
        ("Wijkteam Vol", TeamReport(Light.ROOD)),
    ):
        team = await make_team(world, name=name, coverage=WOUND, telephone="079 444 55 66")
        await tell(world, team, said)
    await world.settled()


async def sign_in(page: Page, api: Serving, world: World, person: MadePerson) -> None:
    """By the cookie: the form has tests of its own."""
    token = (await signed_in(world.container, person)).token
    await page.context.add_cookies([{"name": "vt_session", "value": token, "url": api.base_url}])


async def test_a_huisarts_files_in_one_step_accepts_bridging_and_never_phones(
    api: Serving, served: World, huisarts: MadePerson, browsers: Browsers, clock: Clock
) -> None:
    await make_teams(served)
    container = served.container
    page = await browsers.open(api.base_url)
    await sign_in(page, api, served, huisarts)
    browsers.allow("400")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))

    # Teams, the earliest first, with the reason beside each.
    await page.goto("/wijkverpleging")
    await page.keyboard.type(PC4)
    await page.get_by_label("Wondzorg").check()
    await page.get_by_label("Ochtend").check()
    names = page.locator(".team-res h3")
    await expect(names).to_have_text(
        ["Wijkteam Meer", "Wijkteam Overleg", "Wijkteam Later", "Wijkteam Vol"]
    )
    files = page.get_by_role("link", name=re.compile("Aanmelden bij dit team"))
    await expect(files).to_have_text([re.compile("Wijkteam Meer"), re.compile("Wijkteam Later")])

    asked = re.compile("zorg=wond&dagdeel=ochtend")
    await expect(files.first).to_have_attribute("href", asked)

    # One form, from the keyboard: a mistake keeps what was typed.
    await files.first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Wijkverpleging aanmelden")
    await expect(page.get_by_label("Wondzorg")).to_be_checked()
    await page.get_by_label("Geslacht").select_option("man")
    await page.get_by_label("Welke hulp is nodig?").fill("Wond aan het been verbinden")
    await page.get_by_label("Terugbelnummer").fill("079 123 45 67")
    send = page.get_by_role("button", name="Aanmelden bij Wijkteam Meer")
    await send.click()
    await expect(page.locator("#fouten")).to_be_focused()
    await page.get_by_role("link", name="Geboortejaar: Dit is nog leeg.").click()
    await expect(page.get_by_label("Geboortejaar")).to_be_focused()
    await page.keyboard.type("1951")
    await expect(page.get_by_label("Welke hulp is nodig?")).to_have_value(
        "Wond aan het been verbinden"
    )
    assert await axe(page) == []
    await shot(page, "aanmelden-wijkverpleging", whole=True)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Gevraagd, antwoord volgt")
    await expect(page.locator("#volg-nu-vak")).to_contain_text("Wijkteam Meer")
    here = page.url

    # The wijkverpleegkundige can come the day after; a question is asked besides, and something is
    # being typed meanwhile.
    referral_id = await container.read(
        lambda connection: connection.fetchval("SELECT id FROM referral")
    )
    (offer_id,) = await offer_ids(served, referral_id)
    actor = await actor_of(served, served.provider)
    nurse = Actor(actor.id, actor.name, Role.PROVIDER_INTAKE, actor.organisation_id, actor.regions)
    await offers.see(container, nurse, offer_id)
    coordinator = await actor_of(served)
    await questions.ask(container, coordinator, referral_id, "Is er al verband in huis?")
    answer = page.get_by_label("Uw antwoord")
    await page.locator("#volg-intrekken summary").click()
    await answer.fill("Ja, voor twee d")
    clock.set(THURSDAY + timedelta(minutes=20))
    await answers.counter(container, nurse, offer_id, Counter(SATURDAY, text="Morgen vol"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Er is een ander voorstel")
    await expect(page.locator("#volg-status")).to_have_text("Er is een ander voorstel")
    await expect(answer).to_have_value("Ja, voor twee d")
    await expect(answer).to_be_focused()
    await expect(page.get_by_label("Vergissing")).to_be_visible()
    await page.keyboard.type("agen")
    await expect(page.get_by_role("heading", level=2).nth(1)).to_have_text(
        "Wijkteam Meer kan starten op za 28 nov 09:00"
    )
    assert await axe(page) == []
    await shot(page, "mijn-aanmelding-voorstel", whole=True)
    await page.get_by_role("button", name="Antwoord versturen").click()
    await expect(page.get_by_text("Ja, voor twee dagen")).to_be_visible()

    # Bridged by the practice; the team's telephone is there, should it be needed.
    await page.get_by_label("Hoe overbrugt u?").fill("De assistente verbindt morgen")
    await page.get_by_role("button", name="Akkoord met deze start").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Toegezegd")
    await expect(page.locator("#volg-plek-vak")).to_contain_text("za 28 nov 09:00")
    await expect(page.locator("#volg-plek-vak").get_by_role("link")).to_have_attribute(
        "href", "tel:0794445566"
    )
    await page.emulate_media(color_scheme="dark")
    assert await axe(page) == []
    await page.emulate_media(color_scheme="light")

    # On a telephone, the list; and it goes on by itself.
    await page.set_viewport_size(PHONE)
    await page.goto("/mijn-aanmeldingen")
    row = page.locator("tbody tr")
    await expect(row).to_contain_text("Toegezegd")
    assert await axe(page) == []
    await shot(page, "mijn-aanmeldingen", whole=True)
    # Days later the session is over: the page says so and keeps what it shows.
    clock.set(SATURDAY + timedelta(minutes=10))
    browsers.allow("401")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator("#volg-storing")).to_contain_text("U bent uitgelogd.")
    await expect(row).to_contain_text("Toegezegd")
    await sign_in(page, api, served, huisarts)
    await page.goto("/mijn-aanmeldingen")
    await stays.admit(container, nurse, offer_id, Arrival())
    await served.settled()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(row).to_contain_text("De zorg is gestart")
    contacts = await container.read(
        lambda connection: connection.fetchval("SELECT count(*) FROM contact")
    )
    assert contacts == 0
    assert here.split("?")[0].endswith(str(referral_id))
    told = " ".join(addresses)
    for private in ("birth_year", "callback", "Wond", "been", "assistente", "dagen"):
        assert private not in told, private
