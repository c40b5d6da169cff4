"""What the pools and teams on a page of a match are called, and whom to call."""

from collections.abc import Iterable
from uuid import UUID

import orjson

from app.live.board import RegionBoard
from app.live.place_reading import Names
from domain.events import Kind


def names_of(board: RegionBoard, ids: Iterable[UUID]) -> dict[UUID, Names]:
    """Of these pools and teams, as far as they are open, and work."""
    board.places.rows.sync()
    names = {one: _names(board, str(one)) for one in ids}
    return {one: found for one, found in names.items() if found is not None}


def _names(board: RegionBoard, subject_id: str) -> Names | None:
    rows = board.places.rows
    row = rows.book.get(subject_id)
    if row is not None:
        if not rows.care[row]:
            return None
        return rows.facts(row).names
    text = board.get(Kind.HOME_CARE_TEAM, subject_id)
    team = {} if text is None else orjson.loads(text)
    text = board.get(Kind.ORGANISATION, team.get("organisation_id"))
    if text is None:
        return None
    organisation = orjson.loads(text)
    telephone = team["telephone"] or organisation["telephone"]
    return Names(team["name"], organisation["name"], telephone)
