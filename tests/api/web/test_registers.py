"""The registers' pages, without a browser: what forms do, refuse, keep and show once."""

import re
from datetime import date
from uuid import uuid4

from starlette.routing import Route

from api.web.registers import pages
from app.container import Container
from app.services import registers
from app.services.locations import change_location
from app.services.organisations import change_organisation
from domain.actors import OrganisationKind, Role
from domain.admission import AdmissionRules
from domain.events import Kind
from domain.geography import Point
from domain.hours import ALWAYS, OnCall, WeeklyHours
from domain.locations import Location
from domain.organisations import Insurer, Organisation
from tests.factories.world import REGION, World
from tests.support.forms import Filled, Window, window
from tests.support.serving import Serving

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEY = re.compile(r"vt_[A-Za-z0-9_-]{43}")


def id_in(location: str) -> str:
    """The first id of an address."""
    found = ID.search(location)
    assert found, location
    return found[0]


async def test_a_provider_is_made_with_all_that_belongs_to_it(
    operator: Window, served: World
) -> None:
    here = served.container
    made = await operator.fill(
        "/beheer/organisaties/nieuw",
        name="Stichting De Waard",
        kind="provider",
        agb="47123456",
        kvk="12345678",
        telephone="079 000 00 01",
        regions__1="aan",
        on_call__0__name="Centrale",
        on_call__0__telephone="079-0000002",
        on_call__0__hours="ma t/m vr 17-23; za zo dag en nacht",
        insurers__0__uzovi="3311",
        insurers__0__valid_from="2026-01-01",
    )
    organisation = id_in(made)
    state = await registers.get_state(here, Kind.ORGANISATION, organisation)
    assert (state["agb"], state["kvk"], state["regions"]) == ("47123456", "12345678", [1])
    assert state["insurers"] == [{"uzovi": "3311", "valid_from": "2026-01-01", "valid_until": None}]
    (contact,) = state["on_call"]
    assert contact["hours"]["vr"] == [["17:00", "23:00"]]
    assert contact["hours"]["zo"] == [["00:00", "24:00"]]
    assert contact["hours"]["feestdagen"] == []

    location = id_in(
        await operator.fill(
            f"/beheer/organisaties/{organisation}/locaties/nieuw",
            name="De Waard",
            address="Waardlaan 1",
            postcode="2725 ab",
            place="Zoetermeer",
            wlz_contract="aan",
            opening_hours__ma="8:30-12, 13:00–17:00",
            opening_hours__feestdagen="gesloten",
        )
    )
    state = await registers.get_state(here, Kind.LOCATION, location)
    assert (state["postcode"], state["wlz_contract"]) == ("2725AB", True)
    assert state["opening_hours"]["ma"] == [["08:30", "12:00"], ["13:00", "17:00"]]
    assert state["intake_hours"] is None

    pool = id_in(
        await operator.fill(
            f"/beheer/locaties/{location}/pools/nieuw",
            name="Multifunctioneel",
            external_id="MFB-1",
            care_types__mfb="aan",
            features__zuurstof="aan",
            admission_rules__days__ma="aan",
            admission_rules__opens="9",
            time_to_live_minutes="240",
        )
    )
    state = await registers.get_state(here, Kind.POOL, pool)
    assert (state["care_types"], state["features"]) == (["mfb"], ["zuurstof"])
    assert (state["admission_rules"]["days"], state["admission_rules"]["opens"]) == (
        ["ma"],
        "09:00",
    )
    assert state["time_to_live_minutes"] == 240

    bed = await operator.fill(f"/beheer/pools/{pool}/bedden/nieuw", name="101", external_id="101")
    assert "101" in (await operator.look(bed)).text
    team = id_in(
        await operator.fill(
            f"/beheer/organisaties/{organisation}/teams/nieuw",
            name="Team Oost",
            external_id="T1",
            pc4s="2725, 2726\n2725",
            skills__basis="aan",
            dagdelen__ochtend="aan",
        )
    )
    state = await registers.get_state(here, Kind.HOME_CARE_TEAM, team)
    assert (state["pc4s"], state["skills"]) == (["2725", "2726"], ["basis"])
    told = (await operator.look(f"/beheer/organisaties/{organisation}")).text
    for word in ("De Waard", "MFB", "Team Oost", "ma t/m vr 17:00–23:00; za, zo dag en nacht"):
        assert word in told
    assert "provider" not in told
    found = await operator.look("/beheer?zoek=waard&soort=provider&regio=1")
    assert "1 organisatie " in found.text
    assert "Geen organisaties" in (await operator.look("/beheer?zoek=waard&soort=ggz")).text


