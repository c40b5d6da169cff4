"""The care types (zorgsoorten)."""

from fastapi import APIRouter
from pydantic import BaseModel

from api.routing import GuardedRoute, asks
from domain.actors import Action
from domain.care_types import LABELS, CareType

router = APIRouter(prefix="/v1/care-types", tags=["registers"], route_class=GuardedRoute)


class CareTypeBody(BaseModel):
    """A zorgsoort: its code and its Dutch name."""

    code: CareType
    label: str
    has_places: bool
    counted_by_bed: bool


@router.get("", **asks(Action.REGISTER_READ))
async def get_care_types() -> list[CareTypeBody]:
    """All care types."""
    return [
        CareTypeBody(
            code=care_type,
            label=LABELS[care_type],
            has_places=care_type.has_places,
            counted_by_bed=care_type.counted_by_bed,
        )
        for care_type in CareType
    ]
