"""Mijn capaciteit without a browser: what its forms do, and what its pages tell whom."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from api.web.capacity.answers import in_words
from domain.actors import Role
from domain.capacity import Figures, SourceKind
from domain.errors import SheetError
from domain.events import Kind
from domain.home_care import Dagdeel, Light, Skill, TeamException, TeamReport
from tests.factories import home_care
from tests.factories.people import make_person
from tests.factories.spreadsheets import csv_text
from tests.factories.world import Inhabitants, counts, make_location, make_pool
from tests.support.clock import Clock
from tests.support.provider_pages import PAGE, Ward, make_ward, place
from tests.support.serving import Serving


@pytest.fixture
async def ward(api: Serving, inhabitants: Inhabitants, clock: Clock) -> Ward:
    return await make_ward(api, inhabitants, clock)


def state(ward: Ward, kind: Kind, subject_id: object) -> dict[str, Any]:
    assert ward.api.container is not None
    for board in ward.api.container.board.regions.values():
        if (text := board.get(kind, subject_id)) is not None:
            found: dict[str, Any] = orjson.loads(text)
            return found
    raise AssertionError("the board doesn't know it")


async def test_a_report_sent_again_counts_once(ward: Ward, clock: Clock) -> None:
    visitor = await ward.visitor()
    seen = clock.now() - timedelta(minutes=1)
    fields = {"vrij": "3", "versie": "1", "was": "2", "om": seen.isoformat()}
    for _ in range(3):
        fields["verzonden"] = clock.now().isoformat()
        answer = await visitor.send(place(ward.first), fields)
        # The one that stands is the later of the two: this was seen before the ward's own report.
        assert answer.status_code == 200
    later = {"vrij": "4", "om": (clock.now()).isoformat()}
    for _ in range(3):
        answer = await visitor.send(place(ward.first), later)
        assert answer.json()["uitkomst"] == "opgeslagen"
    assert await ward.free() == [3, 4]
    assert state(ward, Kind.CAPACITY, ward.first)["balance"] == 4


async def test_what_was_seen_earlier_never_replaces_what_was_seen_later(
    ward: Ward, clock: Clock
) -> None:
    visitor = await ward.visitor()
    early = clock.now().isoformat()
    clock.turn(timedelta(minutes=20))
    await ward.world.report(Figures(free=5))
    answer = await visitor.send(place(ward.first), {"vrij": "0", "om": early})
    assert answer.json()["uitkomst"] == "ouder"
    assert "nieuwer cijfer" in answer.json()["tekst"]
    assert state(ward, Kind.CAPACITY, ward.first)["balance"] == 5


async def test_somebody_else_s_change_is_told_and_a_confirmation_is_none(
    ward: Ward, clock: Clock
) -> None:
    visitor = await ward.visitor()
    shown = {"versie": "1", "was": "2"}
    clock.turn(timedelta(minutes=1))
    await ward.world.confirm(1)
    # The version is another one, the number isn't.
    answer = await visitor.send(place(ward.first), {"vrij": "1", **shown})
    assert answer.json()["uitkomst"] == "opgeslagen"
    assert (answer.json()["versie"], answer.json()["was"]) == (3, "1")
    answer = await visitor.send(place(ward.first), {"vrij": "3", **shown})
    assert answer.status_code == 409
    assert answer.json()["uitkomst"] == "anders"
    assert await ward.free() == [1]


async def test_a_number_by_hand_replaces_a_feed_s_figures_and_keeps_what_is_closed(
    ward: Ward, clock: Clock
) -> None:
    clock.turn(timedelta(minutes=1))
    await ward.world.report(counts(10, 7))
    await ward.world.settled()
    visitor = await ward.visitor()
    page = (await visitor.get()).text
    assert "komen uit uw koppeling" in page
    assert "10 bemand, 7 bezet" in page
    clock.turn(timedelta(minutes=1))
    answer = await visitor.send(place(ward.first), {"vrij": "2", "bestaand": "10"})
    assert answer.json()["uitkomst"] == "opgeslagen"
    after = state(ward, Kind.CAPACITY, ward.first)
    assert (after["operable"], after["occupied"], after["physical"]) == (None, None, 10)
    assert (after["balance"], after["source"]) == (2, SourceKind.PAGE)
    refused = await visitor.send(place(ward.first), {"vrij": "11", "bestaand": "10"})
    assert refused.status_code == 400
    assert refused.json()["tekst"].startswith("Er zijn hier hoogstens 10 plaatsen.")


async def test_the_own_number_is_the_one_before_what_is_held(ward: Ward, clock: Clock) -> None:
    query = "UPDATE pool SET claimed = 1, promised_at = ARRAY[now()] WHERE id = $1"
    await ward.world.container.read(lambda connection: connection.execute(query, ward.first))
    clock.turn(timedelta(minutes=1))
    await ward.world.report(Figures(free=1))
    await ward.world.settled()
    page = (await (await ward.visitor()).get()).text
    part = page[page.index(f'id="s-{ward.first}"') :].split("</form>")[0]
    field = part[part.index('class="stap-getal"') :].split(">")[0]
    assert 'value="1"' in field
    for words in ("tekort van 1", "1 toegezegd", "1 vastgehouden", "0 te plaatsen"):
        assert words in part


async def test_without_scripts_a_tap_is_a_form_and_reload_posts_nothing(ward: Ward) -> None:
    visitor = await ward.visitor()
    fields = {"vrij": "2", "stap": "1", "versie": "1", "was": "2"}
    answer = await visitor.post(place(ward.first), fields)
    assert answer.status_code == 303
    landed = await visitor.get(answer.headers["location"])
    assert "Opgeslagen. Het staat op het bord." in landed.text
    assert await ward.free() == [3]
    wrong = await visitor.post(place(ward.first), {"vrij": "veel"})
    assert wrong.status_code == 400
    assert "Vul een aantal in" in wrong.text
    jump = await visitor.post(place(ward.first), {"vrij": "12"})
    assert "U wijzigde 3 in 12." in (await visitor.get(jump.headers["location"])).text


async def test_all_is_confirmed_but_what_changed_meanwhile(ward: Ward, clock: Clock) -> None:
    visitor = await ward.visitor()
    before = [state(ward, Kind.CAPACITY, one)["version"] for one in (ward.respijt, ward.mfb)]
    clock.turn(timedelta(minutes=5))
    await ward.world.report(Figures(free=0))
    shown = {
        "plaats": [
            f"{ward.first}:1",
            f"{ward.respijt}:{before[0]}",
            f"{ward.mfb}:{before[1]}",
        ],
        "team": [f"{ward.team}:1"],
    }
    answer = (await visitor.send(f"{PAGE}/klopt", shown)).json()
    assert set(answer["bevestigd"]) == {str(ward.respijt), str(ward.mfb), str(ward.team)}
    assert set(answer["anders"]) == {str(ward.first)}
    assert state(ward, Kind.CAPACITY, ward.first)["balance"] == 0
    assert state(ward, Kind.HOME_CARE, ward.team)["version"] == 2
    page = await visitor.post(f"{PAGE}/klopt", shown)
    assert page.headers["location"].endswith("m=deels")


async def test_a_bed_and_a_team_are_told_by_their_forms(ward: Ward) -> None:
    visitor = await ward.visitor()
    bed = f"{PAGE}/bed/{ward.beds[0]}"
    answer = await visitor.send(bed, {"keuze": "occupied:datum", "ontslag": ""})
    assert answer.status_code == 400
    answer = await visitor.send(bed, {"keuze": "closed:uitbraak"})
    assert answer.json()["was"] == "closed|uitbraak|"
    answer = await visitor.send(bed, {"keuze": "ziek"})
    assert answer.status_code == 400

    team = f"{PAGE}/team/{ward.team}"
    fields = {
        "volledig": "1",
        "licht": "oranje",
        "uren": "12",
        "u-skill": ["nacht", ""],
        "u-dagdeel": ["", ""],
        "u-licht": ["rood", "rood"],
        "u-vanaf": ["", ""],
    }
    assert (await visitor.post(team, fields)).status_code == 303
    told = state(ward, Kind.HOME_CARE, ward.team)
    assert (told["light"], told["hours"]) == ("oranje", 12)
    assert [each["skill"] for each in told["exceptions"]] == ["nacht"]
    twice = fields | {"u-skill": ["nacht", "nacht"]}
    refused = await visitor.post(team, twice)
    assert refused.status_code == 400
    assert "staat er twee keer" in refused.text
    assert refused.text.count('value="nacht" selected') == 2


async def test_a_light_keeps_the_exceptions_that_stood(ward: Ward, clock: Clock) -> None:
    exception = TeamException(Light.ROOD, Skill.NACHT, Dagdeel.NACHT)
    clock.turn(timedelta(minutes=1))
    said = TeamReport(Light.GROEN, exceptions=(exception,), hours=8)
    await home_care.tell(ward.world, ward.team, said)
    await ward.world.settled()
    visitor = await ward.visitor()
    page = (await visitor.get()).text
    assert 'name="uitz" value="nacht|nacht|rood|"' in page
    clock.turn(timedelta(minutes=1))
    fields = {"licht": "rood", "start": "", "uren": "8", "uitz": "nacht|nacht|rood|"}
    await visitor.send(f"{PAGE}/team/{ward.team}", fields)
    told = state(ward, Kind.HOME_CARE, ward.team)
    assert (told["light"], told["hours"], len(told["exceptions"])) == ("rood", 8, 1)


async def test_an_opnamestop_is_asked_for_set_changed_and_lifted(ward: Ward) -> None:
    visitor = await ward.visitor()
    path = f"{PAGE}/opnamestop/{ward.world.location_id}"
    asked = await visitor.get(path)
    assert "Hiermee sluit u alle 3 afdelingen van De Linde." in asked.text
    refused = await visitor.post(path, {"versie": "0", "reden": "", "toelichting": "noro"})
    assert refused.status_code == 400
    assert "Kies waarom er geen opname is." in refused.text
    assert 'value="noro"' in refused.text
    done = await visitor.post(path, {"versie": "0", "reden": "uitbraak", "toelichting": "noro"})
    assert done.status_code == 303
    page = (await visitor.get()).text
    assert "Opnamestop opheffen" in page
    assert "noro" in page
    # Whoever still has the page from before it was set.
    late = await visitor.post(path, {"versie": "0", "reden": "personeel"})
    assert late.status_code == 409
    assert (await visitor.post(f"{path}/opheffen", {"versie": "7"})).status_code == 409
    assert (await visitor.post(f"{path}/opheffen", {"versie": "1"})).status_code == 303
    assert "Niet actief" in (await visitor.get()).text


async def test_intake_sees_it_and_changes_nothing_and_others_see_nothing(
    ward: Ward, api: Serving
) -> None:
    assert api.container is not None
    provider, other = ward.world.provider, ward.world.other
    intake = await make_person(api.container, Role.PROVIDER_INTAKE, provider.organisation_id)
    visitor = await ward.visitor(intake)
    page = (await visitor.get()).text
    assert "U kijkt mee als intake" in page
    assert "data-rij" not in page
    for path in (place(ward.first), f"{PAGE}/klopt", f"{PAGE}/bed/{ward.beds[0]}"):
        assert (await visitor.post(path, {"vrij": "0"})).status_code == 403

    stranger = await make_person(api.container, Role.PROVIDER_CAPACITY, other.organisation_id)
    visitor = await ward.visitor(stranger)
    assert "Nog geen plaatsen of teams" in (await visitor.get()).text
    assert (await visitor.send(place(ward.first), {"vrij": "0"})).status_code == 404
    answer = await visitor.send(f"{PAGE}/klopt", {"plaats": f"{ward.first}:1"})
    assert answer.json()["bevestigd"] == []
    assert (await visitor.get(f"{PAGE}/team/{ward.team}")).status_code == 404
    stop = f"{PAGE}/opnamestop/{ward.world.location_id}"
    assert (await visitor.get(stop)).status_code == 404
    assert (await visitor.post(stop, {"reden": "personeel"})).status_code == 404
    coordinator = await make_person(
        api.container, Role.COORDINATOR, ward.world.coordinator.organisation_id
    )
    assert (await (await ward.visitor(coordinator)).get()).status_code == 403


async def test_of_several_locations_the_address_keeps_the_choice(ward: Ward, api: Serving) -> None:
    assert api.container is not None
    second = await make_location(api.container, ward.world.provider)
    await make_pool(api.container, second)
    await ward.world.settled()
    visitor = await ward.visitor()
    page = (await visitor.get(f"{PAGE}?locatie={second}")).text
    assert f'href="{PAGE}?locatie={second}" aria-current="true"' in page
    assert str(ward.first) not in page
    assert "nog nooit gemeld" in page
    teams = (await visitor.get(f"{PAGE}?locatie=wijkteams")).text
    assert "Team Rokkeveen" in teams
    assert "Vrije plaatsen" not in teams
    answer = await visitor.post(f"{place(ward.first)}?locatie={second}", {"vrij": "1"})
    assert f"locatie={second}" in answer.headers["location"]


async def test_a_spreadsheet_is_processed_as_it_was_looked_at(ward: Ward) -> None:
    visitor = await ward.visitor()
    path = f"{PAGE}/spreadsheet"
    code = state(ward, Kind.POOL, ward.first)["external_id"]
    other = state(ward, Kind.POOL, ward.respijt)["external_id"]
    example = (await visitor.get(f"{path}/voorbeeld.csv")).content.decode("utf-8-sig")
    assert f"{code};2;" in example
    bad = csv_text([("pool", "vrij nu"), (code, "twee"), ("zoek", 1), (other, -1)]).encode()
    refused = await visitor.post(path, {}, files={"bestand": ("nu.csv", bad, "text/csv")})
    assert refused.status_code == 400
    for words in ("&#39;twee&#39;", "geen afdeling van uw organisatie", "<td>2</td>", "<td>4</td>"):
        assert words in refused.text
    assert await ward.free() == []

    good = csv_text([("pool", "vrij nu"), (code, 12), (other, 1)]).encode()
    look = await visitor.post(path, {}, files={"bestand": ("nu.csv", good, "text/csv")})
    assert look.status_code == 200
    assert "vrij nu 2 → <b>12</b>" in look.text
    assert "Klopt dit? Van 2 naar 12" in look.text
    assert state(ward, Kind.CAPACITY, ward.first)["balance"] == 2
    kept = dict(hidden(look.text))
    changed = await visitor.post(
        f"{path}/verwerken",
        {"naam": "nu.csv", "afdruk": kept["afdruk"]},
        files={"bestand": ("nu.csv", good.replace(b";12", b";11"), "text/csv")},
    )
    assert "Dit is een ander bestand dan u bekeek." in changed.text
    assert state(ward, Kind.CAPACITY, ward.first)["balance"] == 2
    broken = await visitor.post(f"{path}/verwerken", kept | {"inhoud": "%%"})
    assert broken.status_code == 400
    done = await visitor.post(f"{path}/verwerken", kept)
    assert done.status_code == 303
    assert "2 regels verwerkt." in (await visitor.get(done.headers["location"])).text
    await ward.world.settled()
    assert state(ward, Kind.CAPACITY, ward.first)["balance"] == 12


def test_no_name_of_a_figure_reaches_a_person() -> None:
    assert in_words("free kan niet groter zijn dan physical.") == (
        "vrij nu kan niet groter zijn dan bestaande plaatsen."
    )
    error = SheetError(2, "bezet", "occupied kan niet groter zijn dan operable.")
    assert in_words(error.detail) == "bezet kan niet groter zijn dan bemand."


def hidden(html: str) -> Iterator[tuple[str, str]]:
    form = html[html.index("spreadsheet/verwerken") :]
    for part in form[: form.index("</form>")].split("<input ")[1:]:
        if 'type="hidden"' in part:
            yield part.split('name="')[1].split('"')[0], part.split('value="')[1].split('"')[0]
