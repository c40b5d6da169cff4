"""What pages load: found by its logical name, served for ever, and nothing else is."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.web.static import DIST, Assets, PagesNotBuilt, asset, route


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[route]), headers={"accept-encoding": ""}) as opened:
        yield opened


def test_an_asset_is_a_hashed_file_that_is_kept_for_ever(client: TestClient) -> None:
    for name, kind in (("main.css", "text/css"), ("basis.js", "text/javascript")):
        address = asset(name)
        answer = client.get(address)
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content == (DIST / Path(address).name).read_bytes()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("BR;Q=0.5", "br"),
        ("br;q=0.000, gzip; q=0", None),
        ("", None),
    ],
)
def test_the_best_coding_that_is_accepted(
    client: TestClient, accepted: str, coding: str | None
) -> None:
    address = asset("main.css")
    with client.stream("GET", address, headers={"accept-encoding": accepted}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "accept-encoding"
    ending = {"br": ".br", "gzip": ".gz", None: ""}[coding]
    assert sent == (DIST / (Path(address).name + ending)).read_bytes()


def test_the_twins_hold_the_same_text() -> None:
    for twin in DIST.glob("*.gz"):
        assert gzip.decompress(twin.read_bytes()) == twin.with_suffix("").read_bytes()


def test_head_tells_the_same_without_the_content(client: TestClient) -> None:
    answer = client.head(asset("main.css"))
    assert answer.headers["content-length"] == str(_built("main.css").stat().st_size)
    assert client.post(asset("main.css")).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "manifest.json",
        "main.css",
        "niets-12345678.js",
        "",
        "../static.py",
        "..%2f..%2fstatic.py",
        "%2e%2e/%2e%2e/static.py",
        "dist/../../static.py",
        "/etc/passwd",
        "%00",
    ],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    # As raw bytes: the client itself would tidy the path up.
    url = httpx.URL("http://testserver").copy_with(raw_path=f"/static/{path}".encode())
    assert client.get(str(url)).status_code == 404


def test_compressed_files_are_no_addresses_of_their_own(client: TestClient) -> None:
    assert client.get(asset("main.css") + ".br").status_code == 404


def test_an_unknown_asset_is_a_mistake_of_ours() -> None:
    with pytest.raises(LookupError, match=r"main\.css"):
        asset("niets.js")


def test_pages_that_arent_built_say_how_to(tmp_path: Path) -> None:
    with pytest.raises(PagesNotBuilt, match="make pages"):
        Assets(tmp_path).address("main.css")


def test_a_new_build_is_seen(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    for hashed, content in (("a-1.css", b"eerst"), ("a-2.css", b"daarna")):
        (tmp_path / hashed).write_bytes(content)
        (tmp_path / "new").write_text(json.dumps({"a.css": hashed}))
        (tmp_path / "new").replace(tmp_path / "manifest.json")
        assert assets.address("a.css") == f"/static/{hashed}"
        answer = assets.answer(hashed, "br")
        assert answer is not None
        assert answer.body == content


def test_everything_that_a_page_can_load_is_small() -> None:
    """Of the 300 kB that the board may take on a cold cache, styles and scripts leave most."""
    assert _built("main.css").with_suffix(".css.br").stat().st_size < 60_000
    assert _built("basis.js").with_suffix(".js.br").stat().st_size < 60_000


def test_the_same_sources_give_the_same_files_wherever_they_are(tmp_path: Path) -> None:
    first, second = _build(tmp_path / "here"), _build(tmp_path / "somewhere" / "else")
    assert first == second
    assert {"manifest.json"} < first.keys()


def test_a_build_takes_away_what_an_older_one_left(tmp_path: Path) -> None:
    older = tmp_path / "api" / "web" / "static" / "dist" / "oud-12345678.js"
    older.parent.mkdir(parents=True)
    older.write_text("")
    assert older.name not in _build(tmp_path)


def _build(folder: Path) -> dict[str, bytes]:
    """The files that a build of our sources in this folder makes."""
    root = DIST.parents[3]
    web = folder / "api" / "web"
    shutil.copytree(root / "api" / "web" / "assets", web / "assets")
    shutil.copy(root / "api" / "web" / "build.js", web)
    shutil.copy(root / "package.json", folder)
    (folder / "node_modules").symlink_to(root / "node_modules")
    # A machine without Node has that of the wheel.
    path = f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}"
    subprocess.run(["node", web / "build.js"], check=True, env={**os.environ, "PATH": path})
    return {file.name: file.read_bytes() for file in (web / "static" / "dist").iterdir()}


def _built(name: str) -> Path:
    return DIST / Path(asset(name)).name
