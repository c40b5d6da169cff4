"""What a triage can come to."""

from domain.care_types import CareType
from domain.triage.outcomes import OUTCOME_LABELS, NoPlace, care_type_of


def test_every_outcome_has_a_dutch_name_and_no_code_means_two_things() -> None:
    assert set(OUTCOME_LABELS) == {*NoPlace, *CareType}
    assert len(OUTCOME_LABELS) == len(NoPlace) + len(CareType)


def test_only_a_care_type_has_places_to_look_for() -> None:
    assert care_type_of("elv-laag") is CareType.ELV_LAAG
    assert [care_type_of(code) for code in (*NoPlace, "hotel")] == [None] * 4
