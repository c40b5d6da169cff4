"""What somebody wants to hear of by mail, on pages: their own, and the shared mailbox's."""

import re

from app.services.word import settings
from domain.actors import Role
from domain.notices import NoticeKind
from domain.word_settings import Choice, WordSetting
from tests.factories.referrals import actor_of
from tests.factories.world import World
from tests.support.forms import Filled, window
from tests.support.serving import Serving

OWN, SHARED = "/meldingen/instellingen", "/meldingen/organisatie"
ADDRESS = "intake@waard.example"


async def test_what_one_chooses_is_ones_own_and_what_is_wrong_keeps_what_was_typed(
    api: Serving, served: World
) -> None:
    mine = served.provider.organisation_id
    async with (
        window(api, Role.PROVIDER_INTAKE, mine) as intake,
        window(api, Role.PROVIDER_CAPACITY, mine) as colleague,
    ):
        page = await intake.look(OWN)
        assert "Hier is nog geen mailserver ingesteld" in page.text
        # What a provider can't be told of isn't asked; the rest is off until somebody chooses.
        asked = {name for name in page.fields if name.startswith("choices.")}
        assert "choices.aanvraag" in asked
        assert not asked & {"choices.alarm", "choices.overdracht", "choices.vraag"}
        assert {page.fields[name] for name in asked} == {"uit"}
        assert page.fields["acuut_always"] == "aan"

        typed = {"choices__aanvraag": "meteen", "quiet_from": "22", "windows__ma": "8.30 - 17"}
        answer = await intake.send(OWN, page, 400, **typed)
        refused = Filled(answer.text)
        assert "Mailadres: Geef een mailadres om berichten te krijgen." in refused.text
        assert refused.fields["choices.aanvraag"] == "meteen"
        assert (refused.fields["quiet_from"], refused.fields["windows.ma"]) == ("22", "8.30 - 17")
        answer = await intake.send(OWN, refused, 400, address=ADDRESS)
        assert "Rust heeft een begin en een eind." in Filled(answer.text).text
        typed |= {"quiet_to": "7.00", "digest_at": "9"}
        assert await intake.fill(OWN, 303, address=ADDRESS, **typed) == f"{OWN}?gedaan=bewaard"
        again = (await intake.look(OWN)).fields
        assert (again["digest_at"], again["quiet_to"]) == ("09:00", "07:00")
        assert (again["windows.ma"], again["windows.za"]) == ("08:30–17:00", "gesloten")
        assert (await colleague.look(OWN)).fields["address"] == ""
        # The shared mailbox is for who acts on word, not for who reports figures.
        await colleague.look(SHARED, 403)
        assert (await intake.look(SHARED)).fields["address"] == ""
        assert "Gedeelde mailbox" not in (await colleague.look("/meldingen")).text
        assert (await intake.send(OWN, again_form(again), 400, digest_at="25")).status_code == 400


def again_form(fields: dict[str, str]) -> Filled:
    """A form with these fields."""
    form = Filled("")
    form.fields = dict(fields)
    return form


async def test_the_shared_mailbox_changed_by_a_colleague_meanwhile(
    api: Serving, served: World
) -> None:
    point = served.coordinator.organisation_id
    actor = await actor_of(served)
    both = {NoticeKind.ALARM: Choice.METEEN, NoticeKind.CAPACITEIT_OUD: Choice.OVERZICHT}
    first = WordSetting(address=ADDRESS, choices=both)
    await settings.set_setting(served.container, actor, point, first, 0)
    async with window(api, Role.COORDINATOR, point) as here:
        page = await here.look(SHARED)
        assert page.fields["choices.alarm"] == "meteen"
        changed = WordSetting(address="dienst@punt.example", choices=both)
        await settings.set_setting(served.container, actor, point, changed, 1)
        answer = await here.send(SHARED, page, 412, digest_at="10:00")
        told = Filled(answer.text)
        assert "Een ander wijzigde dit terwijl u bezig was." in told.text
        assert f"Door een ander gewijzigd. Er stond: {ADDRESS}" in told.text
        assert told.fields["address"] == "dienst@punt.example"
        assert told.fields["digest_at"] == "10:00"
        await here.send(SHARED, told)
    stands = await settings.get_setting(served.container, point)
    assert (stands.version, stands.setting.address) == (3, "dienst@punt.example")
    # What this role isn't asked stays as it was chosen.
    assert stands.setting.choices[NoticeKind.CAPACITEIT_OUD] is Choice.OVERZICHT


async def test_each_role_is_asked_what_it_can_be_told_of(api: Serving, served: World) -> None:
    found = {}
    for role in (Role.REFERRER, Role.COORDINATOR):
        async with window(api, role, served.other.organisation_id) as here:
            page = (await here.client.get(OWN)).text
            found[role] = set(re.findall(r'name="choices\.([a-z-]+)"', page))
    assert found[Role.REFERRER] == {"vraag", "status", "eindpunt-gepauzeerd"}
    assert {"alarm", "overdracht", "antwoord", "aanvraag"} <= found[Role.COORDINATOR]
    assert "capaciteit-oud" not in found[Role.COORDINATOR]
