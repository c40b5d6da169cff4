"""Where the pages of somebody's own referrals are."""

from uuid import UUID

PATH = "/mijn-aanmeldingen"


def path_of(referral_id: UUID) -> str:
    """One of them."""
    return f"{PATH}/{referral_id}"
