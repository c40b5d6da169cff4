"""From a question about home nursing to an aanmelding in one step, and following it, without a browser."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from app.services import norms, postcodes
from app.services.referrals import (
    answers,
    decisions,
    desk,
    filing,
    following,
    questions,
    rounds,
    triages,
)
from app.services.referrals.answers import Counter
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.triages import Triage
from domain.actors import Actor, Role
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.errors import Unavailable
from domain.geography import Point, Postcode
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamReport
from domain.identifiers import RegionId, TeamId
from domain.norms import Norms
from tests.factories.home_care import make_team, tell
from tests.factories.people import make_person, signed_in
from tests.factories.referrals import actor_of
from tests.factories.world import REGION, Party, World, make_party
from tests.support.clock import Clock
from tests.support.forms import Filled, Window
from tests.support.referral_calls import PC4, serve
from tests.support.serving import Serving

SUNDAY = datetime(2026, 11, 22, 17, 30, tzinfo=AMSTERDAM)
COVERAGE = Coverage(frozenset({PC4}), frozenset({Skill.WOND}), frozenset({Dagdeel.OCHTEND}))
FORM = f"/wijkverpleging/aanmelden?pc4={PC4}&zorg=wond&dagdeel=ochtend&vanaf=2026-11-23"
LIST = "/mijn-aanmeldingen"
TYPED = "Dit typte u; deze keer is het niet verstuurd:"
CLIENT = {
    "birth_year": "1951",
    "sex": "man",
    "what_happened": "Gevallen\nWond aan het been",
    "help_needed": "Wond verbinden",
    "callback": "079 123 45 67",
}


@pytest.fixture
async def practice(api: Serving, served: World, clock: Clock) -> Party:
    """A huisartsenpraktijk on a Sunday evening, in a region whose point serves the postcode."""
    clock.set(SUNDAY)
    await serve(served.container, served.coordinator)
    await postcodes.import_postcodes(
        served.container, None, [Postcode(PC4, "Zoetermeer", Point(52.06, 4.49))]
    )
    return await make_party(served.container, Role.REFERRER)


@pytest.fixture
async def huisarts(api: Serving, served: World, practice: Party) -> AsyncIterator[Window]:
    """Its browser, without scripts."""
    person = await make_person(served.container, Role.REFERRER, practice.organisation_id)
    session = await signed_in(served.container, person)
    async with api.client(cookies={"vt_session": session.token}) as client:
        yield Window(client)


@pytest.fixture
async def team(served: World, practice: Party) -> TeamId:
    """A team that can do it."""
    made = await make_team(served, name="Wijkteam Meer", coverage=COVERAGE, telephone="079 1112233")
    await tell(served, made, TeamReport(Light.GROEN))
    await served.settled()
    return made


async def allow(world: World) -> None:
    await norms.set_norms(world.container, None, RegionId(REGION), Norms(direct_to_team=True), 0)


async def rows(world: World, query: str, *given: Any) -> list[Any]:
    return await world.container.read(lambda connection: connection.fetch(query, *given))


async def provider_of(world: World) -> Actor:
    """The provider's desk of intake."""
    actor = await actor_of(world, world.provider)
    return Actor(actor.id, actor.name, Role.PROVIDER_INTAKE, actor.organisation_id, actor.regions)


