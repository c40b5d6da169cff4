"""The care types and the names that people read."""

from domain.care_types import LABELS, CareType


def test_every_care_type_has_a_dutch_name_of_its_own() -> None:
    assert set(LABELS) == set(CareType)
    assert len(set(LABELS.values())) == len(CareType)


def test_only_multifunctional_beds_are_counted_one_by_one() -> None:
    assert [care_type for care_type in CareType if care_type.counted_by_bed] == [CareType.MFB]


def test_care_that_comes_to_people_has_no_places() -> None:
    assert {care_type for care_type in CareType if not care_type.has_places} == {
        CareType.WIJKVERPLEGING,
        CareType.SPOEDCONSULT_SO,
    }
