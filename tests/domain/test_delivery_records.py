"""Records of delivering: whose reasons count, from how many a share is given, and which days."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.delivery_records import OWN_REASONS, DeliveryRecord, Period, Share, last_days
from domain.errors import InvalidInput
from domain.offers import Refusal

COUNTS = {
    "asked": 30,
    "answered": 20,
    "unanswered": 5,
    "late": 3,
    "called_on": 10,
    "refused_while_free": 2,
    "admissions_due": 9,
    "not_arrived": 9,
    "median_answer_minutes": 12,
    "slow_answer_minutes": 100,
}


def test_each_share_has_its_denominator_and_a_small_sample_has_none() -> None:
    organisation_id, since, until = UUID(int=1), date(2026, 8, 24), date(2026, 11, 21)
    record = DeliveryRecord.of_counts(organisation_id, since, until, COUNTS)
    assert record == DeliveryRecord(
        organisation_id=organisation_id,
        since=since,
        until=until,
        asked=30,
        refused_while_free=Share(2, 10),
        unanswered=Share(5, 25),
        late=Share(3, 20),
        not_arrived=Share(9, 9),
        median_answer_minutes=12,
        slow_answer_minutes=100,
    )
    assert record.refused_while_free.value == 0.2
    assert record.unanswered.value == 0.2
    assert record.late.value == 0.15
    assert record.not_arrived.value is None
    assert Share(0, 10).value == 0


def test_what_is_about_the_person_the_room_the_money_or_the_doctor_is_no_reason_of_the_house() -> (
    None
):
    assert {str(reason) for reason in set(Refusal) - OWN_REASONS} == {
        *("te-complex", "te-licht", "ander-product", "isolatie", "gedrag-wzd", "apparatuur"),
        *("kamer-of-geslacht", "werkgebied-dagdeel", "verkeerde-financiering", "contract"),
        *("geen-uitstroomperspectief", "te-laat-gevraagd", "opnemend-arts-neemt-niet-over"),
    }


def test_the_days_are_those_of_amsterdam() -> None:
    # The clock goes back on the 25th.
    day = Period(date(2026, 10, 25), date(2026, 10, 25))
    assert day.begins_at == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert day.ends_at == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert last_days(datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == Period(
        date(2026, 8, 24), date(2026, 11, 21)
    )
    assert last_days(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == Period(
        date(2026, 8, 25), date(2026, 11, 22)
    )


def test_a_period_is_of_one_to_four_hundred_days() -> None:
    Period(date(2025, 1, 1), date(2026, 2, 4))
    with pytest.raises(InvalidInput) as long:
        Period(date(2025, 1, 1), date(2026, 2, 5))
    assert long.value.pointer == "since"
    with pytest.raises(InvalidInput) as backward:
        Period(date(2025, 1, 2), date(2025, 1, 1))
    assert backward.value.pointer == "until"
