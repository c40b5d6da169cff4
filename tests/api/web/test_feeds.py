"""How feeds do, on pages: what is wrong first, in words, each to who may see it, and released once."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Page, expect

from api.web.feeds.standing import Standing, standing_of
from api.web.feeds.words import KIND, STANDING, STANDING_MARK, Words
from api.web.rendering import Spoken
from app.db.feed_health import Counts, PostingDay, Stands
from app.db.sandbox_reports import SandboxReport
from app.db.sources import SourceRecord
from app.services import keys
from app.services.feed_health import Health
from domain.actors import Role
from domain.capacity import SourceKind
from domain.plausibility import Oddity
from tests.factories.past import keep, past_report
from tests.factories.people import MadePerson, make_person
from tests.factories.times import HOUR, MINUTE, NINE
from tests.factories.world import Party, World, counts
from tests.support.browser import Browsers, axe, shot
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.serving import Serving

WORDS = Words("nl", Spoken(NINE, "nl"))


def health(*, released: bool = True, last: datetime | None = NINE, **found: object) -> Health:
    """Of a source that reported well, unless said otherwise."""
    source = SourceRecord(
        *(uuid4(), uuid4(), SourceKind.API, "feed", 0, False, NINE),
        NINE if released else None,
    )
    said = {"counts": Counts(reports=3, accepted=3), **found}
    return Health(source, NINE, NINE, last, **said)  # type: ignore[arg-type]  # counts, by their names


def day(number: int, missed: int) -> PostingDay:
    return PostingDay(date(2026, 11, number), 4, missed)


def test_the_first_thing_that_is_wrong_names_a_source() -> None:
    found = {
        Standing.SILENT: health(counts=Counts()),
        Standing.MISSED: health(postings=(day(16, 0), day(17, 1)), warnings={"sprong": 1}),
        Standing.STALE: health(stands={"pools": Stands(3, 2)}, warnings={"sprong": 1}),
        Standing.DOUBTED: health(counts=Counts(reports=3, late=1), stands={"beds": Stands(3, 3)}),
        Standing.SANDBOX: health(released=False, warnings={"sprong": 9}),
        Standing.NEVER: health(last=None, counts=Counts()),
        Standing.GOOD: health(postings=(day(16, 4), day(17, 0))),
    }
    assert {standing: standing_of(one) for standing, one in found.items()} == {
        standing: standing for standing in Standing
    }
    assert [standing for standing in Standing if standing.problem] == list(Standing)[:4]
    assert standing_of(health(warnings={"sprong": 1})) is Standing.DOUBTED


def test_every_code_has_words_and_every_standing_a_shape_of_its_own() -> None:
    assert set(KIND) == set(SourceKind)
    assert set(STANDING) == set(STANDING_MARK) == set(Standing)
    assert len({mark for _, mark in STANDING_MARK.values()}) == len(Standing)
    for oddity in Oddity:
        assert WORDS.warning(f"{oddity}:free") != WORDS.warning("onbekend:free")
    assert WORDS.warning("sprong:free").endswith("(vrij)")
    assert WORDS.warning("verdwenen:free") == "Een waarschuwing van een eerdere versie"


@pytest.mark.parametrize(
    ("kind", "figures", "said"),
    [
        (
            "pool",
            {
                "physical": 10,
                "operable": 8,
                "occupied": 6,
                "planned": 0,
                "closed": None,
                "free": None,
                "closed_reason": None,
            },
            "10 bestaand, 8 bemand, 6 bezet, 0 gepland",
        ),
        ("bed", {"state": "free", "closed_reason": None, "expected_discharge": None}, "Vrij"),
        (
            "bed",
            {"state": "occupied", "closed_reason": None, "expected_discharge": "2026-11-19"},
            "Bezet, ontslag morgen",
        ),
        (
            "home-care-team",
            {"light": "oranje", "earliest_start": "2026-11-30", "hours": 6, "exceptions": None},
            "In overleg, vanaf ma 30 nov, 6 uur per week",
        ),
    ],
)
def test_what_was_reported_in_the_sandbox_is_told_in_words(
    kind: str, figures: dict[str, object], said: str
) -> None:
    report = SandboxReport(
        *(kind, uuid4(), "P1", "Pool", False, NINE, NINE, NINE),
        figures=figures,
        warnings=(),
        note=None,
        digest=b"",
    )
    assert WORDS.figures(report) == said


async def sign_in(page: Page, person: MadePerson, to: str) -> None:
    """From the form to a page."""
    await page.goto(to)
    await page.get_by_label("Gebruikersnaam").fill(person.username)
    await page.get_by_label("Wachtwoord", exact=True).fill(person.password)
    await page.get_by_role("button", name="Inloggen").click()


@pytest.fixture
async def sandbox(served: World, database: Database, clock: Clock) -> str:
    """A source in the sandbox that reported once, beside the provider's own, which gave doubtful figures."""
    owner = served.provider
    new = keys.NewKey(owner.organisation_id, Role.PROVIDER_CAPACITY, "proef", sandbox=True)
    issued = await keys.issue_key(served.container, None, new)
    assert issued.key is not None
    feed = Party(owner.organisation_id, owner.agb, issued.key, issued.id)
    await served.report(counts(10, 6), by=feed)
    own = await database.value(
        "SELECT source_id FROM api_key WHERE id = $1", served.provider.key_id
    )
    at = clock.now() - HOUR
    warned = {"warnings": "sprong:free;tekort:occupied", "received_at": at + 50 * MINUTE}
    await keep(
        database,
        "pool_report",
        past_report(served.pool_id, at, source_id=own, **warned),
        past_report(
            served.pool_id, at - 2 * HOUR, source_id=own, outcome="superseded", version=None
        ),
    )
    # Then nothing more comes, also not at the moments at which something has to.
    await served.report(counts(10, 6))
    clock.turn(timedelta(days=4))
    found = await database.value("SELECT source_id::text FROM api_key WHERE id = $1", feed.key_id)
    return str(found)


