"""Keys, people and their passwords on the operator's pages: shown once, made once."""

import re

from app.services import keys, people
from domain.actors import Role
from tests.factories.world import World
from tests.support.forms import Filled, Window
from tests.support.serving import Serving

KEY = re.compile(r"vt_[A-Za-z0-9_-]{43}")


async def test_a_key_is_shown_once_and_a_form_sent_twice_makes_one(
    operator: Window, served: World, api: Serving
) -> None:
    path = f"/beheer/sleutels/nieuw?organisatie={served.other.organisation_id}&terug=/beheer"
    form = await operator.look(path)
    assert form.fields["organisation_id"] == str(served.other.organisation_id)
    assert "system" not in form.options["role"]
    typed = {"role": "provider-capacity", "name": "ECD", "lag_minutes": "30", "sandbox": "aan"}
    before = len(await keys.list_keys(served.container))
    shown = await operator.send("/beheer/sleutels/nieuw", form, 200, **typed)
    (key,) = set(KEY.findall(shown.text))
    assert shown.headers["cache-control"] == "no-store"
    async with api.client(key) as feed:
        assert (await feed.get("/v1/pools")).status_code == 200

    again = await operator.send("/beheer/sleutels/nieuw", form, 303, **typed)
    onward = await operator.look(again.headers["location"])
    assert "al gedaan en één keer getoond" in onward.text
    assert len(await keys.list_keys(served.container)) == before + 1
    other = await operator.send(
        "/beheer/sleutels/nieuw", form, 409, **{**typed, "name": "Een ander"}
    )
    fresh = Filled(other.text)
    assert fresh.fields["formulier"] != form.fields["formulier"]
    assert KEY.search((await operator.send("/beheer/sleutels/nieuw", fresh, 200)).text)

    for page in ("/beheer/sleutels", f"/beheer/organisaties/{served.other.organisation_id}"):
        assert not KEY.search((await operator.client.get(page)).text)
    listed = await keys.list_keys(served.container)
    mine = next(one for one in listed if one.name == "ECD")
    await operator.fill(f"/beheer/sleutels/{mine.id}/intrekken")
    async with api.client(key) as feed:
        assert (await feed.get("/v1/pools")).status_code == 401


async def test_a_person_gets_a_password_that_works_and_roles_that_can_be_changed(
    operator: Window, served: World, api: Serving
) -> None:
    form = await operator.look(
        f"/beheer/personen/nieuw?organisatie={served.provider.organisation_id}"
    )
    typed = {
        "name": "S. de Wit",
        "username": "s.dewit",
        "memberships__0__role": "provider-capacity",
    }
    shown = Filled((await operator.send("/beheer/personen/nieuw", form, 200, **typed)).text)
    first = _password_in(shown)
    person = next(
        one for one in await people.list_people(served.container) if one.username == "s.dewit"
    )
    assert await _signs_in(api, "s.dewit", first)
    taken = await operator.send("/beheer/personen/nieuw", form, 409, **typed)
    assert "#v-username" in Filled(taken.text).links

    here = f"/beheer/personen/{person.id}"
    assert first not in (await operator.client.get(here)).text
    password = await operator.look(f"{here}/wachtwoord")
    answer = await operator.send(f"{here}/wachtwoord", password, 200)
    second = _password_in(Filled(answer.text))
    assert second != first
    # The same question answered once more would take away what was just shown.
    await operator.send(f"{here}/wachtwoord", password, 412)
    assert await _signs_in(api, "s.dewit", second)
    assert not await _signs_in(api, "s.dewit", first)

    await operator.fill(
        f"{here}/rollen",
        memberships__0__organisation_id="",
        memberships__0__role="",
        memberships__1__organisation_id=str(served.coordinator.organisation_id),
        memberships__1__role="coordinator",
    )
    (membership,) = (await people.get_person(served.container, person.id)).memberships
    assert membership.role is Role.COORDINATOR
    half = await operator.look(f"{here}/rollen")
    answer = await operator.send(f"{here}/rollen", half, 400, memberships__0__role="")
    assert "#v-memberships-0-role" in Filled(answer.text).links
    await operator.fill(f"{here}/naam", name="S. de Wit-Smit")
    await operator.fill(f"{here}/uitloggen")
    await operator.fill(f"{here}/sluiten")
    told = (await operator.look(here)).text
    assert "S. de Wit-Smit" in told
    assert "gesloten" in told
    assert not await _signs_in(api, "s.dewit", second)


def _password_in(page: Filled) -> str:
    found = re.search(r"\b[a-z]{4}(?:-[a-z]{4}){3}\b", page.text)
    assert found
    return found[0]


async def _signs_in(api: Serving, username: str, password: str) -> bool:
    async with api.client() as client:
        form = Filled((await client.get("/inloggen")).text)
        typed = {**form.fields, "gebruikersnaam": username, "wachtwoord": password}
        return (await client.post("/inloggen", data=typed)).status_code == 303
