"""What was typed and what follows it: "klopt nog" comes after, and one that fails holds up no other."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Route, expect

from domain.capacity import Figures
from domain.events import Kind
from tests.api.web.test_capacity import hidden, state
from tests.api.web.test_capacity_in_browser import more, number, opened, part
from tests.factories.spreadsheets import csv_text
from tests.factories.world import Inhabitants
from tests.support.clock import Clock
from tests.support.provider_pages import PAGE, Ward, make_ward, place
from tests.support.serving import Serving

if TYPE_CHECKING:
    from tests.support.browser import Browsers


@pytest.fixture
async def ward(api: Serving, inhabitants: Inhabitants, clock: Clock) -> Ward:
    return await make_ward(api, inhabitants, clock)


async def test_klopt_nog_right_after_a_tap_confirms_what_was_tapped(
    browsers: "Browsers", ward: Ward
) -> None:
    """Else the number from before would be true from later on, and the tap come too late."""
    page = await opened(browsers, ward)
    await more(page, ward.first).click()
    await page.get_by_role("button", name="Alles klopt nog").click()
    await expect(part(page, ward.first)).to_contain_text("bevestigd")
    await expect(number(page, ward.first)).to_have_value("3")
    await expect(part(page, ward.first)).not_to_contain_text("nieuwer cijfer")
    query = "SELECT balance FROM pool WHERE id = $1"
    assert await ward.world.container.read(lambda c: c.fetchval(query, ward.first)) == 3


async def test_one_that_the_server_fails_at_holds_up_no_other(
    browsers: "Browsers", ward: Ward
) -> None:
    browsers.allow("status of 500")
    page = await opened(browsers, ward)
    failing = True

    async def answer(route: Route) -> None:
        if failing:
            await route.fulfill(status=500, body="")
        else:
            await route.continue_()

    await page.route(f"**{place(ward.first)}*", answer)
    await more(page, ward.first).click()
    await more(page, ward.respijt).click()
    await expect(part(page, ward.respijt)).to_contain_text("opgeslagen")
    await expect(part(page, ward.first)).to_contain_text("wacht op verzending")
    failing = False
    await expect(part(page, ward.first)).to_contain_text("opgeslagen")
    assert (await ward.free(), await ward.free(ward.respijt)) == ([3], [2])


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "31-12-9999", "geen dag"])
async def test_a_day_that_means_nobody_knows_is_refused(ward: Ward, day: str) -> None:
    """A database would keep such days as infinite, and then no board could be read any more."""
    visitor = await ward.visitor()
    refused = await visitor.send(place(ward.first), {"vrij": "0", "vanaf": day})
    assert refused.status_code == 400
    assert await ward.free() == []
    assert (await visitor.get()).status_code == 200


async def test_a_spreadsheet_counts_as_of_when_it_was_looked_at(ward: Ward, clock: Clock) -> None:
    visitor = await ward.visitor()
    code = state(ward, Kind.POOL, ward.first)["external_id"]
    file = csv_text([("pool", "vrij nu"), (code, 4)]).encode()
    looked = await visitor.post(
        f"{PAGE}/spreadsheet", {}, files={"bestand": ("cijfers.csv", file, "text/csv")}
    )
    form = dict(hidden(looked.text))
    # Meanwhile a colleague sees that there is none.
    clock.turn(timedelta(minutes=5))
    await ward.world.report(Figures(free=0))
    clock.turn(timedelta(minutes=5))
    done = await visitor.post(f"{PAGE}/spreadsheet/verwerken", form)
    assert (done.status_code, "ouder=1" in done.headers["location"]) == (303, True)
    query = "SELECT balance FROM pool WHERE id = $1"
    assert await ward.world.container.read(lambda c: c.fetchval(query, ward.first)) == 0
