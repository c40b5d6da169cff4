"""The browser kit sees what it must see: proven on small pages with the policy that ours have."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.web import static
from tests.support import browser, chromium
from tests.support.browser import DESKTOP, PHONE, Browsers, axe, browsing, shot
from tests.support.chromium import Chromium

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
)

BODIES = {
    "goed": "<h1>Bord</h1><p>Alles goed.</p>",
    "kaal": "<h1>Bord</h1><input><p>Een veld zonder naam.</p>",
    "kapot": '<h1>Bord</h1><script src="/kapot.js"></script>',
    "weg": '<h1>Bord</h1><img src="/static/weg-12345678.svg" alt="">',
    "inline": "<h1>Bord</h1><script>document.title = 'nee'</script>",
}


async def _page(request: Request) -> Response:
    style, script = static.asset("main.css"), static.asset("basis.js")
    return HTMLResponse(
        f'<!doctype html><html lang="nl"><head><title>Proef</title><link rel="icon" href="{style}">'
        f'<link rel="stylesheet" href="{style}"><script type="module" src="{script}"></script></head>'
        f'<body class="voorbeeld-theme vt"><main>{BODIES[request.path_params["name"]]}</main></body>',
        headers={"content-security-policy": POLICY},
    )


async def _broken(request: Request) -> Response:
    return Response("nergens.te.vinden()", media_type="text/javascript")


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """The address of a server with these pages."""
    app = Starlette(
        routes=[Route("/kapot.js", _broken), static.route, Route("/{name:str}", _page)],
    )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, ws="none", lifespan="off", log_config=None))
        task = asyncio.create_task(server._serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


async def test_a_good_page_passes_with_its_scripts_and_styles_under_the_policy(
    site: str, browsers: Browsers
) -> None:
    page = await browsers.open(site)
    await page.goto("/goed")
    assert await page.evaluate("Boolean(window.htmx)")
    assert await page.evaluate("getComputedStyle(document.body).display") == "flex"
    assert await axe(page) == []
    assert browsers.wrong == []


async def test_axe_names_the_rule_and_the_place(site: str, browsers: Browsers) -> None:
    page = await browsers.open(site)
    await page.goto("/kaal")
    (found,) = await axe(page)
    assert found.startswith("label at input:")


async def test_what_goes_wrong_in_a_window_fails_its_test(site: str, chromium: Chromium) -> None:
    with pytest.raises(AssertionError) as failed:
        await _visit(chromium, site, "/kapot", "/inline", "/weg")
    for wrong in ("nergens is not defined", "Content Security Policy", "status of 404"):
        assert wrong in str(failed.value)


async def _visit(chromium: Chromium, site: str, *addresses: str) -> None:
    async with browsing(chromium) as browsers:
        page = await browsers.open(site)
        for address in addresses:
            await page.goto(address)


async def test_what_a_test_allows_doesnt_fail_it_and_all_else_does(
    site: str, browsers: Browsers
) -> None:
    browsers.allow("nergens is not defined")
    page = await browsers.open(site)
    await page.goto("/kapot")
    assert browsers.wrong == []
    await page.evaluate("console.error('nog iets')")
    assert len(browsers.wrong) == 1
    browsers.allow("nog iets")


async def test_two_people_share_no_cookies(site: str, browsers: Browsers) -> None:
    first, second = await browsers.open(site), await browsers.open(site, size=PHONE)
    for page in (first, second):
        await page.goto("/goed")
    await first.evaluate("document.cookie = 'wie=eerste'")
    assert await second.evaluate("[document.cookie, innerWidth]") == ["", PHONE["width"]]


async def test_a_shot_is_a_picture_at_each_size(
    site: str, browsers: Browsers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "SHOTS", tmp_path / "shots")
    page = await browsers.open(site)
    await page.goto("/goed")
    await shot(page, "proef")
    sizes = {path.name: _size(path.read_bytes()) for path in (tmp_path / "shots").iterdir()}
    assert sizes == {"proef-1440x900.png": (1440, 900), "proef-390x844.png": (390, 844)}
    assert page.viewport_size == DESKTOP


def _size(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


async def test_a_browser_that_hangs_is_ended_and_the_next_test_gets_another(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "_LAST_WORD", 0.5)
    executable = chromium.installed()
    assert executable
    with Chromium(executable) as own:
        with pytest.raises(AssertionError, match="hung"):
            await _hang(own, site)
        assert own.process_id is None
        await _visit(own, site, "/goed")


async def _hang(chromium: Chromium, site: str) -> None:
    async with browsing(chromium) as browsers:
        await browsers.open(site)
        assert chromium.process_id
        os.kill(chromium.process_id, signal.SIGSTOP)


def test_without_a_browser_and_without_root_it_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "_NAMES", ("chromium",))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"sudo apt-get install .* chromium"):
        chromium.install()
