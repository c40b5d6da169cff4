"""Ids that are made here instead of by the database, and sort as those do."""

import uuid
from datetime import datetime
from uuid import UUID


def id_in_order(now: datetime, number: int) -> UUID:
    """An id as uuidv7() makes them, in order of time; those of one moment in order of their number."""
    milliseconds = int(now.timestamp() * 1000)
    return UUID(
        int=milliseconds << 80 | 7 << 76 | 2 << 62 | number << 32 | uuid.uuid4().int & 0xFFFFFFFF
    )


def first_id_of(moment: datetime) -> UUID:
    """No id that was made at this moment, or after it, is less."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
