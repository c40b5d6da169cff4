"""Positions as text, and the topic of every kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import OWNED, TOPIC_OF, Kind, Position, Topic
from domain.identifiers import RegionId

positions = st.builds(
    Position,
    region_id=st.integers(0, 32_767).map(RegionId),
    epoch=st.integers(0, 2**29),
    number=st.integers(0, 10**18 - 1),
    tag=st.integers(0, 2**32 - 1),
)


@given(positions)
def test_a_position_is_read_back_as_it_was_written(position: Position) -> None:
    assert Position.parse(str(position)) == position


def test_the_tag_is_written_with_all_its_digits() -> None:
    assert str(Position(RegionId(1), 2, 3, 0xBAD)) == "1:2:3:00000bad"


@given(positions, positions)
def test_different_positions_are_written_differently(one: Position, other: Position) -> None:
    assert (str(one) == str(other)) == (one == other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1:1:1",
        "1:1:1:9f2c01ab:",
        " 1:1:1:9f2c01ab",
        "1:1:1:9f2c01ab\n",
        "1:1:-1:9f2c01ab",
        "1:1:1:9F2C01AB",
        "1:1:1:9f2c01a",
        "1:1:1:9f2c01abc",
        "1:1:1:xf2c01ab",
        "1:1::9f2c01ab",
        "1:1:1234567890123456789:9f2c01ab",
        "\N{ARABIC-INDIC DIGIT ONE}:1:1:9f2c01ab",
        "1:1:1:9f2c01ab; drop table event",
    ],
)
def test_what_is_not_a_position_of_ours_is_none(text: str) -> None:
    assert Position.parse(text) is None


@given(st.text(max_size=40))
def test_no_text_makes_parsing_fail(text: str) -> None:
    position = Position.parse(text)
    assert position is None or Position.parse(str(position)) == position


def test_every_kind_has_its_topic_and_every_topic_a_kind() -> None:
    assert set(TOPIC_OF) == set(Kind)
    assert {topic for topic in TOPIC_OF.values() if topic} == set(Topic)
    untold = [kind for kind, topic in TOPIC_OF.items() if topic is None]
    assert untold == [Kind.STREAM_OPENED, Kind.DELIVERY_RECORD]


def test_what_is_one_owners_shares_no_topic_with_what_is_everybodys() -> None:
    assert {kind for kind, topic in TOPIC_OF.items() if topic in OWNED} == {
        *(Kind.REFERRAL, Kind.REFERRAL_STATUS, Kind.OFFER, Kind.HANDOVER),
        Kind.NOTICE,
    }


def test_what_changes_by_the_hour_has_a_topic_to_itself() -> None:
    assert {kind for kind, topic in TOPIC_OF.items() if topic is Topic.CAPACITY} == {
        *(Kind.CAPACITY, Kind.BED, Kind.HOME_CARE, Kind.ADMISSION_STOP)
    }