async def test_the_operator_sees_what_is_wrong_and_lets_a_source_count(
    api: Serving, served: World, sandbox: str, browsers: Browsers, database: Database
) -> None:
    operator = await make_person(served.container, Role.OPERATOR, served.operator.organisation_id)
    page = await browsers.open(api.base_url)
    await sign_in(page, operator, "/koppelingen")
    rows = page.locator(".bronnen tbody tr")
    await expect(rows.first).to_contain_text("Melding gemist")
    await expect(page.locator("#bronnen-telling")).to_contain_text("1 bron vraagt aandacht")
    await expect(rows.first).to_contain_text("Koppeling · telt mee")
    await expect(rows).to_have_count(4)
    assert await axe(page) == []
    await page.emulate_media(color_scheme="dark")
    assert await axe(page, colours=True) == []
    await shot(page, "koppelingen-donker")
    await page.emulate_media(color_scheme="light")
    await shot(page, "koppelingen")

    # Looking for some of them; what is looked for stays in the address.
    await page.goto("/koppelingen?toon=proef")
    await expect(rows).to_have_count(1)
    await page.get_by_label("Zoek op organisatie of naam").fill("zeker niet")
    await expect(page.get_by_role("heading", name="Geen bron past bij deze keuze")).to_be_visible()
    assert "zoek=zeker" in page.url
    assert await axe(page) == []
    await page.get_by_label("Zoek op organisatie of naam").fill("PROEF")
    await expect(rows).to_have_count(1)
    await page.goto("/koppelingen")

    # The pages of a source: warnings in words; then the one in the sandbox, by keyboard.
    await rows.first.get_by_role("link").click()
    await expect(page.locator(".bron-twijfel")).to_contain_text(
        ["Het getal wijkt sterk af van de vorige melding (vrij)"]
    )
    await expect(page.get_by_text("Deze bron is op proef")).to_be_hidden()
    days = page.locator(".dagen tbody tr")
    await expect(days.first).to_contain_text("0 van ")
    assert await days.locator(".dag-miste").count() == await days.count() > 1
    assert await axe(page) == []
    await shot(page, "koppeling", whole=True)
    await page.goto(f"/koppelingen/{sandbox}")
    await expect(page.locator(".proef tbody tr")).to_contain_text(["10 bemand, 6 bezet"])
    assert await axe(page) == []
    summary = page.locator(".bevestig summary")
    await summary.focus()
    await page.keyboard.press("Enter")
    assert await axe(page) == []
    await shot(page, "koppeling-op-proef")
    assert await released(database, sandbox) is None
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Deze bron telt nu mee")
    at = await released(database, sandbox)
    assert at is not None
    assert (
        await database.value(
            "SELECT count(*) FROM audit WHERE action = 'source.release' AND object_id = $1",
            sandbox,
        )
        == 1
    )
    await page.reload()
    await page.go_back(wait_until="commit")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await released(database, sandbox) == at


async def released(database: Database, source_id: str) -> datetime | None:
    """When a source was released."""
    found: datetime | None = await database.value(
        "SELECT released_at FROM source WHERE id = $1", UUID(source_id)
    )
    return found


async def test_a_provider_sees_its_own_and_nobody_releases_but_the_operator(
    api: Serving,
    served: World,
    sandbox: str,
    browsers: Browsers,
    database: Database,
) -> None:
    provider = await make_person(
        served.container, Role.PROVIDER_CAPACITY, served.provider.organisation_id
    )
    other = await make_person(
        served.container, Role.PROVIDER_CAPACITY, served.other.organisation_id
    )
    page = await browsers.open(api.base_url)
    await sign_in(page, provider, "/koppelingen")
    await expect(page.locator(".bronnen tbody tr")).to_have_count(2)
    await page.goto(f"/koppelingen/{sandbox}")
    await expect(page.get_by_role("heading", name="Deze bron is op proef")).to_be_visible()
    await expect(page.get_by_text("Laat meetellen")).to_have_count(0)
    browsers.allow("403|404")
    told = await page.evaluate(
        """async (path) => (await fetch(path, {method: "POST",
            headers: {"x-csrf-token": document.body.dataset.csrf}})).status""",
        f"/koppelingen/{sandbox}/meetellen",
    )
    assert told == 403
    assert await released(database, sandbox) is None

    elsewhere = await browsers.open(api.base_url)
    await sign_in(elsewhere, other, f"/koppelingen/{sandbox}")
    await expect(elsewhere.get_by_role("heading", level=1)).to_have_text(
        "Deze pagina is er niet (meer)"
    )
