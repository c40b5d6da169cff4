"""How word goes out: the ways, and where a delivery and a webhook endpoint are."""

from enum import StrEnum


class Channel(StrEnum):
    """A way out of the service."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    """Where a delivery is. `dood`: given up on, to be looked at; `vervallen`: nobody wants it any more."""

    WACHT = "wacht"
    VERSTUURD = "verstuurd"
    DOOD = "dood"
    VERVALLEN = "vervallen"


class EndpointState(StrEnum):
    """Whether an endpoint gets word. While it is paused nothing is kept for it; ended is for good."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
