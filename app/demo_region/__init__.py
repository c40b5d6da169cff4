"""The demo region as tables: who there is, where they are, which places and teams they have.

Care types, kinds of organisation, PC4s and gemeente codes are real. Names, addresses with the
letters of their postcode, and telephone numbers (none begins with a zero after its area code, as
these do) are made up, and so are the AGB codes after the first two digits, which are the kind of
care.
"""

from app.demo_region.haaglanden import PROVIDERS as _OF_HAAGLANDEN
from app.demo_region.model import (
    REGION,
    DemoLocation,
    DemoOrganisation,
    DemoPool,
    DemoTeam,
    Way,
)
from app.demo_region.others import COORDINATION_POINT, OTHERS, SERVED
from app.demo_region.teams import TEAMS
from app.demo_region.zoetermeer import PROVIDERS as _OF_ZOETERMEER

REGION_CODE = "haaglanden"
REGION_NAME = "Haaglanden"

#: The coordination point of Zoetermeer first, whose key is the first in demo.json.
ORGANISATIONS: tuple[DemoOrganisation, ...] = (
    COORDINATION_POINT,
    *_OF_ZOETERMEER,
    *_OF_HAAGLANDEN,
    *OTHERS,
)

__all__ = [
    "ORGANISATIONS",
    "REGION",
    "REGION_CODE",
    "REGION_NAME",
    "SERVED",
    "TEAMS",
    "DemoLocation",
    "DemoOrganisation",
    "DemoPool",
    "DemoTeam",
    "Way",
]
