"""A POST that creates is done once a key, for a day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.engine import create_engine
from app.db.idempotency import KEPT_FOR, Request, once
from app.db.unit_of_work import UnitOfWork, perform
from domain.errors import IdempotencyMismatch
from tests.support.database import Database
from tests.support.trouble import until_waiting

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
CALLER = uuid4()


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """The engine of the registers."""
    engine = create_engine(database.url)
    yield engine
    await engine.dispose()


class Creations:
    """Counts what was created, and answers with its number."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.made = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.failing: set[int] = set()

    async def post(
        self, request: Request | None, at: datetime = NOW
    ) -> tuple[dict[str, Any], bool]:
        """One POST."""

        async def act(work: UnitOfWork) -> tuple[dict[str, Any], bool]:
            found = await once(work, request, self._create)
            await work.commit()
            return found

        return await perform(self.engine, lambda: at, lambda _: None, act)

    async def _create(self) -> dict[str, Any]:
        self.made += 1
        number = self.made
        await self.go_on.wait()
        if number in self.failing:
            raise ZeroDivisionError
        return {"id": number}


@pytest.fixture
def creations(engine: AsyncEngine) -> Creations:
    """Things to create."""
    return Creations(engine)


def request(key: str = "a", body: bytes = b"{}", caller: UUID = CALLER) -> Request:
    """What a caller sent."""
    return Request(caller, key, body)


async def test_the_same_request_again_gets_the_same_answer_and_creates_nothing(
    creations: Creations,
) -> None:
    assert await creations.post(request()) == ({"id": 1}, False)
    assert await creations.post(request()) == ({"id": 1}, True)
    assert creations.made == 1


async def test_without_a_key_every_request_creates(creations: Creations) -> None:
    assert await creations.post(None) == ({"id": 1}, False)
    assert await creations.post(None) == ({"id": 2}, False)


async def test_a_key_belongs_to_the_body_it_came_with(creations: Creations) -> None:
    await creations.post(request(body=b'{"name":"a"}'))
    with pytest.raises(IdempotencyMismatch):
        await creations.post(request(body=b'{"name":"b"}'))
    assert creations.made == 1


async def test_a_key_belongs_to_its_credential(creations: Creations) -> None:
    await creations.post(request())
    another = request(caller=uuid4(), body=b"anders")
    assert await creations.post(another) == ({"id": 2}, False)
    assert await creations.post(request()) == ({"id": 1}, True)
    assert await creations.post(another) == ({"id": 2}, True)


async def test_other_keys_of_the_same_caller_create_anew(creations: Creations) -> None:
    await creations.post(request("a"))
    assert await creations.post(request("b")) == ({"id": 2}, False)


@pytest.mark.parametrize("simultaneous", [2, 5])
async def test_of_the_same_at_once_one_creates_and_the_others_wait_for_it(
    creations: Creations, database: Database, simultaneous: int
) -> None:
    creations.go_on.clear()
    posts = [asyncio.create_task(creations.post(request())) for _ in range(simultaneous)]
    await until_waiting(database, simultaneous - 1)
    creations.go_on.set()
    answers = await asyncio.gather(*posts)
    assert [answer for answer, _ in answers] == [{"id": 1}] * simultaneous
    assert sorted(repeated for _, repeated in answers) == [False] + [True] * (simultaneous - 1)
    assert creations.made == 1


async def test_of_two_different_at_once_under_one_key_the_second_is_refused(
    creations: Creations, database: Database
) -> None:
    creations.go_on.clear()
    first = asyncio.create_task(creations.post(request(body=b"1")))
    while not creations.made:
        await asyncio.sleep(0.005)
    second = asyncio.create_task(creations.post(request(body=b"2")))
    await until_waiting(database)
    creations.go_on.set()
    assert await first == ({"id": 1}, False)
    with pytest.raises(IdempotencyMismatch):
        await second


async def test_what_failed_was_not_done_and_may_be_tried_again(
    creations: Creations, database: Database
) -> None:
    creations.failing = {1}
    with pytest.raises(ZeroDivisionError):
        await creations.post(request())
    assert await database.value("SELECT count(*) FROM idempotency") == 0
    assert await creations.post(request()) == ({"id": 2}, False)


async def test_who_waits_for_one_that_fails_does_it_after_all(
    creations: Creations, database: Database
) -> None:
    creations.failing = {1}
    creations.go_on.clear()
    first = asyncio.create_task(creations.post(request()))
    while not creations.made:
        await asyncio.sleep(0.005)
    second = asyncio.create_task(creations.post(request()))
    await until_waiting(database)
    creations.go_on.set()
    with pytest.raises(ZeroDivisionError):
        await first
    assert await second == ({"id": 2}, False)


async def test_a_key_is_kept_for_a_day_and_not_longer(
    creations: Creations, database: Database
) -> None:
    await creations.post(request())
    assert await creations.post(request(), NOW + KEPT_FOR) == ({"id": 1}, True)
    assert await creations.post(request(), NOW + KEPT_FOR + MOMENT) == ({"id": 2}, False)
    # From then on it is the key of the new one.
    assert await creations.post(request(), NOW + KEPT_FOR + MOMENT) == ({"id": 2}, True)
    assert await database.value("SELECT count(*) FROM idempotency") == 1


async def test_after_a_day_the_key_may_come_with_another_body(creations: Creations) -> None:
    await creations.post(request(body=b"1"))
    later = NOW + KEPT_FOR + MOMENT
    assert await creations.post(request(body=b"2"), later) == ({"id": 2}, False)


async def test_what_is_kept_of_the_body_is_its_hash(
    creations: Creations, database: Database
) -> None:
    await creations.post(request(body=b"geheim"))
    row = await database.one("SELECT body_hash, answer::text FROM idempotency")
    assert len(row["body_hash"]) == 32
    assert "geheim" not in row["answer"]
