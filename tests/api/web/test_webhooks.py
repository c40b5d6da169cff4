"""Webhooks on pages, and what never arrived: seen with its reason, and sent again."""

from uuid import UUID

from app.db.event_log import Connection
from domain.actors import Role
from domain.identifiers import OrganisationId
from tests.factories.word import make_delivery, make_endpoint, make_mailbox
from tests.factories.world import World
from tests.support.forms import Filled, window
from tests.support.serving import Serving
from tests.support.word_calls import URL

LIST, SENT = "/meldingen/webhooks", "/meldingen/verzending"


async def test_a_webhook_is_made_changed_paused_given_another_secret_and_ended(
    api: Serving, served: World
) -> None:
    mine = served.provider.organisation_id
    async with (
        window(api, Role.PROVIDER_INTAKE, mine) as intake,
        window(api, Role.PROVIDER_INTAKE, served.other.organisation_id) as stranger,
        window(api, Role.PROVIDER_CAPACITY, mine) as reporter,
    ):
        assert "Nog geen webhooks" in (await intake.look(LIST)).text
        form = await intake.look(f"{LIST}/nieuw")
        refused = Filled((await intake.send(f"{LIST}/nieuw", form, 400, url="http://a.nl/")).text)
        assert "Een webhook begint met https://." in refused.text
        assert refused.fields["url"] == "http://a.nl/"
        made = await intake.send(f"{LIST}/nieuw", refused, 200, url=URL, kinds__aanvraag="aan")
        secret = _secret(made.text)
        # Sent again, it makes no second one and shows nothing.
        again = await intake.send(f"{LIST}/nieuw", refused, url=URL, kinds__aanvraag="aan")
        assert again.headers["location"] == f"{LIST}?gedaan=al-getoond"
        (endpoint_id, *_), *others = await _endpoints(served)
        assert others == []
        one = f"{LIST}/{endpoint_id}"

        page = await intake.look(LIST)
        assert f"{URL} Aanvraag" in page.text.replace(" Welke meldingen", "")
        assert secret not in page.text
        await intake.send(f"{one}/pauze", page, pauze="aan")
        page = await intake.look(LIST)
        assert "gepauzeerd" in page.text
        changed = await intake.look(one)
        assert changed.fields["paused"] == "aan"
        await intake.send(one, changed, kinds__aanvraag=None, paused=None)
        assert (await _endpoints(served))[0][1:3] == ("active", [])
        # From the list as it stood before: somebody else changed it meanwhile.
        stale = await intake.send(f"{one}/pauze", page, 412, pauze="aan")
        assert "gewijzigd" in Filled(stale.text).text

        other = _secret(
            (await intake.send(f"{one}/geheim", await intake.look(f"{one}/geheim"), 200)).text
        )
        assert other != secret
        assert "oud geheim geldt nog tot morgen" in (await intake.look(LIST)).text
        for path in (one, f"{one}/geheim", f"{one}/einde"):
            await stranger.look(path, 404)
            await reporter.look(path, 403)
        await intake.fill(f"{one}/einde")
        assert "Nog geen webhooks" in (await intake.look(LIST)).text
        await intake.look(one, 404)


async def test_what_never_arrived_is_sent_again_by_its_own_and_by_the_operator_for_all(
    api: Serving, served: World
) -> None:
    container = served.container
    endpoint_id = await make_endpoint(served, URL)
    mailbox = await make_mailbox(served)
    dead = [
        await make_delivery(served, endpoint_id=endpoint_id),
        await make_delivery(served, setting_id=mailbox),
    ]

    async def give_up(connection: Connection) -> None:
        await connection.execute(
            "UPDATE delivery SET state = 'dood', attempts = 9,"
            " last_error = CASE channel WHEN 'mail' THEN 'smtp-550' ELSE 'time-out' END"
        )

    await container.read(give_up)
    async with (
        window(api, Role.PROVIDER_INTAKE, served.provider.organisation_id) as intake,
        window(api, Role.PROVIDER_INTAKE, served.other.organisation_id) as stranger,
        window(api, Role.OPERATOR, served.operator.organisation_id) as operator,
        window(api, Role.COORDINATOR, served.coordinator.organisation_id) as point,
    ):
        page = await intake.look(SENT)
        for told in (
            URL,
            "geen antwoord binnen de tijd",
            "antwoordde met een fout (SMTP 550)",
            "9 pogingen",
            "gedeelde mailbox",
        ):
            assert told in page.text
        for window_of in (stranger, point):
            assert "Alles is aangekomen" in (await window_of.look(SENT)).text
        form = await stranger.look("/weergave")
        await stranger.send(f"{SENT}/{dead[0]}/opnieuw", form, 404)
        await stranger.send(f"{SENT}/opnieuw", form, 303)
        assert await _states(served) == {dead[0]: "dood", dead[1]: "dood"}
        await intake.send(f"{SENT}/{dead[0]}/opnieuw", page)
        assert await _states(served) == {dead[0]: "wacht", dead[1]: "dood"}
        assert URL in (await intake.look(f"{SENT}?toon=wacht")).text

        everybodys = await operator.look(SENT)
        assert "/beheer" in everybodys.links
        assert SENT in (await operator.look("/beheer")).links
        assert served.provider.agb in everybodys.text
        assert URL in (await operator.look(LIST)).text
        await container.read(give_up)
        await operator.send(f"{SENT}/opnieuw", everybodys)
        assert await _states(served) == {dead[0]: "wacht", dead[1]: "wacht"}
        form = await operator.look(f"{LIST}/nieuw")
        whose = OrganisationId(served.other.organisation_id)
        await operator.send(f"{LIST}/nieuw", form, 200, url=URL, organisation_id=str(whose))
        assert URL in (await stranger.look(LIST)).text


def _secret(page: str) -> str:
    """What a page shows once."""
    told = page.partition('id="geheim"')[2].partition(">")[2].partition("<")[0]
    assert told.startswith("whsec_"), page
    return told


async def _endpoints(served: World) -> list[tuple[UUID, str, list[str]]]:
    rows = await served.container.read(
        lambda connection: connection.fetch("SELECT id, state, kinds FROM webhook_endpoint")
    )
    return [tuple(row) for row in rows]


async def _states(served: World) -> dict[UUID, str]:
    rows = await served.container.read(
        lambda connection: connection.fetch("SELECT id, state FROM delivery")
    )
    return {row["id"]: row["state"] for row in rows}
