"""Examples of the calls about word, and the notice, endpoints and delivery that they are about."""

from typing import Any
from uuid import UUID

from app.container import Container
from app.db.unit_of_work import UnitOfWork
from app.db.word import NewDelivery, mark_spread, write_notices
from app.services.word import endpoints
from app.services.word.endpoints import Endpoint
from domain.needs import Urgency
from domain.notices import Notice, NoticeData, NoticeKind
from domain.referrals import Step
from tests.factories.referrals import actor_of
from tests.factories.world import REGION, Party, World

_ENDPOINT = "/v1/webhook-endpoints/{endpoint_id}"
URL = "https://93.184.216.34/verkeerstoren"

BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/notice-marks"): {"until": "{notice_id}"},
    ("PUT", "/v1/word-settings/organisation"): {
        "address": "aanmeldingen@zorg.example",
        "choices": {"aanvraag": "meteen", "capaciteit-oud": "overzicht"},
        "windows": {"ma": [["08:30", "17:00"]]},
        "quiet_from": "22:00",
        "quiet_to": "07:00",
    },
    ("POST", "/v1/webhook-endpoints"): {"url": URL, "kinds": ["aanvraag", "alarm"]},
    ("PUT", _ENDPOINT): {"url": URL, "paused": True},
}
HEADERS: dict[tuple[str, str], dict[str, str]] = {
    ("PUT", "/v1/word-settings/organisation"): {"if-match": '"0"'},
    ("PUT", _ENDPOINT): {"if-match": '"1"'},
}
INSTEAD: dict[tuple[str, str], dict[str, str]] = {
    ("DELETE", _ENDPOINT): {"endpoint_id": "ended_endpoint_id"},
}


async def tell(container: Container, party: Party, kind: NoticeKind = NoticeKind.VRAAG) -> str:
    """Writes a notice for a party that nothing else tells of; answers with its id."""

    async def act(work: UnitOfWork) -> None:
        data = NoticeData(number="2611-00001", urgency=Urgency.SPOED, step=Step.ASKED)
        notice = Notice(REGION, party.organisation_id, kind, False, data)
        await write_notices(work, [notice])
        await work.commit()

    await container.act(act)
    found = await container.read(
        lambda connection: connection.fetchval(
            "SELECT id FROM notice WHERE organisation_id = $1 ORDER BY id DESC LIMIT 1",
            party.organisation_id,
        )
    )
    return str(found)


async def follow_word(world: World) -> dict[str, str]:
    """Makes a notice of the coordination point, two endpoints and a delivery; answers with their ids."""
    container, coordinator = world.container, await actor_of(world)
    notice_id = await tell(container, world.coordinator)
    made = [
        (await endpoints.create_endpoint(container, coordinator, Endpoint(URL))).id
        for _ in range(2)
    ]

    async def act(work: UnitOfWork) -> None:
        await mark_spread(work, [], [NewDelivery(UUID(notice_id), work.now, endpoint_id=made[0])])
        await work.commit()

    await container.act(act)
    delivery_id = await container.read(
        lambda connection: connection.fetchval("SELECT id FROM delivery")
    )
    return {
        "notice_id": notice_id,
        "endpoint_id": str(made[0]),
        "ended_endpoint_id": str(made[1]),
        "delivery_id": str(delivery_id),
    }
