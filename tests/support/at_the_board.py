"""What people do at the board in a browser."""

from playwright.async_api import Locator, Page, expect

from tests.factories.people import MadePerson


async def sign_in(page: Page, person: MadePerson, path: str = "/bord") -> None:
    """By the form, with the mouse, and on to a page."""
    await page.goto(f"/inloggen?naar={path}")
    await page.fill("#gn", person.username)
    await page.fill("#ww", person.password)
    await page.click("form[action='/inloggen'] button")
    if path.startswith("/bord") and "/" not in path[1:]:
        await live(page)


async def live(page: Page) -> None:
    """Waits until the board hears of changes."""
    await expect(page.locator("#verbinding")).to_have_attribute("data-staat", "live")


def row(page: Page, row_id: str) -> Locator:
    """A row of the list."""
    return page.locator(f"[id='{row_id}']")


async def order(page: Page) -> list[str]:
    """The locations as they stand, without what is hidden."""
    names: list[str] = await page.evaluate(
        "[...document.querySelectorAll('#bordtabel tr[data-id]')]"
        ".filter((row) => row.checkVisibility()).map((row) => row.querySelector('.loc').textContent)"
    )
    return names