async def test_everything_wrong_is_named_at_its_field_and_nothing_typed_is_lost(
    operator: Window, served: World
) -> None:
    path = "/beheer/organisaties/nieuw"
    form = await operator.look(path)
    fields_wrong = {
        "name": "",
        "insurers__0__valid_from": "2026-13-01",
        "insurers__0__uzovi": "3311",
        "on_call__1__hours": "soms",
        "on_call__1__telephone": "079-1",
    }
    answer = await operator.send(path, form, 400, agb="1234", **fields_wrong)
    page = Filled(answer.text)
    for link in (
        "#v-name",
        "#v-kind",
        "#v-insurers-0-valid_from",
        "#v-on_call-0-name",
        "#v-on_call-0-hours",
    ):
        assert link in page.links, link
        assert f'id="{link[1:]}"' in answer.text
    assert page.fields["agb"] == "1234"
    assert page.fields["on_call.0.telephone"] == "079-1"

    # What only the domain knows finds its field too.
    good = {"name": "Zorg", "kind": "provider", "regions__1": "aan"}
    for typed, link in (
        ({"agb": "1234"}, "#v-agb"),
        ({"agb": "47123456", "telephone": "bel maar"}, "#v-telephone"),
        ({"agb": "47123456", "pc4s": "2725"}, "#v-pc4s"),
        (
            {
                "agb": "47123456",
                "insurers__0__uzovi": "3311",
                "insurers__0__valid_from": "2026-02-01",
                "insurers__0__valid_until": "2026-01-01",
            },
            "#v-insurers-0-valid_until",
        ),
    ):
        answer = await operator.send(path, form, 400, **{**good, **typed})
        assert Filled(answer.text).links.count(link) == 1, link
    answer = await operator.send(path, form, 409, **{**good, "agb": served.provider.agb})
    assert "#v-agb" in Filled(answer.text).links

    location = f"/beheer/locaties/{served.location_id}/wijzigen"
    wrong_hours = {"opening_hours__di": "17:00-08:00", "latitude": "52,1"}
    answer = await operator.send(location, await operator.look(location), 400, **wrong_hours)
    assert "#v-longitude" in Filled(answer.text).links
    answer = await operator.send(
        location, await operator.look(location), 400, opening_hours__di="17:00-08:00"
    )
    assert "#v-opening_hours-di" in Filled(answer.text).links
    state = await registers.get_state(served.container, Kind.LOCATION, served.location_id)
    assert state["version"] == 1


async def test_a_form_sent_as_it_stands_changes_nothing(operator: Window, served: World) -> None:
    here = served.container
    await _fill_in(here, served)
    pool = f"/beheer/locaties/{served.location_id}/pools/nieuw"
    rules = AdmissionRules(max_per_day=2, apply_days_ahead=1)
    made = await operator.fill(
        pool,
        name="Rustig",
        external_id="R1",
        care_types__grz="aan",
        admission_rules__max_per_day="2",
        admission_rules__apply_days_ahead="1",
    )
    state = await registers.get_state(here, Kind.POOL, id_in(made))
    assert AdmissionRules.from_json(state["admission_rules"]) == rules
    for kind, noun, subject_id in (
        (Kind.ORGANISATION, "organisaties", str(served.provider.organisation_id)),
        (Kind.LOCATION, "locaties", str(served.location_id)),
        (Kind.POOL, "pools", str(served.pool_id)),
        (Kind.POOL, "pools", id_in(made)),
    ):
        before = await registers.get_state(here, kind, subject_id)
        await operator.fill(f"/beheer/{noun}/{subject_id}/wijzigen")
        after = await registers.get_state(here, kind, subject_id)
        assert after == {**before, "version": before["version"] + 1}


async def _fill_in(here: Container, world: World) -> None:
    """The first provider and its location, with everything that can be said of them."""
    contacts = (OnCall("Dienst", "079-0000001", ALWAYS),)
    week = WeeklyHours.from_json({"ma": [["08:30", "12:00"], ["13:00", "24:00"]], "zo": []})
    insurer = Insurer("3311", date(2026, 1, 1), date(2026, 12, 31))
    organisation = Organisation(
        agb=world.provider.agb,
        name="Zorg & Co <één>",
        kind=OrganisationKind.PROVIDER,
        regions=frozenset({REGION}),
        ura="12345678",
        telephone="079-0000001",
        insurers=(insurer,),
        on_call=contacts,
    )
    await change_organisation(here, None, world.provider.organisation_id, organisation, 1)
    location = Location(
        name="De Linde",
        address="Lindelaan 1",
        postcode="2725",
        place="Zoetermeer",
        gemeente="0637",
        gemeente_year=2024,
        point=Point(52.0612345, 4.5),
        opening_hours=week,
        intake_hours=ALWAYS,
        on_call=contacts,
    )
    await change_location(here, None, world.location_id, location, 1)