async def test_the_form_begins_with_the_question_and_asks_what_intake_asks(
    served: World, huisarts: Window, team: TeamId
) -> None:
    found = await huisarts.look(FORM.replace("/aanmelden", ""))
    assert {FORM, f"{FORM}&team={team}"} <= set(found.links)
    assert "Aanmelden bij dit team" not in found.text
    form = await huisarts.look(f"{FORM}&team={team}")
    fields = form.fields
    assert {name: fields[name] for name in ("pc4", "start", "often", "urgency", "setting")} == {
        "pc4": PC4,
        "start": "2026-11-23",
        "often": "dagelijks",
        "urgency": "spoed",
        "setting": "thuis",
    }
    assert {name for name in fields if name.startswith(("skills", "dagdelen"))} == {
        "skills.wond",
        "dagdelen.ochtend",
    }
    asked = {"birth_year", "what_happened", "help_needed", "since", "callback", "fixed"}
    assert asked | {"sex", "infection", "behaviour"} <= fields.keys() | {"fixed"}
    assert "naar het coördinatiepunt, met dit team als uw voorkeur" in form.text
    assert "ruimte gemeld om 17:30" in form.text
    # What the team can't quite do is told before it is asked.
    await tell(served, team, TeamReport(Light.GROEN, SUNDAY.date() + timedelta(days=8)))
    await served.settled()
    later = await huisarts.look(f"{FORM}&team={team}")
    assert "pas ma 30 nov, later dan u vroeg (morgen)" in later.text

    await allow(served)
    found = await huisarts.look(FORM.replace("/aanmelden", ""))
    assert "Aanmelden bij dit team" in found.text
    part = await huisarts.client.get(
        f"/wijkverpleging/antwoord?pc4={PC4}&rechtstreeks={REGION}&vanaf=2026-11-23"
    )
    assert "Aanmelden bij dit team" in part.text
    form = await huisarts.look(f"{FORM}&team={team}")
    assert "rechtstreeks naar dit team" in form.text
    huisarts.client.cookies.set("vt_taal", "en")
    english = await huisarts.look(f"{FORM}&team={team}")
    assert "Your referral goes straight to this team." in english.text
    assert "Nothing is going on" in (await huisarts.look(LIST)).text


