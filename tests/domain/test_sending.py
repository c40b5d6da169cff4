"""How often something is tried, how long after, and when it is given up on."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.deliveries import DeliveryState
from domain.sending import (
    AFTER,
    ARRIVED,
    TROUBLE_LABELS,
    Sending,
    Trouble,
    failed,
    refused,
    server_away,
    unwanted,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_each_attempt_comes_later_than_the_one_before_until_there_is_none() -> None:
    verdicts = [failed(Sending(n, NOW), "http-500", NOW, 0) for n in range(1, 10)]
    assert [v.next_at - NOW for v in verdicts if v.next_at] == list(AFTER)
    assert [v.state for v in verdicts] == [DeliveryState.WACHT] * 8 + [DeliveryState.DOOD]
    assert {v.error for v in verdicts} == {"http-500"}
    assert timedelta(days=1) < sum(AFTER, timedelta()) < timedelta(days=3)


@given(st.integers(1, 8), st.floats(0, 1), st.integers(-10_000, 100_000))
def test_a_receiver_may_ask_for_more_time_and_not_for_less_or_days(
    attempts: int, luck: float, seconds: int
) -> None:
    asked = timedelta(seconds=seconds)
    verdict = failed(Sending(attempts, NOW), "http-503", NOW, luck, asked)
    assert verdict.next_at is not None
    after = verdict.next_at - NOW
    least = AFTER[attempts - 1]
    assert after >= least
    assert after >= min(asked, timedelta(hours=1))
    assert after <= max(least * 1.2, min(asked, timedelta(hours=1)))


def test_while_our_mail_server_is_away_no_attempt_counts_until_the_word_is_old() -> None:
    verdict = server_away(Sending(1, NOW - timedelta(days=6)), "mailserver-weg", NOW, 1)
    assert (verdict.state, verdict.counts) == (DeliveryState.WACHT, False)
    assert verdict.next_at is not None
    assert timedelta(minutes=1) <= verdict.next_at - NOW < timedelta(minutes=2)
    old = server_away(Sending(1, NOW - timedelta(days=8)), "mailserver-weg", NOW, 1)
    assert old.state is DeliveryState.DOOD


def test_what_is_final_waits_for_nothing() -> None:
    verdicts = [ARRIVED, refused("smtp-550"), unwanted(Trouble.NO_ADDRESS)]
    assert [v.state.value for v in verdicts] == ["verstuurd", "dood", "vervallen"]
    assert {v.next_at for v in verdicts} == {None}


def test_every_trouble_has_a_name_that_people_read() -> None:
    assert set(TROUBLE_LABELS) == set(Trouble)