async def test_what_people_call_things_is_shown_as_it_is(operator: Window, served: World) -> None:
    name = "100% <b>Zorg</b> %(num)s"
    organisation = f"/beheer/organisaties/{served.provider.organisation_id}"
    await operator.fill("/beheer/regios/1/wijzigen", name=name)
    await operator.fill(f"{organisation}/wijzigen", name=name)
    location, pool = f"/beheer/locaties/{served.location_id}", f"/beheer/pools/{served.pool_id}"
    await operator.fill(f"{location}/wijzigen", name=name)
    await operator.fill(f"{pool}/wijzigen", name=name)
    key = "/beheer/sleutels/nieuw"
    shown = await operator.send(
        key,
        await operator.look(f"{key}?organisatie={served.provider.organisation_id}"),
        200,
        name=name,
        role="referrer",
    )
    refused = await operator.send(
        f"{location}/wijzigen",
        await operator.look(f"{location}/wijzigen"),
        400,
        name=name,
        on_call__0__name=name,
    )
    codes = await operator.look(f"{organisation}/wijzigen")
    wrong = await operator.send(
        f"{organisation}/wijzigen", codes, 400, kind="coordination-point", pc4s="<b>1%</b>"
    )
    texts = [shown.text, refused.text, wrong.text]
    asking = (f"{pool}/beeindigen", f"{pool}/overdragen", f"{organisation}/samenvoegen", key)
    looking = ("/beheer", "/beheer/sleutels", "/beheer/regios", organisation, location, pool)
    texts += [(await operator.client.get(path)).text for path in (*asking, *looking)]
    for text in texts:
        assert "<b>Zorg" not in text
        assert "<b>1" not in text
        assert name in Filled(text).text or name in Filled(text).fields.values()


async def test_who_comes_second_keeps_what_they_typed_and_sees_what_stands(
    operator: Window, served: World
) -> None:
    path = f"/beheer/locaties/{served.location_id}/wijzigen"
    mine, theirs = await operator.look(path), await operator.look(path)
    theirs_typed = {"name": "De Eik", "telephone": "079-0000009", "intake_hours__ma": "8-12"}
    await operator.send(path, theirs, 303, **theirs_typed)
    mine_typed = {"name": "De Beuk", "wlz_contract": "aan", "place": "Delft"}
    page = Filled((await operator.send(path, mine, 412, **mine_typed)).text)
    assert "Een ander was u voor" in page.text
    # Both changed it: mine is kept, theirs is told. Only they did: theirs is taken over.
    assert page.text.count("Nu staat er:") == 1
    assert "Nu staat er: De Eik" in page.text
    assert page.text.count("Door een ander gewijzigd.") == 2
    kept = {"name": "De Beuk", "wlz_contract": "aan", "place": "Delft"}
    taken = {"telephone": "079-0000009", "intake_hours.ma": "08:00–12:00"}
    assert {**kept, **taken}.items() <= page.fields.items()
    state = await registers.get_state(served.container, Kind.LOCATION, served.location_id)
    assert state["name"] == "De Eik"
    # Having seen that, saving is meant.
    await operator.send(path, page)
    state = await registers.get_state(served.container, Kind.LOCATION, served.location_id)
    assert (state["name"], state["wlz_contract"], state["telephone"]) == (
        "De Beuk",
        True,
        "079-0000009",
    )


async def test_what_is_in_use_is_told_before_anything_ends(operator: Window, served: World) -> None:
    organisation = f"/beheer/organisaties/{served.provider.organisation_id}"
    told = await operator.look(f"{organisation}/beeindigen")
    assert "1 locatie 1 pool met plaatsen" in told.text
    assert "versie" not in told.fields
    location, pool = f"/beheer/locaties/{served.location_id}", f"/beheer/pools/{served.pool_id}"
    question = await operator.look(f"{pool}/beeindigen")
    await operator.fill(f"{pool}/wijzigen", name="Anders")
    await operator.send(f"{pool}/beeindigen", question, 412)
    for one in (pool, location, organisation):
        await operator.fill(f"{one}/beeindigen")
        assert "beëindigd" in (await operator.look(one)).text
    # The form of who didn't know says so, and stays.
    await operator.fill(f"{organisation}/wijzigen", 409, name="Nog iets")


