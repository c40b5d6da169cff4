"""How long a session lives, and when another password may be tried."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sessions import Limit, counted_until, expires_at, network_of, wait_until

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMIT = Limit(tries=3, forgotten_after=10 * MINUTE)


@pytest.mark.parametrize(
    ("used_after", "lives"), [(0, 30), (1, 31), (11 * 60, 11 * 60 + 30), (11 * 60 + 31, 12 * 60)]
)
def test_a_session_ends_half_an_hour_after_its_use_and_twelve_hours_after_its_begin(
    used_after: int, lives: int
) -> None:
    assert expires_at(NOON, NOON + used_after * MINUTE) == NOON + lives * MINUTE


def free_at(counted: datetime | None, now: datetime) -> bool:
    """Whether a try is free."""
    return counted is None or wait_until(counted, LIMIT) <= now


def test_so_many_in_a_row_are_free_and_then_one_each_time_one_is_forgotten() -> None:
    counted = None
    for _ in range(3):
        assert free_at(counted, NOON)
        counted = counted_until(counted, NOON, LIMIT)
    assert counted is not None
    assert wait_until(counted, LIMIT) == NOON + 10 * MINUTE
    assert not free_at(counted, NOON + 10 * MINUTE - timedelta(microseconds=1))
    counted = counted_until(counted, NOON + 10 * MINUTE, LIMIT)
    assert wait_until(counted, LIMIT) == NOON + 20 * MINUTE
    # Left alone for long enough, all of them are free again.
    assert counted == NOON + 40 * MINUTE
    assert wait_until(counted_until(counted, NOON + 50 * MINUTE, LIMIT), LIMIT) < NOON + 50 * MINUTE


@given(st.lists(st.integers(0, 3_000), max_size=60))
def test_however_tries_are_spread_no_more_come_through(waits: list[int]) -> None:
    now, counted, free = NOON, None, []
    for seconds in waits:
        now += timedelta(seconds=seconds)
        if free_at(counted, now):
            counted = counted_until(counted, now, LIMIT)
            free.append(now)
    for begin in range(len(free)):
        for end in range(begin, len(free)):
            most = LIMIT.tries + (free[end] - free[begin]) / LIMIT.forgotten_after
            assert end - begin + 1 <= most


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_the_addresses_that_one_subscriber_has_are_counted_as_one(
    address: str, network: str
) -> None:
    assert network_of(address) == network
