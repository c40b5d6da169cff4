"""Who on the waiting list comes first."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.matching.waiting import Waiting, in_order
from domain.needs import Urgency

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_AGO = st.integers(0, 30_000).map(lambda minutes: NOW - timedelta(minutes=minutes))
_WAITING = st.builds(
    Waiting,
    id=st.uuids(),
    urgency=st.sampled_from(Urgency),
    filed_at=_AGO,
    norm_minutes=st.sampled_from([60, 1_440, 20_160]),
    wrong_bed_since=st.none() | _AGO,
)


def waits(number: int, **differs: object) -> Waiting:
    """Somebody who waits for half of a day's norm."""
    given: dict[str, object] = {
        "id": UUID(int=number),
        "urgency": Urgency.SPOED,
        "filed_at": NOW - timedelta(hours=12),
        "norm_minutes": 1_440,
    }
    return Waiting(**given | differs)  # type: ignore[arg-type]  # each by its own type


def test_each_rule_decides_only_where_those_before_it_leave_two_alike() -> None:
    first = waits(1, urgency=Urgency.ACUUT, filed_at=NOW)
    over = waits(2, filed_at=NOW - timedelta(hours=30))
    # Two hours of a norm of four are as much as twelve of a day.
    short = waits(3, filed_at=NOW - timedelta(hours=3), norm_minutes=240)
    in_bed = waits(4, wrong_bed_since=NOW - timedelta(days=3))
    filed = waits(5, filed_at=NOW - timedelta(hours=24), norm_minutes=2_880)
    by_id, last = waits(6, wrong_bed_since=NOW - timedelta(hours=23)), waits(7)
    regular = waits(8, urgency=Urgency.REGULIER, filed_at=NOW - timedelta(days=40))
    expected = [first, over, short, in_bed, filed, by_id, last, regular]
    assert in_order(reversed(expected), NOW) == expected


@settings(max_examples=100)
@given(st.lists(_WAITING, max_size=8, unique_by=lambda one: one.id), st.integers())
def test_the_order_is_the_same_however_the_list_came(waiting: list[Waiting], seed: int) -> None:
    ordered = in_order(waiting, NOW)
    shuffled = list(waiting)
    Random(seed).shuffle(shuffled)
    assert in_order(shuffled, NOW) == ordered
    urgencies = [list(Urgency).index(one.urgency) for one in ordered]
    assert urgencies == sorted(urgencies)


@settings(max_examples=100)
@given(_WAITING, st.integers(0, 10_000), st.uuids())
def test_who_waits_longer_with_the_rest_alike_never_comes_later(
    one: Waiting, more: int, other_id: UUID
) -> None:
    longer = Waiting(
        other_id,
        one.urgency,
        one.filed_at - timedelta(minutes=more + 1),
        one.norm_minutes,
        one.wrong_bed_since,
    )
    assert in_order([one, longer], NOW) == [longer, one]


def test_minutes_and_days_are_whole_and_never_less_than_none() -> None:
    one = waits(1, wrong_bed_since=NOW - timedelta(hours=47))
    assert (one.waited_minutes(NOW), one.wrong_bed_days(NOW)) == (720, 1)
    before = NOW - timedelta(days=3)
    assert (one.waited_minutes(before), one.wrong_bed_days(before)) == (0, 0)
    assert waits(2).wrong_bed_days(NOW) == 0