async def test_what_is_wrong_is_told_with_a_link_to_each_field_and_nothing_typed_is_lost(
    served: World, huisarts: Window, team: TeamId, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{FORM}&team={team}"
    form = await huisarts.look(path)
    typed = {**CLIENT, "birth_year": "1790", "sex": "", "start": "2026-11-01", "pc4": "27"}
    answer = await huisarts.send("/wijkverpleging/aanmelden", form, 400, **typed)
    again = Filled(answer.text)
    for name, text in typed.items():
        assert again.fields[name] == text, name
    assert again.fields["team"] == str(team)
    assert {"#v-birth_year", "#v-sex"} <= set(again.links)
    # What only the domain knows comes next, at its field too.
    for wrong, link in (
        ({"birth_year": "1890"}, "#v-birth_year"),
        ({"start": "2026-11-01"}, "#v-start"),
        ({"start": "2029-11-01"}, "#v-start"),
        ({"since": "2026-11-24"}, "#v-since"),
        ({"callback": "bel maar"}, "#v-callback"),
        ({"pc4": "0000"}, "#v-pc4"),
    ):
        sent = {**CLIENT, **wrong}
        answer = await huisarts.send("/wijkverpleging/aanmelden", form, 400, **sent)
        page = Filled(answer.text)
        assert [one for one in page.links if one.startswith("#v-")] == [link], wrong
    assert await rows(served, "SELECT id FROM referral") == []

    # Nor without a database, and then it is the same form that goes once more.
    async def fails(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr(filing, "file", fails)
    monkeypatch.setattr("api.web.home_care.regions.read_norms", fails)
    answer = await huisarts.send("/wijkverpleging/aanmelden", form, 503, **CLIENT)
    kept = {"formulier": form.fields["formulier"], **CLIENT}
    assert kept.items() <= Filled(answer.text).fields.items()


async def test_sent_twice_it_is_one_and_a_wish_without_the_norm(
    served: World, huisarts: Window, team: TeamId, practice: Party
) -> None:
    form = await huisarts.look(f"{FORM}&team={team}")
    sends = [huisarts.send("/wijkverpleging/aanmelden", form, 303, **CLIENT) for _ in range(3)]
    places = {answer.headers["location"] for answer in await asyncio.gather(*sends)}
    assert len(places) == 1
    (where,) = places
    (row,) = await rows(served, "SELECT * FROM referral")
    assert where == f"{LIST}/{row['id']}?m=aangemeld"
    assert (row["state"], row["route"], row["care_type_asked"]) == (
        "ingediend",
        "page",
        "wijkverpleging",
    )
    assert (row["skills"], row["dagdelen"], row["requested_by_id"]) == (
        ["wond"],
        ["ochtend"],
        practice.organisation_id,
    )
    assert row["needed_by"] == datetime(2026, 11, 23, 23, 59, tzinfo=AMSTERDAM)
    texts = {one["kind"]: one["text"] for one in await rows(served, "SELECT * FROM referral_text")}
    assert texts == {
        "what-happened": "Gevallen\nWond aan het been",
        "help-needed": "1× per dag.\nWond verbinden",
        "callback": "079 123 45 67",
    }
    # The same form with something else in it is told of, and goes the next time.
    other = await huisarts.send(
        "/wijkverpleging/aanmelden", form, 409, **{**CLIENT, "birth_year": "1960"}
    )
    fresh = Filled(other.text)
    assert "Dit formulier is al eens verstuurd" in fresh.text
    await huisarts.send("/wijkverpleging/aanmelden", fresh)
    assert len(await rows(served, "SELECT id FROM referral")) == 2

    page = await huisarts.look(where)
    assert "Aangemeld." in page.text
    assert "Uw voorkeur. Het coördinatiepunt vraagt dit team of een ander." in page.text
    # An address tells nothing of anybody but four digits.
    assert urlsplit(where).query == "m=aangemeld"
    asked = set(parse_qs(urlsplit(f"{FORM}&team={team}").query))
    assert asked == {"pc4", "zorg", "dagdeel", "vanaf", "team"}


async def test_a_team_that_cannot_any_more_is_told_with_those_that_can_and_what_was_typed_goes_there(
    served: World, huisarts: Window, team: TeamId
) -> None:
    await allow(served)
    other = await make_team(served, name="Wijkteam Duin", coverage=COVERAGE)
    await tell(served, other, TeamReport(Light.GROEN))
    later = await make_team(served, name="Wijkteam Later", coverage=COVERAGE)
    await tell(served, later, TeamReport(Light.GROEN, SUNDAY.date() + timedelta(days=8)))
    await served.settled()
    form = await huisarts.look(f"{FORM}&team={team}")
    await tell(served, team, TeamReport(Light.ROOD))
    await served.settled()
    answer = await huisarts.send("/wijkverpleging/aanmelden", form, 409, **CLIENT)
    told = Filled(answer.text)
    assert "Wijkteam Meer kan dit niet. Er is niets aangemeld." in told.text
    assert "vol: neemt nu geen cliënten aan" in told.text
    assert await rows(served, "SELECT id FROM referral") == []
    # Told before anything is typed, too; of those that can in time.
    before = await huisarts.client.get(f"{FORM}&team={team}")
    assert "Wijkteam Meer kan dit niet" in before.text
    for page in (answer.text, before.text):
        assert re.findall(r'name="ander" value="([^"]*)"', page) == [str(other), ""]

    await huisarts.send("/wijkverpleging/aanmelden", told, ander=str(other))
    (row,) = await rows(served, "SELECT state FROM referral")
    assert row["state"] == "aangeboden"
    (offer,) = await rows(served, "SELECT team_id FROM offer")
    assert offer["team_id"] == other
    await huisarts.send("/wijkverpleging/aanmelden", await huisarts.look(FORM), 303, **CLIENT)
    states = {row["state"] for row in await rows(served, "SELECT state FROM referral")}
    assert states == {"aangeboden", "ingediend"}
    gone = await huisarts.look(f"{FORM}&team={UUID(int=7)}")
    assert "Dit team is er niet meer" in gone.text
    assert "team" not in gone.fields


async def filed(huisarts: Window, team: TeamId | None = None, **typed: str) -> str:
    """Files one; its page."""
    path = f"{FORM}&team={team}" if team else FORM
    form = await huisarts.look(path)
    answer = await huisarts.send("/wijkverpleging/aanmelden", form, 303, **{**CLIENT, **typed})
    return str(answer.headers["location"]).partition("?")[0]


async def test_the_referrer_follows_its_own_and_answers_decides_and_takes_back(
    api: Serving,
    served: World,
    huisarts: Window,
    team: TeamId,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "Er loopt niets" in (await huisarts.look(LIST)).text
    await allow(served)
    here = await filed(huisarts, team)
    plain = await filed(huisarts, birth_year="1940", sex="vrouw")
    await served.settled()
    before = (await huisarts.client.get(f"{LIST}/stand")).json()["stand"]
    listed = await huisarts.look(LIST)
    assert [one for one in listed.links if re.match(LIST + "/.", one)] == [plain, here]
    assert "man, 70-79 · 2713" in listed.text
    assert "Gevraagd, antwoord volgt" in listed.text
    page = await huisarts.look(here)
    assert "Wacht op Wijkteam Meer Om te antwoorden Vóór vandaag 21:30" in page.text
    assert "Rechtstreeks gevraagd." in page.text

    # Another start: what was typed goes along, the start stands, and the team's number is there.
    container = served.container
    (offer,) = await rows(served, "SELECT id FROM offer")
    later = SUNDAY + timedelta(days=2)
    clock.set(SUNDAY + timedelta(minutes=20))
    await answers.counter(container, await provider_of(served), offer["id"], Counter(later))
    await served.settled()
    assert (await huisarts.client.get(f"{LIST}/stand")).json()["stand"] != before
    # What waits on who reads it comes first, whatever was done last, and so falls off last.
    coordinator = await actor_of(served)
    await desk.take(container, coordinator, UUID(plain.rpartition("/")[2]))
    listed = await huisarts.look(LIST)
    assert [one for one in listed.links if re.match(LIST + "/.", one)] == [here, plain]
    assert "Er zijn er meer." not in listed.text
    with monkeypatch.context() as few:
        few.setattr(following, "MOST", 1)
        listed = await huisarts.look(LIST)
    assert [one for one in listed.links if re.match(LIST + "/.", one)] == [here]
    assert "Er zijn er meer. Hier staan de eerste 1." in listed.text
    page = await huisarts.look(here)
    assert "Wijkteam Meer kan starten op di 24 nov 17:30" in page.text
    asked = Filled(_form(await huisarts.client.get(here), "voorstel"))
    unsaid = await huisarts.send(f"{here}/voorstel", asked, 400, toelichting="Wij verbinden")
    assert "#v-akkoord" in Filled(unsaid.text).links
    assert "Wij verbinden" in _form(unsaid, "voorstel")
    done = await huisarts.send(f"{here}/voorstel", asked, akkoord="ja", toelichting="Wij verbinden")
    page = await huisarts.look(done.headers["location"])
    assert "Uw akkoord is verstuurd." in page.text
    assert "Start di 24 nov 17:30" in page.text
    assert "tel:0791112233" in page.links
    assert "Toegezegd door Wijkteam Meer" in page.text
    (note,) = await rows(served, "SELECT text FROM referral_text WHERE kind = 'note'")
    assert note["text"] == "Wij verbinden"
    late = await huisarts.send(f"{here}/voorstel", asked, 409, akkoord="nee", toelichting="Te laat")
    assert "De plek is al toegezegd" in Filled(late.text).text
    assert f"{TYPED} Te laat" in Filled(late.text).text

    # A question of the coordination point: once answered it isn't asked again.
    other_id = UUID(plain.rpartition("/")[2])
    await questions.ask(container, coordinator, other_id, "Sinds wanneer?")
    asked = Filled(_form(await huisarts.client.get(plain), "antwoord"))
    empty = await huisarts.send(f"{plain}/antwoord", asked, 400, antwoord=" ")
    assert "Schrijf iets op." in Filled(empty.text).text
    assert f"#v-antwoord-{asked.fields['vraag']}" in Filled(empty.text).links
    await huisarts.send(f"{plain}/antwoord", asked, antwoord="Sinds vrijdag")
    assert "Sinds vrijdag" in (await huisarts.look(plain)).text
    twice = await huisarts.send(f"{plain}/antwoord", asked, 409, antwoord="Sinds zondag")
    assert "Dit kan nu niet" in Filled(twice.text).text
    assert f"{TYPED} Sinds zondag" in Filled(twice.text).text

    # What the coordination point asks of a provider is not told, but the next step is.
    triage = Triage({}, CareType.WIJKVERPLEGING, "thuis")
    await triages.triage(container, coordinator, other_id, triage)
    place = Round([AskedPlace(team_id=team)], argument="later")
    await rounds.offer(container, coordinator, other_id, place)
    (second,) = await rows(served, "SELECT id FROM offer WHERE referral_id = $1", other_id)
    await answers.counter(container, await provider_of(served), second["id"], Counter(later))
    page = await huisarts.look(plain)
    assert "Wacht op het coördinatiepunt Om te het voorstel beoordelen" in page.text
    assert "kan starten op" not in page.text
    await decisions.decide_counter(container, coordinator, second["id"], agreed=False)

    # Taking it back asks why.
    taken = Filled(_form(await huisarts.client.get(plain), "intrekken"))
    await huisarts.send(f"{plain}/intrekken", taken, 400)
    await huisarts.send(f"{plain}/intrekken", taken, reden="andere-oplossing", waarom="Dochter")
    assert "Ingetrokken" in (await huisarts.look(plain)).text
    listed = await huisarts.look(LIST)
    assert "1 afgerond in de laatste 30 dagen" in listed.text
    states = await rows(served, "SELECT state FROM referral ORDER BY created_at")
    assert [row["state"] for row in states] == ["geaccepteerd", "ingetrokken"]
    clock.set(SUNDAY + timedelta(days=3))
    # Nobody else's: neither seen nor acted on, as if it weren't there.
    stranger = await make_party(container, Role.REFERRER)
    person = await make_person(container, Role.REFERRER, stranger.organisation_id)
    session = await signed_in(container, person)
    async with api.client(cookies={"vt_session": session.token}) as client:
        theirs = Window(client)
        token = Filled((await client.get("/wijkverpleging/aanmelden")).text)
        for path in (here, f"{here}/deel", f"{LIST}/{UUID(int=9)}"):
            await theirs.look(path, 404)
        for act in ("voorstel", "antwoord", "intrekken"):
            await theirs.send(f"{here}/{act}", token, 404, reden="vergissing", **taken_ids(asked))
        assert "Er loopt niets" in (await theirs.look(LIST)).text
    for role, party in (
        (Role.COORDINATOR, served.coordinator),
        (Role.PROVIDER_INTAKE, served.provider),
    ):
        person = await make_person(container, role, party.organisation_id)
        session = await signed_in(container, person)
        async with api.client(cookies={"vt_session": session.token}) as client:
            for path in (LIST, here, FORM):
                await Window(client).look(path, 403)
            wide = await client.get(FORM.replace("/aanmelden", ""))
            assert wide.status_code == 200
            assert "/wijkverpleging/aanmelden" not in wide.text


def taken_ids(form: Filled) -> dict[str, str]:
    return {"vraag": form.fields["vraag"], "aanbod": form.fields["vraag"]}


def _form(answer: Any, act: str) -> str:
    """One of the page's forms."""
    found = re.search(rf'<form[^>]*/{act}".*?</form>', answer.text, re.DOTALL)
    assert found, answer.text
    return found[0]
