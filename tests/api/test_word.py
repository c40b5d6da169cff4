"""Word over HTTP: an organisation's notices, its mailbox, its webhooks, and what didn't arrive."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app.services.word import notices, spreading
from app.services.word.endpoints import BOTH_SIGN_FOR, MOST_ENDPOINTS
from domain.actors import Role
from domain.notices import NoticeKind
from tests.factories.referrals import actor_of
from tests.factories.world import World, make_party
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.scenarios import Desk
from tests.support.serving import Serving
from tests.support.word_calls import URL, tell

SETTING, ENDPOINTS = "/word-settings/organisation", "/webhook-endpoints"


async def test_notices_are_paged_filtered_and_read_by_systems_apart_from_people(
    point: Desk, neighbour: Desk, served: World, clock: Clock
) -> None:
    container = served.container
    made = []
    for kind in (*[NoticeKind.VRAAG] * 3, NoticeKind.ALARM):
        clock.turn(timedelta(seconds=1))
        made.append(await tell(container, served.coordinator, kind))
    first = await point.get("/notices", limit=3)
    assert [one["id"] for one in first["items"]] == made[:0:-1]
    assert first["unread"] == 4
    rest = await point.get("/notices", limit=3, cursor=first["next_cursor"])
    assert [one["id"] for one in rest["items"]] == made[:1]
    assert rest["next_cursor"] is None
    alarms = await point.get("/notices", kind="alarm")
    assert [one["id"] for one in alarms["items"]] == made[3:]
    (told,) = rest["items"]
    assert told["data"]["number"] == "2611-00001"
    assert told["data"]["step"] == "asked"
    assert told["referral_id"] is None
    await point.post(f"/notices/{made[3]}/read")
    await point.post(f"/notices/{made[3]}/read")
    unread = await point.get("/notices", unread=True)
    assert ([one["id"] for one in unread["items"]], unread["unread"]) == (made[2::-1], 3)
    await point.post("/notice-marks", {"until": made[1]})
    assert [one["id"] for one in (await point.get("/notices", unread=True))["items"]] == made[2:3]
    assert (await point.get(f"/notices/{made[0]}"))["read"]
    await point.post("/notice-marks", {})
    assert (await point.get("/notices", unread=True)) == {
        "items": [],
        "next_cursor": None,
        "unread": 0,
    }
    # What a system read, no person did.
    person = uuid4()
    coordinator = await actor_of(served)
    page = await notices.list_notices(container, coordinator, person, limit=10)
    assert (page.unread, {one.read for one in page.notices}) == (4, {False})
    await notices.mark_read(container, coordinator, person, UUID(made[0]))
    assert (await notices.list_notices(container, coordinator, person, limit=10)).unread == 3
    assert (await neighbour.get("/notices"))["items"] == []
    await neighbour.refused("not-found", "GET", f"/notices/{made[0]}")
    await neighbour.refused("not-found", "POST", f"/notices/{made[0]}/read")


async def test_the_mailbox_is_set_by_who_acts_on_it_and_by_an_operator_for_anybody(
    api: Serving, point: Desk, served: World
) -> None:
    assert (await point.get(SETTING))["version"] == 0
    wanted = {
        "address": "post@zorg.example",
        "choices": {"aanvraag": "meteen"},
        "quiet_from": "22:00",
        "quiet_to": "07:00",
    }
    set_ = await point.put(SETTING, wanted, **{"if-match": '"0"'})
    assert (set_["version"], set_["choices"]["aanvraag"]) == (1, "meteen")
    assert (set_["choices"]["vraag"], set_["digest_at"], set_["windows"]) == ("uit", "08:00", None)
    assert await point.get(SETTING) == set_
    for body, pointer in (
        ({**wanted, "address": "post"}, "/address"),
        ({**wanted, "windows": {"ma": [["9", "17:00"]]}}, "/windows/ma/0/0"),
        ({**wanted, "quiet_to": None}, "/quiet_to"),
    ):
        answer = await point.client.put(f"/v1{SETTING}", json=body, headers={"if-match": '"1"'})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == pointer
    await point.refused("version-required", "PUT", SETTING, wanted)
    async with api.client(served.operator.key) as client:
        operator = Desk(client, "", served.operator.key)
        path = f"{SETTING}?organisation={point.organisation_id}"
        assert await operator.get(SETTING, organisation=point.organisation_id) == set_
        assert (await operator.put(path, {}, **{"if-match": '"1"'}))["address"] is None
    async with api.client(served.provider.key) as client:
        feed = Desk(client, "", served.provider.key)
        await feed.refused("not-allowed", "GET", SETTING)
        await feed.refused("not-allowed", "POST", ENDPOINTS, {"url": URL})
    stranger = await make_party(served.container, Role.REFERRER)
    async with api.client(stranger.key) as client:
        asked = f"{SETTING}?organisation={point.organisation_id}"
        await Desk(client, "", stranger.key).refused("not-found", "GET", asked)


async def test_a_webhook_shows_its_secret_once_and_both_sign_for_a_day_after_a_rotation(
    point: Desk, neighbour: Desk, database: Database, clock: Clock
) -> None:
    key = {"idempotency-key": "een"}
    body = {"url": URL, "kinds": ["alarm", "aanvraag"]}
    made = await point.post(ENDPOINTS, body, **key)
    again = await point.post(ENDPOINTS, body, **key)
    assert (again["id"], again["secret"]) == (made["id"], None)
    path = f"{ENDPOINTS}/{made['id']}"
    shown = await point.get(path)
    assert shown["kinds"] == ["aanvraag", "alarm"]
    assert await point.get(ENDPOINTS) == [shown]
    rotated = await point.post(f"{path}/rotation")
    row = await database.one("SELECT * FROM webhook_endpoint")
    assert (row["secret"], row["previous_secret"]) == (rotated["secret"], made["secret"])
    assert len({made["secret"], rotated["secret"]}) == 2
    shown = await point.get(path)
    until = datetime.fromisoformat(shown["previous_until"])
    assert abs(until - clock.now() - BOTH_SIGN_FOR) < timedelta(seconds=10)
    assert "whsec_" not in str(shown)
    # Whose answer got lost asks again: the secret that the receiver has goes on signing, until the same moment.
    again = await point.post(f"{path}/rotation")
    row = await database.one("SELECT * FROM webhook_endpoint")
    assert (row["secret"], row["previous_secret"]) == (again["secret"], made["secret"])
    assert row["previous_until"] == until
    clock.turn(BOTH_SIGN_FOR + timedelta(minutes=1))
    await point.post(f"{path}/rotation")
    row = await database.one("SELECT * FROM webhook_endpoint")
    assert row["previous_secret"] == again["secret"]
    for url in (
        *("http://93.184.216.34/x", "https://127.0.0.1/x", "https://[::1]/x", "ftp://a.example/"),
        *("https://naam:woord@epd.example/x", "https://10.0.0.4/x", "epd.example"),
    ):
        problem = await point.refused("invalid-input", "POST", ENDPOINTS, {"url": url})
        assert problem["errors"][0]["pointer"] == "/url"
    for _ in range(MOST_ENDPOINTS - 1):
        await point.post(ENDPOINTS, {"url": URL})
    await point.refused("already-exists", "POST", ENDPOINTS, {"url": URL})
    changed = await point.put(path, {"url": URL, "paused": True}, **{"if-match": '"4"'})
    assert (changed["state"], changed["kinds"], changed["version"]) == ("paused", [], 5)
    for method, where in (("GET", path), ("DELETE", path), ("POST", f"{path}/rotation")):
        await neighbour.refused("not-found", method, where)
    theirs = {"url": URL, "organisation_id": point.organisation_id}
    await neighbour.refused("not-found", "POST", ENDPOINTS, theirs)
    assert (await point.client.delete(f"/v1{path}")).status_code == 204
    assert (await point.client.delete(f"/v1{path}")).status_code == 204
    await point.refused("not-found", "GET", path)
    await point.refused("not-found", "POST", f"{path}/rotation")
    await point.post(ENDPOINTS, {"url": URL})
    audited = await database.all("SELECT to_jsonb(a)::text AS told FROM audit a")
    assert all("whsec_" not in row["told"] and "93.184" not in row["told"] for row in audited)


async def test_what_did_not_arrive_is_seen_with_its_reason_and_sent_again_under_its_own_id(
    api: Serving, point: Desk, neighbour: Desk, served: World, database: Database
) -> None:
    made = await point.post(ENDPOINTS, {"url": URL})
    await served.settled()
    before = (await point.get("/snapshot", topics="notices"))["position"]
    written = {await tell(served.container, served.coordinator) for _ in range(2)}
    while await spreading.spread(served.container):
        pass
    await served.settled()
    # The event says that there is something to read, and no snapshot has to hold it.
    heard = (await point.get("/events", topics="notices", after=before))["events"]
    assert {(one["kind"], one["id"], one["data"]) for one in heard} == {
        ("notice", notice_id, None) for notice_id in written
    }
    assert (await point.get("/snapshot", topics="notices"))["subjects"] == []
    assert (await neighbour.get("/events", topics="notices", after=before))["events"] == []
    waiting = (await point.get("/deliveries", state="wacht"))["items"]
    dead, sent = waiting[-1]["id"], waiting[-2]["id"]
    async with database.connect(database.owner_url) as connection:
        await connection.execute(
            "UPDATE delivery SET state = 'dood', attempts = 9, last_error = 'http-500',"
            " next_at = next_at - interval '1 day' WHERE id = $1",
            UUID(dead),
        )
        await connection.execute(
            "UPDATE delivery SET state = 'verstuurd', sent_at = now() WHERE id = $1", UUID(sent)
        )
    (shown,) = (await point.get("/deliveries"))["items"]
    assert (shown["id"], shown["last_error"], shown["attempts"]) == (dead, "http-500", 9)
    assert (shown["channel"], shown["endpoint_id"]) == ("webhook", made["id"])
    assert (shown["kind"], shown["personal"]) == ("vraag", False)
    async with api.client(served.operator.key) as client:
        operator = Desk(client, "", served.operator.key)
        assert (await operator.get("/deliveries"))["items"] == [shown]
    assert (await neighbour.get("/deliveries"))["items"] == []
    await neighbour.refused("not-found", "POST", f"/deliveries/{dead}/resending")
    for delivery_id in (dead, sent):
        await point.post(f"/deliveries/{delivery_id}/resending")
    again = (await point.get("/deliveries", state="wacht"))["items"]
    assert {one["id"] for one in again} >= {dead, sent}
    assert {one["attempts"] for one in again} == {0}
    await point.client.delete(f"/v1{ENDPOINTS}/{made['id']}")
    assert (await point.get("/deliveries", state="wacht"))["items"] == []
    assert len((await point.get("/deliveries", state="vervallen"))["items"]) == len(again)
    await point.refused("not-found", "POST", f"/deliveries/{dead}/resending")
