"""What a triage can come to: a care type, or somewhere that is no place of ours."""

from enum import StrEnum

from domain.care_types import LABELS, CareType


class NoPlace(StrEnum):
    """An outcome for which nobody has to find a place."""

    ZIEKENHUIS = "ziekenhuis"
    GGZ_CRISISDIENST = "ggz-crisisdienst"
    THUIS = "thuis"


NO_PLACE_LABELS: dict[NoPlace, str] = {
    NoPlace.ZIEKENHUIS: "ziekenhuis",
    NoPlace.GGZ_CRISISDIENST: "ggz-crisisdienst",
    NoPlace.THUIS: "thuis",
}

#: Every outcome by its code, with the Dutch that people read.
OUTCOME_LABELS: dict[str, str] = {
    **{code.value: label for code, label in NO_PLACE_LABELS.items()},
    **{code.value: label for code, label in LABELS.items()},
}


def care_type_of(outcome: str) -> CareType | None:
    """The care type that an outcome is; None when it is no place."""
    return CareType(outcome) if outcome in LABELS else None
