"""What a screen shows of pools is what the domain says of each at that moment, and for how long."""

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import pytest

from app.db.event_log import LoggedEvent
from app.live.board import RegionBoard
from app.live.pool_views import PoolState, PoolView
from domain import places
from domain.admission import AdmissionRules
from domain.calendar import AMSTERDAM
from domain.capacity import Freshness
from domain.errors import InvalidInput
from domain.events import Kind
from tests.factories.places import NOW, MadeRegion
from tests.factories.stream import position
from tests.support.brute_force import Place, open_places

_ONE_SECOND = timedelta(seconds=1)


def made(seed: int, **sizes: int) -> MadeRegion:
    region = MadeRegion(random.Random(seed))
    region.fill(**{"organisations": 9, "locations": 20, "pools": 60, "teams": 0, **sizes})
    return region


def expected_state(place: Place, first: places.FirstAdmission | None, now: datetime) -> PoolState:
    balance = place.figures.get("balance")
    if place.stop is not None and place.stop.since <= now:
        return PoolState.STOPPED
    if balance is None or place.freshness(now) is Freshness.NEVER_REPORTED:
        return PoolState.UNKNOWN
    if place.freshness(now) is Freshness.UNCONFIRMED:
        return PoolState.UNCONFIRMED
    if balance <= 0:
        return PoolState.SHORTAGE if balance else PoolState.FULL
    if first is None or first.at is None:
        return PoolState.LATER
    same_day = first.at.astimezone(AMSTERDAM).date() == now.astimezone(AMSTERDAM).date()
    return PoolState.NOW if same_day else PoolState.LATER


def first_admission(place: Place, now: datetime) -> places.FirstAdmission | None:
    if not place.known(now):
        return None
    try:
        rules = place.pool["admission_rules"]
        given = None if rules is None else AdmissionRules.from_json(rules)
    except InvalidInput:
        return None
    return places.first_admission(place.expected, given, place.stop, 1, now)


def check(board: RegionBoard, now: datetime) -> Counter[PoolState]:
    """Every view is what the domain makes of its pool."""
    views = {str(view.id): view for view in board.pool_views.all(now)}
    there = {place.pool["id"]: place for place in open_places(board)}
    assert views.keys() == there.keys()
    for pool_id, place in there.items():
        view, first = views[pool_id], first_admission(place, now)
        assert view.state is expected_state(place, first, now)
        immediate = first is not None and first.at is not None and first.immediate
        assert view.immediate is immediate
        later = first.at if first is not None and not immediate else None
        assert view.admission_at == later
        ahead = place.outlook(now)
        if ahead.now is None:
            assert (view.in_24_hours, view.in_72_hours) == (None, None)
        else:
            assert view.in_24_hours == (ahead.in_24_hours or 0) - ahead.now
            assert view.in_72_hours == (ahead.in_72_hours or 0) - ahead.now
        assert (view.stop is not None) is (view.state is PoolState.STOPPED)
        believed = view.state in (PoolState.NOW, PoolState.LATER)
        assert view.free == (place.figures["balance"] if believed else 0)
        assert view.telephone == place.organisation["telephone"]
        assert now < view.holds_until <= now + timedelta(hours=25)
    return Counter(view.state for view in views.values())


def test_views_are_what_the_domain_says_whatever_happens_and_whenever() -> None:
    seen: Counter[PoolState] = Counter()
    for seed in range(5):
        region = made(seed)
        board, now = region.board(), NOW
        for _ in range(10):
            seen += check(board, now)
            board.apply(list(region.events(region.draw.choice([0, 1, 5, 60]))), now)
            now += timedelta(minutes=region.draw.choice([0, 1, 29, 30, 240, 900]))
            region.now = now
    assert seen.keys() == set(PoolState), "every state came by"
    assert min(seen.values()) > 20


@pytest.mark.parametrize("seed", [31, 32])
def test_a_view_holds_until_it_says_and_not_a_moment_before_something_changes(seed: int) -> None:
    region = made(seed)
    board = region.board()
    ends = Counter[bool]()
    for view in board.pool_views.all(NOW):
        one = {str(view.id)}

        def at(moment: datetime, one: set[str] = one) -> PoolView:
            (found,) = board.pool_views.some(one, moment).values()
            assert found is not None
            return replace(found, holds_until=NOW)

        shown = replace(view, holds_until=NOW)
        span = view.holds_until - NOW
        for part in (0.1, 0.5, 0.9):
            assert at(NOW + part * span) == shown
        assert at(view.holds_until - _ONE_SECOND / 1000) == shown
        ends[at(view.holds_until) != shown] += 1
    assert ends[True] > 8, "the clock changes something at the moment that is told"


def test_a_stop_that_is_announced_ends_what_is_shown_of_a_place_that_never_reported() -> None:
    region = made(42)
    board = region.board()
    view = board.pool_views.all(NOW)[0]
    begins = NOW + timedelta(hours=1)
    stop = orjson.dumps({**region.stop(0), "since": begins.isoformat()}).decode()
    told = [
        (Kind.CAPACITY, str(view.id), None),
        (Kind.ADMISSION_STOP, str(view.location_id), stop),
    ]
    events = [
        LoggedEvent(position(number), kind, subject_id, None, NOW, data)
        for number, (kind, subject_id, data) in enumerate(told, start=1)
    ]
    board.apply(events, NOW)
    (shown,) = board.pool_views.some([str(view.id)], NOW).values()
    assert shown is not None
    assert (shown.state, shown.stop, shown.holds_until) == (PoolState.UNKNOWN, None, begins)
    (then,) = board.pool_views.some([str(view.id)], begins).values()
    assert then is not None
    assert then.state is PoolState.STOPPED


def test_some_tells_which_are_gone_and_a_pool_follows_its_location() -> None:
    region = made(41, pools=5)
    region.odd = False
    board = region.board()
    view = board.pool_views.all(NOW)[0]
    one = str(view.id)
    closed = {**board_data(board, Kind.LOCATION, view.location_id), "status": "ended"}
    event = LoggedEvent(
        position(1), Kind.LOCATION, str(view.location_id), None, NOW, orjson.dumps(closed).decode()
    )
    board.apply([event], NOW)
    assert board.pool_views.standing({str(view.location_id)}, set()) >= {one}
    found = board.pool_views.some({one, "nobody"}, NOW)
    assert found == {one: None, "nobody": None}


def board_data(board: RegionBoard, kind: Kind, subject_id: UUID) -> dict[str, object]:
    text = board.get(kind, subject_id)
    assert text is not None
    found: dict[str, object] = orjson.loads(text)
    return found
