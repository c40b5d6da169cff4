"""A huisarts in a browser: from a link in the practice system to an answer, while teams go on reporting."""

import re
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

from app.services import organisations, postcodes
from domain.actors import OrganisationKind, Role
from domain.calendar import AMSTERDAM
from domain.geography import Point, Postcode
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamReport
from domain.identifiers import RegionId, TeamId
from domain.organisations import Organisation
from tests.factories.home_care import make_team, tell
from tests.factories.people import MadePerson, make_person
from tests.factories.postcodes import ZOETERMEER
from tests.factories.world import REGION, World, make_party
from tests.support.browser import Browsers, axe, shot
from tests.support.clock import Clock
from tests.support.serving import Serving

SUNDAY = datetime(2026, 11, 22, 17, 30, tzinfo=AMSTERDAM)
LINK = "/wijkverpleging?pc4=2725&zorg=wond&vanaf=2026-11-23"
BY_DAY = frozenset({Dagdeel.OCHTEND, Dagdeel.MIDDAG, Dagdeel.AVOND})
NEIGHBOUR = Postcode("2726", "Zoetermeer", Point(52.071, 4.51))


@pytest.fixture
async def huisarts(served: World, clock: Clock) -> MadePerson:
    """A huisarts on a Sunday evening, with a coordination point to call."""
    clock.set(SUNDAY)
    party = await make_party(served.container, Role.REFERRER)
    await organisations.create_organisation(
        served.container,
        None,
        Organisation(
            "75999001",
            "Coördinatiepunt Duin",
            OrganisationKind.COORDINATION_POINT,
            frozenset({RegionId(REGION)}),
            telephone="079-0001000",
        ),
    )
    await postcodes.import_postcodes(served.container, None, [ZOETERMEER, NEIGHBOUR])
    return await make_person(served.container, Role.REFERRER, party.organisation_id)


@pytest.fixture
async def teams(served: World, huisarts: MadePerson) -> dict[str, TeamId]:
    """Four teams of 2725: one that fits, one later, one in consultation, one that never reported."""
    wound = Coverage(frozenset({"2725"}), frozenset({Skill.WOND, Skill.BASIS}), BY_DAY)
    night = Coverage(frozenset({"2725"}), frozenset({Skill.NACHT}), frozenset({Dagdeel.NACHT}))
    said = {
        "Wijkteam Rokkeveen": (wound, TeamReport(Light.GROEN)),
        "Wijkkring Oosterheem": (wound, TeamReport(Light.GROEN, date(2026, 11, 30))),
        "Wijkteam Seghwaert": (wound, TeamReport(Light.ORANJE)),
        "Nachtteam Oost": (night, TeamReport(Light.GROEN)),
        "Team Palenstein": (wound, None),
    }
    made = {}
    for name, (coverage, report) in said.items():
        made[name] = await make_team(served, name=name, coverage=coverage, telephone="079-0000161")
        if report is not None:
            await tell(served, made[name], report)
    await served.settled()
    return made


async def sign_in(page: Page, person: MadePerson) -> None:
    """Fills in the form that stands there, from the keyboard."""
    await expect(page.get_by_label("Gebruikersnaam")).to_be_focused()
    await page.keyboard.type(person.username)
    await page.keyboard.press("Tab")
    await page.keyboard.type(person.password)
    await page.keyboard.press("Enter")


def asked(page: Page) -> dict[str, list[str]]:
    """What the address asks."""
    return parse_qs(urlsplit(page.url).query)


async def test_a_huisarts_finds_a_team_by_a_link_and_goes_on_by_keyboard_alone(
    api: Serving, huisarts: MadePerson, teams: dict[str, TeamId], browsers: Browsers
) -> None:
    page = await browsers.open(api.base_url)
    await page.goto(LINK)
    await sign_in(page, huisarts)
    await expect(page.get_by_role("heading", level=1)).to_have_text("1 team kan op tijd starten")
    assert asked(page) == {"pc4": ["2725"], "zorg": ["wond"], "vanaf": ["2026-11-23"]}
    fits = page.locator(".team-res--vol")
    await expect(fits).to_contain_text(["Wijkteam Rokkeveen"])
    await expect(fits).to_contain_text("ruimte gemeld om 17:30 (zojuist)")
    await expect(fits.get_by_role("link", name="Bel")).to_have_attribute("href", "tel:0790000161")
    partly = page.locator(".team-res--deels")
    await expect(partly).to_contain_text(
        ["in overleg: bel eerst", "pas ma 30 nov, later dan u vroeg (morgen)"]
    )
    await expect(page.locator(".team-res--stil")).to_contain_text("heeft nog nooit iets gemeld")
    await expect(page.locator(".wv-niet summary")).to_have_text("1 team past niet")
    assert await axe(page) == []
    await shot(page, "wijkverpleging", whole=True)
    await page.emulate_media(color_scheme="dark")
    assert await axe(page, colours=True) == []
    await page.emulate_media(color_scheme="light")

    # By keyboard alone: one more skill, then another postcode, with its letters.
    await page.keyboard.press("Tab")
    await page.get_by_label("Postcode").focus()
    for _ in range(2):
        await page.keyboard.press("Tab")
    await expect(page.get_by_label("Wondzorg")).to_be_focused()
    for name in ("Basiszorg", "Acuut", "Infuus en medisch-technisch", "Nachtzorg"):
        await page.keyboard.press("Tab")
        await expect(page.get_by_label(name)).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "Geen team kan zeker op tijd starten"
    )
    await expect(page.get_by_label("Nachtzorg")).to_be_focused()
    await expect(page.locator("#wv-status")).to_have_text("Geen team kan zeker op tijd starten")
    await expect(page.locator(".team-res--deels").first).to_contain_text("doet dit niet: nachtzorg")
    assert asked(page)["zorg"] == ["wond", "nacht"]

    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    await page.get_by_label("Postcode").focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("2726 AB", delay=20)
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "In 2726 Zoetermeer werkt geen team"
    )
    assert await page.get_by_label("Postcode").input_value() == "2726"
    assert addresses
    assert not [address for address in addresses if "AB" in address.upper().partition("?")[2]]
    await expect(page.get_by_role("link", name="2725 Zoetermeer")).to_be_visible()
    await expect(page.get_by_role("link", name="Bel 079-0001000")).to_be_visible()
    assert await axe(page) == []
    await shot(page, "wijkverpleging-geen-team")

    # Away and back: the question is still there.
    await page.goto("/weergave")
    await page.go_back()
    await expect(page.get_by_label("Postcode")).to_have_value("2726")
    await expect(page.get_by_label("Nachtzorg")).to_be_checked()
    await page.get_by_role("link", name="2725 Zoetermeer").click()
    await expect(page.get_by_label("Postcode")).to_have_value("2725")
    assert asked(page)["zorg"] == ["wond", "nacht"]


