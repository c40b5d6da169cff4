"""What is one organisation's own reaches that organisation and nobody else, however they listen."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.db.event_log import LoggedEvent, Subject
from app.live.board import RegionBoard
from app.live.closing import Close
from app.live.hub import MERGED, Audience, Hub
from app.live.messages import Event, Message
from domain.events import OWNED, TOPIC_OF, Kind, Topic
from domain.identifiers import OrganisationId
from tests.factories.stream import NOON, REGION, board, logged, position, subject_id
from tests.support.listening import Listener

ONE, TWO, THREE = (OrganisationId(UUID(int=number)) for number in (1001, 1002, 1003))
OWNERS = (ONE, TWO, THREE)
EVERYTHING = frozenset(Topic)
OWNED_KINDS = [kind for kind, topic in TOPIC_OF.items() if topic in OWNED]


class Pair:
    """A hub with a listener to everything for each of two owners."""

    def __init__(self, *, latest: bool = False) -> None:
        self.board = board()
        self.hub = Hub(self.board, lambda: NOON)
        self.one, self.two, self.outside = Listener(), Listener(), Listener()
        for listener, owner in ((self.one, ONE), (self.two, TWO), (self.outside, None)):
            self.hub.join(listener, Audience(REGION, EVERYTHING, latest, owner))

    @property
    def region(self) -> RegionBoard:
        return self.board.regions[REGION]

    def happen(self, *told: tuple[int, OrganisationId | None, str | None], kind: Kind) -> None:
        """One commit: of each subject its state, or that it is gone, for an owner."""
        first = self.region.position.number + 1
        events = [
            logged(first + at, subject, data, kind, owner)
            for at, (subject, owner, data) in enumerate(told)
        ]
        self.hub.publish(REGION, self.region.apply(events, NOON))


def heard(listener: Listener) -> list[tuple[int, Any]]:
    """Subject and state of the events that a listener got."""
    return [
        (UUID(event["id"]).int, event["data"])
        for message in listener.got
        for event in message.get("events", ())
    ]


def held(region: RegionBoard, owner: OrganisationId | None) -> dict[tuple[str, str], Any]:
    """What a snapshot of everything holds for an owner."""
    found = map(json.loads, region.snapshot(EVERYTHING, owner)[1])
    return {(subject["kind"], subject["id"]): subject["data"] for subject in found}


def test_each_owner_sees_and_hears_only_what_is_its_own() -> None:
    for kind in OWNED_KINDS:
        pair = Pair()
        pair.happen((1, ONE, '{"v":1}'), (2, TWO, '{"v":2}'), kind=kind)
        assert heard(pair.one) == [(1, {"v": 1})]
        assert heard(pair.two) == [(2, {"v": 2})]
        assert heard(pair.outside) == []
        assert held(pair.region, ONE) == {(kind, subject_id(1)): {"v": 1}}
        assert held(pair.region, TWO) == {(kind, subject_id(2)): {"v": 2}}
        assert held(pair.region, None) == held(pair.region, THREE) == {}


async def test_in_latest_mode_too() -> None:
    pair = Pair(latest=True)
    for state in ('{"v":1}', '{"v":2}', None):
        pair.happen((1, ONE, state), (2, TWO, '{"v":9}'), kind=Kind.OFFER)
    pair.hub.beat()
    assert heard(pair.one) == [(1, None)], "the last word only"
    assert heard(pair.two) == [(2, {"v": 9})]
    assert heard(pair.outside) == []


def test_a_listener_to_other_topics_hears_nothing_of_its_own() -> None:
    pair, narrow = Pair(), Listener()
    pair.hub.join(narrow, Audience(REGION, frozenset({Topic.OFFERS}), False, ONE))
    pair.happen((1, ONE, "{}"), kind=Kind.REFERRAL)
    assert (heard(narrow), len(heard(pair.one))) == ([], 1)
    assert pair.region.snapshot(frozenset({Topic.OFFERS}), ONE)[1] == []


def test_who_loses_a_subject_gets_a_tombstone_and_who_gains_it_its_state() -> None:
    for told in ([(1, ONE, None), (1, TWO, '{"v":2}')], [(1, TWO, '{"v":2}'), (1, ONE, None)]):
        pair = Pair()
        pair.happen((1, ONE, '{"v":1}'), kind=Kind.REFERRAL)
        pair.happen(*told, kind=Kind.REFERRAL)
        assert heard(pair.one) == [(1, {"v": 1}), (1, None)]
        assert heard(pair.two) == [(1, {"v": 2})]
        assert held(pair.region, ONE) == {}
        assert held(pair.region, TWO) == {("referral", subject_id(1)): {"v": 2}}
        assert set(pair.region._owned._of) == {TWO}, "nothing is kept of who has nothing"


def test_no_read_that_asks_not_for_whom_finds_what_is_owned() -> None:
    for kind in OWNED_KINDS:
        subject = Subject(kind, subject_id(1), json.dumps({"of": str(ONE)}), ONE)
        region = RegionBoard(position(0), [subject], NOON)
        region.apply([logged(1, 2, json.dumps({"of": str(ONE)}), kind, ONE)], NOON)
        assert [region.get(kind, subject_id(number)) for number in (1, 2)] == [None, None]
        assert list(region.all(kind)) == []
        assert list(region.naming(kind, ONE)) == []
        assert region.snapshot(EVERYTHING)[1] == []
        assert len(region.snapshot(EVERYTHING, ONE)[1]) == 2


def test_what_is_nobodys_is_told_to_nobody_and_kept_nowhere() -> None:
    pair = Pair()
    pair.happen((1, None, "{}"), kind=Kind.REFERRAL_STATUS)
    assert heard(pair.one) == heard(pair.two) == heard(pair.outside) == []
    assert not pair.region._owned._of
    assert pair.region.position == position(1)


def test_many_owners_leave_no_snapshots_behind_and_share_what_is_everybodys() -> None:
    region = board().regions[REGION]
    region.apply([logged(1), logged(2, 2, "{}", Kind.OFFER, ONE)], NOON)
    everybodys = region.snapshot(frozenset({Topic.CAPACITY}))[1]
    for number in range(50):
        owner = OrganisationId(UUID(int=number))
        assert region.snapshot(frozenset({Topic.CAPACITY, Topic.OFFERS}), owner)[1] == everybodys
    assert len(region._snapshots) == 1
    both = region.snapshot(frozenset({Topic.CAPACITY, Topic.OFFERS}), ONE)[1]
    assert len(both) == 2
    assert region.snapshot(frozenset({Topic.CAPACITY}))[1] is everybodys
    assert len(everybodys) == 1


class Keeping(Listener):
    """Keeps the messages themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def write(self, message: Message) -> None:
        super().write(message)
        self.messages.append(message)


