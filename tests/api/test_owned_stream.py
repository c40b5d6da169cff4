"""Coordinators, providers and referrers each follow their own over every way in, and nothing else."""

import random
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.live.closing import Close
from app.live.hub import MERGED
from app.services.mergers import merge_organisation
from app.services.regions import create_region
from domain.actors import Role
from domain.errors import Code
from domain.events import Topic
from tests.factories.owned import Cases, give_offers, make_offer, make_referral, move_referral
from tests.factories.world import REGION, TWO, Party, World, make_party
from tests.support.calls import check_problem
from tests.support.copies import Copy
from tests.support.database import Database
from tests.support.server_sent import event_source
from tests.support.serving import Serving, number_of
from tests.support.sockets import ending, ending_of, subscribe

REFERRALS = ("referrals", "handovers")


@dataclass(slots=True)
class Cast:
    """Who follows what, and what happens to them."""

    api: Serving
    world: World
    point: Party
    referrer: Party
    cases: Cases
    database: Database

    @property
    def followers(self) -> list[tuple[Party, tuple[str, ...]]]:
        return [
            (self.world.coordinator, REFERRALS),
            (self.point, REFERRALS),
            (self.world.provider, ("offers", "capacity")),
            (self.world.other, ("offers",)),
            (self.referrer, ("referral-statuses",)),
        ]

    async def head(self) -> str:
        """The stream's head, once both boards are there."""
        await self.world.settled()
        assert self.api.container is not None
        position = self.world.container.board.regions[REGION].position
        self.api.container.follower.wake(REGION)
        assert await self.api.container.board.regions[REGION].reach(position.number, 10)
        return str(position)

    def forget(self) -> None:
        """The server remembers no event, so that the log has to tell."""
        assert self.api.container is not None
        ring = self.api.container.board.regions[REGION].ring
        while ring._events:
            ring.start = ring._events.popleft().position


@pytest.fixture
async def cast(api: Serving, world: World, database: Database) -> Cast:
    """Two coordination points, two providers and a referrer, with some cases between them."""
    point = await make_party(world.container, Role.COORDINATOR)
    referrer = await make_party(world.container, Role.REFERRER)
    cases = Cases(
        world.container,
        random.Random(7),
        (world.coordinator.organisation_id, point.organisation_id),
        (world.provider.organisation_id, world.other.organisation_id),
        referrer.organisation_id,
    )
    await cases.happen(40)
    made = Cast(api, world, point, referrer, cases, database)
    await made.head()
    return made


async def rows_of(cast: Cast, party: Party, topics: tuple[str, ...]) -> dict[tuple[str, str], Any]:
    """What the rows say that this party may know under these topics."""
    owner = {
        "referrals": ("referral", "referral", "owner_id"),
        "referral-statuses": ("referral-status", "referral", "requested_by_id"),
        "offers": ("offer", "offer", "provider_id"),
        "handovers": ("handover", "handover", "to_id"),
    }
    found: dict[tuple[str, str], Any] = {}
    for kind, table, column in (owner[topic] for topic in topics if topic in owner):
        query = f"SELECT id, state, version FROM {table} WHERE {column} = $1"
        for row in await cast.database.all(query, party.organisation_id):
            state = {"id": str(row["id"]), "state": row["state"], "version": row["version"]}
            found[kind, str(row["id"])] = state
    return found


