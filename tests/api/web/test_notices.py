"""Meldingen: the bell on every page, the banner for what can't wait, and the list."""

import asyncio
import re
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from app.db.unit_of_work import UnitOfWork
from app.db.word import write_notices
from app.services.referrals import acceptances
from app.services.referrals.answers import Acceptance
from app.services.word import bell
from domain.actors import Role
from domain.care_types import CareType
from domain.errors import Unavailable
from domain.identifiers import OrganisationId
from domain.needs import Urgency
from domain.notices import Notice, NoticeData, NoticeKind
from domain.referrals import ReferralState
from tests.factories.referrals import TEXTS, actor_of, offered
from tests.factories.world import HOUR, REGION, World, make_party
from tests.support.clock import Clock
from tests.support.forms import Filled, window
from tests.support.serving import Serving

#: The number in the header, as it is seen.
_NUMBER = re.compile(r'class="vt-bel-n"[^>]*>([^<]+)<')


def number(answer: httpx.Response) -> str | None:
    """What the bell of a page counts."""
    found = _NUMBER.search(answer.text)
    return found[1] if found else None


async def tell(
    world: World,
    organisation_id: OrganisationId,
    *numbers: int,
    kind: NoticeKind = NoticeKind.STATUS,
    urgent: bool = False,
    referral_id: UUID | None = None,
) -> None:
    """Notices of referrals with these numbers, the last the newest."""

    async def act(work: UnitOfWork) -> None:
        await write_notices(
            work,
            [
                Notice(
                    REGION,
                    organisation_id,
                    kind,
                    urgent,
                    NoticeData(
                        number=f"2611-{each:05}",
                        care_type=CareType.WIJKVERPLEGING,
                        state=ReferralState.GEACCEPTEERD,
                    ),
                    referral_id=referral_id,
                )
                for each in numbers
            ],
        )
        await work.commit()

    await world.container.act(act)


async def test_the_bell_counts_on_every_page_what_one_has_not_read_oneself(
    api: Serving, served: World
) -> None:
    mine = (await make_party(served.container, Role.REFERRER)).organisation_id
    async with (
        window(api, Role.REFERRER, mine) as one,
        window(api, Role.REFERRER, mine) as colleague,
        window(api, Role.OPERATOR, served.operator.organisation_id) as operator,
    ):
        answer = await one.client.get("/weergave")
        assert number(answer) is None
        assert 'href="/meldingen"' in answer.text
        await tell(served, mine, 1, 2)
        await tell(served, served.provider.organisation_id, 3)
        for path in ("/mijn-aanmeldingen", "/wijkverpleging", "/weergave", "/meldingen"):
            answer = await one.client.get(path)
            assert number(answer) == "2", path
            assert "2 nieuwe meldingen" in Filled(answer.text).text
        assert number(await one.client.post("/meldingen/instellingen", data={})) is None
        page = await one.look("/meldingen")
        first = re.search(
            r"/meldingen/([0-9a-f-]{36})/gelezen", (await one.client.get("/meldingen")).text
        )
        assert first
        await one.send(f"/meldingen/{first[1]}/gelezen", page)
        assert number(await one.client.get("/weergave")) == "1"
        assert number(await colleague.client.get("/weergave")) == "2"
        # Who has no notices has no bell, and nobody reads another organisation's.
        assert "vt-bel" not in (await operator.client.get("/beheer")).text
        await operator.look("/meldingen", 403)
        await one.look(f"/meldingen/{first[1]}/gelezen", 405)
        async with window(api, Role.REFERRER, served.other.organisation_id) as stranger:
            page = await stranger.look("/weergave")
            await stranger.send(f"/meldingen/{first[1]}/gelezen", page, 404)
            await stranger.look(f"/meldingen/{first[1]}", 404)


