"""What a person marked to see first."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.container import Container
from app.db import people
from app.db.tables import FavouriteRow
from app.db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput
from domain.favourites import MOST_FAVOURITES, FavouriteKind


async def list_favourites(container: Container, person_id: UUID) -> set[tuple[str, UUID]]:
    """Kind and id of each; of one that is gone by now too."""
    query = "SELECT kind, subject_id FROM favourite WHERE person_id = $1"
    rows = await container.read(lambda connection: connection.fetch(query, person_id))
    return {(row["kind"], row["subject_id"]) for row in rows}


async def set_favourite(
    container: Container, person_id: UUID, kind: str, subject_id: UUID, on: bool
) -> None:
    """Marks something, or no more; doing it again changes nothing.

    Raises InvalidInput (no such kind, or too many), NotFound and AlreadyClosed (the person).
    """
    if kind not in list(FavouriteKind):
        raise InvalidInput(f"Een favoriet is een van: {', '.join(FavouriteKind)}.", "/kind")

    async def act(work: UnitOfWork) -> None:
        await people.lock_person(work, person_id)
        mine = col(FavouriteRow.person_id) == person_id
        this = (mine, col(FavouriteRow.kind) == kind, col(FavouriteRow.subject_id) == subject_id)
        connection = await work.session.connection()
        if on:
            query = sa.select(sa.func.count()).where(mine, ~sa.and_(*this))
            if (await connection.execute(query)).scalar_one() >= MOST_FAVOURITES:
                raise InvalidInput(f"Meer dan {MOST_FAVOURITES} favorieten kan niet.")
            values = {
                "person_id": person_id,
                "kind": kind,
                "subject_id": subject_id,
                "created_at": work.now,
            }
            await connection.execute(insert(FavouriteRow).values(values).on_conflict_do_nothing())
        else:
            await connection.execute(sa.delete(FavouriteRow).where(*this))
        await work.commit()

    await container.act(act)
