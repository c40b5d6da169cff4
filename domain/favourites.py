"""What a person can mark to see first."""

from enum import StrEnum

#: More of them than this and nothing comes first any more.
MOST_FAVOURITES = 500


class FavouriteKind(StrEnum):
    """Kinds of subject that can be a favourite."""

    POOL = "pool"
    LOCATION = "location"
    ORGANISATION = "organisation"
    HOME_CARE_TEAM = "home-care-team"