async def test_a_page_that_stands_open_asks_in_a_word_whether_there_is_news(
    api: Serving, served: World
) -> None:
    mine = (await make_party(served.container, Role.REFERRER)).organisation_id
    async with window(api, Role.REFERRER, mine) as one:
        page = (await one.client.get("/weergave")).text
        stand = re.search(r'id="bel"[^>]*data-stand="([0-9a-f]+)"', page)
        assert stand
        asked = {"hx-request": "true", "if-none-match": f'"{stand[1]}"'}
        answer = await one.client.get("/meldingen/bel", headers=asked)
        assert (answer.status_code, answer.content) == (304, b"")
        await tell(served, mine, 7)
        answer = await one.client.get("/meldingen/bel", headers=asked)
        assert (answer.status_code, number(answer)) == (200, "1")
        assert answer.headers["etag"] != f'"{stand[1]}"'
        # In another language it is another page.
        one.client.cookies.set("vt_taal", "en")
        asked["if-none-match"] = answer.headers["etag"]
        answer = await one.client.get("/meldingen/bel", headers=asked)
        assert "1 new notice" in answer.text


async def test_one_banner_for_what_is_urgent_with_whom_to_call_until_it_is_read_or_dealt_with(
    api: Serving, served: World, clock: Clock
) -> None:
    container = served.container
    point = served.coordinator.organisation_id
    await container.act(lambda work: telephone(work, point, "079 343 34 34"))
    await offered(served, urgency=Urgency.ACUUT)
    _, (second,) = await offered(served, urgency=Urgency.ACUUT)
    async with window(api, Role.PROVIDER_INTAKE, served.provider.organisation_id) as intake:
        page = (await intake.client.get("/mijn-capaciteit")).text
        assert page.count('class="melding melding--stop m-alarm"') == 1
        told = Filled(page)
        assert "Acuut: nieuwe aanvraag ELV laag · aanmelding" in told.text
        assert "antwoord vóór vandaag" in told.text
        assert "en nog 1 acute melding" in told.text
        assert "tel:0793433434" in told.links
        assert all(text not in page for text in TEXTS.values())
        # What was answered needs nobody any more, who hasn't read it either.
        desk = replace(await actor_of(served, served.provider), role=Role.PROVIDER_INTAKE)
        await acceptances.accept(container, desk, second, Acceptance(over_free=True))
        told = await intake.look("/mijn-capaciteit")
        assert "en nog 1" not in told.text
        assert "Acuut:" in told.text
        listed = await intake.look("/meldingen")
        assert "tel:0793433434" in listed.links
        assert (listed.text.count("nog "), listed.text.count("wacht niet meer")) == (2, 1)
        # A script gets the bell back, anybody else the page that they were on.
        form = {"csrf": told.fields["csrf"]}
        where = {"hx-request": "true"}
        first = (await _banner(intake.client))[0]
        answer = await intake.client.post(f"/meldingen/{first}/gelezen", data=form, headers=where)
        assert "Acuut:" not in answer.text
        assert "Acuut:" not in (await intake.look("/mijn-capaciteit")).text
    async with window(api, Role.PROVIDER_CAPACITY, served.provider.organisation_id) as colleague:
        assert await _banner(colleague.client) == [first]
    clock.turn(25 * HOUR)
    async with window(api, Role.PROVIDER_CAPACITY, served.provider.organisation_id) as tomorrow:
        assert await _banner(tomorrow.client) == []
        assert number(await tomorrow.client.get("/weergave")) == "2"


