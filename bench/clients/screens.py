"""Screens with the board: windows of a real Chromium that are signed in, and what they saw when."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Set
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page

from tests.support.browser import Browsers, browsing
from tests.support.chromium import Chromium, installed

#: A frame is on the screen when the task after it runs. Times are milliseconds since 1970.
_WATCH = """
window.seen = new Map();
{
  const { port1, port2 } = new MessageChannel();
  let waiting = [];
  port2.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const id of waiting.splice(0)) if (!seen.has(id)) seen.set(id, at);
  };
  const shown = () => port1.postMessage(null);
  const ids = (nodes) => [...nodes].map((node) => node.dataset?.id).filter(Boolean);
  const first = () => {
    if (!document.querySelector("tr[data-id]")) return requestAnimationFrame(first);
    waiting.push("first-row");
    shown();
  };
  requestAnimationFrame(first);
  addEventListener("DOMContentLoaded", () => {
    const list = document.getElementById("lijst");
    if (!list) return;
    new MutationObserver((changes) => {
      const found = changes.flatMap(({ addedNodes }) => ids(addedNodes));
      if (!found.length) return;
      waiting.push(...found);
      requestAnimationFrame(shown);
    }).observe(list, { childList: true, subtree: true });
  });
}
"""
#: Milliseconds that loading may take on a machine that is busy with ten windows.
_PATIENCE = 60_000


@asynccontextmanager
async def windows() -> AsyncIterator[Browsers]:
    """Windows of one Chromium. Anything wrong in one of them is an AssertionError at the end."""
    executable = installed()
    if executable is None:
        sys.exit("There is no Chromium: `make browser` installs it, or says how.")
    with Chromium(executable) as chromium:
        async with browsing(chromium) as browsers:
            yield browsers


class Screen:
    """A window of somebody new, with an empty cache."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def open(cls, browsers: Browsers, port: int, session: str) -> "Screen":
        """A signed-in window in which nothing was loaded yet."""
        base = f"http://localhost:{port}"
        page = await browsers.open(base)
        page.context.set_default_timeout(_PATIENCE)
        await page.context.add_cookies([{"name": "vt_session", "value": session, "url": base}])
        await page.add_init_script(_WATCH)
        return cls(page)

    async def show_board(self) -> None:
        """Loads the board and waits until it is live."""
        await self.page.goto("/bord")
        # A condition in JavaScript would be evaluated in the page, which its policy refuses.
        await self.page.locator("#verbinding[data-staat=live]").wait_for()

    async def forget(self) -> None:
        """From here on changes count."""
        await self.page.evaluate("seen.clear()")

    async def having_seen(self, pools: Set[str]) -> dict[str, float]:
        """When each pool that changed was first on the screen, in seconds since 1970.

        Waits until these are. Raises AssertionError when that takes a minute.
        """
        deadline = time.monotonic() + _PATIENCE / 1000
        while True:
            told: list[tuple[str, float]] = await self.page.evaluate("[...seen]")
            found = {pool: at / 1000 for pool, at in told}
            if pools <= found.keys():
                return found
            if time.monotonic() > deadline:
                missing = len(pools - found.keys())
                raise AssertionError(f"{missing} of {len(pools)} reports never reached a screen")
            await asyncio.sleep(0.2)

    async def evaluate(self, script: str) -> Any:
        """What a script in the page answers."""
        return await self.page.evaluate(script)

    async def close(self) -> None:
        """Closes the window and forgets what it kept."""
        await self.page.context.close()
