"""A board that loses its server: it says how old it is, believes nothing too long, and catches up."""

import asyncio
import contextlib
import re
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import expect

from app.settings import Settings
from domain.actors import Role
from tests.factories.people import make_person
from tests.factories.scene import make_scene
from tests.factories.world import World, counts
from tests.support.at_the_board import live, row, sign_in
from tests.support.browser import Browsers, shot
from tests.support.clock import Clock
from tests.support.serving import Serving, serving


class Road:
    """The way to a server, which can be cut and laid to another."""

    def __init__(self) -> None:
        self.to: str | None = None
        self.base_url = ""
        self._travellers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listens on a port of its own."""
        self._server = await asyncio.start_server(self._travel, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.base_url = f"http://{host}:{port}"

    def cut(self) -> None:
        """Nobody comes through any more, nor goes on."""
        self.to = None
        for one in self._travellers:
            one.transport.abort()

    async def close(self) -> None:
        """For good."""
        self.cut()
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _travel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.to is None:
            writer.transport.abort()
            return
        there = urlsplit(self.to)
        far_reader, far_writer = await asyncio.open_connection(there.hostname, there.port)
        self._travellers |= {writer, far_writer}
        try:
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        finally:
            self._travellers -= {writer, far_writer}


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_what_happened_while_away_is_caught_up_and_nothing_is_believed_too_long(
    api: Serving, served: World, settings: Settings, clock: Clock, browsers: Browsers
) -> None:
    browsers.allow("/bord/live|ERR_|Failed to load resource|failed: net::")
    scene = await make_scene(served)
    road = Road()
    await road.open()
    road.to = api.base_url
    person = await make_person(
        served.container, Role.COORDINATOR, served.coordinator.organisation_id
    )
    page = await browsers.open(road.base_url)
    await sign_in(page, person)
    banner, caught_up = page.locator("#losgekoppeld"), page.locator("#ingehaald")
    vijverhof, duinrand = row(page, scene.row("De Vijverhof")), row(page, scene.row("Duinrand"))
    feed = await page.get_attribute("#bordtabel", "data-feed")

    # A figure grows too old while everything works: the server says so.
    await expect(row(page, scene.row("Vlietoever"))).to_have_class(re.compile("r-onbevestigd"))
    await served.report(counts(10, 9), pool_id=scene.pools["Vlietoever"])
    await expect(row(page, scene.row("Vlietoever"))).to_have_class(re.compile("r-nu"))
    clock.turn(timedelta(minutes=16))
    await expect(row(page, scene.row("Vlietoever"))).to_have_class(re.compile("r-onbevestigd"))
    await expect(row(page, scene.row("Vlietoever")).locator(".k-oud")).to_contain_text("16 min")
    await expect(page.locator("#omroep")).to_contain_text("onbevestigd")

    # Cut off, as long as three things happen: one of them to a place under two kinds of care.
    road.cut()
    await expect(banner).to_be_visible()
    await expect(banner).to_contain_text(
        re.compile(r"Losgekoppeld sinds \d\d:\d\d\. U ziet de stand van")
    )
    await expect(page.locator("#verbinding-tekst")).to_have_text("Losgekoppeld")
    await shot(page, "bord-losgekoppeld")
    await served.report(counts(10, 0), pool_id=scene.pools["De Vijverhof"])
    await served.report(counts(10, 1), pool_id=scene.pools["De Vijverhof"])
    await served.report(counts(10, 2), pool_id=scene.pools["Duinrand"])
    road.to = api.base_url
    await page.click("#nu-verbinden")
    await expect(caught_up).to_contain_text("2 wijzigingen ingehaald")
    await expect(banner).to_be_hidden()
    await expect(vijverhof.locator(".k-vrij")).to_contain_text("9")
    await expect(duinrand.locator(".tag-nieuw")).to_have_text("zojuist, was 3")
    await shot(page, "bord-ingehaald")
    assert await page.get_attribute("#bordtabel", "data-feed") == feed, "by its number"

    # The browser itself loses its network, and has it back.
    await page.context.set_offline(True)
    await expect(banner).to_be_visible()
    await page.context.set_offline(False)
    await expect(caught_up).to_contain_text("Er was intussen niets gewijzigd")

    # Away for so long that a figure may not be believed any more: the page knows by itself.
    road.cut()
    await expect(banner).to_be_visible()
    await expect(vijverhof).to_have_class(re.compile("r-nu"))
    await page.evaluate("const real = Date.now; Date.now = () => real() + 48 * 3600_000")
    await expect(vijverhof).to_have_class(re.compile("r-onbevestigd"))
    await expect(vijverhof.locator(".k-vrij")).to_contain_text("9")
    await expect(vijverhof.locator(".k-opn")).to_contain_text("eerst bellen")
    await shot(page, "bord-losgekoppeld-oud")

    # Another process takes over: it doesn't know the number, and the list is taken anew.
    await served.report(counts(10, 5), pool_id=scene.pools["Statenhof"])
    async with serving(settings, clock.now) as other:
        road.to = other.base_url
        await page.click("#nu-verbinden")
        await live(page)
        await expect(page.locator("#bordtabel")).not_to_have_attribute("data-feed", str(feed))
        await expect(vijverhof).to_have_class(re.compile("r-nu"))
        await expect(caught_up).to_contain_text("ingehaald")
        await served.report(counts(10, 3), pool_id=scene.pools["Statenhof"])
        statenhof = row(page, scene.row("Statenhof", "grz"))
        await expect(statenhof.locator(".k-vrij")).to_contain_text("7")
    await road.close()