def test_owners_share_a_message_in_which_nothing_is_their_own() -> None:
    made = board()
    hub, one, two = Hub(made, lambda: NOON), Keeping(), Keeping()
    hub.join(one, Audience(REGION, EVERYTHING, False, ONE))
    hub.join(two, Audience(REGION, EVERYTHING, False, TWO))
    region = made.regions[REGION]
    hub.publish(REGION, region.apply([logged(1), logged(2)], NOON))
    assert one.messages[0] is two.messages[0]
    told = [logged(3), logged(4, 4, "{}", Kind.OFFER, ONE), logged(5)]
    hub.publish(REGION, region.apply(told, NOON))
    assert (one.numbers, two.numbers) == ([1, 2, 3, 4, 5], [1, 2, 3, 5])
    assert two.got[-1]["position"] == str(position(5))


async def test_in_a_merger_the_heirs_begin_again_and_who_is_gone_hears_no_more() -> None:
    state = json.dumps({"id": str(ONE), "agb": "1", "merged_into": str(TWO)})
    for latest in (False, True):
        pair, third = Pair(latest=latest), Listener()
        pair.hub.join(third, Audience(REGION, EVERYTHING, latest, THREE))
        pair.happen((1, TWO, "{}"), (2, ONE, "{}"), kind=Kind.OFFER)
        pair.happen((ONE.int, None, state), kind=Kind.ORGANISATION)
        restarts = [listener.restarts for listener in (pair.one, pair.two, pair.outside, third)]
        assert restarts == [[], [MERGED], [], []]
        assert (pair.one.closed, pair.two.closed, third.closed) == ([Close.RECHECK], [], [])
        assert heard(pair.one) == ([] if latest else [(2, {})])
        assert heard(pair.two) == ([] if latest else [(1, {})])
        pair.hub.beat()
        assert [subject for subject, _ in heard(third)] == [ONE.int]


@dataclass
class Rows:
    """The rows that a region's owned events tell of: whose each subject is, and its version."""

    number: int = 0
    rows: dict[int, tuple[OrganisationId, int]] = field(default_factory=dict)

    def subjects(self) -> Iterator[Subject]:
        for subject, (owner, version) in self.rows.items():
            yield Subject(Kind.REFERRAL, subject_id(subject), f'{{"v":{version}}}', owner)

    def change(self, subject: int, to: OrganisationId | None) -> list[LoggedEvent]:
        """A subject becomes somebody's, or goes: what each who had it or has it now is told."""
        had = self.rows.pop(subject, None)
        if to is not None:
            self.rows[subject] = (to, had[1] + 1 if had else 1)
        told = dict.fromkeys(owner for owner in (had and had[0], to) if owner)
        events = []
        for owner in told:
            self.number += 1
            state = f'{{"v":{self.rows[subject][1]}}}' if owner == to else None
            events.append(logged(self.number, subject, state, Kind.REFERRAL, owner))
        return events


changes = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([*OWNERS, None])), min_size=1, max_size=25
)


@given(changes, changes)
def test_an_old_snapshot_and_what_is_heard_make_the_new_snapshot_of_each_owner(
    before: list[tuple[int, OrganisationId | None]], since: list[tuple[int, OrganisationId | None]]
) -> None:
    rows = Rows()
    region = RegionBoard(position(0), [], NOON)
    for subject, to in before:
        region.apply(rows.change(subject, to), NOON)
    copies = {owner: held(region, owner) for owner in OWNERS}
    told: list[Event] = []
    for subject, to in since:
        told += region.apply(rows.change(subject, to), NOON)
    afresh = RegionBoard(position(rows.number), rows.subjects(), NOON)
    for owner, copy in copies.items():
        for event in Audience(REGION, EVERYTHING, False, owner).heard(told):
            data = json.loads(event.text)["data"]
            if data is None:
                copy.pop(event.subject, None)
            else:
                copy[event.subject] = data
        assert copy == held(region, owner) == held(afresh, owner)
    assert region._owned._of == afresh._owned._of