async def test_one_organisation_takes_over_from_another(operator: Window, served: World) -> None:
    gone, heir = str(served.provider.organisation_id), str(served.other.organisation_id)
    path = f"/beheer/organisaties/{gone}/samenvoegen"
    assert gone not in (await operator.look(path)).options["into"]
    await operator.fill(path, 400, into="")
    await operator.fill(path, into=heir)
    assert "opgegaan in" in (await operator.look(f"/beheer/organisaties/{gone}")).text
    pool = await registers.get_state(served.container, Kind.POOL, served.pool_id)
    assert pool["organisation_id"] == heir
    await operator.fill(
        f"/beheer/locaties/{served.location_id}/overdragen",
        organisation_id=str(served.coordinator.organisation_id),
    )
    pool = await registers.get_state(served.container, Kind.POOL, served.pool_id)
    assert pool["organisation_id"] == str(served.coordinator.organisation_id)


async def test_regions_are_made_and_renamed(operator: Window, served: World) -> None:
    await operator.fill("/beheer/regios/nieuw", 409, id="1", code="twee", name="Twee")
    await operator.fill("/beheer/regios/nieuw", 400, id="2", code="Twee!", name="Twee")
    await operator.fill("/beheer/regios/nieuw", id="2", code="twee", name="Twee")
    await operator.fill("/beheer/regios/2/wijzigen", name="Tweede regio")
    names = [each["name"] for each in await registers.regions(served.container)]
    assert names == ["Regio", "Tweede regio"]


async def test_an_auditor_looks_and_changes_nothing_and_others_see_nothing(
    api: Serving, served: World
) -> None:
    open_pages = {
        "/beheer",
        "/beheer/regios",
        f"/beheer/organisaties/{served.provider.organisation_id}",
        f"/beheer/locaties/{served.location_id}",
        f"/beheer/pools/{served.pool_id}",
    }
    organisation_id = served.operator.organisation_id
    async with window(api, Role.AUDITOR, organisation_id) as auditor:
        token = ""
        for path in open_pages:
            page = await auditor.look(path)
            assert not [
                link
                for link in page.links
                if link.endswith(("nieuw", "wijzigen", "beeindigen", "samenvoegen"))
            ]
            token = page.fields["csrf"]
        for route in pages.routes():
            path = _address(route, served)
            if path not in open_pages and "/teams/" not in path.removesuffix("/teams/nieuw"):
                assert (await auditor.client.get(path)).status_code == 403, path
            if "POST" in (route.methods or ()):
                posted = await auditor.client.post(path, data={"csrf": token})
                assert posted.status_code == 403, path
    async with window(api, Role.COORDINATOR, served.coordinator.organisation_id) as other:
        for route in pages.routes():
            assert (await other.client.get(_address(route, served))).status_code == 403, route.path


def _address(route: Route, world: World) -> str:
    ids = {
        "organisaties": world.provider.organisation_id,
        "locaties": world.location_id,
        "pools": world.pool_id,
    }
    noun = route.path.split("/")[2] if route.path.count("/") > 1 else ""
    path = route.path.replace("{id:int}", "1")
    return path.replace("{id:uuid}", str(ids.get(noun, uuid4())))


async def test_what_isnt_there_is_not_found_and_odd_questions_are_answered(
    operator: Window, served: World
) -> None:
    for noun in ("organisaties", "locaties", "pools", "teams", "personen"):
        await operator.look(f"/beheer/{noun}/{uuid4()}", 404)
    await operator.look(f"/beheer/sleutels/{uuid4()}/intrekken", 404)
    await operator.look("/beheer/regios/77/wijzigen", 404)
    await operator.look("/beheer/pools/geen-nummer", 404)
    for odd in ("regio=99999", "regio=x", "soort=x", "pagina=0", "pagina=9999", "status=x"):
        await operator.look(f"/beheer?{odd}")
    elsewhere = await operator.look("/beheer/sleutels/nieuw?terug=https://elders.example/")
    assert elsewhere.fields["terug"] == "/beheer/sleutels"
    path = "/beheer/regios/1/wijzigen"
    form = await operator.look(path)
    form.fields["versie"] = "zoveel"
    await operator.send(path, form, 412, name="Anders")
