"""Notices are told on once, to who wants them, when they want it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.container import Container, running
from app.db import word
from app.db.unit_of_work import UnitOfWork
from app.db.word import write_notices
from app.services import people
from app.services.word import deliveries, endpoints, notices, sending, settings, spreading
from app.services.word.endpoints import Endpoint
from app.settings import Settings
from domain.actors import Role
from domain.calendar import AMSTERDAM
from domain.deliveries import DeliveryState
from domain.needs import Urgency
from domain.notices import Notice, NoticeData, NoticeKind
from domain.word_settings import Choice, WordSetting
from tests.factories.clock import amsterdam
from tests.factories.people import make_person
from tests.factories.referrals import actor_of
from tests.factories.world import REGION, Party, World, make_party
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.word_calls import URL

VRAAG, STATUS = NoticeKind.VRAAG, NoticeKind.STATUS


@pytest.fixture
def mailing(container: Container) -> Container:
    """The container of a process that has a mail server."""
    container.settings = container.settings.model_copy(
        update={"smtp_url": "smtp://localhost", "mail_from": "toren@zorg.example"}
    )
    return container


@pytest.fixture
async def another(settings: Settings, clock: Clock) -> AsyncIterator[Container]:
    """Another worker."""
    async with running(settings, clock.now) as started:
        yield started


async def write(
    container: Container,
    party: Party,
    kind: NoticeKind = VRAAG,
    *,
    times: int = 1,
    urgent: bool = False,
) -> None:
    """Notices of one kind for a party."""

    async def act(work: UnitOfWork) -> None:
        data = NoticeData(number="2611-00001", urgency=Urgency.SPOED)
        notice = Notice(REGION, party.organisation_id, kind, urgent, data)
        await write_notices(work, [notice] * times)
        await work.commit()

    await container.act(act)


async def wants(
    world: World, setting: WordSetting, person_id: UUID | None = None, version: int = 0
) -> None:
    """What goes to the coordination point's mailbox, or to somebody who works there."""
    coordinator = await actor_of(world)
    await settings.set_setting(
        world.container,
        coordinator,
        coordinator.organisation_id,
        setting,
        version,
        person_id=person_id,
    )


async def going_out(database: Database) -> Sequence[Any]:
    """All deliveries, in order."""
    return await database.all(
        "SELECT d.*, n.kind FROM delivery d JOIN notice n ON n.id = d.notice_id ORDER BY d.id"
    )


