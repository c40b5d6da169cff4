"""What is kept of a place at a decision is what was posted then, whether to be believed or not."""

import random
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson

from app.db.event_log import LoggedEvent
from app.live.board import RegionBoard
from app.live.posted_facts import PostedFacts, PostedTeamFacts, facts_of_pool, facts_of_team
from domain.events import Kind
from domain.identifiers import PoolId, TeamId
from tests.factories.places import MadeRegion
from tests.factories.stream import position

NOW = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIGURES = {
    "version": 4,
    "source": "phone",
    "observed_at": (NOW - 3 * HOUR).isoformat(),
    "valid_until": (NOW + HOUR).isoformat(),
    "claimed": 1,
    "promised": 2,
    "balance": 3,
    "forecast": None,
    "available_from": None,
}


class Told:
    """A board of one pool and one team, both told anew at will."""

    def __init__(self) -> None:
        region = MadeRegion(random.Random(3), NOW, odd=False)
        region.fill(organisations=9, locations=20, pools=1, teams=1)
        self.board: RegionBoard = region.board()
        ((pool_id, self.pool),) = self.board.all(Kind.POOL)
        ((team_id, self.team),) = self.board.all(Kind.HOME_CARE_TEAM)
        self.pool_id, self.team_id = PoolId(UUID(pool_id)), TeamId(UUID(team_id))
        self.tell(Kind.POOL, self.pool_id, {**self.pool, "admission_rules": None})
        self.tell(Kind.ADMISSION_STOP, self.pool["location_id"], None)

    def tell(self, kind: Kind, subject_id: object, state: Mapping[str, object] | None) -> None:
        """The next event."""
        at = position(self.board.position.number + 1)
        data = None if state is None else orjson.dumps(state).decode()
        self.board.apply([LoggedEvent(at, kind, str(subject_id), None, NOW, data)], NOW)

    def posted(self, now: datetime = NOW, **changes: object) -> PostedFacts:
        """The pool's facts, with other figures if told."""
        self.tell(Kind.CAPACITY, self.pool_id, {**FIGURES, **changes})
        facts = facts_of_pool(self.board, self.pool_id, now)
        assert facts is not None
        return facts

    def said(self, now: datetime = NOW) -> PostedTeamFacts:
        """The team's facts."""
        facts = facts_of_team(self.board, self.team_id, now)
        assert facts is not None
        return facts


def test_all_that_was_posted_is_kept_with_its_age_and_the_position() -> None:
    told = Told()
    facts = told.posted()
    assert facts.position == told.board.position
    assert facts.to_json() == {
        "pool_id": str(told.pool_id),
        "at": "2026-11-27T16:30:00Z",
        "position": str(told.board.position),
        "state": "nu",
        "freshness": "vers",
        "free": 3,
        "believed": 3,
        "balance": 3,
        "claimed": 1,
        "promised": 2,
        "source": "phone",
        "observed_at": "2026-11-27T13:30:00Z",
        "valid_until": "2026-11-27T17:30:00Z",
        "age_seconds": 3 * 3600,
        "earliest": "2026-11-27T16:30:00Z",
        "stop_reason": None,
        "stopped_until": None,
        "version": 4,
    }
    assert facts.to_json().keys() == asdict(facts).keys()
    assert orjson.loads(orjson.dumps(facts.to_json())) == facts.to_json()


def test_what_can_not_be_believed_is_kept_as_it_was_posted() -> None:
    told = Told()
    old = told.posted(NOW + 2 * HOUR)
    assert (old.free, old.believed, old.freshness, old.age_seconds) == (3, 0, "onbevestigd", 18000)
    assert old.earliest is None
    short = told.posted(balance=-2)
    assert (short.free, short.balance, short.state) == (0, -2, "tekort")
    unknown = told.posted(balance=None)
    assert (unknown.free, unknown.believed, unknown.state) == (None, 0, "onbekend")
    ahead = told.posted(observed_at=(NOW + timedelta(minutes=4)).isoformat())
    assert ahead.age_seconds == 0


def test_a_later_admission_and_a_stop_are_kept() -> None:
    told = Told()
    rules = {"days": ["ma"], "opens": "10:00"}
    told.tell(Kind.POOL, told.pool_id, {**told.pool, "admission_rules": rules})
    assert told.posted().earliest == datetime(2026, 11, 30, 9, tzinfo=UTC)
    stop = {
        "reason": "uitbraak",
        "note": "noro",
        "since": (NOW - HOUR).isoformat(),
        "expected_until": "2026-11-30",
    }
    told.tell(Kind.ADMISSION_STOP, told.pool["location_id"], stop)
    facts = told.posted()
    assert (facts.state, facts.free, facts.believed) == ("opnamestop", 3, 0)
    assert (facts.stop_reason, facts.stopped_until) == ("uitbraak", date(2026, 11, 30))
    assert facts.to_json()["stopped_until"] == "2026-11-30"
    assert facts.earliest == datetime(2026, 12, 7, 9, tzinfo=UTC)


def test_what_a_team_said_is_kept_too() -> None:
    told = Told()
    said = {**FIGURES, "light": "oranje", "earliest_start": "2026-12-01", "exceptions": []}
    told.tell(Kind.HOME_CARE, told.team_id, said)
    facts = told.said()
    assert facts.to_json() == {
        "team_id": str(told.team_id),
        "at": "2026-11-27T16:30:00Z",
        "position": str(told.board.position),
        "state": "oranje",
        "freshness": "vers",
        "light": "oranje",
        "start": "2026-12-01",
        "source": "phone",
        "observed_at": "2026-11-27T13:30:00Z",
        "valid_until": "2026-11-27T17:30:00Z",
        "age_seconds": 3 * 3600,
        "version": 4,
    }
    told.tell(Kind.HOME_CARE, told.team_id, None)
    silent = told.said()
    assert (silent.light, silent.freshness, silent.age_seconds) == (None, "nooit-gemeld", None)


def test_what_is_closed_or_elsewhere_has_no_facts() -> None:
    told = Told()
    told.tell(Kind.POOL, told.pool_id, {**told.pool, "status": "ended"})
    told.tell(Kind.HOME_CARE_TEAM, told.team_id, {**told.team, "status": "ended"})
    assert facts_of_pool(told.board, told.pool_id, NOW) is None
    assert facts_of_team(told.board, told.team_id, NOW) is None
    assert facts_of_pool(told.board, PoolId(UUID(int=5)), NOW) is None
