"""What every page goes through: its headers, its token, and a page for whatever goes wrong."""

import base64
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from api.web import gate, preferences
from domain.actors import Role
from tests.factories.people import make_person
from tests.factories.world import World
from tests.support.serving import Serving
from tests.support.visiting import Visitor, visiting

PAGES = ("/bord", "/bord/wand", "/bord/noodlijst", "/weergave", "/organisatie", "/nergens")


def check_headers(answer: httpx.Response, *, html: bool = True) -> None:
    headers = answer.headers
    if html:
        assert headers["content-type"] == "text/html; charset=utf-8"
    policy = headers["content-security-policy"]
    for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'"):
        assert directive in policy.split("; ")
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_every_page_has_its_policy_and_is_kept_nowhere_errors_too(
    api: Serving, served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await make_person(
        served.container, Role.COORDINATOR, served.coordinator.organisation_id
    )
    async with visiting(api, person) as here:
        for path in PAGES:
            answer = await here.get(path)
            assert answer.status_code == (404 if path == "/nergens" else 200), answer.text
            check_headers(answer)
        answer = await here.post("/bord", {}, await here.token("/weergave"))
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
        check_headers(answer)
        assert "Opnieuw proberen" in answer.text
        assert (await here.client.head("/bord")).content == b""

        monkeypatch.setattr(gate, "MAX_BODY_BYTES", 1000)
        answer = await here.post("/weergave", {"taal": "n" * 2000}, await here.token("/weergave"))
        assert answer.status_code == 413
        check_headers(answer)
        answer = await here.client.post(
            "/weergave",
            content=b"no form",
            headers={"content-type": "multipart/form-data; boundary=x"},
        )
        assert answer.status_code == 400
        check_headers(answer)

        def broken(request: object) -> object:
            raise RuntimeError("a defect")

        monkeypatch.setattr(preferences, "render", broken)
        answer = await here.get("/weergave")
        assert answer.status_code == 500
        check_headers(answer)
        assert "Meldcode" in answer.text
        assert "a defect" not in answer.text
        part = await here.get("/bord/plaats/" + str(served.operator.organisation_id), **_PART)
        assert part.status_code == 404
        check_headers(part)
        assert "<html" not in part.text


_PART = {"hx-request": "true", "x-deel": "1"}


async def test_a_form_proves_that_it_is_from_a_page_of_this_session(
    api: Serving, served: World
) -> None:
    container = served.container
    one = await make_person(container, Role.COORDINATOR, served.coordinator.organisation_id)
    other = await make_person(container, Role.COORDINATOR, served.coordinator.organisation_id)
    async with visiting(api, one) as here, visiting(api, other) as there:
        tokens = [await here.token("/weergave") for _ in range(3)]
        assert len(set(tokens)) == 3, "another mask each time"
        wanted = {"thema": "donker"}
        for token in tokens:
            answer = await here.post("/weergave", wanted, token)
            assert answer.status_code == 303
        for wrong in _wrong(tokens[0], await there.token("/weergave")):
            answer = await here.post("/weergave", wanted, wrong)
            assert answer.status_code == 403
            assert "Er is niets gewijzigd" in answer.text
        for site, status in {"cross-site": 403, "same-site": 403, "same-origin": 303}.items():
            headers = {"sec-fetch-site": site}
            answer = await here.post("/weergave", wanted, tokens[0], **headers)
            assert answer.status_code == status
        headers = {"x-csrf-token": tokens[0]}
        assert (await here.post("/weergave", wanted, **headers)).status_code == 303


def _wrong(good: str, foreign: str) -> Iterator[str]:
    yield from ("", "x", "é", "AAAA", good[:-8], foreign, base64.urlsafe_b64encode(b"").decode())
    yield good[:20] + ("A" if good[20] != "A" else "B") + good[21:]


async def test_who_may_not_see_a_page_is_told_so_each_in_their_own_way(
    api: Serving, served: World
) -> None:
    container = served.container
    provider = await make_person(container, Role.AUDITOR, served.provider.organisation_id)
    async with visiting(api) as nobody:
        answer = await nobody.get("/bord?zorg=grz&zoek=a b")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/inloggen?naar=%2Fbord%3Fzorg%3Dgrz%26zoek%3Da%2520b"
        for asked in (await nobody.get("/bord/lijst", **_PART), await nobody.post("/bord", {})):
            assert asked.status_code in (401, 405)
        part = await nobody.get("/bord/lijst", **_PART)
        assert part.status_code == 401
        assert "<html" not in part.text
        assert "Weer inloggen" in part.text
        posted = await nobody.post("/bord/favoriet", {})
        assert posted.status_code == 401
        for path in ("/bord?regio=²", "/bord?regio=" + "9" * 5000):
            assert (await nobody.get(path)).status_code == 303
    async with visiting(api, provider) as here:
        answer = await here.get("/bord")
        assert answer.status_code == 403
        assert "toezicht" in answer.text, "as what they work now"


async def test_only_numbers_of_regions_are_numbers(api: Serving, served: World) -> None:
    person = await make_person(
        served.container, Role.COORDINATOR, served.coordinator.organisation_id
    )
    async with visiting(api, person) as here:
        for number in ("²", "9" * 5000, "-1", "0", "7", "x"):
            answer = await here.client.get("/bord", params={"regio": number})
            assert answer.status_code == 404, number
        assert (await here.get("/bord?regio=1")).status_code == 200


async def test_an_expired_session_is_told_with_the_way_back(
    api: Serving, served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await make_person(
        served.container, Role.COORDINATOR, served.coordinator.organisation_id
    )
    async with visiting(api, person) as here:
        token = await here.token("/weergave")
        real = served.container.sessions._now
        later = timedelta(hours=13)
        monkeypatch.setattr(served.container.sessions, "_now", lambda: real() + later)
        answer = await here.get("/bord?zorg=grz")
        assert answer.status_code == 401
        assert "U bent uitgelogd" in answer.text
        assert "naar=/bord%3Fzorg%3Dgrz" in answer.text
        referer = {"referer": f"{api.base_url}/bord?zoek=x"}
        answer = await here.post("/bord/favoriet", {}, token, **referer)
        assert answer.status_code == 401
        assert "naar=/bord%3Fzoek%3Dx" in answer.text, "not the address that only takes forms"
        foreign = {"referer": "https://elsewhere.example/bord"}
        answer = await here.post("/bord/favoriet", {}, token, **foreign)
        assert 'naar=/"' in answer.text
        assert (await here.get("/inloggen")).status_code == 200


async def test_a_cookie_that_nobody_can_read_takes_no_other_with_it(
    api: Serving, served: World
) -> None:
    person = await make_person(
        served.container, Role.COORDINATOR, served.coordinator.organisation_id
    )
    async with visiting(api, person) as here:
        cookies = "; ".join(f"{name}={value}" for name, value in here.client.cookies.items())
        async with api.client() as other:
            visitor = Visitor(other)
            answer = await visitor.get("/weergave", cookie=f'br[oken="; a@b=1; {cookies}; ;=')
            assert answer.status_code == 200