def owned(subjects: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """Those that are somebody's own."""
    return {subject: data for subject, data in subjects.items() if subject[0] != "capacity"}


@pytest.mark.parametrize("remembered", [True, False], ids=["by the ring", "by the log"])
async def test_each_follows_its_own_and_nothing_else_over_every_way_in(
    cast: Cast, remembered: bool
) -> None:
    old: list[Copy] = []
    for party, topics in cast.followers:
        async with cast.api.client(party.key) as client:
            old.append(await Copy.taken(client, topics=",".join(topics)))
        assert owned(old[-1].parsed()) == await rows_of(cast, party, topics)
        assert owned(old[-1].parsed()), "somebody without anything proves nothing"
    (live_party, live_topics), (sse_party, sse_topics), *_ = cast.followers
    async with (
        cast.api.subscribe(live_party.key, topics=live_topics) as live,
        cast.api.subscribe(live_party.key, topics=live_topics, latest=True) as screen,
        event_source(cast.api, sse_party.key, topics=",".join(sse_topics)) as source,
    ):
        for listener in (live, screen, source):
            await listener.until("snapshot")
        await cast.cases.happen(25)
        head = await cast.head()
        assert cast.api.container is not None
        cast.api.container.hub.beat()
        for listener in (live, screen, source):
            await listener.until("heartbeat")
        assert live.subjects == screen.subjects == await rows_of(cast, live_party, live_topics)
        assert source.knows.subjects == await rows_of(cast, sse_party, sse_topics)
        assert any(event["data"] is None for event in live.events), "nothing was lost"
    if not remembered:
        cast.forget()
    for (party, topics), copy in zip(cast.followers, old, strict=True):
        before, position = copy.parsed(), copy.position
        expected = await rows_of(cast, party, topics)
        async with cast.api.client(party.key) as client:
            await copy.follow(client, topics=",".join(topics), limit=7)
            new = await Copy.taken(client, topics=",".join(topics))
        assert copy.position == new.position == head
        assert copy.state == new.state, "to the byte"
        assert owned(new.parsed()) == expected
        for latest in (False, True):
            options: dict[str, Any] = {"topics": topics, "after": position, "latest": latest}
            async with cast.api.subscribe(party.key, **options) as back:
                back.subjects = dict(before)
                await back.until_number(number_of(head))
            assert back.resyncs == []
            assert back.subjects == new.parsed()


async def test_who_was_away_when_it_lost_a_subject_hears_that_it_is_gone(cast: Cast) -> None:
    points = cast.world.coordinator, cast.point
    mine, theirs = (party.organisation_id for party in points)
    referral = await make_referral(cast.world.container, mine)
    before = await cast.head()
    await move_referral(cast.world.container, referral, theirs)
    head = await cast.head()
    for forgotten in (False, True):
        if forgotten:
            cast.forget()
        for party, data in zip(
            points, (None, {"id": str(referral), "state": "ingediend", "version": 2}), strict=True
        ):
            async with cast.api.subscribe(party.key, topics=REFERRALS, after=before) as back:
                await back.until_number(number_of(head))
            (event,) = back.events
            assert (event["id"], event["data"]) == (str(referral), data)


async def test_nobody_follows_what_is_not_for_its_role_or_not_in_its_region(cast: Cast) -> None:
    world = cast.world
    await create_region(world.container, None, TWO, "twee", "Twee")
    assert cast.api.container is not None
    await replace(world, container=cast.api.container).settled()
    analyst = await make_party(world.container, Role.ANALYST)
    refused = [
        (world.provider, ["referrals"]),
        (world.provider, ["handovers", "offers"]),
        (world.coordinator, ["offers"]),
        (world.coordinator, ["referrals", "referral-statuses"]),
        (cast.referrer, ["referrals"]),
        (world.operator, ["capacity", "offers"]),
        (analyst, ["referrals"]),
    ]
    for party, wanted in refused:
        ended = await ending_of(cast.api, subscribe(party.key, topics=wanted))
        assert (ended.code, ended.problem) == (Close.NOT_ALLOWED, "not-allowed"), wanted
        topics = ",".join(wanted)
        async with cast.api.client(party.key) as client:
            asked = {"topics": topics, "after": await cast.head()}
            for path in ("/v1/snapshot", "/v1/events"):
                check_problem(await client.get(path, params=asked), 403, Code.NOT_ALLOWED)
        async with event_source(cast.api, party.key, topics=topics) as source:
            assert source.response.status_code == 403
    for party, own in cast.followers:
        elsewhere = subscribe(party.key, topics=list(own), region=TWO)
        assert (await ending_of(cast.api, elsewhere)).code == Close.NOT_ALLOWED
        async with cast.api.client(party.key) as client:
            asked = {"topics": ",".join(own), "region": str(TWO)}
            answer = await client.get("/v1/snapshot", params=asked)
            check_problem(answer, 404, Code.NOT_FOUND)


async def test_a_role_alone_shows_nothing_of_another_organisation(cast: Cast) -> None:
    newcomer = await make_party(cast.world.container, Role.PROVIDER_INTAKE)
    referral = await make_referral(cast.world.container, cast.world.coordinator.organisation_id)
    async with cast.api.subscribe(newcomer.key, topics=("offers",)) as subscriber:
        await subscriber.until("snapshot")
        assert subscriber.subjects == {}
        await make_offer(cast.world.container, referral, cast.world.provider.organisation_id)
        mine = await make_offer(cast.world.container, referral, newcomer.organisation_id)
        await subscriber.until("events")
        assert set(subscriber.subjects) == {("offer", str(mine))}
        assert {event["id"] for event in subscriber.events} == {str(mine)}


async def merge(cast: Cast) -> dict[tuple[str, str], Any]:
    """The first provider takes the other over; answers with the offers that it has then."""
    gone, heir = cast.world.other.organisation_id, cast.world.provider.organisation_id
    had = await rows_of(cast, cast.world.provider, ("offers",))
    await merge_organisation(cast.world.container, None, gone, heir)
    await give_offers(cast.world.container, gone, heir)
    await cast.head()
    has = await rows_of(cast, cast.world.provider, ("offers",))
    assert had.keys() < has.keys()
    assert had
    return has


async def test_after_a_merger_who_comes_back_begins_anew_as_the_one_that_took_over(
    cast: Cast,
) -> None:
    world = cast.world
    before = await cast.head()
    async with cast.api.subscribe(world.other.key, topics=("offers",)) as open_socket:
        await open_socket.until("snapshot")
        expected = await merge(cast)
        ended = await ending(open_socket.ws)
    assert ended.code == Close.RECHECK
    for message in ended.messages:
        open_socket.take(message)
    assert open_socket.position == before, "nothing that is later than the merger"
    for forgotten in (False, True):
        if forgotten:
            cast.forget()
        for party in (world.other, world.provider):
            async with cast.api.subscribe(party.key, topics=("offers",), after=before) as back:
                await back.until("snapshot")
            assert (back.resyncs, back.subjects) == ([MERGED], expected)
            async with cast.api.client(party.key) as client:
                told = {"topics": "offers", "after": before}
                answer = await client.get("/v1/events", params=told)
                check_problem(answer, 410, Code.UNKNOWN_POSITION)
                # What is everybody's goes on.
                told["topics"] = Topic.CAPACITY
                assert (await client.get("/v1/events", params=told)).status_code == 200


async def test_until_a_key_stands_for_who_took_over_it_gets_no_position_of_after_the_merger(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process may show a merger in its region before it hears of it for its keys."""
    assert cast.api.container is not None
    key = cast.world.other.key
    stale = await cast.api.container.keys.find(key)
    before = await cast.head()
    await merge(cast)
    head = await cast.head()

    async def find(_key: str) -> Any:
        return stale

    monkeypatch.setattr(cast.api.container.keys, "find", find)
    for after in (None, before, head):
        ended = await ending_of(cast.api, subscribe(key, topics=["offers"], after=after))
        assert ended.code == Close.STARTING, after
        assert [message["type"] for message in ended.messages] == ["subscribed"], after
    async with cast.api.client(key) as client:
        for path, after in (("snapshot", None), ("events", before), ("events", head)):
            told = {"topics": "offers"} | ({"after": after} if after else {})
            check_problem(await client.get(f"/v1/{path}", params=told), 503, Code.UNAVAILABLE)
    cast.forget()
    # The log may know of it before the board does.
    cast.api.container.board.regions[REGION]._merged_into.clear()
    ended = await ending_of(cast.api, subscribe(key, topics=["offers"], after=before))
    assert ended.code == Close.STARTING
