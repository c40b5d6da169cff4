"""Why a socket is closed: one table, "come back" apart from "stop"."""

from enum import IntEnum


class Close(IntEnum):
    """Close codes of `/v1/live`. Below 4400: come back with the last position; from 4400 on: stop.

    1012 (service restart) is the server's own when it goes down, and means come back too.
    """

    SLOW = 4001
    STARTING = 4002
    RECHECK = 4003
    BAD_MESSAGE = 4400
    NOT_SIGNED_IN = 4401
    NOT_ALLOWED = 4403
    REVOKED = 4404
    TOO_LATE = 4408

    @property
    def come_back(self) -> bool:
        """Whether the client should connect again with the position it has."""
        return self < 4400

    @property
    def reason(self) -> str:
        """The code's name as it goes over the wire."""
        return self.name.lower().replace("_", "-")
