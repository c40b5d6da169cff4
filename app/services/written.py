"""What an act on a register answers with."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.db import registers
from app.db.unit_of_work import UnitOfWork
from domain.events import Kind, Position
from domain.identifiers import RegionId

Id = TypeVar("Id")


@dataclass(frozen=True, slots=True)
class Written(Generic[Id]):
    """A subject as an act left it, and the position from which on boards show it so.

    position: None for an organisation that works nowhere: no board shows it.
    """

    id: Id
    state: dict[str, Any]
    position: Position | None


async def commit(work: UnitOfWork, kind: Kind, id_: Id, region_id: RegionId | None) -> Written[Id]:
    """Commits an act on a subject, or the repetition of one; answers with the subject as it is now."""
    state = await registers.state_of(work, kind, id_)
    if kind is Kind.POOL:
        state["capacity"] = await registers.state_of(work, Kind.CAPACITY, id_)
    # A repetition touches nothing, and is at the head of what it repeats.
    head = await registers.head_of(work, region_id) if region_id is not None else None
    positions = await work.commit()
    return Written(id_, state, positions.get(region_id, head) if region_id is not None else None)
