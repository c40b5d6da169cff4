"""The board: a whole number of commits, and the answers that acts and questions take from it."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest

from app.db.event_log import Subject
from app.live.board import Board, RegionBoard
from domain.events import Kind, Topic
from domain.identifiers import PoolId, RegionId
from tests.factories.stream import NOON, REGION, logged, position, subject_id

OWNER, BUYER = subject_id(70), subject_id(71)
EVERYTHING = frozenset(Topic)


def pool_state(owner: str = OWNER, external_id: str = "P1", pool: int = 1) -> str:
    return json.dumps(
        {
            "id": subject_id(pool),
            "organisation_id": owner,
            "location_id": subject_id(80),
            "external_id": external_id,
            "posting_schedule": "werkdagen-tweemaal",
            "time_to_live_minutes": None,
            "care_types": ["elv-laag"],
            "status": "active",
        }
    )


def organisation(number: int, agb: str) -> Subject:
    state = json.dumps({"id": subject_id(number), "agb": agb})
    return Subject(Kind.ORGANISATION, subject_id(number), state)


def fresh(*subjects: Subject) -> RegionBoard:
    return RegionBoard(position(0), subjects, NOON)


def test_events_move_state_position_and_ring_together() -> None:
    board = fresh()
    later = NOON + timedelta(seconds=1)
    rendered = board.apply([logged(1, data='{"free":1}'), logged(2, data='{"free":2}')], later)
    assert [event.position for event in rendered] == [position(1), position(2)]
    assert board.position == board.ring.head == position(2)
    assert board.get(Kind.CAPACITY, subject_id(1)) == '{"free":2}'
    assert board.complete_at == board.progress.complete_at == later


def test_hearing_that_nothing_happened_is_progress_too() -> None:
    board = fresh()
    later = NOON + timedelta(seconds=1)
    assert board.apply([], later) == []
    assert (board.position, board.complete_at) == (position(0), later)


def test_a_gap_is_never_taken_in() -> None:
    board = fresh()
    with pytest.raises(AssertionError, match="gap"):
        board.apply([logged(2)], NOON)


def test_applying_the_same_state_twice_changes_nothing() -> None:
    board = fresh()
    board.apply([logged(1, kind=Kind.POOL, data=pool_state())], NOON)
    once = board.snapshot(EVERYTHING)[1]
    board.apply([logged(2, kind=Kind.POOL, data=pool_state())], NOON)
    assert board.snapshot(EVERYTHING)[1] == once
    assert board.pool(PoolId(UUID(int=1))) is not None


def test_a_tombstone_removes_its_subject_and_all_that_led_to_it() -> None:
    board = fresh(organisation(70, "06010101"))
    board.apply([logged(1, kind=Kind.POOL, data=pool_state())], NOON)
    assert board.pool_by_external_id("06010101", "P1") is not None
    board.apply([logged(2, kind=Kind.POOL, data=None)], NOON)
    assert board.get(Kind.POOL, subject_id(1)) is None
    assert board.pool(PoolId(UUID(int=1))) is None
    assert board.pool_by_external_id("06010101", "P1") is None
    assert list(board.all(Kind.POOL)) == []


def test_a_kind_of_a_newer_release_is_passed_over_and_still_counted() -> None:
    board = fresh()
    board.apply([logged(1, kind="bed-of-the-future")], NOON)
    assert board.position == position(1)
    assert board.snapshot(EVERYTHING)[1] == []


def test_a_revocation_is_told_and_not_kept() -> None:
    board = fresh()
    (event,) = board.apply([logged(1, kind=Kind.KEY_REVOKED, data=None)], NOON)
    assert event.topic is Topic.REVOCATIONS
    assert board.snapshot(EVERYTHING)[1] == []


def test_a_pool_is_found_by_its_new_owner_only_once_it_is_transferred() -> None:
    board = fresh(organisation(70, "06010101"), organisation(71, "06020202"))
    board.apply([logged(1, kind=Kind.POOL, data=pool_state())], NOON)
    board.apply([logged(2, kind=Kind.POOL, data=pool_state(BUYER))], NOON)
    assert board.pool_by_external_id("06010101", "P1") is None
    found = board.pool_by_external_id("06020202", "P1")
    assert found is not None
    assert str(found.organisation_id) == BUYER
    assert found is board.pool(PoolId(UUID(int=1)))


def test_two_pools_may_change_codes_with_each_other() -> None:
    board = fresh(organisation(70, "06010101"))
    states = [(1, "A"), (2, "B"), (1, "tussen"), (2, "A"), (1, "B")]
    for number, (pool, code) in enumerate(states, start=1):
        state = pool_state(external_id=code, pool=pool)
        board.apply([logged(number, pool, state, Kind.POOL)], NOON)
    found = [board.pool_by_external_id("06010101", code) for code in ("A", "B", "tussen")]
    assert [pool and pool.id for pool in found] == [UUID(int=2), UUID(int=1), None]


def test_a_snapshot_is_what_its_topics_hold_with_the_position_it_belongs_to() -> None:
    board = fresh(organisation(70, "06010101"))
    board.apply([logged(1, kind=Kind.CAPACITY, data='{"free":1}')], NOON)
    progress, texts = board.snapshot(frozenset({Topic.CAPACITY}))
    assert progress.position == position(1)
    assert [json.loads(text) for text in texts] == [
        {"kind": "capacity", "id": subject_id(1), "data": {"free": 1}}
    ]
    both = board.snapshot(frozenset({Topic.CAPACITY, Topic.REGISTERS}))[1]
    assert {json.loads(text)["kind"] for text in both} == {"capacity", "organisation"}


def test_a_snapshot_is_made_once_for_all_who_ask_at_a_position_and_anew_after_it() -> None:
    board = fresh()
    first = board.snapshot(EVERYTHING)[1]
    assert board.snapshot(EVERYTHING)[1] is first
    later = NOON + timedelta(seconds=1)
    board.apply([], later)
    progress, texts = board.snapshot(EVERYTHING)
    assert texts is first
    assert progress.complete_at == later
    board.apply([logged(1)], later)
    assert len(board.snapshot(EVERYTHING)[1]) == 1


async def test_reaching_waits_for_the_number_and_says_when_it_does_not_come() -> None:
    board = fresh()
    assert await board.reach(0, seconds=0)
    waiting = asyncio.create_task(board.reach(2, seconds=10))
    await asyncio.sleep(0)
    board.apply([logged(1)], NOON)
    await asyncio.sleep(0)
    assert not waiting.done()
    board.apply([logged(2)], NOON)
    assert await waiting
    assert not await board.reach(3, seconds=0.01)


def test_a_pool_is_found_in_whichever_region_it_is() -> None:
    board = Board()
    board.regions[RegionId(0)] = fresh()
    board.regions[REGION] = here = fresh(organisation(70, "06010101"))
    here.apply([logged(1, kind=Kind.POOL, data=pool_state())], NOON)
    assert board.pool(PoolId(UUID(int=1))) is here.pool(PoolId(UUID(int=1))) is not None
    assert board.pool_by_external_id("06010101", "P1") is not None
    assert board.pool(PoolId(UUID(int=2))) is None
    assert board.pool_by_external_id("06010101", "P2") is None


def merged(number: int, agb: str, into: int | None) -> Subject:
    state = {
        "id": subject_id(number),
        "agb": agb,
        "merged_into": subject_id(into) if into is not None else None,
    }
    return Subject(Kind.ORGANISATION, subject_id(number), json.dumps(state))


def test_the_code_of_a_merged_organisation_finds_what_its_successors_have() -> None:
    board = fresh(
        merged(70, "06010101", 71), merged(71, "06020202", 72), merged(72, "06030303", None)
    )
    board.apply([logged(1, kind=Kind.POOL, data=pool_state(subject_id(72)))], NOON)
    for agb in ("06010101", "06020202", "06030303"):
        assert board.pool_by_external_id(agb, "P1") is board.pool(PoolId(UUID(int=1)))
    assert board.pool_by_external_id("06010101", "P2") is None


def test_an_organisation_that_left_or_got_another_code_is_not_found_by_the_old_one() -> None:
    board = fresh(organisation(70, "06010101"))
    board.apply([logged(1, kind=Kind.POOL, data=pool_state())], NOON)
    new = organisation(70, "06090909").data
    board.apply([logged(2, 70, new, Kind.ORGANISATION)], NOON)
    assert board.pool_by_external_id("06010101", "P1") is None
    assert board.pool_by_external_id("06090909", "P1") is not None
    board.apply([logged(3, 70, None, Kind.ORGANISATION)], NOON)
    assert board.pool_by_external_id("06090909", "P1") is None