async def test_the_list_by_pages_unread_alone_and_read_up_to_what_was_shown(
    api: Serving, served: World
) -> None:
    mine = (await make_party(served.container, Role.REFERRER)).organisation_id
    async with window(api, Role.REFERRER, mine) as one:
        assert "Nog geen meldingen" in (await one.look("/meldingen")).text
        await tell(served, mine, *range(1, 106), referral_id=mine)
        page = await one.client.get("/meldingen")
        assert number(page) == "99+"
        assert _numbers(page) == [f"2611-{each:05}" for each in range(105, 55, -1)]
        shown = Filled(page.text)
        # Where somebody acts, in the words of who follows it.
        followed = next(link for link in shown.links if link.startswith("/meldingen/0"))
        assert "Toegezegd Wijkverpleging · aanmelding 2611-00105" in shown.text
        older = await one.client.get(next(link for link in shown.links if "voor=" in link))
        assert _numbers(older) == [f"2611-{each:05}" for each in range(55, 5, -1)]
        await one.look("/meldingen?voor=x", 404)

        notice_id = re.findall(r"/meldingen/([0-9a-f-]{36})/gelezen", page.text)[0]
        assert followed == f"/meldingen/{notice_id}"
        # What a browser fetches ahead was read by nobody.
        for ahead in (
            {"sec-fetch-mode": "no-cors"},
            {"sec-fetch-mode": "navigate", "sec-purpose": "prefetch;prerender"},
        ):
            await one.client.get(followed, headers=ahead)
        assert number(await one.client.get("/weergave")) == "99+"
        assert _numbers(await one.client.get("/meldingen?toon=ongelezen"))[0] == "2611-00105"
        answer = await one.client.get(followed, headers={"sec-fetch-mode": "navigate"})
        assert answer.headers["location"] == f"/mijn-aanmeldingen/{mine}"
        assert _numbers(await one.client.get("/meldingen?toon=ongelezen"))[0] == "2611-00104"
        notice_id = re.findall(r"/meldingen/([0-9a-f-]{36})/gelezen", page.text)[1]
        form = Filled(page.text)
        form.fields["terug"] = f"/meldingen#m-{notice_id}"
        answer = await one.send(f"/meldingen/{notice_id}/gelezen", form)
        assert answer.headers["location"] == f"/meldingen#m-{notice_id}"
        unread = await one.client.get("/meldingen?toon=ongelezen")
        assert _numbers(unread)[0] == "2611-00103"
        assert "2611-00105" in _numbers(await one.client.get("/meldingen"))

        until = re.search(r'name="tot" value="([^"]+)"', unread.text)
        assert until
        await tell(served, mine, 200)
        for elsewhere in ("//evil.example", "https://evil.example/", "/meldingen?x=\n"):
            form.fields |= {"tot": until[1], "terug": elsewhere}
            answer = await one.send("/meldingen/gelezen", form)
            assert answer.headers["location"] == "/meldingen"
        assert _numbers(await one.client.get("/meldingen?toon=ongelezen")) == ["2611-00200"]
        form.fields["tot"] = ""
        await one.send("/meldingen/gelezen", form)
        assert number(await one.client.get("/weergave")) == "1"


async def test_a_page_comes_without_its_bell_when_nobody_can_tell_now(
    api: Serving, served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> bell.Bell:
        raise Unavailable

    async def hangs(*_: object) -> bell.Bell:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("api.web.bell._PATIENCE", 0.05)
    async with window(api, Role.COORDINATOR, served.coordinator.organisation_id) as here:
        for broken in (fails, hangs):
            monkeypatch.setattr(bell, "look", broken)
            page = await here.client.get("/weergave")
            assert page.status_code == 200
            # The script asks again, since it has nothing to compare with.
            assert 'data-stand=""' in page.text
            answer = await here.client.get("/meldingen/bel", headers={"hx-request": "true"})
            assert answer.status_code == 503


def _numbers(page: httpx.Response) -> list[str]:
    """The referrals that the list is about, in its order."""
    return re.findall(r'aanmelding <span class="getal">([^<]+)<', page.text)


async def _banner(client: httpx.AsyncClient) -> list[str]:
    page = (await client.get("/meldingen")).text
    return re.findall(r'm-alarm" role="alert" data-id="([^"]+)"', page)


async def telephone(work: UnitOfWork, organisation_id: OrganisationId, number: str) -> None:
    """Gives an organisation a telephone number."""
    await work.fetch(
        "UPDATE organisation SET telephone = $2 WHERE id = $1", organisation_id, number
    )
    await work.commit()
