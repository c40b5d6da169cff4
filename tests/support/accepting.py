"""A process of its own that says yes to many offers at once: told on its input, answered on its output."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from app.container import Container, running
from app.services.referrals import acceptances
from app.services.referrals.answers import Acceptance
from app.settings import Environment, Settings
from domain.actors import Actor
from domain.errors import Problem
from tests.support.serving import ROOT


async def accept_all(
    container: Container, actor: Actor, offer_ids: Sequence[UUID]
) -> list[tuple[UUID, str]]:
    """What each of these acceptances came to: done, the code of a problem, or another error."""

    async def accept(offer_id: UUID) -> tuple[UUID, str]:
        try:
            await acceptances.accept(container, actor, offer_id, Acceptance())
        except Problem as problem:
            return offer_id, problem.code
        except Exception as error:  # whatever else a caller would have met
            return offer_id, repr(error)
        return offer_id, "done"

    return list(await asyncio.gather(*(accept(one) for one in offer_ids)))


async def main() -> None:
    """Says "ready", waits for a line of offers, accepts them all at once, and tells what each came to."""
    told = json.loads(sys.argv[1])
    settings = Settings(
        environment=Environment.TEST,
        database_url=told["database_url"],
        redis_url=told["redis_url"],
        var=Path(told["var"]),
    )
    async with running(settings) as container:
        await container.follower.until_ready()
        actor = (await container.keys.find(told["key"])).actor
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        line = await asyncio.to_thread(sys.stdin.readline)
        answers = await accept_all(container, actor, [UUID(one) for one in json.loads(line)])
        sys.stdout.write(json.dumps([(str(one), heard) for one, heard in answers]) + "\n")


class Accepting:
    """Such a process, as its starter has it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def accept(self, offer_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
        """As `accept_all` does, over there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(one) for one in offer_ids]).encode() + b"\n")
        await self._process.stdin.drain()
        answers = json.loads(await self._process.stdout.readline())
        return [(UUID(offer_id), heard) for offer_id, heard in answers]


@asynccontextmanager
async def accepting(settings: Settings, key: str) -> AsyncIterator[Accepting]:
    """Starts one, ready to accept for whoever has this key; ended by its id whatever the test does."""
    told = {
        "database_url": settings.database_url,
        "redis_url": settings.redis_url,
        "var": str(settings.var),
        "key": key,
    }
    with (settings.var / "accepting.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.accepting", json.dumps(told)),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=2**20,
        )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(90):
            while (line := await process.stdout.readline()) != b"ready\n":
                assert line, (settings.var / "accepting.log").read_text()
        yield Accepting(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(main())
