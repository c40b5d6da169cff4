"""Postcodes: where they are, and what the locations there learn from that."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from app.container import Container
from app.db import postcodes as table
from app.db.unit_of_work import UnitOfWork
from domain.actors import Action, Actor
from domain.errors import InvalidInput
from domain.events import Kind
from domain.geography import Postcode, pc4_of
from domain.identifiers import EVERYWHERE

#: How many are written before the caller is told how far it is.
_STEP = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """How many postcodes were new, said something else or said the same, and what locations got."""

    new: int
    changed: int
    same: int
    locations: int


async def import_postcodes(
    container: Container,
    actor: Actor | None,
    postcodes: Iterable[Postcode],
    progress: Callable[[int], None] = lambda _done: None,
) -> Imported:
    """Takes postcodes over, all or none. Raises InvalidInput for a PC4 that is given twice.

    Those not given stay as they are. A location without a point of its own gets the middle of its
    PC4, and its gemeente when it had none, in the same commit; from then on they are its own.
    `progress` hears how many are written; from the start again when the act has to be retried.
    """
    given = sorted(postcodes, key=lambda postcode: postcode.pc4)
    for one, next_one in pairwise(given):
        if one.pc4 == next_one.pc4:
            raise InvalidInput(f"Postcode {one.pc4} staat er twee keer in.")

    async def act(work: UnitOfWork) -> Imported:
        new = changed = 0
        for start in range(0, len(given), _STEP):
            step = given[start : start + _STEP]
            written = await table.put(work, step)
            new += len(written.new)
            changed += len(written.changed)
            for pc4 in sorted(written.new + written.changed):
                work.touch(Kind.POSTCODE, pc4, EVERYWHERE)
            progress(start + len(step))
        filled = await table.fill_locations(work)
        for location_id, region_id in filled:
            work.touch(Kind.LOCATION, location_id, region_id)
        work.audit(actor, Action.REGISTER_WRITE, "postcodes", "all")
        await work.commit()
        return Imported(new, changed, len(given) - new - changed, len(filled))

    return await container.act(act)


async def resolve(work: UnitOfWork, postcode: str, pointer: str = "/postcode") -> Postcode | None:
    """What is known of a postcode, with or without letters; None: nothing. Raises InvalidInput."""
    return await table.find(work, pc4_of(postcode, pointer))