async def asked_again(page: Page) -> None:
    """The page asks whether anything changed, and has had time to show the answer."""
    async with page.expect_response("**/wijkverpleging/antwoord*"):
        await page.clock.run_for(16_000)
    await page.clock.run_for(1_000)


async def test_the_answer_follows_the_teams_and_says_when_it_can_not(
    api: Serving,
    served: World,
    huisarts: MadePerson,
    teams: dict[str, TeamId],
    browsers: Browsers,
    clock: Clock,
) -> None:
    async with api.client(served.coordinator.key) as client:
        items = (await client.get("/v1/home-care", params={"postcode": "2725"})).json()["items"]
    until = min(item["valid_until"] for item in items if item["valid_until"])
    clock.set(datetime.fromisoformat(until) - timedelta(minutes=5))
    page = await browsers.open(api.base_url)
    await page.clock.install()
    await page.goto(LINK)
    await sign_in(page, huisarts)
    heading = page.get_by_role("heading", level=1)
    team = page.locator(f"#team-{teams['Wijkteam Rokkeveen']}")
    await expect(heading).to_have_text("1 team kan op tijd starten")
    await team.get_by_role("link", name="Bel").focus()

    # The clock passes until when its report is believed.
    clock.turn(timedelta(minutes=6))
    await asked_again(page)
    await expect(
        page.locator("#wv-stil #team-" + str(teams["Wijkteam Rokkeveen"]))
    ).to_contain_text("onbevestigd: laatst gemeld gisteren 17:30")
    await expect(heading).to_have_text("Geen team kan zeker op tijd starten")
    await page.clock.run_for(1_000)
    await expect(page.locator("#wv-status")).to_have_text("Geen team kan zeker op tijd starten")
    await expect(team).to_have_class(re.compile("gewijzigd"))
    await expect(team.get_by_role("link", name="Bel")).to_be_focused()
    assert await axe(page) == []
    await shot(page, "wijkverpleging-onbevestigd")

    # It reports again, and then that it is full.
    await tell(served, teams["Wijkteam Rokkeveen"], TeamReport(Light.GROEN))
    await served.settled()
    await asked_again(page)
    await expect(heading).to_have_text("1 team kan op tijd starten")
    clock.turn(timedelta(minutes=1))
    await tell(served, teams["Wijkteam Rokkeveen"], TeamReport(Light.ROOD, date(2026, 12, 1)))
    await served.settled()
    await asked_again(page)
    await expect(heading).to_have_text("Geen team kan zeker op tijd starten")
    await page.locator(".wv-niet summary").click()
    await expect(team).to_contain_text("vol tot di 1 dec")
    await asked_again(page)
    await expect(team).to_be_visible()

    # No answer comes: what stands there says how old it is, and whose question it answers.
    browsers.allow("htmx|ERR_FAILED|net::")
    trouble = page.locator("#wv-storing")
    await page.route("**/wijkverpleging/antwoord*", lambda route: route.abort("failed"))
    await page.clock.run_for(40_000)
    await expect(trouble).to_be_hidden()
    await page.clock.run_for(30_000)
    await expect(trouble).to_contain_text("Bel voordat u iets afspreekt.")
    assert await axe(page) == []
    await shot(page, "wijkverpleging-oud")
    await page.get_by_label("Wondzorg").uncheck()
    await page.clock.run_for(1_000)
    await expect(trouble).to_contain_text("Geen antwoord gekregen op deze vraag.")
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="Opnieuw proberen").click()
    await page.unroute("**/wijkverpleging/antwoord*")
    await page.clock.run_for(6_000)
    await expect(trouble).to_be_hidden()
    assert "zorg" not in asked(page)

    # Nobody was there for half an hour: signed out, and back at the same question.
    browsers.allow("401")
    clock.turn(timedelta(minutes=31))
    await page.clock.run_for(16_000)
    await page.get_by_role("link", name="Weer inloggen").click()
    await sign_in(page, huisarts)
    await expect(page.get_by_label("Postcode")).to_have_value("2725")
    assert asked(page)["vanaf"] == ["2026-11-23"]

    # A page that nobody looks at asks no more, until somebody is there again.
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url))
    async with page.expect_response("**/wijkverpleging/antwoord*"):
        await page.clock.run_for(16_000)
    await page.clock.fast_forward(timedelta(minutes=11).seconds * 1000)
    await page.wait_for_load_state("networkidle")
    polls.clear()
    await page.clock.run_for(31_000)
    assert not [address for address in polls if "antwoord" in address]
    async with page.expect_response("**/wijkverpleging/antwoord*"):
        await page.mouse.move(300, 300)