async def test_with_two_workers_at_once_and_one_that_fails_each_notice_is_told_on_once(
    world: World,
    mailing: Container,
    another: Container,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    another.settings = mailing.settings
    at_once = WordSetting("post@zorg.example", {VRAAG: Choice.METEEN})
    await wants(world, at_once)
    await endpoints.create_endpoint(mailing, await actor_of(world), Endpoint(URL))
    await write(mailing, world.coordinator, times=90)
    await write(mailing, world.other, times=10)
    commit, commits = UnitOfWork.commit, 0

    async def now_and_then(work: UnitOfWork) -> object:
        nonlocal commits
        commits += 1
        if commits % 3 == 1:
            raise ConnectionResetError
        return await commit(work)

    monkeypatch.setattr(UnitOfWork, "commit", now_and_then)

    async def work(container: Container) -> None:
        misses = 0
        for _ in range(100):
            try:
                misses += await spreading.spread(container, most=7) == 0
            except Exception:
                await asyncio.sleep(0)
            if misses == 3:
                break

    await asyncio.gather(work(mailing), work(another))
    monkeypatch.undo()
    assert commits > 20
    per_notice = await database.all(
        "SELECT n.organisation_id, n.spread_at, array_agg(d.channel ORDER BY d.channel) AS channels,"
        " (SELECT array_agg(e.owner_id) FROM event e WHERE e.kind = 'notice'"
        "  AND e.subject_id = n.id::text AND e.data IS NULL) AS told"
        " FROM notice n LEFT JOIN delivery d ON d.notice_id = n.id GROUP BY n.id"
    )
    assert len(per_notice) == 100
    for row in per_notice:
        assert row["spread_at"] is not None
        assert row["told"] == [row["organisation_id"]]
        mine = row["organisation_id"] == world.coordinator.organisation_id
        assert row["channels"] == (["mail", "webhook"] if mine else [None])
    assert await spreading.spread(mailing) == 0


async def test_each_gets_what_it_asked_for_at_its_own_time(
    world: World, mailing: Container, database: Database, clock: Clock
) -> None:
    clock.set(amsterdam("2026-11-22 23:00"))
    coordinator = await actor_of(world)
    works, left, gone = [
        await make_person(mailing, Role.COORDINATOR, coordinator.organisation_id) for _ in range(3)
    ]
    night = WordSetting(
        "post@zorg.example",
        {VRAAG: Choice.METEEN, STATUS: Choice.UIT},
        quiet_from=amsterdam("2026-11-22 22:00").astimezone(AMSTERDAM).time(),
        quiet_to=amsterdam("2026-11-22 07:00").astimezone(AMSTERDAM).time(),
    )
    await wants(world, night)
    digest = WordSetting("een@zorg.example", dict.fromkeys(NoticeKind, Choice.OVERZICHT))
    for person in (works, left, gone):
        await wants(world, digest, person.id)
    elsewhere = people.NewMembership(world.other.organisation_id, Role.COORDINATOR)
    await people.set_memberships(mailing, None, left.id, [elsewhere])
    await people.close_person(mailing, None, gone.id)
    assert await database.value("SELECT count(*) FROM word_setting WHERE address IS NULL") == 1
    some = await endpoints.create_endpoint(mailing, coordinator, Endpoint(URL, [STATUS]))
    await endpoints.create_endpoint(mailing, coordinator, Endpoint(URL, paused=True))
    await write(mailing, world.coordinator, VRAAG)
    await write(mailing, world.coordinator, STATUS)
    await write(mailing, world.coordinator, VRAAG, urgent=True)
    assert await spreading.spread(mailing) == 3
    ids = await database.all(
        "SELECT id, person_id FROM word_setting WHERE person_id IS NULL OR person_id = $1", works.id
    )
    setting_of = {row["person_id"]: row["id"] for row in ids}
    now, seven, eight = clock.now(), amsterdam("2026-11-23 07:00"), amsterdam("2026-11-23 08:00")
    found = {
        (row["kind"], row["setting_id"] or row["endpoint_id"], row["digest"]): row["next_at"]
        for row in await going_out(database)
    }
    at_night = setting_of[None], False
    personal = setting_of[works.id]
    assert found.keys() == {
        ("vraag", *at_night),
        ("vraag", personal, True),
        ("vraag", personal, False),
        ("status", personal, True),
        ("status", some.id, False),
    }
    # Of two questions the urgent one comes at once, for both; the other in the morning.
    times = [
        row["next_at"] for row in await going_out(database) if row["setting_id"] == at_night[0]
    ]
    assert times[0] == seven
    assert abs(times[1] - now) < timedelta(seconds=10)
    assert found["vraag", personal, True] == found["status", personal, True] == eight
    assert abs(found["vraag", personal, False] - now) < timedelta(seconds=10)
    assert abs(found["status", some.id, False] - now) < timedelta(seconds=10)


async def test_without_a_mail_server_nothing_waits_for_one(
    world: World, container: Container, database: Database
) -> None:
    await wants(world, WordSetting("post@zorg.example", {VRAAG: Choice.METEEN}))
    await write(container, world.coordinator)
    assert await spreading.spread(container) == 1
    assert await going_out(database) == []


async def test_an_endpoint_that_is_ended_meanwhile_has_nothing_waiting(
    world: World, container: Container, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = await actor_of(world)
    made = await endpoints.create_endpoint(container, coordinator, Endpoint(URL))
    await write(container, world.coordinator)
    mark_spread = word.mark_spread
    ending: list[asyncio.Task[None]] = []

    async def meanwhile(*arguments: Any) -> None:
        ending.append(asyncio.create_task(endpoints.end_endpoint(container, coordinator, made.id)))
        await asyncio.wait(ending, timeout=0.5)
        await mark_spread(*arguments)

    monkeypatch.setattr(word, "mark_spread", meanwhile)
    assert await spreading.spread(container) == 1
    await asyncio.gather(*ending)
    assert [row["state"] for row in await going_out(database)] == ["vervallen"]


async def test_what_a_newer_release_wrote_waits_for_it_and_stops_nothing_else(
    world: World, mailing: Container, database: Database
) -> None:
    async with database.connect(database.owner_url) as owner:
        await owner.execute(
            "ALTER TABLE notice DROP CONSTRAINT notice_kind_check;"
            "ALTER TABLE webhook_endpoint DROP CONSTRAINT webhook_endpoint_kinds_check"
        )
    coordinator = await actor_of(world)
    await wants(world, WordSetting("post@zorg.example", dict.fromkeys(NoticeKind, Choice.METEEN)))
    person = await make_person(mailing, Role.COORDINATOR, coordinator.organisation_id)
    await wants(world, WordSetting("een@zorg.example", {VRAAG: Choice.METEEN}), person.id)
    some = await endpoints.create_endpoint(mailing, coordinator, Endpoint(URL, [VRAAG]))
    none = await endpoints.create_endpoint(mailing, coordinator, Endpoint(URL, [VRAAG]))
    newer = "nieuwe-soort"
    await database.all(
        "UPDATE webhook_endpoint SET kinds = CASE WHEN id = $1 THEN ARRAY['vraag', $2::text]"
        " ELSE ARRAY[$2::text] END",
        *(some.id, newer),
    )
    await database.all(
        "UPDATE word_setting SET choices = choices || $2::jsonb, windows = CASE"
        " WHEN person_id = $1 THEN '{\"elke-maand\": []}'::jsonb END",
        *(person.id, f'{{"{newer}": "meteen", "status": "{newer}"}}'),
    )
    await write(mailing, world.coordinator, times=4)
    first, second, third, _ = await database.all("SELECT id FROM notice ORDER BY id")
    await database.all(
        "UPDATE notice SET kind = $2, spread_at = created_at WHERE id = $1", first["id"], newer
    )
    await database.all("UPDATE notice SET kind = $2 WHERE id = $1", second["id"], newer)
    await database.all(
        "UPDATE notice SET data = data || $2::jsonb WHERE id = $1",
        third["id"],
        f'{{"step": "{newer}", "urgency": "{newer}", "iets": "{newer}"}}',
    )
    assert await spreading.spread(mailing) == 2
    assert await spreading.spread(mailing) == 0
    (mailbox,) = await database.all("SELECT id FROM word_setting WHERE person_id IS NULL")
    found = [
        (row["kind"], row["setting_id"] or row["endpoint_id"]) for row in await going_out(database)
    ]
    assert sorted(found) == sorted([("vraag", mailbox["id"]), ("vraag", some.id)] * 2)
    # What it made of its own is not taken; the rest is.
    await database.all(
        "INSERT INTO delivery (notice_id, endpoint_id, setting_id, channel, digest, state, next_at,"
        " created_at) SELECT $1, e.id, s.id, CASE WHEN e.id IS NULL THEN 'mail' ELSE 'webhook' END,"
        " s.person_id IS NOT NULL, 'wacht', n.created_at - interval '1 hour', n.created_at"
        " FROM notice n, (SELECT id FROM webhook_endpoint) e FULL JOIN word_setting s ON false"
        " WHERE n.id = $1",
        first["id"],
    )
    taken = await sending.take(mailing, (), webhooks=9, failing=9, mails=9)
    assert [due.endpoint_id for due in taken.webhooks] == [some.id]
    assert [mail.setting_id for mail in taken.mails] == [mailbox["id"]] * 2
    # Nor is it read here.
    page = await notices.list_notices(mailing, coordinator, coordinator.id, limit=9)
    assert (len(page.notices), page.unread) == (2, 2)
    assert {one.notice.data.step for one in page.notices} == {None}
    waits = await deliveries.list_deliveries(
        mailing, coordinator, DeliveryState.WACHT, organisation_id=None, before=None, limit=99
    )
    assert len(waits) == 4
    shown = await endpoints.get_endpoint(mailing, coordinator, none.id)
    assert shown.kinds == frozenset()
    assert (await endpoints.get_endpoint(mailing, coordinator, some.id)).kinds == {VRAAG}


async def test_one_region_waits_for_no_other(
    world: World, container: Container, database: Database, second_region: int
) -> None:
    there = await make_party(container, Role.COORDINATOR, second_region)  # type: ignore[arg-type]  # a plain number will do

    async def act(work: UnitOfWork) -> None:
        for region_id, party in ((REGION, world.coordinator), (second_region, there)):
            data = NoticeData(number="2611-00001")
            notice = Notice(region_id, party.organisation_id, VRAAG, False, data)
            await write_notices(work, [notice] * 2)
        await work.commit()

    await container.act(act)
    assert [await spreading.spread(container) for _ in range(3)] == [2, 2, 0]
    told = await database.all(
        "SELECT region_id, owner_id, count(*) AS count FROM event WHERE kind = 'notice'"
        " GROUP BY region_id, owner_id ORDER BY region_id"
    )
    assert [tuple(row) for row in told] == [
        (REGION, world.coordinator.organisation_id, 2),
        (second_region, there.organisation_id, 2),
    ]
