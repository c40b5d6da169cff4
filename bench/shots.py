"""`python -m bench.shots`: README's pictures, of the demo that runs, or of one of its own when none does.

The figures on them are the demo's of that moment; the region, its names and the look are always the same.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page, ViewportSize

from app.settings import load
from bench.clients.screens import windows
from bench.processes import free_port
from domain.actors import Role
from tests.support.browser import DESKTOP, PHONE, Browsers

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
#: README shows nothing that takes long to load.
_MOST_BYTES = 300_000
_STARTUP_SECONDS = 120
#: Simulated providers have told something by then.
_PLAY_SECONDS = 20

_WALL: ViewportSize = {"width": 1600, "height": 900}


async def _live(page: Page) -> None:
    await page.locator("#verbinding[data-staat=live]").wait_for()


async def _board(page: Page) -> None:
    await _live(page)
    await page.locator("#bord-lijst tr[data-z='elv-hoog']").first.click()
    await page.locator("#detail h2").wait_for()


async def _nothing(page: Page) -> None:
    await page.wait_for_load_state("networkidle")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is on it: whose page, and what is done before it is taken."""

    name: str
    role: Role
    path: str
    size: ViewportSize
    prepare: Callable[[Page], Awaitable[None]] = _nothing


_TAKEN: Sequence[Picture] = (
    Picture("bord", Role.COORDINATOR, "/bord", DESKTOP, _board),
    Picture("wand", Role.COORDINATOR, "/bord/wand", _WALL, _live),
    Picture("mijn-capaciteit", Role.PROVIDER_CAPACITY, "/mijn-capaciteit", PHONE),
    Picture("wijkverpleging", Role.REFERRER, "/wijkverpleging?pc4=2725&zorg=wond", DESKTOP),
)


async def take(demo: Mapping[str, Any]) -> None:
    """Takes every picture; AssertionError when a page had an error or a picture is too large."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with windows() as browsers:
        for picture in _TAKEN:
            page = await _signed_in(browsers, demo, picture)
            await page.goto(picture.path)
            await picture.prepare(page)
            await page.mouse.move(0, 0)
            path = PICTURES / f"{picture.name}.png"
            await page.screenshot(path=path, animations="disabled")
            await page.context.close()
            size = path.stat().st_size
            print(f"{path.relative_to(Path.cwd())}: {size / 1000:.0f} kB")
            assert size < _MOST_BYTES, f"{path.name} is too large for README"


async def _signed_in(browsers: Browsers, demo: Mapping[str, Any], picture: Picture) -> Page:
    person = next(p for p in demo["people"] if p["role"] == picture.role)
    page = await browsers.open(
        demo["base_url"], size=picture.size, color_scheme="light", reduced_motion="reduce"
    )
    await page.goto("/inloggen")
    await page.fill("[name=gebruikersnaam]", person["username"])
    await page.fill("[name=wachtwoord]", person["password"])
    await page.click("form[action='/inloggen'] button")
    await page.wait_for_url(lambda address: "/inloggen" not in address)
    if "/organisatie" in page.url:
        await page.locator("button[name=keuze]").first.click()
        await page.wait_for_url(lambda address: "/organisatie" not in address)
    return page


@contextmanager
def _demo() -> Iterator[Mapping[str, Any]]:
    """The one that runs in this folder, or one of our own until the pictures are taken."""
    running = _running(load().demo_file)
    if running is not None:
        yield running
        return
    print("No demo runs: starting one.")
    with tempfile.TemporaryDirectory(prefix="vt-shots-") as var:
        settings = {"VERKEERSTOREN_VAR": var, "VERKEERSTOREN_PORT": str(free_port())}
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "demo"],
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + _STARTUP_SECONDS
            while (running := _running(Path(var) / "demo.json")) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("The demo doesn't start.")
                time.sleep(0.5)
            time.sleep(_PLAY_SECONDS)
            yield running
        finally:
            process.terminate()
            process.wait(30)


def _running(told: Path) -> Mapping[str, Any] | None:
    try:
        demo: dict[str, Any] = json.loads(told.read_bytes())
        ready = httpx.get(f"{demo['base_url']}/health/ready", timeout=5)
    except (OSError, ValueError, httpx.HTTPError):
        return None
    return demo if ready.status_code == 200 else None


if __name__ == "__main__":
    with _demo() as demo:
        asyncio.run(take(demo))
