"""How long a session lives, and how often a password may be tried.

The lives are our own choice; wrong tries are slowed and never shut out (NIST SP 800-63B 5.2.2).
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Without use a session ends after this. An open board's socket is use too.
IDLE_LIFE = timedelta(minutes=30)
#: And after this in any case, also for a wall screen that stays open.
WHOLE_LIFE = timedelta(hours=12)


def expires_at(created_at: datetime, last_used_at: datetime) -> datetime:
    """From when on a session is over, if it isn't used again."""
    return min(created_at + WHOLE_LIFE, last_used_at + IDLE_LIFE)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong tries in a row, and one more for each `forgotten_after` that passes."""

    tries: int
    forgotten_after: timedelta


#: Of a name from one browser that its person signed in with, or from one address.
NAME_LIMIT = Limit(5, timedelta(minutes=10))
#: Of an address for all names together. A whole hospital may sit behind one.
ADDRESS_LIMIT = Limit(100, timedelta(seconds=30))


def counted_until(counted: datetime | None, now: datetime, limit: Limit) -> datetime:
    """Until when wrong tries count after one more. `counted` is until when those before it do."""
    return max(counted or now, now) + limit.forgotten_after


def wait_until(counted: datetime, limit: Limit) -> datetime:
    """From when on another try is free: when fewer than `tries` count."""
    return counted - (limit.tries - 1) * limit.forgotten_after


def network_of(address: str) -> str:
    """What is counted as one address: of IPv6 the /64 that one subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
