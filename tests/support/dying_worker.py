"""`python -m tests.support.dying_worker`: workers that are killed, each one write further than the last.

Tells how many of them were killed before one lived to see its look at the clocks done.
"""

import asyncio
import itertools
import os
import signal
import sys
from typing import Any

import sqlalchemy as sa

from app.container import Container, running
from app.db.unit_of_work import UnitOfWork
from app.services.referrals.sweeps import sweep
from app.settings import get_settings


def kill_before(container: Container, write: int) -> None:
    """This process dies, as by kill -9, before that write of it; a commit is one too."""
    count = itertools.count(1)

    def die() -> None:
        if next(count) == write:
            os.kill(os.getpid(), signal.SIGKILL)

    def executing(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.lstrip().startswith("SELECT"):
            die()

    fetch = UnitOfWork.fetch

    async def fetching(work: UnitOfWork, statement: str, *values: object) -> Any:
        executing(None, None, statement)
        return await fetch(work, statement, *values)

    # What is written by hand goes past SQLAlchemy.
    UnitOfWork.fetch = fetching  # type: ignore[assignment,method-assign]  # dies in the middle of it
    engine = container.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", executing)
    sa.event.listen(engine, "commit", lambda _connection: die())


async def work(write: int) -> None:
    """Looks at the clocks once, as a worker does."""
    async with running(get_settings()) as container:
        kill_before(container, write)
        await sweep(container)


def main() -> None:
    """Forks them, since to start each anew would take a second."""
    for write in itertools.count(1):
        child = os.fork()
        if child == 0:
            asyncio.run(work(write))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.stdout.write(f"{write - 1}\n")
            sys.stdout.flush()
            sys.exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    main()
