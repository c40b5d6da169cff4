"""People at a browser: each a window of their own, and nothing that goes wrong in it stays unseen.

Playwright connects to a Chromium that the test process started once. Its connection belongs to the
loop of one test, as does a server in this process, so each test makes its own.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.support.chromium import Chromium

ROOT = Path(__file__).parents[2]
#: Where pictures go.
SHOTS = Path(os.environ.get("VERKEERSTOREN_SHOTS", ROOT / "var" / "shots"))

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

#: Milliseconds that a page may take for anything, on a machine that is busy with other tests.
_PATIENCE = 15_000
# Playwright's own five seconds are less than a page waits before it tries again.
expect.set_options(timeout=_PATIENCE)
#: Seconds after which a browser that doesn't let go of its windows is ended.
_LAST_WORD = 10


class Browsers:
    """The windows of one test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._found: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    async def open(self, base_url: str, *, size: ViewportSize = DESKTOP, **options: Any) -> Page:
        """An empty page of somebody new, without cookies. `options` are those of Playwright's context."""
        context = await self._browser.new_context(
            base_url=base_url,
            viewport=size,
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
            **options,
        )
        context.set_default_timeout(_PATIENCE)
        context.on("console", self._console)
        context.on(
            "weberror", lambda error: self._found.append(f"error in a script: {error.error}")
        )
        context.on("requestfailed", self._failed)
        context.on("page", self._watch)
        self._contexts.append(context)
        return await context.new_page()

    def allow(self, pattern: str) -> None:
        """What this test brings about on purpose: a status of 403, a connection that is lost."""
        self._allowed.append(re.compile(pattern))

    @property
    def wrong(self) -> list[str]:
        """Everything that went wrong in the windows and was not allowed."""
        return [what for what in self._found if not any(one.search(what) for one in self._allowed)]

    async def close(self) -> None:
        """Closes every window."""
        for context in self._contexts:
            await context.close()
        self._contexts.clear()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            place = message.location["url"]
            self._found.append(f"{message.type} in the console: {message.text} ({place})")

    def _failed(self, request: Request) -> None:
        # A page that is left gives up what it still asked for; that is no failure.
        if request.failure != "net::ERR_ABORTED":
            self._found.append(f"{request.method} {request.url} failed: {request.failure}")

    def _watch(self, page: Page) -> None:
        page.on("crash", lambda _: self._found.append(f"{page.url} crashed"))


@asynccontextmanager
async def browsing(chromium: Chromium) -> AsyncIterator[Browsers]:
    """Windows for as long as this is open; then AssertionError names what went wrong in them.

    A browser that doesn't answer any more is ended, and the next test gets another.
    """
    async with async_playwright() as playwright:
        browser = await _connected(playwright, chromium)
        browsers = Browsers(browser)
        try:
            yield browsers
        finally:
            try:
                async with asyncio.timeout(_LAST_WORD):
                    await browsers.close()
                    await browser.close()
            except TimeoutError:
                chromium.end(patience=0)
                raise AssertionError("the browser hung and was ended") from None
    assert not browsers.wrong, "\n".join(browsers.wrong)


async def _connected(playwright: Playwright, chromium: Chromium) -> Browser:
    """To the one that runs, or to a new one when that doesn't answer any more."""
    try:
        return await playwright.chromium.connect_over_cdp(chromium.address(), timeout=_PATIENCE)
    except Error:
        chromium.end(patience=0)
        return await playwright.chromium.connect_over_cdp(chromium.address())


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def axe(page: Page, *, colours: bool = False) -> list[str]:
    """What axe finds wrong with the page as it is now: each rule, and where it is broken.

    colours: only what depends on light and size, for a page that was looked at already.

    It runs in a world of its own, which the page's policy and scripts have no say in.
    """
    session = await page.context.new_cdp_session(page)
    try:
        tree = await session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
        where = {"contextId": world["executionContextId"], "returnByValue": True}
        await session.send("Runtime.evaluate", {"expression": f"{_axe()};0", **where})
        answer = await session.send(
            "Runtime.evaluate", {"expression": _run(colours=colours), "awaitPromise": True, **where}
        )
    finally:
        await session.detach()
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    found: list[str] = answer["result"]["value"]
    return found


#: The size of what one can touch is in WCAG 2.2 AA, but off in axe unless asked for.
_EVERYTHING = 'rules: {"target-size": {enabled: true}}'
_COLOURS = 'runOnly: ["color-contrast", "target-size"]'


def _run(*, colours: bool) -> str:
    return f"""
axe.run(document, {{resultTypes: ["violations"], {_COLOURS if colours else _EVERYTHING}}}).then(
  ({{violations}}) => violations.flatMap(({{id, nodes}}) => nodes.map(
    ({{target, failureSummary}}) => `${{id}} at ${{target.join(" ")}}: ${{failureSummary}}`)))
"""


async def shot(page: Page, name: str, *, whole: bool = False) -> None:
    """Pictures of the page on a desktop and on a phone; `whole` shows what is below the fold too."""
    before = page.viewport_size
    for size in (DESKTOP, PHONE):
        await page.set_viewport_size(size)
        path = SHOTS / f"{name}-{size['width']}x{size['height']}.png"
        await page.screenshot(path=path, full_page=whole, animations="disabled")
    if before:
        await page.set_viewport_size(before)
